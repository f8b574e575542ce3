"""Answers that pass through a server while its library fails are kept whole, and drawn once."""

import asyncio
from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager, AsyncExitStack
from pathlib import Path

import aiohttp
import pytest
from tests.server.served import Served, served
from tests.storage.test_outages import full_disk, lock
from tests.waiting import until

from limner.illustration import MessageState, Role, SlotState
from limner.testing import ScriptedBackend
from limner.testing.chat_server import ChatRequest, ChatServer, Reply

pytestmark = pytest.mark.real_time

STREAMS = 3
PARTS = 4


def part(number: int, at: int) -> str:
    """A part of a story, which asks for a picture."""
    return f'Night {number}, hour {at}. <!--img-prompt="fox {number} at hour {at}"-->'


@pytest.mark.parametrize("fault", [lock, lambda _: full_disk()], ids=["lock", "disk"])
async def test_a_library_that_fails_while_answers_stream(
    tmp_path: Path, fault: Callable[[Path], AbstractContextManager[None]]
) -> None:
    """Their readers get all of it, /readyz tells, and in the end nothing is missing."""
    turns = [asyncio.Event() for _ in range(PARTS)]

    def script(request: ChatRequest) -> Reply:
        number = int(request.body["messages"][-1]["content"].split()[1])
        parts = [part(number, at) for at in range(PARTS)]
        return Reply.stream(*(step for pair in zip(turns, parts, strict=True) for step in pair))

    backend = ScriptedBackend(seconds=0.0)
    async with (
        ChatServer(script) as model,
        served(tmp_path, backend=backend, llm=model.url, busy_timeout=0.1) as server,
        AsyncExitStack() as stack,
    ):
        answers = [await _asked(stack, server, number) for number in range(STREAMS)]
        turns[0].set()
        await until(lambda: len(backend.calls) == STREAMS)
        keeper = server.running.services.illustrator.keeper
        with fault(tmp_path / "limner.db"):
            turns[1].set()
            await until(lambda: keeper.outage is not None)
            turns[2].set()
            await until(lambda: len(backend.calls) == 3 * STREAMS)  # it draws on
            assert await server.status("GET", "/readyz") == 503
        turns[3].set()
        for answer in answers:
            told = await answer.text()
            assert told.count("/images/") == PARTS
            assert "[DONE]" in told
        await until(lambda: keeper.outage is None)
        assert await server.status("GET", "/readyz") == 200
        await until(lambda: not server.running.services.illustrator.sessions.active())
        for number in range(STREAMS):
            await _is_whole(server, number)
    prompts = Counter(call.request.prompt for call in backend.calls)
    assert set(prompts.values()) == {1}
    assert len(prompts) == STREAMS * PARTS


async def _asked(stack: AsyncExitStack, server: Served, number: int) -> aiohttp.ClientResponse:
    said = [{"role": "user", "content": f"Night {number} please"}]
    return await stack.enter_async_context(
        server.client.post(
            f"{server.address}/v1/chat/completions",
            json={"stream": True, "messages": said},
            headers={"X-Limner-Chat": f"tale{number}"},
        )
    )


async def _is_whole(server: Served, number: int) -> None:
    """The library has all of one story."""
    (passage,) = await server.library.search(f"Night {number}, hour {PARTS - 1}")
    message = await server.library.load(passage.message_id)
    assert message is not None
    assert message.role is Role.ASSISTANT
    assert message.text == "".join(part(number, at) for at in range(PARTS))
    assert message.state is MessageState.COMPLETE
    assert [slot.state for slot in message.slots] == [SlotState.READY] * PARTS
    assert all(slot.image is not None and slot.image.data for slot in message.slots)
