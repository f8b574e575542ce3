"""A library that cannot be written is read all the same, and told where that is not enough."""

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.cli.kept import fill
from tests.unprivileged import rights, unprivileged

Ran = subprocess.CompletedProcess
Command = Callable[..., "Ran[str]"]

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="rights of files as Linux has them")


@pytest.fixture
def limner(tmp_path: Path) -> Command:
    """Runs `limner ARGUMENTS` as somebody for whom the rights of files count."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("LIMNER_")}

    def run(*arguments: str, **variables: str) -> "Ran[str]":
        return subprocess.run(
            unprivileged("-m", "limner", *arguments),
            cwd=tmp_path,
            env=environment | {"XDG_CONFIG_HOME": str(tmp_path / "no-config")} | variables,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return run


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Path]:
    """A library nobody may write in."""
    place = tmp_path / "kept"
    fill(place)
    with rights(place, folders=0o555, files=0o444):
        yield place


def everything(place: Path) -> dict[str, bytes]:
    """All files and what is in them."""
    return {str(p.relative_to(place)): p.read_bytes() for p in place.rglob("*") if p.is_file()}


def test_a_read_only_library_is_listed_and_exported(limner: Command, kept: Path) -> None:
    """Its chats and messages are shown and written, with their pictures; nothing of it changes."""
    before = everything(kept)
    chats = limner("list", "--library", "kept")
    assert (chats.returncode, chats.stderr) == (0, "")
    assert "Fox tales" in chats.stdout
    assert "Of a fox!" in limner("list", "fox", "--library", "kept").stdout
    pictures = limner("pictures", "fox1", "--library", "kept")
    assert pictures.returncode == 0, pictures.stderr
    written = limner("export", "fox1", "--library", "kept", "-o", "fox.html")
    assert written.returncode == 0, written.stderr
    assert (kept.parent / "fox.html").read_bytes().count(b"data:image/png") >= 2
    assert everything(kept) == before


@pytest.mark.parametrize("command", [("gc",), ("resume", "--backend", "placeholder")])
def test_what_needs_to_write_says_read_only(
    limner: Command, kept: Path, command: tuple[str, ...]
) -> None:
    """One line, with the word, and no traceback."""
    ran = limner(*command, "--library", "kept")
    assert ran.returncode == 2
    assert "read-only" in ran.stderr
    assert ran.stderr.count("\n") == 1, ran.stderr
    assert kept.is_dir()


def test_a_copy_made_while_it_was_in_use_is_read_whole(limner: Command, tmp_path: Path) -> None:
    """What stands only in SQLite's log beside the database is there as well."""
    fill(tmp_path / "used")
    writer = sqlite3.connect(tmp_path / "used" / "limner.db")
    writer.execute("UPDATE chats SET title = 'Renamed' WHERE id = 'fox1'")
    writer.commit()
    shutil.copytree(tmp_path / "used", tmp_path / "copy")
    writer.close()
    assert (tmp_path / "copy" / "limner.db-wal").stat().st_size
    with rights(tmp_path / "copy", folders=0o555, files=0o444):
        ran = limner("list", "--library", "copy")
    assert ran.returncode == 0, ran.stderr
    assert "Renamed" in ran.stdout


SEARCHED = """
import asyncio
from limner.errors import StorageReadOnly
from limner.storage import Library

async def main():
    async with await Library.open("kept", to_read=True) as library:
        print(*[found.message_id for found in await library.search("fox")])
        try:
            await library.create_chat("More")
        except StorageReadOnly as error:
            print(error)

asyncio.run(main())
"""


def test_a_read_only_library_is_searched_and_refuses_a_change(kept: Path) -> None:
    """In Python as well, where it is opened to be read."""
    ran = subprocess.run(
        unprivileged("-c", SEARCHED), cwd=kept.parent, capture_output=True, text=True, check=True
    )
    found, refused = ran.stdout.splitlines()
    assert "q1" in found
    assert "read-only" in refused
