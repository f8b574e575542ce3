"""ComfyUI's HTTP routes, one method each, and how often they are asked."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import aiohttp

from limner.backends.http.session import ServerSession
from limner.backends.http.timeouts import BRIEF, TRANSFER, Timeouts
from limner.backends.images.comfyui.error_text import (
    choices,
    concerns,
    node_errors,
    refusal,
    text_inputs,
)
from limner.backends.images.comfyui.graph import Graph
from limner.backends.images.comfyui.history import (
    Entry,
    PictureFile,
    PromptStatus,
    read_ahead,
    read_entry,
    read_status,
)
from limner.errors import BackendRejected

VALIDATION = 60.0
"""Seconds a server has to say whether it takes a workflow."""

LARGEST_ANSWER = 64 << 20
"""Bytes of an answer: in a queue every prompt stands with its workflow."""

_ID = re.compile(r"[\w-]{1,100}")


@dataclass(frozen=True, slots=True, kw_only=True)
class PollIntervals:
    """How often is looked.

    Attributes:
        poll: Seconds between two looks at the history, where there is no websocket.
        quiet: Seconds without news on the websocket, after which the history is looked at.
    """

    poll: float = 1.0
    quiet: float = 10.0


class ComfyUIClient:
    """What a ComfyUI server can be asked; every method raises `limner.errors.BackendError`."""

    def __init__(
        self, session: ServerSession, *, extra_data: Mapping[str, str] | None = None
    ) -> None:
        self.session = session
        self._extra_data = dict(extra_data or {})

    async def submit(self, graph: Graph, *, prompt_id: str, client_id: str) -> tuple[str, Any]:
        """Queue a workflow.

        Returns:
            The id that the server gives it (an old one makes its own), and its ``node_errors``.

        Raises:
            limner.errors.BackendRejected: The workflow is refused; the message names the inputs.
        """
        own = self.session.timeouts
        body = {"prompt": graph, "client_id": client_id, "prompt_id": prompt_id}
        if self._extra_data:
            body["extra_data"] = self._extra_data
        answer = await self.session.request(
            "POST", "/prompt", wanted="queue of prompts",
            json=body,
            timeouts=Timeouts(
                connect=own.connect, first_byte=min(VALIDATION, own.first_byte),
                idle=min(VALIDATION, own.idle), total=min(2 * VALIDATION, own.total),
            ),
            largest=LARGEST_ANSWER, also=(400,),
        )  # fmt: skip
        told = answer.json()
        if answer.status == 400:
            raise self._rejected(refusal(told), status=400)
        given = told.get("prompt_id") if isinstance(told, dict) else None
        if not isinstance(given, str) or not _ID.fullmatch(given):
            raise answer.other_kind()
        return given, told.get("node_errors")

    def check_branch(self, errors: object, graph: Graph, output: str) -> None:
        """Look whether a workflow that was taken has lost its picture.

        The server runs what is valid of it and calls that a success.

        Raises:
            limner.errors.BackendRejected: It has; the message names the inputs.
        """
        found = concerns(errors, graph, output)
        if found:
            raise self._rejected(node_errors(found) or "the picture's nodes are not valid")

    def _rejected(self, why: str, *, status: int | None = None) -> BackendRejected:
        server = self.session.shown
        error = BackendRejected(
            f"{server} refused the workflow: {why}", server=server, status=status
        )
        return self.session.secrets.hide(error)

    async def entry(self, prompt_id: str) -> Entry | None:
        """How a prompt ended; ``None`` if it has not, or is not known."""
        return read_entry(await self._get(f"/history/{prompt_id}", "history"), prompt_id)

    async def standing(self, prompt_id: str) -> tuple[PromptStatus, int]:
        """Where a prompt is, and how many are before it."""
        queue = await self._get("/queue", "queue")
        return read_status(queue, prompt_id), read_ahead(queue, prompt_id)

    async def delete(self, prompt_id: str) -> None:
        """Take a prompt out of the queue, if it waits there."""
        await self.session.request(
            "POST", "/queue", wanted="queue", json={"delete": [prompt_id]}, timeouts=BRIEF
        )

    async def interrupt(self, prompt_id: str) -> None:
        """Stop a prompt that runs. An old server stops whatever runs."""
        await self.session.request(
            "POST", "/interrupt", wanted="interrupt", json={"prompt_id": prompt_id}, timeouts=BRIEF
        )

    async def view(self, file: PictureFile, *, largest: int) -> bytes:
        """The bytes of a picture.

        Raises:
            limner.errors.BackendRejected: With status 404 if the file is gone.
        """
        params = {"filename": file.filename, "subfolder": file.subfolder, "type": file.type}
        answer = await self.session.request(
            "GET", "/view", wanted="such picture", params=params, largest=largest,
            timeouts=TRANSFER.at_most(self.session.timeouts),
        )  # fmt: skip
        return answer.body

    async def upload(self, data: bytes, name: str) -> str:
        """Give the server a picture that its nodes can load.

        Returns:
            What the server calls it.
        """
        form = aiohttp.FormData()
        form.add_field("image", data, filename=name, content_type="image/png")
        form.add_field("type", "input")
        form.add_field("overwrite", "true")
        answer = await self.session.request(
            "POST", "/upload/image", data=form, wanted="upload of pictures",
            timeouts=TRANSFER.at_most(self.session.timeouts),
        )  # fmt: skip
        told = answer.json()
        given = told.get("name") if isinstance(told, dict) else None
        if not isinstance(given, str):
            raise answer.other_kind()
        folder = told.get("subfolder")
        return f"{folder}/{given}" if isinstance(folder, str) and folder else given

    async def names(self, node: str, name: str) -> list[str]:
        """What an input of a kind of node may be; empty if the server does not tell."""
        answer = await self._optional(f"/object_info/{quote(node, safe='')}", "list of nodes")
        for part in (node, "input", "required", name):
            answer = answer.get(part) if isinstance(answer, dict) else None
        return choices(answer)

    async def info(self, node: str) -> Mapping[str, Any]:
        """All that the server tells of a kind of node; empty if it does not know it."""
        answer = await self._get(f"/object_info/{quote(node, safe='')}", "list of nodes")
        info = answer.get(node) if isinstance(answer, dict) else None
        return info if isinstance(info, dict) else {}

    async def texts(self, node: str) -> tuple[str, ...] | None:
        """The inputs of a kind of node that take texts; ``None`` if the server does not tell."""
        answer = await self._optional(f"/object_info/{quote(node, safe='')}", "list of nodes")
        info = answer.get(node) if isinstance(answer, dict) else None
        return text_inputs(info) if isinstance(info, dict) else None

    async def folder(self, name: str) -> list[str]:
        """The files of a folder of models; empty if the server does not tell."""
        answer = await self._optional(f"/models/{name}", "list of models")
        return choices([answer])

    async def system(self) -> Mapping[str, Any] | None:
        """What ``/system_stats`` tells; ``None`` if this is no ComfyUI."""
        answer = await self._get("/system_stats", "ComfyUI API")
        good = isinstance(answer, dict) and isinstance(answer.get("system"), dict)
        return answer if good else None

    async def has(self, path: str) -> bool:
        """Whether another kind of server's route is there."""
        return await self._optional(path, "route") is not None

    async def _optional(self, path: str, wanted: str) -> Any:
        try:
            return await self._get(path, wanted)
        except BackendRejected as error:
            if error.status in (404, 405):
                return None
            raise

    async def _get(self, path: str, wanted: str) -> Any:
        answer = await self.session.request(
            "GET", path, wanted=wanted, timeouts=BRIEF, largest=LARGEST_ANSWER
        )
        return answer.json()
