"""A fake ComfyUI, over real HTTP and real websockets.

It validates, queues, runs one prompt at a time, caches, interrupts between steps, and answers,
oddities included, as ComfyUI 0.3.64 was seen to. What goes wrong is said by faults, as for every
fake picture server, and by mishaps that only such a server can have (see
`limner.testing.comfyui_server.mishap`).
"""

import asyncio
import base64
import io
import itertools
import re
import uuid
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from types import TracebackType
from typing import Any, Self, TypeAlias

from aiohttp import web
from PIL import Image as Pillow

from limner.testing.comfyui_server.mishap import BranchDropped, LateAnswer, LostAnswer, Mishap
from limner.testing.comfyui_server.prompt import (
    CLASSES,
    DEFAULTS,
    LINKED,
    LISTS,
    OUTPUTS,
    TEXTS,
    FakePrompt,
    sources,
    trouble,
)
from limner.testing.comfyui_server.worker import FakeWorker
from limner.testing.picture_fault import Body, Hang
from limner.testing.picture_server import FakePictureServer, Recorded

Mishaps: TypeAlias = Sequence[Mishap | None] | Callable[[Recorded], Mishap | None]
"""One for each prompt in order, then none; or what a function makes of the request."""

Handler: TypeAlias = Callable[[web.Request], Awaitable[web.StreamResponse]]


class ComfyUIServer(FakePictureServer):
    """A fake ComfyUI.

    A drawing (`jobs`, `running`, `peak`) is a prompt from the moment it is sent, also while it
    waits in the queue.

    Args:
        mishaps: What goes wrong, prompt by prompt.
        websockets: The status that answers a websocket; ``None``: there are websockets.
        own_ids: Whether the server takes the client's ``prompt_id``; an old one makes its own.
        exact: Whether an interrupt looks at its ``prompt_id``; an old one stops whatever runs.
        checkpoints: Whether it has any.
        combo: Whether lists come in the newer form.
        **common: As `FakePictureServer`; a key is that of a proxy: ``user:password`` for Basic,
            else a bearer token.

    Attributes:
        worker: Queue, history and files.
        interrupts: The body of every interrupt.
        uploads: The forms with pictures for nodes to load, by the pictures' names.

    Examples:
        >>> from limner.backends.images.comfyui import ComfyUIBackend
        >>> from limner.illustration import ImageRequest
        >>> async def draw():
        ...     async with ComfyUIServer() as server, ComfyUIBackend(server.url) as backend:
        ...         image = await backend.generate(ImageRequest(prompt="a fox", seed=7))
        ...         return image.width, image.height, image.seed, image.info["model"]
        >>> asyncio.run(draw())
        (768, 512, 7, 'dreamshaper_8.safetensors')
    """

    def __init__(
        self,
        *args: Any,
        mishaps: Mishaps = (),
        websockets: int | None = None,
        own_ids: bool = True,
        exact: bool = True,
        checkpoints: bool = True,
        combo: bool = False,
        **common: Any,
    ) -> None:
        super().__init__(*args, **common)
        self.worker = FakeWorker(self._changed.set)
        self.websockets = websockets
        self.own_ids = own_ids
        self.exact = exact
        self.checkpoints = checkpoints
        self.combo = combo
        self.interrupts: list[Any] = []
        self.uploads: dict[str, bytes] = {}
        self._next_mishap = mishaps if callable(mishaps) else _in_order(mishaps)
        self._numbers = itertools.count()
        self._working: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._working = asyncio.create_task(self.worker.work(), name="fake ComfyUI")
        return await super().__aenter__()

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._working is not None:
            self._working.cancel()
            await asyncio.wait([self._working])
            if not self._working.cancelled():
                self._working.result()
        self.worker.sockets.drop_all()
        await super().__aexit__(kind, error, trace)

    def routes(self) -> Iterable[web.RouteDef]:
        """Every route, also below ``/api``."""
        for prefix in ("", "/api"):
            for method, path, handler in (
                ("GET", "/ws", self._ws),
                ("POST", "/prompt", self._prompt),
                ("GET", "/queue", self._queue),
                ("POST", "/queue", self._change_queue),
                ("POST", "/interrupt", self._interrupt),
                ("GET", "/history/{id}", self._history),
                ("GET", "/view", self._view),
                ("POST", "/upload/image", self._upload),
                ("GET", "/object_info/{node}", self._object_info),
                ("GET", "/models/{folder}", self._models),
                ("GET", "/system_stats", self._system_stats),
            ):
                yield web.route(method, prefix + path, self._guarded(handler))

    def _guarded(self, handler: Handler) -> Handler:
        async def guard(request: web.Request) -> web.StreamResponse:
            origin = request.headers.get("Origin")
            if origin is not None and not origin.endswith("//" + request.host):
                return web.Response(status=403)
            if not self.lets_in(request):
                return self.error(401, "Unauthorized", **{"WWW-Authenticate": "Basic"})
            return await handler(request)

        return guard

    def lets_in(self, request: web.Request) -> bool:
        """Basic or Bearer, whatever the key looks like."""
        if self.key is None or ":" not in self.key:
            return super().lets_in(request)
        expected = "Basic " + base64.b64encode(self.key.encode()).decode()
        return request.headers.get("Authorization") == expected

    def error(self, status: int, message: str, **headers: str) -> web.StreamResponse:
        """As it refuses; its own failures are plain text."""
        if status >= 500:
            return web.Response(text=message, status=status, headers=headers)
        return _refused(message, "", status=status, headers=headers)

    async def _ws(self, request: web.Request) -> web.StreamResponse:
        if self.websockets is not None:
            return web.Response(status=self.websockets)
        client, worker = request.query.get("clientId", ""), self.worker
        first = [{"type": "status", "data": {**worker.exec_info(), "sid": client}}]
        if worker.current is not None and worker.current.client_id == client and worker.node:
            first.append({"type": "executing", "data": {"node": worker.node}})  # and no prompt_id
        return await worker.sockets.serve(request, first)

    # Prompts

    async def _prompt(self, request: web.Request) -> web.StreamResponse:
        job = self.begin(self.requests_of(request))
        early = None if isinstance(job.fault, Hang) else await self.early(job)
        if isinstance(job.fault, Body):
            job.end()
            return await self.deliver(request, job, web.Response())
        if early is None:
            prompt = self._checked(job.body, FakePrompt(
                "", next(self._numbers), {}, None, job, self._next_mishap(job.request), []
            ))  # fmt: skip
            if isinstance(prompt, tuple):
                return await self._take(request, *prompt)
            early = prompt
        job.end()
        self._changed.set()
        return early

    def _checked(
        self, body: Any, prompt: FakePrompt
    ) -> tuple[FakePrompt, dict[str, Any]] | web.StreamResponse:
        """The prompt and its ``node_errors``, or the refusal."""
        if not isinstance(body, dict):
            text = "500 Internal Server Error\n\nServer got itself in trouble"
            return web.Response(text=text, status=500)
        graph = body.get("prompt")
        if not isinstance(graph, dict):
            return _refused("No prompt provided", "No prompt provided", kind="no_prompt")
        refusal = _invalid(graph)
        if refusal is not None:
            return refusal
        outputs = [node for node in graph if graph[node]["class_type"] in OUTPUTS]
        if not outputs:
            return _refused("Prompt has no outputs", "", kind="prompt_no_outputs")
        errors = self._node_errors(graph, outputs)
        if isinstance(prompt.mishap, BranchDropped):
            errors |= {outputs[0]: _dropped(graph, outputs[0])}
        bad = {node for error in errors.values() for node in error["dependent_outputs"]}
        good = [node for node in outputs if node not in bad]
        if not good and not isinstance(prompt.mishap, BranchDropped):
            return _refused("Prompt outputs failed validation", "", errors=errors,
                            kind="prompt_outputs_failed_validation")  # fmt: skip
        given = body.get("prompt_id")
        prompt.id = given if self.own_ids and isinstance(given, str) else str(uuid.uuid4())
        prompt.number = -prompt.number - 1 if body.get("front") else prompt.number
        prompt.graph, prompt.client_id = graph, body.get("client_id")
        # Outputs come in an order of their own: those of text first.
        prompt.targets = sorted(good, key=lambda node: graph[node]["class_type"] != "PreviewAny")
        return prompt, errors

    def _node_errors(self, graph: Mapping[str, Any], outputs: list[str]) -> dict[str, Any]:
        errors: dict[str, Any] = {}
        for output in outputs:
            branch, waiting = {output}, [output]
            while waiting:
                fresh = [node for node in sources(graph, waiting.pop()) if node not in branch]
                branch.update(fresh)
                waiting += fresh
            for node in sorted(branch):
                found = trouble(graph, node)
                if found:
                    kind = graph[node]["class_type"]
                    entry = {"errors": found, "dependent_outputs": [], "class_type": kind}
                    errors.setdefault(node, entry)["dependent_outputs"].append(output)
        return errors

    async def _take(
        self, request: web.Request, prompt: FakePrompt, errors: dict[str, Any]
    ) -> web.StreamResponse:
        try:
            await self.worker.put(prompt)
            if isinstance(prompt.mishap, LateAnswer | LostAnswer):
                await prompt.answered.wait()
            if isinstance(prompt.mishap, LostAnswer) and request.transport is not None:
                request.transport.abort()
                raise ConnectionResetError("no answer, as the mishap says")
            answer = {"prompt_id": prompt.id, "number": prompt.number, "node_errors": errors}
            return web.json_response(answer)
        finally:
            prompt.answered.set()

    # The queue

    async def _queue(self, request: web.Request) -> web.StreamResponse:
        current = self.worker.current
        return web.json_response({
            "queue_running": [current.queued()] if current is not None else [],
            "queue_pending": [prompt.queued() for prompt in self.worker.waiting],
        })  # fmt: skip

    async def _change_queue(self, request: web.Request) -> web.StreamResponse:
        body = self.requests_of(request).body
        for prompt_id in body.get("delete", ()):
            await self.worker.delete(prompt_id)
        self._changed.set()
        return web.Response()

    async def _interrupt(self, request: web.Request) -> web.StreamResponse:
        body = self.requests_of(request).body or {}
        self.interrupts.append(body)
        self.worker.interrupt(body.get("prompt_id") if self.exact else None)
        self._changed.set()
        return web.Response()

    async def _history(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["id"]
        entry = self.worker.history.get(name)
        return web.json_response({} if entry is None else {name: entry})

    # Files and facts

    async def _view(self, request: web.Request) -> web.StreamResponse:
        query = request.query
        name, subfolder, place = (query.get(key, "") for key in ("filename", "subfolder", "type"))
        if name.startswith("/") or ".." in name or place not in ("", "output", "temp", "input"):
            return web.Response(status=400)
        if ".." in subfolder:
            return web.Response(status=403)
        data, job = self.worker.files.get((place or "output", subfolder, name), (b"", None))
        if job is None:
            return web.Response(status=404)
        kind = "image/png"
        if "preview" in query:
            whole = io.BytesIO()
            Pillow.open(io.BytesIO(data)).save(whole, "WEBP")
            data, kind = whole.getvalue(), "image/webp"
        headers = {"Content-Disposition": f'filename="{name}"', "Content-Type": kind}
        return await self.deliver(request, job, web.Response(body=data, headers=headers))

    async def _object_info(self, request: web.Request) -> web.StreamResponse:
        node = request.match_info["node"]
        if node not in CLASSES:
            return web.json_response({})
        required = {name: self._input(name) for name in CLASSES[node]}
        told = {"input": {"required": required}, "output_node": node in OUTPUTS}
        return web.json_response({node: told})

    def _input(self, name: str) -> list[Any]:
        names = list(LISTS.get(name, ()))
        if name == "ckpt_name" and not self.checkpoints:
            names = []
        if name in TEXTS:
            return ["STRING", {"multiline": True, "dynamicPrompts": True}]
        if name in DEFAULTS:
            kind, default = DEFAULTS[name]
            control = {"control_after_generate": True} if name == "seed" else {}
            return [kind, {"default": default, **control}]
        if name not in LISTS:
            return [LINKED.get(name, "*"), {}]
        return ["COMBO", {"options": names}] if self.combo else [names, {"tooltip": "…"}]

    async def _upload(self, request: web.Request) -> web.StreamResponse:
        """A picture for nodes to load; the form has been read already."""
        data = self.requests_of(request).data
        found = re.search(rb'filename="([^"]{1,200})"', data)
        if found is None:
            return web.Response(status=400)
        self.uploads[found[1].decode()] = data
        return web.json_response({"name": found[1].decode(), "subfolder": "", "type": "input"})

    async def _models(self, request: web.Request) -> web.StreamResponse:
        if request.match_info["folder"] != "checkpoints":
            return web.Response(status=404)
        return web.json_response(list(LISTS["ckpt_name"]) if self.checkpoints else [])

    async def _system_stats(self, request: web.Request) -> web.StreamResponse:
        device = {"name": "cpu", "type": "cpu", "vram_total": 1 << 34}
        system = {"comfyui_version": "0.3.64", "ram_total": 1 << 34}
        return web.json_response({"system": system, "devices": [device]})


def _in_order(mishaps: Sequence[Mishap | None]) -> Callable[[Recorded], Mishap | None]:
    waiting = list(mishaps)
    return lambda request: waiting.pop(0) if waiting else None


def _invalid(graph: Mapping[str, Any]) -> web.Response | None:
    """The refusal of a graph with a node that is none; it need not be connected to anything."""
    for node, content in graph.items():
        if not isinstance(content, dict) or "class_type" not in content:
            message = "Cannot execute because a node is missing the class_type property."
            return _refused(message, f"Node ID '#{node}'", kind="invalid_prompt")
        if content["class_type"] not in CLASSES:
            message = f"Cannot execute because node {content['class_type']} does not exist."
            return _refused(message, f"Node ID '#{node}'", kind="invalid_prompt")
    return None


def _refused(
    message: str,
    details: str,
    *,
    kind: str = "error",
    errors: Mapping[str, Any] | None = None,
    status: int = 400,
    headers: Mapping[str, str] | None = None,
) -> web.Response:
    error = {"type": kind, "message": message, "details": details, "extra_info": {}}
    body = {"error": error, "node_errors": dict(errors or {})}
    return web.json_response(body, status=status, headers=headers)


def _dropped(graph: Mapping[str, Any], node: str) -> dict[str, Any]:
    reason = {"type": "required_input_missing", "message": "Required input is missing",
              "details": "images", "extra_info": {"input_name": "images"}}  # fmt: skip
    return {
        "errors": [reason], "dependent_outputs": [node], "class_type": graph[node]["class_type"],
    }  # fmt: skip
