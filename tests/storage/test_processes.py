"""Several processes share a library, and one that is killed leaves nothing half done."""

import asyncio
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.command.commands import Commands, Running
from tests.storage.conftest import directory

from limner.storage import Library
from limner.testing.store_contract import a_message, a_slot

pytestmark = pytest.mark.real_time

PAINTER = """
import asyncio, sys
from dataclasses import replace
from limner.illustration import Alternative
from limner.storage import Library
from limner.testing.store_contract import a_picture, a_slot

async def paint(place, pictures, ordinal):
    async with await Library.open(place, pictures=pictures, busy_timeout=60) as library:
        for number in range(4):
            message = await library.load("m")
            slot = message.slots[ordinal]
            made = Alternative(a_picture(100 * ordinal + number), "p", id=str(number))
            await library.save_slots(replace(slot, alternatives=(*slot.alternatives, made)))
            await library.append_text("m", 0, str(ordinal))

asyncio.run(paint(sys.argv[1], sys.argv[2], int(sys.argv[3])))
"""

SCRIBE = """
import asyncio, sys
from limner.storage import Library
from limner.testing.store_contract import a_message, a_slot

async def write(place, pictures):
    library = await Library.open(place, pictures=pictures)
    for number in range(100_000):
        name = str(number)
        slots = [a_slot(name, ordinal, pictures=number % 3) for ordinal in range(3)]
        await library.save(a_message(name, *slots))
        print(name, flush=True)

asyncio.run(write(sys.argv[1], sys.argv[2]))
"""

VICTIM = """
import asyncio, os, sys
from limner.storage import Library
from limner.testing.store_contract import a_message, a_slot

async def write(place, pictures):
    library = await Library.open(place, pictures=pictures)
    await library.save(a_message("m", a_slot()))
    library._database.write = lambda work: os._exit(9)  # the files are there, no row is
    await library.save_slots(a_slot(pictures=4))

asyncio.run(write(sys.argv[1], sys.argv[2]))
"""


STRICT = "import warnings; warnings.simplefilter('error')\n"

Start = Callable[..., Running]


@pytest.fixture
def start(commands: Commands, tmp_path: Path) -> Start:
    """Starts a program of this file, with its arguments."""

    def start(program: str, *arguments: object) -> Running:
        return commands.start(*map(str, arguments), cwd=tmp_path, program=STRICT + program)

    return start


@pytest.fixture(params=["sqlite", "postgres"])
def where(request: pytest.FixtureRequest, place: Path) -> str:
    """A library's directory or address."""
    return request.getfixturevalue("postgres") if request.param == "postgres" else str(place)


async def test_processes_lose_none_of_each_others_pictures(
    where: str, place: Path, start: Start
) -> None:
    """Two processes that draw for one message at once keep all they drew."""
    pictures = place / "drawn"
    async with await Library.open(where, pictures=pictures) as library:
        slots = (a_slot(ordinal=ordinal) for ordinal in range(2))
        await library.save(a_message("m", *slots, text="-"))
        painters = [start(PAINTER, where, pictures, ordinal) for ordinal in range(2)]
        for painter in painters:
            assert await asyncio.to_thread(painter.wait, 100) == 0
            painter.communicate()
        message = await library.load("m")
        assert message is not None
        assert [len(slot.alternatives) for slot in message.slots] == [4, 4]
        assert sorted(message.text) == sorted("-" + 4 * "01")
        assert (await library.check()).is_sound
        chat = await library.chat("chat")
        assert chat is not None
        assert chat.pictures == 8


async def test_a_killed_process_leaves_no_half_message_and_no_file(
    place: Path, start: Start
) -> None:
    """Whatever instant it dies at: what it was told is kept is whole, and nothing is left over."""
    pictures = place / "pictures"
    told = 0
    for lines in (1, 6):
        scribe = start(SCRIBE, place, pictures)
        for _ in range(lines):
            told = max(told, int(scribe.stdout.readline()))
        os.kill(scribe.pid, signal.SIGKILL)
        scribe.communicate()
        async with await Library.open(place) as library:
            report = await library.check()
            assert report.is_sound
            assert report.orphans == ()
            assert list(directory(library).half_written()) == []
            messages = await library.messages("chat")
            assert len(messages) >= told + 1
            for message in messages:
                expected = int(message.id) % 3
                assert [len(slot.alternatives) for slot in message.slots] == [expected] * 3


OPENER = """
import asyncio, sys
from limner.storage import Library

async def open(place, pictures):
    opened = await asyncio.gather(*(Library.open(place, pictures=pictures) for _ in range(2)))
    for library in opened:
        await library.create_chat(id="c")
        await library.aclose()

asyncio.run(open(sys.argv[1], sys.argv[2]))
"""


async def test_a_new_library_may_be_opened_by_many_at_once(tmp_path: Path) -> None:
    """Who comes first makes it; the others wait and find it made."""
    place = tmp_path / "new"
    words = (sys.executable, "-W", "error", "-c", OPENER, place, place / "pictures")
    openers = [await asyncio.create_subprocess_exec(*words) for _ in range(2)]
    for opener in openers:
        assert await opener.wait() == 0
    async with await Library.open(place) as library:
        assert [chat.id for chat in await library.chats()] == ["c"]


async def test_files_without_a_row_go_when_the_library_is_opened(place: Path, start: Start) -> None:
    """Dying between the files and the commit leaves files; the next one to open removes them."""
    pictures = place / "pictures"
    victim = start(VICTIM, place, pictures)
    victim.communicate()
    assert victim.returncode == 9
    left = list(pictures.rglob("*.png"))
    assert len(left) == 4
    half = left[0].with_name(".123-abc.part")
    half.write_bytes(b"half")
    async with await Library.open(place) as library:
        assert list(pictures.rglob("*.png")) == []
        assert not half.exists()
        message = await library.load("m")
        assert message is not None
        assert message.slots == (a_slot(),)


async def test_only_who_lives_has_a_library_open(place: Path, start: Start) -> None:
    """What a killed process left does not count, though it looks the same but for its lock."""
    async with await Library.open(place) as library:
        assert not await library.is_open_elsewhere()
        async with await Library.open(place):
            assert await library.is_open_elsewhere()
        victim = start(VICTIM, place, place / "pictures")
        victim.communicate()
        assert victim.returncode == 9
        assert not await library.is_open_elsewhere()


async def test_opening_a_library_that_was_closed_looks_at_no_file(place: Path) -> None:
    """Only after a death are the files looked through: opening costs the same for any library."""
    stray = place / "pictures" / "ab" / ("c" * 62 + ".png")
    stray.parent.mkdir()
    stray.write_bytes(b"not ours")
    async with await Library.open(place):
        async with await Library.open(place) as second:
            assert stray.exists()
            assert (await second.check()).orphans == (f"ab/{'c' * 62}.png",)
            assert (await second.gc()).pictures == 0, "it is too young"
            removed = await second.gc(grace=-60.0)
            assert (removed.pictures, removed.bytes) == (1, 8)
            assert not stray.exists()
