"""What goes wrong is told by name, and loses nothing."""

import errno
import os
import sqlite3
import subprocess
import traceback
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import asyncpg  # type: ignore[import-untyped]  # it ships no types
import pytest
from sqlalchemy.exc import InternalError
from tests.storage.conftest import kept_files

from limner.errors import (
    PictureMissing,
    StorageBusy,
    StorageCorrupt,
    StorageError,
    StorageFull,
    StorageReadOnly,
    StorageTooNew,
    StorageUnavailable,
)
from limner.storage import Library
from limner.storage.database.error_translation import _of_postgres, told
from limner.testing.store_contract import a_message, a_picture, a_slot

pytestmark = pytest.mark.real_time


def everything_in(folder: Path) -> dict[str, bytes]:
    """The files below a directory with their content."""
    return {str(file): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path | None]:
    """A disk of a megabyte; ``None`` where we may not mount one."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "limner-test", str(disk)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode:
        yield None
        return
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


async def fill(library: Library) -> int:
    """Save ever more messages until there is no room; gives how many were kept."""
    for number in range(10_000):
        try:
            await library.save(a_message(str(number), a_slot(str(number)), text="x" * 20_000))
        except StorageFull:
            return number
    raise AssertionError("the disk never filled")


async def test_a_full_disk_is_told_and_loses_nothing(small_disk: Path | None, place: Path) -> None:
    """What does not fit is not kept at all; what was kept before is there and can be read."""
    library = await Library.open(small_disk / "library" if small_disk else place)
    async with library:
        if small_disk is None:
            await library._write(lambda connection: connection.exec_driver_sql(
                "PRAGMA max_page_count=200").close())  # fmt: skip
        kept = await fill(library)
        assert kept > 0
        assert len(await library.message_ids("chat")) == kept
        assert await library.load(str(kept)) is None
        last = await library.load(str(kept - 1))
        assert last is not None
        assert len(last.text) == 20_000


async def test_a_picture_that_does_not_fit_is_not_kept(
    small_disk: Path | None, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No half of a picture is left, and the message stays as it was."""
    async with await Library.open(small_disk / "library" if small_disk else place) as library:
        await library.save(a_message("m", a_slot()))
        if small_disk is None:

            def no_room(_: int) -> None:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

            monkeypatch.setattr("limner.storage.files.picture_files.os.fsync", no_room)
        slot = a_slot(pictures=1)
        big = replace(a_picture(), data=bytes(2_000_000))
        slot = replace(slot, alternatives=(replace(slot.alternatives[0], image=big),))
        with pytest.raises(StorageFull, match="no room"):
            await library.save_slots(slot)
        message = await library.load("m")
        assert message is not None
        assert message.slots == (a_slot(),)
        assert kept_files(library, "**/*.p*") == []


async def test_what_is_no_directory_is_refused(tmp_path: Path) -> None:
    """A library is not made in a file, below a file, or where its database is a directory."""
    file = tmp_path / "file"
    file.write_text("mine")
    odd = tmp_path / "odd"
    (odd / "limner.db").mkdir(parents=True)
    for place in (file, file / "below", odd):
        with pytest.raises(StorageUnavailable) as caught:
            await Library.open(place)
        assert caught.value.place == str(place)
    assert file.read_text() == "mine"


async def test_a_read_only_place_is_told(place: Path) -> None:
    """A database that cannot be written says so, and can still be read."""
    async with await Library.open(place) as library:
        await library.save(a_message("m"))
        await library._write(
            lambda connection: connection.exec_driver_sql("PRAGMA query_only=ON").close()
        )
        with pytest.raises(StorageReadOnly, match="read-only") as caught:
            await library.save(a_message("n", a_slot("n")))
        assert not caught.value.passing
        assert await library.load("m") == a_message("m")


@pytest.mark.parametrize("content", [b"some notes\n" * 500, b"\x00" * 5000, b"SQLite format 3\x00"])
async def test_what_is_no_database_stays_as_it_is(tmp_path: Path, content: bytes) -> None:
    """A file that happens to have the database's name is refused and left alone."""
    (tmp_path / "limner.db").write_bytes(content)
    with pytest.raises(StorageCorrupt, match="left as it is"):
        await Library.open(tmp_path)
    assert everything_in(tmp_path) == {str(tmp_path / "limner.db"): content}


async def test_another_programs_database_stays_as_it_is(tmp_path: Path) -> None:
    """A database of somebody else is refused and left alone."""
    connection = sqlite3.connect(tmp_path / "limner.db")
    connection.execute("CREATE TABLE theirs (x)")
    connection.commit()
    connection.close()
    before = everything_in(tmp_path)
    with pytest.raises(StorageCorrupt, match="another program"):
        await Library.open(tmp_path)
    assert everything_in(tmp_path) == before


async def test_a_damaged_database_is_told(place: Path) -> None:
    """Pages that were overwritten give a typed error, wherever they are met."""
    async with await Library.open(place) as library:
        for number in range(50):
            await library.save(a_message(str(number), text="x" * 2000))
    file = place / "limner.db"
    data = bytearray(file.read_bytes())
    data[4096:] = b"\xa5" * (len(data) - 4096)
    file.write_bytes(data)
    with pytest.raises(StorageCorrupt):
        async with await Library.open(place) as library:
            await library.load("7")
    assert file.read_bytes() == bytes(data)


async def test_a_newer_library_stays_as_it_is(place: Path) -> None:
    """A library of a version that is not known is refused and left alone."""
    connection = sqlite3.connect(place / "limner.db")
    connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.commit()
    connection.close()
    before = (place / "limner.db").read_bytes()
    with pytest.raises(StorageTooNew, match="upgrade limner"):
        await Library.open(place)
    assert (place / "limner.db").read_bytes() == before


async def test_somebody_who_holds_sqlite_is_waited_for_then_named(place: Path) -> None:
    """Writing fails after the time to wait while another holds the file, and works afterwards."""
    other = sqlite3.connect(place / "limner.db", isolation_level=None)
    async with await Library.open(place, busy_timeout=0.05) as library:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StorageBusy, match="held by somebody else"):
            await library.save(a_message("m"))
        assert await library.load("m") is None, "reading goes on"
        other.execute("ROLLBACK")
        await library.save(a_message("m"))
        assert await library.load("m") is not None
    other.close()


async def test_somebody_who_holds_postgres_is_waited_for_then_named(
    postgres: str, tmp_path: Path
) -> None:
    """The same on a server: a lock that does not come free is told."""
    other = await asyncpg.connect(postgres)
    async with await Library.open(postgres, pictures=tmp_path, busy_timeout=0.1) as library:
        held = other.transaction()
        await held.start()
        await other.execute("LOCK TABLE messages")
        with pytest.raises(StorageBusy):
            await library.save(a_message("m"))
        await held.rollback()
        await library.save(a_message("m"))
        assert await library.load("m") is not None
    await other.close()


async def test_passwords_are_never_shown(tmp_path: Path) -> None:
    """A server that cannot be reached is named without the password, all along the error."""
    url = "postgresql://ann:hush-hush@127.0.0.1:1/tales?password=hush-hush"
    with pytest.raises(StorageUnavailable) as caught:
        await Library.open(url, pictures=tmp_path, busy_timeout=0.1)
    assert caught.value.place == "postgresql://ann:***@127.0.0.1:1/tales"
    assert "hush" not in "".join(traceback.format_exception(caught.value))
    for bad in ("postgresql://ann:hush-hush@db:port/tales", "mysql://ann:hush-hush@db/tales"):
        with pytest.raises(ValueError, match=r"address|SQLite or PostgreSQL") as refused:
            await Library.open(bad, pictures=tmp_path)
        assert "hush" not in "".join(traceback.format_exception(refused.value))


async def test_a_database_that_is_not_there_is_told(postgres: str, tmp_path: Path) -> None:
    """A server without that database says so."""
    url = postgres.replace("/postgres?", "/nothing?")
    assert url != postgres
    with pytest.raises(StorageUnavailable, match="nothing"):
        await Library.open(url, pictures=tmp_path)


async def test_a_picture_removed_by_hand_costs_only_that_picture(place: Path) -> None:
    """Its message is still read; only looking at the picture fails, and a check names it."""
    async with await Library.open(place) as library:
        await library.save(a_message("m", a_slot(pictures=2)))
        message = await library.load("m")
        assert message is not None
        gone, damaged = (made.image for made in message.slots[0].alternatives)
        gone.path.unlink()  # type: ignore[attr-defined]  # a stored picture
        damaged.path.write_bytes(b"scribble")  # type: ignore[attr-defined]  # likewise
        again = await library.load("m")
        assert again == message
        for image in (gone, damaged):
            with pytest.raises(PictureMissing, match="draw it again") as caught:
                _ = image.data
            assert caught.value.digest == image.digest  # type: ignore[attr-defined]  # likewise
        report = await library.check()
        assert len(report.missing) == len(report.damaged) == 1
        assert not report.is_sound
        await library.save(replace(message, text="changed"))
        with pytest.raises(PictureMissing):
            await library.thumbnail(report.missing[0])


async def test_every_call_after_closing_says_so(place: Path) -> None:
    """A library that was closed is no reason for a traceback of somebody else's."""
    library = await Library.open(place)
    await library.aclose()
    await library.aclose()
    with pytest.raises(StorageUnavailable, match="closed"):
        await library.load("m")
    with pytest.raises(StorageUnavailable, match="closed"):
        await library.save(a_message("m", a_slot(pictures=1)))


def test_a_driver_whose_connection_was_cut_while_it_used_it_has_lost_it() -> None:
    """What its server calls an error of its own is no outage that passes."""
    cut = Exception("cannot switch to state 11; another operation (2) is in progress")
    with pytest.raises(StorageUnavailable) as lost, told("here"):
        raise InternalError("SELECT 1", {}, cut)
    assert lost.value.passing
    cut.sqlstate = "XX000"  # type: ignore[attr-defined]  # as the driver has it
    with pytest.raises(StorageError) as broken, told("here"):
        raise InternalError("SELECT 1", {}, cut)
    assert not broken.value.passing


def test_a_database_of_somebody_else_is_told_with_what_to_do() -> None:
    """PostgreSQL lets nobody but its owner make tables in a new one."""
    error = _of_postgres(Exception("<x>: permission denied for schema public"), "42501", "db")
    assert "createdb -O" in str(error)


async def test_a_library_in_postgres_without_a_place_for_pictures_names_the_setting() -> None:
    """As whoever runs the command knows it."""
    with pytest.raises(ValueError, match="LIMNER_LIBRARY_PICTURES"):
        await Library.open("postgresql://db/tales")
