"""Mode hold: the text behind a picture waits for it, the model never does."""

import asyncio

import pytest
from tests.server.proxy.serving import once, proxy
from tests.server.proxy.streams import TAG, texts

from limner.errors import BackendUnavailable
from limner.testing import ScriptedBackend
from limner.testing.chat_server import ChatServer, Reply

pytestmark = pytest.mark.real_time

HOLD = {"X-Limner-Mode": "hold"}


async def test_the_model_is_read_to_its_end_while_a_picture_is_drawn() -> None:
    """The text before the picture comes at once, comments meanwhile, the rest when it is there."""
    drawn = asyncio.Event()

    class Backend(ScriptedBackend):
        async def _take_time(self, request: object) -> None:
            await drawn.wait()

    reply = Reply.stream("A", TAG, "B", TAG, "C")
    async with (
        ChatServer(reply) as model,
        proxy(model, backend=Backend(), keep_alive=0.02) as limner,
    ):
        asked = {"model": "m", "stream": True, "messages": [{"role": "user", "content": "Go."}]}
        response = await limner.client.post(
            f"{limner.url}/chat/completions", json=asked, headers=HOLD
        )
        await (await model.request()).answered.wait()
        early = b""
        while b": keep-alive" not in early:
            early += await response.content.readany()
        assert texts(early) == {0: "A"}
        drawn.set()
        whole = early + await response.read()
    text = texts(whole)[0]
    assert text.count("![") == 2
    assert (
        text.index("A") < text.index("![") < text.index("B") < text.rindex("![") < text.index("C")
    )


async def test_a_picture_that_fails_or_hangs_does_not_hold_the_text_for_ever() -> None:
    """The text goes on; its place shows a placeholder."""
    failing = ScriptedBackend(seconds=0, fails=lambda request: BackendUnavailable("no"))
    for backend, wait in ((failing, 60.0), (ScriptedBackend(seconds=3600), 0.1)):
        async with (
            ChatServer(Reply.stream("A", TAG, "B")) as model,
            proxy(
                model, backend=backend, illustrator=once(), hold_timeout=wait, image_wait=0.1
            ) as limner,
        ):
            text = texts(await limner.ask(headers=HOLD))[0]
            assert text.startswith("A\n\n![")
            assert text.endswith("B")


async def test_an_answer_too_large_to_be_held_ends_cleanly() -> None:
    """A model that never ends cannot fill the memory."""
    pieces = ["x" * 50_000] * 100
    backend = ScriptedBackend(seconds=3600)
    async with (
        ChatServer(Reply.stream(TAG, *pieces)) as model,
        proxy(model, backend=backend, hold_timeout=0.5, answer_limit=1_000_000) as limner,
    ):
        sent = await limner.ask(headers=HOLD)
    assert b"to be held" in sent
    assert sent.endswith(b"data: [DONE]\n\n")
