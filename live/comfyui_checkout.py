"""A ComfyUI started from a checkout, and what a user does with it: `make comfyui COMFYUI=PATH`.

It draws with a tiny model of random weights, made for the purpose: previews come, a LoRA changes a
picture, a reference picture is drawn after. Workflows for the API, of the editor (with a subgraph)
and out of a picture are drawn; a drawing is cancelled and stops there, and the server is killed
while it draws and started again, which loses no picture. Nothing of the checkout is changed, and
nothing is fetched: `make` has made an environment with what the checkout asks for, unless
``COMFYUI_PYTHON`` names one.
"""

import asyncio
import io
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from PIL import Image as Pillow

from limner import Illustrator
from limner.backends.images.comfyui import ComfyUIBackend, ComfyUIOptions, Workflow
from limner.errors import BackendError
from limner.illustration import ImageRequest, ReferencePicture

HERE = Path(__file__).parent
READY = 180.0
"""Seconds a ComfyUI has to start."""

STORY = " ".join(f'Night {n}. <!--img-prompt="a fox in night {n}"-->' for n in range(3))
SUBGRAPH = "6f1dd4c0-9a1e-4c1b-8a43-6f5d6f2c0001"


def say(line: str) -> None:
    """Write a line at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def require(fact: object, line: str) -> None:
    """Tell what was shown; end if it was not.

    Raises:
        SystemExit: It was not.
    """
    if not fact:
        raise SystemExit(f"NOT TRUE: {line}")
    say(line)


def node(kind: str, **inputs: Any) -> dict[str, Any]:
    """A node for the API."""
    return {"class_type": kind, "inputs": inputs}


def noise(count: int) -> dict[str, Any]:
    """A workflow for the API that draws noise, and takes the longer the larger the batch is."""
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


EDIT = {
    "1": node("CheckpointLoaderSimple", ckpt_name="tiny.safetensors"),
    "2": node("CLIPTextEncode", text="%prompt%", clip=["1", 1]),
    "3": node("CLIPTextEncode", text="%negative_prompt%", clip=["1", 1]),
    "4": node("LoadImage", image="%reference%"),
    "5": node("VAEEncode", pixels=["4", 0], vae=["1", 2]),
    "6": node("ReferenceLatent", conditioning=["2", 0], latent=["5", 0]),
    "7": node("EmptyLatentImage", width="%width%", height="%height%", batch_size=1),
    "8": node("KSampler", seed="%seed%", steps=3, cfg=4, sampler_name="euler", scheduler="normal",
              denoise=1, model=["1", 0], positive=["6", 0], negative=["3", 0],
              latent_image=["7", 0]),
    "9": node("VAEDecode", samples=["8", 0], vae=["1", 2]),
    "10": node("SaveImage", images=["9", 0], filename_prefix="limner"),
}  # fmt: skip
"""Edits a picture, as workflows for models that look at one do."""


def editor(*, subgraph: bool) -> dict[str, Any]:
    """A workflow as the editor saves it; the noise may be added in a subgraph."""

    def slot(name: str, kind: str, link: int | None, *, widget: bool = False) -> dict[str, Any]:
        beside = {"widget": {"name": name}} if widget else {}
        return {"name": name, "type": kind, "link": link, **beside}

    def link(number: int, origin: int, target: int, at: int, kind: str) -> dict[str, Any]:
        return {"id": number, "origin_id": origin, "origin_slot": at if origin < 0 else 0,
                "target_id": target, "target_slot": at if target > 0 else 0,
                "type": kind}  # fmt: skip

    definition = {
        "id": SUBGRAPH, "name": "Noise",
        "inputs": [{"name": "image"}, {"name": "strength"}], "outputs": [{"name": "IMAGE"}],
        "nodes": [{"id": 5, "type": "ImageAddNoise", "mode": 0,
                   "inputs": [slot("image", "IMAGE", 1), slot("strength", "FLOAT", 2, widget=True)],
                   "widgets_values": [42, "randomize", 0.1]}],
        "links": [link(1, -10, 5, 0, "IMAGE"), link(2, -10, 5, 1, "FLOAT"),
                  link(3, 5, -20, 0, "IMAGE")],
    }  # fmt: skip
    plain = {"type": "ImageAddNoise", "widgets_values": [42, "randomize", 0.3]}
    return {
        "nodes": [
            {"id": 1, "type": "EmptyImage", "mode": 0, "inputs": [],
             "widgets_values": [256, 256, 1, 7]},
            {"id": 2, "mode": 0, "inputs": [slot("image", "IMAGE", 1)],
             **({"type": SUBGRAPH, "widgets_values": [0.8]} if subgraph else plain)},
            {"id": 3, "type": "SaveImage", "mode": 0, "widgets_values": ["limner"],
             "inputs": [slot("images", "IMAGE", 2)]},
            {"id": 4, "type": "PreviewAny", "mode": 0, "widgets_values": [],
             "inputs": [slot("source", "*", 3)]},
            {"id": 6, "type": "PrimitiveStringMultiline", "mode": 0, "inputs": [],
             "widgets_values": ["%prompt%"]},
        ],
        "links": [[1, 1, 0, 2, 0, "IMAGE"], [2, 2, 0, 3, 0, "IMAGE"], [3, 6, 0, 4, 0, "STRING"]],
        "definitions": {"subgraphs": [definition] if subgraph else []},
    }  # fmt: skip


class Server:
    """A ComfyUI of a checkout, on a port and with folders of its own.

    Args:
        checkout: The checkout.
        base: Where its models are, and what it writes goes.
        python: The Python of its environment.
    """

    def __init__(self, checkout: Path, base: Path, python: str) -> None:
        self.checkout = checkout
        self.base = base
        self.python = python
        self.log = base / "log.txt"
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._process: asyncio.subprocess.Process | None = None

    def make_models(self) -> None:
        """Make the tiny models, if they are not there yet."""
        models = self.base / "models"
        for folder in ("custom_nodes", "input", "output", "models"):
            (self.base / folder).mkdir(parents=True, exist_ok=True)
        if not (models / "loras" / "tiny.safetensors").is_file():
            began = time.monotonic()
            maker = [self.python, HERE / "comfyui_tiny_models.py", self.checkout, models]
            subprocess.run(maker, cwd=self.checkout, check=True)  # noqa: S603 - our own program
            say(f"a tiny model was made in {time.monotonic() - began:.0f} s")

    async def start(self) -> float:
        """Start it, and wait until it answers; gives the seconds that took."""
        began = time.monotonic()
        with self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                self.python, HERE / "comfyui_start.py", "--cpu", "--listen", "127.0.0.1",
                "--port", str(self.port), "--disable-auto-launch", "--disable-all-custom-nodes",
                "--base-directory", self.base, "--preview-method", "latent2rgb",
                cwd=self.checkout, stdout=log, stderr=log,
                env={**os.environ, "OMP_NUM_THREADS": "1"},
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
async def backend_for(
    server: Server, workflow: object = None, **options: Any
) -> AsyncIterator[ComfyUIBackend]:
    """A backend with a workflow, or with limner's own."""
    text = workflow if isinstance(workflow, str) else json.dumps(workflow)
    given = None if workflow is None else Workflow.parse(text)
    made = ComfyUIOptions(**options)
    async with ComfyUIBackend(server.url, workflow=given, options=made) as backend:
        yield backend


def asked(prompt: str = "a fox", side: int = 64, seed: int = 5, **more: Any) -> ImageRequest:
    """A small picture."""
    return ImageRequest(prompt=prompt, width=side, height=side, seed=seed, **more)


async def model(server: Server) -> None:
    """Limner's own workflow: previews, and a LoRA that changes the picture."""
    seen: list[tuple[float, bool]] = []
    watched = asked(progress=lambda fraction, preview: seen.append((fraction, preview is not None)))
    began = time.monotonic()
    async with backend_for(server, steps=5) as backend:
        version = (await backend.check()).version
        first = await backend.generate(watched)
    previews = sum(shown for _, shown in seen)
    took = time.monotonic() - began
    require(
        previews >= 3, f"{version}: limner's workflow drew in {took:.1f} s, {previews} previews"
    )
    async with backend_for(server, steps=5, loras=("tiny:0.9",)) as backend:
        with_lora = await backend.generate(asked())
    require(with_lora.data != first.data, "a LoRA, named without its ending, changed the picture")
    async with backend_for(server, loras=("nobody",)) as backend:
        try:
            await backend.generate(asked())
        except BackendError as error:
            require("nobody" in str(error), f"a LoRA that is not there is told: {error}"[:160])
        else:
            raise SystemExit("NOT TRUE: a LoRA that is not there is told")


async def references(server: Server) -> None:
    """A picture drawn after another, by limner's workflow and by one that edits."""

    def after(name: str, places: frozenset[str]) -> ImageRequest:
        whole = io.BytesIO()
        Pillow.new("RGB", (96, 64), name).save(whole, "PNG")
        picture = ReferencePicture(name=name, data=whole.getvalue(), digest=name, meant_for=places)
        return asked(attributes={"reference": name}, references=(picture,))

    async with backend_for(server, steps=4, strength=0.5) as backend:
        red = await backend.generate(after("red", backend.places))
        blue = await backend.generate(after("blue", backend.places))
    told = red.info["references"] == ["red"] and blue.info["references"] == ["blue"]
    require(told and red.data != blue.data, "limner's workflow draws after a reference picture")
    async with backend_for(server, EDIT) as backend:
        drawn = await backend.generate(after("red", backend.places))
    told = drawn.info["references"] == ["red"]
    require(told, "a workflow that edits is given the reference picture by its mark")


async def formats(server: Server) -> None:
    """A workflow for the API, out of the picture it drew, and of the editor."""
    async with backend_for(server, noise(1)) as backend:
        image = await backend.generate(asked(side=256))
    require(image.width == 256, "a workflow for the API was drawn")
    metadata = image.info["metadata"]
    assert isinstance(metadata, dict)  # noqa: S101 - for the type checker
    async with backend_for(server, metadata["prompt"].replace("a fox", "%prompt%")) as backend:
        again = await backend.generate(asked("a hen", side=256, seed=6))
    require(again.data, "the workflow out of that picture was drawn")
    async with backend_for(server, editor(subgraph=False)) as backend:
        plain = await backend.generate(asked(side=256))
    require(plain.data, "a workflow of the editor was drawn")
    async with backend_for(server, editor(subgraph=True)) as backend:
        inside = await backend.generate(asked(side=256))
    require(
        inside.data != plain.data, "one with a subgraph was drawn, with the value of its instance"
    )


async def cancelled(server: Server) -> None:
    """A long drawing stops at the server when it is cancelled here."""
    began = asyncio.Event()
    long = asked("a long one", seed=7, progress=lambda *_: began.set())
    async with backend_for(server, steps=150) as backend:
        drawing = asyncio.ensure_future(backend.generate(long))
        await began.wait()
        await asyncio.sleep(1.0)
        require(not drawing.done(), "a long drawing is under way")
        drawing.cancel()
        at = time.monotonic()
        await asyncio.wait([drawing])
        took = time.monotonic() - at
    async with backend_for(server, steps=2) as backend:
        await backend.generate(asked(seed=8))
    free = time.monotonic() - at
    require(took < 20, f"it was cancelled; {took:.1f} s later it had stopped there")
    require(free < 30, f"the next picture was there {free:.1f} s after that")


async def restarted(server: Server) -> None:
    """The server is killed while it draws and started again: every picture is drawn."""
    async with (
        backend_for(server, steps=20) as backend,
        Illustrator(backend=backend, width=64, height=64) as illustrator,
    ):
        began = asyncio.Event()
        illustrator.on_event(lambda *_: began.set())
        telling = asyncio.ensure_future(illustrator.illustrate(STORY))
        await began.wait()
        await asyncio.sleep(2.5)
        await server.kill()
        say("the server was killed while it drew")
        say(f"it was started again in {await server.start():.0f} s")
        result = await telling
    made = sum(slot.image is not None for slot in result.slots)
    require(made == len(result.slots), f"{made} of {len(result.slots)} pictures were drawn")


async def main(checkout: Path, base: Path, python: str) -> int:
    """All of it, one after the other."""
    server = Server(checkout, base, python)
    server.make_models()
    say(f"started in {await server.start():.0f} s; its log is {server.log}")
    try:
        await model(server)
        await references(server)
        await formats(server)
        await cancelled(server)
        await restarted(server)
    finally:
        await server.kill()
    return 0


if __name__ == "__main__":
    place, folder, environment = sys.argv[1:]
    chosen = os.environ.get("COMFYUI_PYTHON") or str(
        Path(environment).absolute() / "bin" / "python"
    )
    raise SystemExit(asyncio.run(main(Path(place).resolve(), Path(folder).absolute(), chosen)))
