"""A ComfyUI started from a checkout, and what a user does with it: `make comfyui COMFYUI=PATH`.

It needs no model: what is drawn is noise. Workflows for the API, of the editor and out of a picture
are drawn, a drawing is cancelled and stops there, and the server is killed while it draws and
started again, which loses no picture. Nothing is fetched: the checkout's own Python
(`COMFYUI_PYTHON`, else ``PATH/venv/bin/python``) must have what ComfyUI needs.
"""

import asyncio
import json
import os
import socket
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from limner import Illustrator
from limner.backends.images.comfyui import ComfyUIBackend, Workflow
from limner.errors import BackendError
from limner.illustration import ImageRequest

READY = 180.0
"""Seconds a ComfyUI has to start."""

STORY = " ".join(f'Night {n}. <!--img-prompt="a fox in night {n}"-->' for n in range(3))


def say(line: str) -> None:
    """Write a line at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def noise(count: int) -> dict[str, Any]:
    """A workflow for the API that draws noise, and takes the longer the larger the batch is."""

    def node(kind: str, **inputs: Any) -> dict[str, Any]:
        return {"class_type": kind, "inputs": inputs}

    return {
        "1": node("EmptyImage", width="%width%", height="%height%", batch_size=count,
                  color=3368652),
        "2": node("ImageAddNoise", image=["1", 0], seed="%seed%", strength=0.3),
        "3": node("ImageScale", image=["2", 0], upscale_method="lanczos", width="%width%",
                  height="%height%", crop="disabled"),
        "4": node("PreviewAny", source="%prompt%"),
        "5": node("ImageFromBatch", image=["3", 0], batch_index=0, length=1),
        "6": node("SaveImage", images=["5", 0], filename_prefix="limner"),
    }  # fmt: skip


EDITOR = {
    "nodes": [
        {"id": 1, "type": "EmptyImage", "mode": 0, "inputs": [],
         "widgets_values": [256, 256, 1, 7]},
        {"id": 2, "type": "ImageAddNoise", "mode": 0, "widgets_values": [42, "randomize", 0.3],
         "inputs": [{"name": "image", "type": "IMAGE", "link": 1}]},
        {"id": 3, "type": "SaveImage", "mode": 0, "widgets_values": ["limner"],
         "inputs": [{"name": "images", "type": "IMAGE", "link": 2}]},
        {"id": 4, "type": "PreviewAny", "mode": 0, "widgets_values": [],
         "inputs": [{"name": "source", "type": "*", "link": 3}]},
        {"id": 5, "type": "PrimitiveStringMultiline", "mode": 0, "inputs": [],
         "widgets_values": ["%prompt%"]},
    ],
    "links": [[1, 1, 0, 2, 0, "IMAGE"], [2, 2, 0, 3, 0, "IMAGE"], [3, 5, 0, 4, 0, "STRING"]],
}  # fmt: skip
"""The same as the editor saves it."""


class Server:
    """A ComfyUI of a checkout, on a port of its own."""

    def __init__(self, checkout: Path) -> None:
        self.checkout = checkout
        self.log = Path(tempfile.mkdtemp(prefix="limner-comfyui-")) / "log.txt"
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> float:
        """Start it, and wait until it answers; gives the seconds that took."""
        python = os.environ.get("COMFYUI_PYTHON") or str(self.checkout / "venv" / "bin" / "python")
        began = time.monotonic()
        with self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                python, "main.py", "--cpu", "--listen", "127.0.0.1", "--port", str(self.port),
                "--disable-auto-launch", "--disable-all-custom-nodes", cwd=self.checkout,
                stdout=log, stderr=log,
            )  # fmt: skip
        async with asyncio.timeout(READY), ComfyUIBackend(self.url) as backend:
            while True:
                with suppress(BackendError):
                    await backend.check()
                    return time.monotonic() - began
                if self._process.returncode is not None:
                    raise SystemExit(f"ComfyUI did not start; see {self.log}")
                await asyncio.sleep(0.5)

    async def kill(self) -> None:
        """End it as a power cut does."""
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
            await self._process.wait()


@asynccontextmanager
async def backend_for(server: Server, workflow: object) -> AsyncIterator[ComfyUIBackend]:
    """A backend with a workflow."""
    text = workflow if isinstance(workflow, str) else json.dumps(workflow)
    async with ComfyUIBackend(server.url, workflow=Workflow.parse(text)) as backend:
        yield backend


async def formats(server: Server) -> None:
    """A workflow for the API, out of the picture it drew, and of the editor."""
    request = ImageRequest(prompt="a fox", width=256, height=256, seed=5)
    async with backend_for(server, noise(1)) as backend:
        image = await backend.generate(request)
        say(f"{(await backend.check()).version}: a workflow for the API drew {image.width} pixels")
    metadata = image.info["metadata"]
    assert isinstance(metadata, dict)  # noqa: S101 - for the type checker
    async with backend_for(server, metadata["prompt"].replace("a fox", "%prompt%")) as backend:
        await backend.generate(ImageRequest(prompt="a hen", width=256, height=256, seed=6))
        say("the workflow out of that picture drew")
    async with backend_for(server, EDITOR) as backend:
        await backend.generate(request)
        say("a workflow of the editor drew")


async def cancelled(server: Server) -> None:
    """A long drawing stops at the server when it is cancelled here."""
    async with backend_for(server, noise(60)) as backend:
        drawing = asyncio.ensure_future(
            backend.generate(ImageRequest(prompt="a long one", width=768, height=768, seed=7))
        )
        await asyncio.sleep(2.0)
        if drawing.done():
            say("the machine is too quick to cancel anything")
            return
        drawing.cancel()
        began = time.monotonic()
        await asyncio.wait([drawing])
    say(
        f"a drawing was cancelled; the server had stopped it {time.monotonic() - began:.1f} s later"
    )


async def restarted(server: Server) -> bool:
    """The server is killed while it draws and started again: every picture is drawn."""
    async with (
        backend_for(server, noise(20)) as backend,
        Illustrator(backend=backend) as illustrator,
    ):
        began = asyncio.Event()
        illustrator.on_event(lambda *_: began.set())
        telling = asyncio.ensure_future(illustrator.illustrate(STORY))
        await began.wait()
        await asyncio.sleep(1.5)
        await server.kill()
        say("killed while it drew")
        say(f"started again in {await server.start():.0f} s")
        result = await telling
    made = sum(slot.image is not None for slot in result.slots)
    say(f"{made} of {len(result.slots)} pictures were drawn all the same")
    return made == len(result.slots)


async def main(checkout: Path) -> int:
    """All of it, one after the other."""
    server = Server(checkout)
    say(f"started in {await server.start():.0f} s; its log is {server.log}")
    try:
        await formats(server)
        await cancelled(server)
        return 0 if await restarted(server) else 1
    finally:
        await server.kill()


if __name__ == "__main__":
    raise SystemExit(asyncio.run(main(Path(sys.argv[1]).resolve())))
