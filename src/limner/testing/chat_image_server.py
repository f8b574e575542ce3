"""A fake of a gateway whose chat completions hold pictures, over real HTTP."""

import base64
import json
from typing import Any

from aiohttp import web

from limner.testing.picture_job import FakeJob, plain_picture
from limner.testing.picture_server import FakePictureServer

SIDE = 1024
MODELS: tuple[dict[str, Any], ...] = (
    {"id": "google/gemini-2.5-flash-image",
     "architecture": {"output_modalities": ["image", "text"]}},
    {"id": "openai/gpt-5", "architecture": {"output_modalities": ["text"]}},
)  # fmt: skip


class ChatImageServer(FakePictureServer):
    """A fake gateway, which draws in the shapes that its models know.

    Args:
        in_text: Whether the picture stands in the text, as Markdown.
        as_url: Whether it is named by URL.
        **common: As `FakePictureServer`; the API's root is ``/v1``.

    Examples:
        >>> import asyncio
        >>> from limner.backends.images.chat_image import ChatImageBackend
        >>> from limner.illustration import ImageRequest
        >>> async def draw():
        ...     async with ChatImageServer() as server, ChatImageBackend(server.url) as backend:
        ...         image = await backend.generate(ImageRequest(prompt="a fox"))
        ...         return image.width, image.height, image.info["words"]
        >>> asyncio.run(draw())
        (1024, 688, 'Here it is.')
    """

    def __init__(
        self, *args: Any, in_text: bool = False, as_url: bool = False, **common: Any
    ) -> None:
        super().__init__(*args, **{"prefix": "/v1", **common})
        self.in_text = in_text
        self.as_url = as_url

    def routes(self) -> list[web.RouteDef]:
        """Chat completions, models, and pictures that were named by URL."""
        return [
            web.post("/chat/completions", self._complete),
            web.get("/models", self._models),
            web.get("/files/{index}.png", self._file),
        ]

    def refused(self) -> web.StreamResponse:
        """As Gemini says no: an answer without a picture, with the reason."""
        choice = {
            "index": 0, "finish_reason": "content_filter", "native_finish_reason": "IMAGE_SAFETY",
            "message": {"role": "assistant", "content": "I cannot draw that."},
        }  # fmt: skip
        return web.json_response({"id": "g", "object": "chat.completion", "choices": [choice]})

    async def _complete(self, request: web.Request) -> web.StreamResponse:
        return await self.drawing(request, lambda job: self._draw(request, job))

    async def _draw(self, request: web.Request, job: FakeJob) -> web.StreamResponse:
        asked = job.body
        wide, _, high = asked.get("image_config", {}).get("aspect_ratio", "1:1").partition(":")
        share = int(high) / int(wide)
        width, height = (SIDE, SIDE * share) if share <= 1 else (SIDE / share, SIDE)
        job.size(round(width / 16) * 16, round(height / 16) * 16, seed=asked.get("seed"))
        if asked.get("stream") and job.fault is None:
            return await self._stream(request, job)
        await job.work()
        pictures = [self._place(job, picture) for picture in job.encoded()]
        return web.json_response(self._answer("message", pictures))

    def _place(self, job: FakeJob, picture: str) -> str:
        if self.as_url:
            return f"{self.url}/files/{self.jobs.index(job)}.png"
        return f"data:image/png;base64,{picture}"

    def _answer(self, name: str, places: list[str]) -> dict[str, Any]:
        message: dict[str, Any] = {"role": "assistant", "content": "Here it is."}
        if self.in_text:
            message["content"] += "".join(f"\n\n![picture]({place})" for place in places)
        else:
            message["images"] = [
                {"type": "image_url", "index": n, "image_url": {"url": place}}
                for n, place in enumerate(places)
            ]
        choice = {"index": 0, name: message, "finish_reason": "stop"}
        usage = {"completion_tokens": 1290, "cost": 0.0387}
        return {"id": "g", "model": MODELS[0]["id"], "choices": [choice], "usage": usage}

    async def _stream(self, request: web.Request, job: FakeJob) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)

        async def send(told: dict[str, Any]) -> None:
            await response.write(f"data: {json.dumps(told)}\n\n".encode())

        await response.write(b": OPENROUTER PROCESSING\n\n")
        early = plain_picture(32, 32, seed=1)
        await send({"choices": [{"index": 0, "delta": {"content": ""}}]})
        if not self.in_text and not self.as_url:
            await send(self._early(early))
        await job.work()
        await send(self._answer("delta", [self._place(job, job.encoded()[0])]))
        await response.write(b"data: [DONE]\n\n")
        await response.write_eof()
        return response

    def _early(self, data: bytes) -> dict[str, Any]:
        """A picture that is not finished."""
        place = f"data:image/png;base64,{base64.b64encode(data).decode()}"
        image = {"type": "image_url", "image_url": {"url": place}}
        return {"choices": [{"index": 0, "delta": {"images": [image]}}]}

    async def _models(self, request: web.Request) -> web.StreamResponse:
        if not self.lets_in(request):
            return self.error(401, "No auth credentials found")
        return web.json_response({"data": list(MODELS)})

    async def _file(self, request: web.Request) -> web.StreamResponse:
        job = self.jobs[int(request.match_info["index"])]
        return web.Response(body=job.pictures()[0], content_type="image/png")
