"""Whatever a server answers in ComfyUI's place becomes a typed error, in bounded time."""

import json

import pytest
from aiohttp import WSMsgType, web
from tests.backends.images.samples import bad_bodies

from limner.backends.http.timeouts import Timeouts
from limner.backends.images.comfyui import ComfyUIBackend, PollIntervals
from limner.errors import BackendError, BackendUnavailable, BadPicture
from limner.illustration import ImageRequest
from limner.testing.comfyui_server import ComfyUIServer
from limner.testing.picture_fault import Body, Sent
from limner.testing.picture_server import FakePictureServer

BODIES = bad_bodies()
PACE = PollIntervals(poll=0.01, quiet=0.1)
LIMITS = Timeouts(connect=5, first_byte=10, idle=10, total=20)


@pytest.mark.real_time
@pytest.mark.parametrize("name", BODIES)
async def test_a_bad_answer_to_the_prompt_is_refused(name: str) -> None:
    """As the answer of the POST."""
    async with ComfyUIServer([Body(*BODIES[name])]) as server:
        async with ComfyUIBackend(server.url, timeouts=LIMITS, pace=PACE) as backend:
            with pytest.raises(BackendError) as caught:
                await backend.generate(ImageRequest(prompt="a fox"))
    assert str(caught.value).isprintable()


class Odd(FakePictureServer):
    """Takes every prompt, and says the same to whatever else is asked."""

    def __init__(self, answer: bytes, *, frames: int = 0) -> None:
        super().__init__()
        self.answer = answer
        self.frames = frames

    def routes(self) -> list[web.RouteDef]:
        """A websocket, a queue, and anything."""
        return [
            web.get("/ws", self._ws),
            web.post("/prompt", self._prompt),
            web.route("*", "/{rest:.*}", self._any),
        ]

    async def _ws(self, request: web.Request) -> web.StreamResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        for _ in range(self.frames):
            await socket.send_str(self.answer.decode("utf-8", "replace"))
            await socket.send_bytes(self.answer)
        async for message in socket:
            if message.type is not WSMsgType.TEXT:
                break
        return socket

    async def _prompt(self, request: web.Request) -> web.StreamResponse:
        body = self.requests_of(request).body
        return web.json_response({"prompt_id": body["prompt_id"], "node_errors": 7})

    async def _any(self, request: web.Request) -> web.StreamResponse:
        if "CheckpointLoaderSimple" in request.path:
            names = {"input": {"required": {"ckpt_name": [["a.safetensors"]]}}}
            return web.json_response({"CheckpointLoaderSimple": names})
        return web.Response(body=self.answer, content_type="application/json")


@pytest.mark.real_time
@pytest.mark.parametrize(
    "answer",
    [b"", b"[]", b"7", b'"x"', b"{", b"<html>", b'{"queue_running": 3}', b"[" * 5000, b"\xff\xfe"],
)
async def test_bad_answers_of_history_and_queue_end_the_picture(answer: bytes) -> None:
    """It is lost, or the server is none: never a hang, never another kind of error."""
    async with Odd(answer, frames=3) as server:
        async with ComfyUIBackend(server.url, timeouts=LIMITS, pace=PACE) as backend:
            with pytest.raises(BackendError) as caught:
                await backend.generate(ImageRequest(prompt="a fox"))
    assert str(caught.value).isprintable()


@pytest.mark.real_time
async def test_a_frame_that_is_too_large_breaks_only_the_websocket() -> None:
    """More than the limit is not read; the history is asked instead, and has nothing."""
    async with Odd(json.dumps({"type": "x" * (65 << 20)}).encode(), frames=1) as server:
        async with ComfyUIBackend(server.url, timeouts=LIMITS, pace=PACE) as backend:
            with pytest.raises(BackendError):
                await backend.generate(ImageRequest(prompt="a fox"))


@pytest.mark.real_time
async def test_a_picture_that_is_none_is_refused() -> None:
    """From a file, or over the websocket."""
    async with ComfyUIServer([Sent(b"<svg/>")]) as server, ComfyUIBackend(server.url) as backend:
        with pytest.raises(BadPicture, match="web page or SVG"):
            await backend.generate(ImageRequest(prompt="a fox"))
        assert (await backend.generate(ImageRequest(prompt="a fox"))).data


@pytest.mark.real_time
async def test_a_closed_backend_refuses() -> None:
    """With the words of every backend."""
    async with ComfyUIServer() as server:
        backend = ComfyUIBackend(server.url)
        await backend.aclose()
        await backend.aclose()
        with pytest.raises(BackendUnavailable, match="has been closed"):
            await backend.generate(ImageRequest(prompt="a fox"))
