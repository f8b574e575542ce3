"""A real library that fails for a while while stories are drawn: all is kept in the end."""

import asyncio
import resource
import sqlite3
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
from tests.recovery.postgres_program import PostgresProgram
from tests.waiting import pause, until

from limner.illustration import Endurance, Illustrator, MessageState, SlotState
from limner.scheduling import Limiter
from limner.storage import Library
from limner.testing import ScriptedBackend

pytestmark = pytest.mark.real_time

STORY = [f'part {n} <!--img-prompt="fox {n}"-->' for n in range(10)]
ENDURANCE = Endurance(timeout=60, first_pause=0.05, longest_pause=0.2)


class Told:
    """A story whose next part comes when a test says so."""

    def __init__(self) -> None:
        self.parts: asyncio.Queue[str | None] = asyncio.Queue()

    async def chunks(self) -> AsyncIterator[str]:
        """The parts as they come."""
        while (part := await self.parts.get()) is not None:
            yield part

    def say(self, parts: Sequence[str | None]) -> None:
        """More of it."""
        for part in parts:
            self.parts.put_nowait(part)


def illustrator(library: Library, backend: ScriptedBackend) -> Illustrator:
    """Draws into a library, and asks it again often."""
    limiter = Limiter(max_concurrent=3)
    return Illustrator(backend=backend, store=library, limiter=limiter, endurance=ENDURANCE)


async def all_is_there(library: Library, backend: ScriptedBackend) -> None:
    """Every picture was drawn once, is kept, and can be read."""
    message = await library.load("m")
    assert message is not None
    assert message.text == "".join(STORY)
    assert message.state is MessageState.COMPLETE
    assert [slot.state for slot in message.slots] == [SlotState.READY] * len(STORY)
    assert all(slot.image is not None and slot.image.data for slot in message.slots)
    assert set(Counter(call.request.prompt for call in backend.calls).values()) == {1}


@contextmanager
def lock(file: Path) -> Iterator[None]:
    """Another program is writing."""
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        other.rollback()
        other.close()


@contextmanager
def full_disk() -> Iterator[None]:
    """No file can grow: what a full disk does, where none can be had."""
    former = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, former[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, former)


async def through(library: Library, fault: AbstractContextManager[None]) -> None:
    """Tell a story whose middle meets a fault."""
    backend, told = ScriptedBackend(seconds=0.01), Told()
    async with illustrator(library, backend) as drawing:
        task = asyncio.create_task(drawing.illustrate(told.chunks(), message_id="m"))
        told.say(STORY[:3])
        await until(lambda: len(backend.calls) == 3)
        with fault:
            told.say(STORY[3:6])
            await until(lambda: drawing.keeper.outage is not None)
            told.say(STORY[6:8])
            await until(lambda: len(backend.calls) == 8)  # it draws on
            await pause(0.5, because="the library is asked again in vain")
        told.say([*STORY[8:], None])
        result = await task
    assert result.not_kept is None
    await all_is_there(library, backend)


async def test_a_lock_that_is_held_for_long(place: Path) -> None:
    """Another program that holds the library loses nobody anything."""
    async with await Library.open(place, busy_timeout=0.1) as library:
        await through(library, lock(place / "limner.db"))


async def test_a_disk_that_is_full_for_a_while(place: Path) -> None:
    """Neither the database nor a picture's file can grow; afterwards all is there."""
    async with await Library.open(place, busy_timeout=0.1) as library:
        await through(library, full_disk())
        report = await library.check()
        assert report.is_sound


async def test_a_database_server_that_is_away_for_a_while(
    postgres: str, postgres_program: PostgresProgram, tmp_path: Path
) -> None:
    """PostgreSQL is stopped and started again in the middle of a story."""

    @contextmanager
    def stopped() -> Iterator[None]:
        postgres_program.stop()
        try:
            yield
        finally:
            postgres_program.start()

    async with await Library.open(
        postgres, pictures=tmp_path / "pictures", busy_timeout=1
    ) as library:
        await through(library, stopped())
