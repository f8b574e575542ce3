"""The services that are ready, each against what its own pages say it sends."""

import asyncio
import base64
import io
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from aiohttp import web
from PIL import Image as Pillow

from limner.backends.images.described import DescribedBackend, Description, service_names
from limner.backends.images.described.options import DescribedOptions
from limner.errors import BackendRejected, BackendUnavailable, ContentRefused
from limner.illustration import ImageRequest
from limner.testing.picture_fault import Refused
from limner.testing.picture_job import FakeJob, form_fields
from limner.testing.picture_server import FakePictureServer
from limner.testing.service_server import ServiceServer, Words

FOX = ImageRequest(prompt="a fox, ünïcödé", negative_prompt="blur", width=768, height=512, seed=7)
KEY = "sk-secret-123"


def said(*pairs: tuple[str, str]) -> Callable[[str], str]:
    """How a service calls its states."""
    return lambda state: dict(pairs).get(state, state)


fal = said(("running", "IN_PROGRESS"), ("done", "COMPLETED"), ("failed", "FAILED"))
runpod = said(("running", "IN_PROGRESS"), ("done", "COMPLETED"), ("failed", "FAILED"))
replicate = said(("running", "processing"), ("done", "succeeded"))
bfl = said(
    ("running", "Pending"), ("done", "Ready"), ("failed", "Error"), ("refused", "Content Moderated")
)
dashscope = said(("running", "RUNNING"), ("done", "SUCCEEDED"), ("failed", "FAILED"))
invoke = said(("running", "in_progress"), ("done", "completed"))
civitai = said(("running", "processing"), ("done", "succeeded"))


def _prediction(url: str, name: str, state: str, **more: Any) -> dict[str, Any]:
    place = f"{url}/predictions/{name}"
    return {
        "id": name, "model": "black-forest-labs/flux-schnell", "status": replicate(state),
        "urls": {"get": place, "cancel": f"{place}/cancel"}, **more,
    }  # fmt: skip


BACKGROUND: dict[str, Words] = {
    "fal": Words(
        draw="/fal-ai/flux/dev",
        taken=lambda url, name: {
            "request_id": name,
            "status": "IN_QUEUE",
            "status_url": f"{url}/fal-ai/flux/requests/{name}/status",
            "response_url": f"{url}/fal-ai/flux/requests/{name}",
            "cancel_url": f"{url}/fal-ai/flux/requests/{name}/cancel",
        },
        look="/fal-ai/flux/requests/{id}/status",
        standing=lambda url, name, state: {
            "status": fal(state), "queue_position": 0, "error": "nsfw content",
            "response_url": f"{url}/fal-ai/flux/requests/{name}",
        },
        result="/fal-ai/flux/requests/{id}",
        found=lambda url, name, picture: {
            "images": [{"url": f"{url}/files/{name}.png", "content_type": "image/png"}],
            "seed": 7, "has_nsfw_concepts": [False],
        },
        cancel=("PUT", "/fal-ai/flux/requests/{id}/cancel"),
        size=lambda asked: (asked["image_size"]["width"], asked["image_size"]["height"]),
        key=("Authorization", "Key {key}"),
    ),
    "replicate": Words(
        draw="/models/black-forest-labs/flux-schnell/predictions",
        taken=lambda url, name: _prediction(url, name, "starting"),
        look="/predictions/{id}",
        standing=lambda url, name, state: _prediction(
            url, name, "failed" if state == "refused" else state, error="NSFW content detected"
        ),
        found=lambda url, name, picture: _prediction(
            url, name, "done", output=[f"{url}/files/{name}.png"]
        ),
        cancel=("POST", "/predictions/{id}/cancel"),
        size=lambda asked: (asked["input"]["width"], asked["input"]["height"]),
        seed=lambda asked: asked["input"]["seed"],
    ),
    "runpod": Words(
        draw="/run",
        taken=lambda url, name: {"id": name, "status": "IN_QUEUE"},
        look="/status/{id}",
        standing=lambda url, name, state: {
            "id": name, "status": runpod(state), "error": "worker exited",
        },
        found=lambda url, name, picture: {
            "id": name, "status": "COMPLETED", "executionTime": 2300,
            "output": {"images": [{"type": "base64", "data": picture}]},
        },
        cancel=("POST", "/cancel/{id}"),
        size=lambda asked: (asked["input"]["width"], asked["input"]["height"]),
        seed=lambda asked: asked["input"]["seed"],
    ),
    "civitai": Words(
        draw="/v2/consumer/workflows",
        taken=lambda url, name: {"id": name, "status": "unassigned", "cost": {"total": 8}},
        look="/v2/consumer/workflows/{id}",
        standing=lambda url, name, state: {"id": name, "status": civitai(state)},
        found=lambda url, name, picture: {
            "id": name, "status": "succeeded", "cost": {"total": 8},
            "steps": [{"output": {"images": [{"id": "b", "url": f"{url}/files/{name}.png"}]}}],
        },
        cancel=("PUT", "/v2/consumer/workflows/{id}"),
        size=lambda asked: (
            asked["steps"][0]["input"]["width"], asked["steps"][0]["input"]["height"],
        ),
        seed=lambda asked: asked["steps"][0]["input"]["seed"],
    ),
    "bfl": Words(
        draw="/flux-2-pro",
        taken=lambda url, name: {"id": name, "polling_url": f"{url}/get_result/{name}"},
        look="/get_result/{id}",
        standing=lambda url, name, state: {"id": name, "status": bfl(state), "result": None},
        found=lambda url, name, picture: {
            "id": name, "status": "Ready",
            "result": {"sample": f"{url}/files/{name}.png", "seed": 7, "prompt": "…"},
        },
        key=("x-key", "{key}"),
    ),
    "dashscope": Words(
        draw="/services/aigc/text2image/image-synthesis",
        taken=lambda url, name: {
            "output": {"task_id": name, "task_status": "PENDING"}, "request_id": "r",
        },
        look="/tasks/{id}",
        standing=lambda url, name, state: {
            "output": {
                "task_id": name,
                "task_status": dashscope("failed" if state == "refused" else state),
                "code": "DataInspectionFailed", "message": "Input data may be inappropriate",
            },
        },
        found=lambda url, name, picture: {
            "output": {
                "task_id": name, "task_status": "SUCCEEDED",
                "results": [{"url": f"{url}/files/{name}.png", "actual_prompt": "…"}],
            },
        },
        cancel=("POST", "/tasks/{id}/cancel"),
        size=lambda asked: tuple(map(int, asked["parameters"]["size"].split("*"))),  # type: ignore[arg-type, return-value]
        seed=lambda asked: asked["parameters"]["seed"],
    ),
    "invokeai": Words(
        draw="/api/v1/queue/default/enqueue_batch",
        taken=lambda url, name: {
            "queue_id": "default", "enqueued": 1, "requested": 1, "item_ids": [name],
            "batch": {"batch_id": "b"},
        },
        look="/api/v1/queue/default/i/{id}",
        standing=lambda url, name, state: {
            "item_id": name, "status": invoke(state), "error_message": "out of memory",
            "session": {"results": {}},
        },
        found=lambda url, name, picture: {
            "item_id": name, "status": "completed",
            "session": {"results": {
                "noise": {"type": "noise_output"},
                "x1": {"type": "image_output", "image": {"image_name": f"{name}.png"}},
            }},
        },
        cancel=("PUT", "/api/v1/queue/default/i/{id}/cancel"),
        size=lambda asked: (
            asked["batch"]["graph"]["nodes"]["noise"]["width"],
            asked["batch"]["graph"]["nodes"]["noise"]["height"],
        ),
        seed=lambda asked: asked["batch"]["graph"]["nodes"]["noise"]["seed"],
    ),
}  # fmt: skip
"""What each service that draws in the background says."""


class Invoke(ServiceServer):
    """InvokeAI's pictures have a route of their own, and its models keys."""

    def routes(self) -> list[web.RouteDef]:
        """Those as well."""
        return [
            *super().routes(),
            web.get("/api/v2/models/", self._models),
            web.get("/api/v1/images/i/{id}.png/full", self._file),
        ]

    async def _models(self, request: web.Request) -> web.StreamResponse:
        model = {"key": "k-1", "hash": "blake3:1", "base": "sd-1", "type": "main"}
        return web.json_response({"models": [{"name": "Dreamshaper 8", **model}]})


def connect(name: str, server: FakePictureServer, **options: Any) -> DescribedBackend:
    """A backend that speaks like a service, at a fake of it."""
    return DescribedBackend(
        Description.read(name), server.url, key=server.key, every=0.01,
        options=DescribedOptions(service=name, **options),
    )  # fmt: skip


def fake(name: str, *faults: Any, **common: Any) -> ServiceServer:
    """A fake of a service that draws in the background."""
    kind = Invoke if name == "invokeai" else ServiceServer
    return kind(faults, words=BACKGROUND[name], key=KEY, **common)


@pytest.mark.real_time
@pytest.mark.parametrize("name", BACKGROUND)
async def test_a_service_that_draws_in_the_background_draws(name: str) -> None:
    """Asked for, looked at until it is done, and fetched; the seed is told."""
    async with fake(name) as server, connect(name, server) as backend:
        image = await backend.generate(FOX)
        facts = await backend.check()
    assert (image.width, image.height, image.seed) == (768, 512, 7)
    assert image.info["server"] == facts.kind == Description.read(name).name
    assert "a fox, ünïcödé" in json.dumps(server.jobs[0].body, ensure_ascii=False)
    if name == "civitai":
        assert image.info["cost"] == "8 Buzz"


@pytest.mark.real_time
@pytest.mark.parametrize("name", [name for name in BACKGROUND if BACKGROUND[name].cancel])
async def test_a_cancelled_drawing_is_taken_back(name: str) -> None:
    """By the route that the service has for it."""
    async with fake(name, gate=asyncio.Event()) as server, connect(name, server) as backend:
        drawing = asyncio.ensure_future(backend.generate(FOX))
        job = await server.job()
        drawing.cancel()
        await asyncio.wait([drawing])
        async with asyncio.timeout(20):
            await job.ended.wait()
        assert job.gone.is_set()


@pytest.mark.real_time
@pytest.mark.parametrize("name", ["fal", "replicate", "bfl", "dashscope"])
async def test_a_content_filters_no_is_told_as_such(name: str) -> None:
    """Whether it has a state of its own, or only words."""
    words = BACKGROUND[name]
    if name == "fal":
        words = Words(**{
            **{field: getattr(words, field) for field in words.__slots__},
            "standing": lambda url, n, state: {"status": "FAILED", "error": "nsfw content"},
        })  # fmt: skip
    async with ServiceServer([Refused()], words=words, key=KEY) as server:
        async with connect(name, server) as backend:
            with pytest.raises(ContentRefused):
                await backend.generate(FOX)


@dataclass(frozen=True, slots=True)
class Sync:
    """A service that answers with the picture.

    Attributes:
        path: Where.
        answer: What, from the picture's bytes.
        size: The size it draws.
        key: How the key stands in the header.
    """

    path: str
    answer: Callable[[bytes], web.StreamResponse]
    size: tuple[int, int] | None = None


def _png(data: bytes) -> web.StreamResponse:
    return web.Response(body=data, content_type="image/png")


def _cloudflare(data: bytes) -> web.StreamResponse:
    picture = base64.b64encode(data).decode()
    return web.json_response(
        {"result": {"image": picture}, "success": True, "errors": [], "messages": []}
    )


def _gemini(data: bytes) -> web.StreamResponse:
    part = {"inlineData": {"mimeType": "image/png", "data": base64.b64encode(data).decode()}}
    content = {"role": "model", "parts": [{"text": "Here."}, part]}
    return web.json_response({"candidates": [{"content": content, "finishReason": "STOP"}]})


SYNC = {
    "gemini": Sync("/models/gemini-2.5-flash-image:generateContent", _gemini, (1248, 832)),
    "stability": Sync("/stable-image/generate/core", _png, (1216, 832)),
    "huggingface": Sync("/models/black-forest-labs/FLUX.1-schnell", _png),
    "cloudflare": Sync("/run/@cf/black-forest-labs/flux-1-schnell", _cloudflare),
}


class SyncServer(FakePictureServer):
    """A fake of one of them."""

    def __init__(self, how: Sync, *args: Any, **common: Any) -> None:
        super().__init__(*args, **common)
        self.how = how
        self.fields: list[dict[str, str]] = []

    def lets_in(self, request: web.Request) -> bool:
        """Gemini has a header of its own."""
        return request.headers.get("x-goog-api-key") == self.key or super().lets_in(request)

    def routes(self) -> list[web.RouteDef]:
        """One."""
        return [web.post(self.how.path, self._draw)]

    async def _draw(self, request: web.Request) -> web.StreamResponse:
        if "multipart" in request.content_type:
            self.fields.append(form_fields(self.requests_of(request)))
        return await self.drawing(request, self._answer)

    async def _answer(self, job: FakeJob) -> web.StreamResponse:
        asked = (job.body or {}).get("parameters", job.body or {})
        width, height = self.how.size or (asked["width"], asked["height"])
        job.size(width, height, seed=7)
        await job.work()
        return self.how.answer(job.pictures()[0])

    def refused(self) -> web.StreamResponse:
        """As Stability says no."""
        told = {"id": "x", "name": "content_moderation", "errors": ["Your request was flagged"]}
        return web.json_response(told, status=403)


@pytest.mark.real_time
@pytest.mark.parametrize("name", SYNC)
async def test_a_service_that_answers_with_the_picture_draws(name: str) -> None:
    """As bytes or as base64; what has no place is told."""
    async with SyncServer(SYNC[name], key=KEY) as server:
        async with connect(name, server, steps=9) as backend:
            image = await backend.generate(FOX)
    expected = SYNC[name].size or (768, 512)
    assert (image.width, image.height, image.seed) == (*expected, 7)
    with Pillow.open(io.BytesIO(image.data)) as decoded:
        assert decoded.size == expected
    ignored = image.info.get("ignored", {})
    assert isinstance(ignored, dict)
    assert ("steps" in ignored) is (name in ("stability", "gemini"))


@pytest.mark.real_time
async def test_stability_gets_a_form_with_a_shape_and_says_no_in_its_own_words() -> None:
    """No JSON; and its moderation is no fault of the key."""
    async with SyncServer(SYNC["stability"], [None, Refused()], key=KEY) as server:
        async with connect("stability", server) as backend:
            await backend.generate(FOX)
            with pytest.raises(ContentRefused, match="flagged"):
                await backend.generate(FOX)
        assert server.fields[0] == {
            "prompt": "a fox, ünïcödé", "negative_prompt": "blur", "aspect_ratio": "3:2",
            "seed": "7", "output_format": "png",
        }  # fmt: skip


@pytest.mark.real_time
async def test_invokeai_is_asked_for_its_model() -> None:
    """A graph names a model by key and hash; one that is not there is told."""
    async with fake("invokeai") as server:
        async with connect("invokeai", server) as backend:
            await backend.generate(FOX)
            await backend.generate(FOX)
        nodes = server.jobs[0].body["batch"]["graph"]["nodes"]
        assert nodes["model"]["model"] == {
            "key": "k-1", "hash": "blake3:1", "name": "Dreamshaper 8", "base": "sd-1",
            "type": "main",
        }  # fmt: skip
        assert "steps" not in nodes["denoise"]
        assert len(server.asked("/api/v2/models")) == 1
        async with connect("invokeai", server, model="Nobody") as backend:
            with pytest.raises(BackendRejected, match="no model 'Nobody'"):
                await backend.generate(FOX)


@pytest.mark.real_time
async def test_an_address_that_is_not_the_services_is_not_asked_with_its_key() -> None:
    """A poll URL in an answer may lead anywhere."""
    words = BACKGROUND["bfl"]
    bad = Words(**{
        **{field: getattr(words, field) for field in words.__slots__},
        "taken": lambda url, name: {"id": name, "polling_url": "https://evil.example/x"},
    })  # fmt: skip
    async with ServiceServer(words=bad, key=KEY) as server:
        async with connect("bfl", server) as backend:
            with pytest.raises(BackendRejected, match="not its own address"):
                await backend.generate(FOX)


@pytest.mark.real_time
async def test_a_failed_drawing_says_why() -> None:
    """In the service's words; it may go better next time."""
    words = BACKGROUND["runpod"]
    failing = Words(**{
        **{field: getattr(words, field) for field in words.__slots__},
        "found": lambda url, name, picture: {"status": "FAILED", "error": "CUDA out of memory"},
    })  # fmt: skip
    async with ServiceServer(words=failing, key=KEY) as server:
        async with connect("runpod", server) as backend:
            with pytest.raises(BackendUnavailable, match="CUDA out of memory") as caught:
                await backend.generate(FOX)
    assert caught.value.status == 200


@pytest.mark.real_time
@pytest.mark.parametrize(
    "answer",
    [{"promptFeedback": {"blockReason": "PROHIBITED_CONTENT"}},
     {"candidates": [{"finishReason": "IMAGE_SAFETY"}]}],
)  # fmt: skip
async def test_geminis_no_is_told_as_one(answer: Any) -> None:
    """An answer without a picture, and a reason."""
    refusing = Sync(SYNC["gemini"].path, lambda data: web.json_response(answer), (64, 64))
    async with SyncServer(refusing, key=KEY) as server, connect("gemini", server) as backend:
        with pytest.raises(ContentRefused, match=r"PROHIBITED|SAFETY"):
            await backend.generate(FOX)


def test_every_service_that_is_ready_is_tried_here_and_says_where_it_is_from() -> None:
    """SiliconFlow's answers are those of an Images API, which has tests of its own."""
    assert set(service_names()) == {*BACKGROUND, *SYNC, "siliconflow"}
    for name in service_names():
        read = Description.read(name)
        assert read.source
        assert read.price.note or read.price.amount is not None
