"""What worked on an answer goes the moment nobody has it: the collector of garbage finds nothing.

What leads to itself waits for that collector, which stops every stream while it looks.
"""

import asyncio
import gc
from pathlib import Path

import pytest
from tests.server.served import served
from tests.waiting import until

from limner.illustration import StreamingSession
from limner.prompts import PromptScanner
from limner.server.guard.request_context import RequestContext
from limner.server.proxy.pictures.illustrated_choice import IllustratedChoice
from limner.server.proxy.relay import Relay
from limner.testing.chat_server import ChatServer, Reply

pytestmark = pytest.mark.real_time

WORKERS = (RequestContext, Relay, IllustratedChoice, StreamingSession, PromptScanner)


def working() -> bool:
    """Whether an answer is still being kept."""
    names = {task.get_name() for task in asyncio.all_tasks()}
    return bool(names & {"pictures", "recognising a chat", "recording a chat"})


def found_by_collector() -> list[str]:
    """The kinds of what worked on answers and that the collector of garbage finds now."""
    gc.set_debug(gc.DEBUG_SAVEALL)
    try:
        gc.collect()
    finally:
        gc.set_debug(0)
    kinds = [type(one).__name__ for one in gc.garbage if isinstance(one, WORKERS)]
    gc.garbage.clear()
    return kinds


async def test_an_answer_that_is_over_leaves_nothing_that_leads_to_itself(
    tmp_path: Path,
) -> None:
    """Through the whole server and its library."""
    async with (
        ChatServer(Reply.stream("Snow fell.")) as model,
        served(tmp_path / "library", llm=model.url) as server,
    ):
        gc.collect()
        gc.disable()
        try:
            for number in range(3):
                asked = [{"role": "user", "content": f"Tell me tale {number}."}]
                body = {"model": "m", "stream": True, "messages": asked}
                url = f"{server.address}/v1/chat/completions"
                async with server.client.post(url, json=body) as answer:
                    assert b"[DONE]" in await answer.read()

            async def kept() -> bool:
                return len(await server.library.chats()) == number + 1 and not working()

            await until(kept)
            assert found_by_collector() == []
        finally:
            gc.enable()
