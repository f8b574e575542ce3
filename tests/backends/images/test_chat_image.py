"""Pictures in chat completions, against a fake gateway."""

import base64
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from limner.backends.http.timeouts import Timeouts
from limner.backends.images.chat_image import ChatImageBackend
from limner.backends.images.chat_image.options import ChatImageOptions
from limner.backends.images.chat_image.wire import ChatPicture, payload
from limner.errors import BackendError, BackendUnavailable, BadPicture, ContentRefused
from limner.illustration import ImageRequest
from limner.testing.backend_contract import CHECKS, BackendCase, Check
from limner.testing.chat_image_server import ChatImageServer
from limner.testing.picture_fault import Body
from limner.testing.picture_server import FakePictureServer, plain_picture

FOX = ImageRequest(prompt="a fox", negative_prompt="blur", width=768, height=512, seed=7)


def connect(server: FakePictureServer, timeouts: Timeouts) -> ChatImageBackend:
    """A backend for a fake that runs."""
    return ChatImageBackend(server.url, key=server.key, timeouts=timeouts)


CASE = BackendCase(serve=ChatImageServer, connect=connect, sizes=False, seeds=False)


@pytest.mark.real_time
@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
async def test_it_keeps_the_contract(check: Check) -> None:
    """Everything that every backend must do."""
    await check(CASE)


@pytest.mark.real_time
@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize("how", [{}, {"in_text": True}, {"as_url": True}])
async def test_a_picture_is_found_wherever_the_gateway_puts_it(how: Any, stream: bool) -> None:
    """In `images`, in the text, by URL; streamed or whole."""
    async with ChatImageServer(**how) as server:
        options = ChatImageOptions(stream=stream)
        async with ChatImageBackend(server.url, options=options) as backend:
            image = await backend.generate(FOX)
    assert (image.width, image.height) == (1024, 688)
    assert image.info["asked_for"] == "768x512"
    assert image.info["cost"] == "0.0387 USD"
    asked = server.jobs[0].body
    assert asked["modalities"] == ["image", "text"]
    assert asked["image_config"] == {"aspect_ratio": "3:2"}


@pytest.mark.real_time
async def test_what_comes_before_the_last_picture_is_a_preview() -> None:
    """The last one counts."""
    seen: list[bytes | None] = []
    request = ImageRequest(prompt="a fox", progress=lambda share, preview: seen.append(preview))
    async with ChatImageServer() as server, ChatImageBackend(server.url) as backend:
        image = await backend.generate(request)
    assert seen[0] == plain_picture(32, 32, seed=1)
    assert image.width == 1024


@pytest.mark.real_time
@pytest.mark.parametrize(
    ("body", "kind", "words"),
    [
        (b'data: {"error":{"message":"no","code":"moderation_blocked"}}\n\n', ContentRefused, "no"),
        (b'data: {"error":{"message":"Flagged by safety","code":403}}\n\n', ContentRefused, "Flag"),
        (b'data: {"error":{"message":"overloaded","code":502}}\n\n', BackendUnavailable, "overl"),
        (b"data: [DONE]\n\n", BackendUnavailable, "before the picture"),
        (b'data: {"choices":[{"delta":{"content":"I would rather not."},"finish_reason":"stop"}]}'
         b"\n\ndata: [DONE]\n\n", BadPicture, "rather not"),
    ],
)  # fmt: skip
async def test_an_answer_without_a_picture_is_told_for_what_it_is(
    body: bytes, kind: type[BackendError], words: str
) -> None:
    """A filter's no, a failure, or words in the place of a picture."""
    async with ChatImageServer([Body(body, "text/event-stream")]) as server:
        async with ChatImageBackend(server.url) as backend:
            with pytest.raises(kind, match=words):
                await backend.generate(FOX)


def test_the_shape_can_be_said_in_words() -> None:
    """For gateways that know no field for it."""
    options = ChatImageOptions(shape="words", text=False, extra='{"n": 1}', negative_prompt="text")
    body = payload(FOX, options)
    assert "image_config" not in body
    assert body["modalities"] == ["image"]
    assert body["n"] == 1
    words = body["messages"][0]["content"]
    assert "a fox" in words
    assert "3:2" in words
    assert "does not show: blur, text" in words


@pytest.mark.real_time
async def test_models_that_draw_are_listed() -> None:
    """Of all that a gateway has."""
    async with ChatImageServer() as server, ChatImageBackend(server.url) as backend:
        assert [model.name for model in await backend.models()] == ["google/gemini-2.5-flash-image"]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["choices", "delta", "message", "images", "image_url", "url",
                             "content", "text", "usage", "cost", "model", "finish_reason"]), inner,
        )
    ),
    max_leaves=15,
)  # fmt: skip


@given(told=st.dictionaries(st.sampled_from(["choices", "usage", "model"]), JSON))
def test_whatever_a_gateway_sends_it_can_be_read(told: dict[str, Any]) -> None:
    """It is hostile."""
    came = ChatPicture.empty()
    came.add(told)
    assert came.place is None or isinstance(came.place, str)


def test_base64_of_a_picture_is_kept_whole() -> None:
    """Pictures stand in long lines."""
    data = base64.b64encode(bytes(200_000)).decode()
    came = ChatPicture.empty()
    came.add({"choices": [{"delta": {"content": f"![x](data:image/png;base64,{data})"}}]})
    assert came.place == f"data:image/png;base64,{data}"
