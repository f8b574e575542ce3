"""The server is as patient as it is told to be, and a stop leaves what was not drawn."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from tests.illustration.slow_servers import SlowServer
from tests.server.served import served

from limner.illustration import Illustrated, ImageRequest, SlotState
from limner.storage import Library
from limner.testing import ScriptedBackend

STORY = " ".join(f'<!--img-prompt="fox {n}"-->' for n in range(3))
NEVER = 1e6


def hangs(request: ImageRequest) -> float:
    """The second picture never comes."""
    return NEVER if request.prompt == "fox 1" else 0.0


async def told(place: Path, **settings: Any) -> Illustrated:
    """A message illustrated by a server with these settings."""
    backend = ScriptedBackend(seconds=hangs)
    async with served(place, backend=backend, settings={"max_concurrent": 1, **settings}) as server:
        illustrator = server.running.services.illustrator
        chat = await server.library.create_chat("tale")
        return await illustrator.illustrate(STORY, message_id="m", chat_id=chat.id)


@pytest.mark.real_time
async def test_the_time_out_of_a_picture_is_the_settings(tmp_path: Path) -> None:
    """The hung picture fails, the next is made."""
    result = await told(tmp_path, picture_timeout=0.3)
    assert [str(slot.state) for slot in result.slots] == ["ready", "failed", "ready"]


@pytest.mark.real_time
async def test_what_a_message_leaves_is_drawn_after_the_next_start(tmp_path: Path) -> None:
    """What was not tried waits in the library, and the next server takes it up."""
    result = await told(tmp_path, picture_timeout=0, settle_timeout=0.3)
    assert [str(slot.state) for slot in result.slots] == ["ready", "failed", "queued"]
    backend = ScriptedBackend(seconds=0.0)
    async with served(tmp_path, backend=backend) as server:
        await server.running.services.illustrator.resume("m")
    assert [call.request.prompt for call in backend.calls] == ["fox 2"]
    async with await Library.open(tmp_path) as library:
        message = await library.load("m")
        assert message is not None
        assert message.slots[2].state is SlotState.READY
        assert await library.unfinished() == []


@pytest.mark.real_time
async def test_two_chats_at_a_serial_server_get_all_their_pictures(tmp_path: Path) -> None:
    """All are sent at once and drawn one by one, which takes longer than the time-out of one."""
    backend = SlowServer(0.05)
    settings = {"max_concurrent": 24, "picture_timeout": 0.6, "settle_timeout": 0.9}
    story = " ".join(f'<!--img-prompt="fox {n}"-->' for n in range(12))
    async with served(tmp_path, backend=backend, settings=settings) as server:
        illustrator = server.running.services.illustrator
        chats = [await server.library.create_chat(name) for name in ("one", "two")]
        results = await asyncio.gather(
            *(illustrator.illustrate(story, chat_id=chat.id) for chat in chats)
        )
    assert [result.complete for result in results] == [True, True]
    assert len(backend.drawn) == 24
