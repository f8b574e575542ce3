"""`limner list`, `export` and `gc`: what a library keeps."""

import json
import os
import pty
import re
import sqlite3
import subprocess
import sys
import time
import zipfile
from base64 import b64decode
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from tests.cli.kept import fill, in_library

from limner.illustration import Cost, DrawingRecord
from limner.testing.scripted_backend import PIXEL

Command = Callable[..., Any]


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    """A library with two chats."""
    fill(tmp_path / "kept")
    return tmp_path / "kept"


def test_list_shows_chats_the_last_changed_first(limner: Command, kept: Path) -> None:
    """One line a chat, its columns apart by tabs."""
    ran = limner("list", "--library", str(kept))
    assert ran.code == 0, ran.err
    rows = [line.split("\t") for line in ran.out.splitlines()]
    assert [(row[0], row[1], *row[3:]) for row in rows] == [
        ("owl1", "Owl tales", "1", "0", "2"),
        ("fox1", "Fox tales", "2", "2", "0"),
    ]


def test_list_of_a_chat_shows_its_messages(limner: Command, kept: Path) -> None:
    """Who speaks, how it begins, how the text ended, how many pictures."""
    ran = limner("list", "fox", "--library", str(kept))
    assert ran.code == 0, ran.err
    assert [line.split("\t")[:2] for line in ran.out.splitlines()] == [
        ["q1", "user"],
        ["a1", "assistant"],
    ]
    assert ran.out.splitlines()[1].endswith("complete\t2\t0")


def test_list_as_json_is_for_programs(limner: Command, kept: Path) -> None:
    """One object a line, for chats and for messages."""
    chats = [
        json.loads(line)
        for line in limner("list", "--json", "--library", str(kept)).out.splitlines()
    ]
    assert [chat["title"] for chat in chats] == ["Owl tales", "Fox tales"]
    ran = limner("list", "owl1", "--json", "--library", str(kept))
    (message,) = [json.loads(line) for line in ran.out.splitlines()]
    assert (message["slots"], message["pictures"], message["failed"]) == (2, 0, 2)


@pytest.mark.real_time
def test_on_a_terminal_there_is_a_table(kept: Path) -> None:
    """With whole headings, however long a title is, and without what one could do to it."""

    async def odd(library: Any) -> None:
        await library.create_chat("An \x1b[31modd\x07 one", id="odd")
        await library.create_chat("A title as long as a line " * 3, id="5" * 32)

    in_library(kept, odd)
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "limner", "list", "--library", str(kept)],
        stdout=theirs, env={**os.environ, "COLUMNS": "100", "NO_COLOR": "1"},
    )  # fmt: skip
    os.close(theirs)
    shown = b""
    with suppress(OSError):  # how a terminal tells that nobody writes to it any more
        while more := os.read(ours, 4096):
            shown += more
    os.close(ours)
    assert process.wait(timeout=60) == 0
    text = shown.decode()
    lines = re.sub("\x1b\\[[0-9;]*m", "", text).splitlines()
    assert lines[0].split() == ["chat", "title", "changed", "messages", "pictures", "failed"]
    assert {len(line) for line in lines} == {100}
    assert "Fox tales" in text
    assert "\x07" not in text
    assert "\x1b[31m" not in text


def test_an_empty_library_says_so(limner: Command, tmp_path: Path) -> None:
    """Nothing to list is no error."""

    async def nothing(_: object) -> None:
        pass

    in_library(tmp_path / "kept", nothing)
    ran = limner("list", "--library", "kept")
    assert (ran.code, ran.out) == (0, "")
    assert "no chats yet" in ran.err
    assert limner("list", "--json", "--library", "kept").err == ""


@pytest.mark.parametrize("name", ["fox1", "fox", "Fox tales", "fox TALES", "f", "x tal"])
def test_a_chat_is_found_by_id_beginning_or_title(limner: Command, kept: Path, name: str) -> None:
    """Whatever names just one."""
    ran = limner("export", name, "-o", "out.md", "--library", str(kept))
    assert ran.code == 0, ran.err
    assert (kept.parent / "out.md").read_text().startswith("# Fox tales\n")


def test_a_name_that_fits_several_chats_lists_them(limner: Command, kept: Path) -> None:
    """Nothing is guessed: exit code 2 and the candidates."""

    async def twin(library: Any) -> None:
        await library.create_chat("Fox tales", id="fox2")

    in_library(kept, twin)
    ran = limner("export", "Fox tales", "--library", str(kept))
    assert ran.code == 2
    assert "fox1 (Fox tales)" in ran.err
    assert "fox2 (Fox tales)" in ran.err
    assert limner("export", "fox1", "--library", str(kept)).code == 0
    ran = limner("list", "wolf", "--library", str(kept))
    assert ran.code == 2
    assert "there is no chat 'wolf'" in ran.err


def test_a_chat_is_exported_in_every_format(limner: Command, kept: Path) -> None:
    """A page, a book, Markdown with its pictures beside it, and JSON."""
    folder = kept.parent
    ran = limner("export", "fox1", "--library", str(kept))
    assert ran.code == 0
    assert ran.err == "fox-tales.html: 2 messages, 2 pictures\n"
    page = (folder / "fox-tales.html").read_text()
    assert page.count("data:image/png;base64,") == 2
    assert "Of a fox!" in page
    assert limner("export", "fox1", "-o", "fox.epub", "--library", str(kept)).code == 0
    with zipfile.ZipFile(folder / "fox.epub") as book:
        assert sum("/pictures/" in name for name in book.namelist()) == 2
    assert limner("export", "fox1", "-o", "fox.md", "--library", str(kept)).code == 0
    names = sorted(path.name for path in (folder / "fox-pictures").iterdir())
    assert names == ["002-01-a-fox.png", "002-02-an-owl.png"]
    assert all(f"fox-pictures/{name}" in (folder / "fox.md").read_text() for name in names)


def test_json_names_or_holds_the_pictures(limner: Command, kept: Path) -> None:
    """By their digest, which finds the file in the library; with --embed as they are."""
    ran = limner("export", "fox1", "--format", "json", "-o", "-", "--library", str(kept))
    document = json.loads(ran.out)
    assert document["chat"]["title"] == "Fox tales"
    assert [message["id"] for message in document["messages"]] == ["q1", "a1"]
    ((digest, picture),) = document["pictures"].items()
    assert "data" not in picture
    assert (kept / "pictures" / digest[:2] / f"{digest[2:]}.png").read_bytes() == PIXEL
    ran = limner("export", "fox1", "--format", "json", "--embed", "-o", "-", "--library", str(kept))
    assert b64decode(json.loads(ran.out)["pictures"][digest]["data"]) == PIXEL
    assert limner("export", "fox1", "--embed", "--library", str(kept)).code == 2


def test_an_export_with_failed_pictures_says_so(limner: Command, kept: Path) -> None:
    """It is written with placeholders, and the exit code is 1."""
    ran = limner("export", "owl1", "--library", str(kept))
    assert ran.code == 1
    assert "0 pictures, 2 failed" in ran.err
    assert "no paint" in (kept.parent / "owl-tales.html").read_text()


def test_a_missing_picture_is_told_in_its_place_and_at_the_end(limner: Command, kept: Path) -> None:
    """What a library lost costs nobody the rest of a chat."""
    for path in (kept / "pictures").glob("??/*.png"):
        path.unlink()
    for name in ("out.html", "out.md"):
        ran = limner("export", "fox1", "-o", name, "--library", str(kept))
        assert ran.code == 1
        assert ran.err.splitlines()[-1].startswith("limner: 2 pictures are missing: ")
        assert "picture missing" in (kept.parent / name).read_text()


def test_gc_tells_and_removes_what_was_deleted(limner: Command, kept: Path) -> None:
    """--dry-run only tells; what can still be restored stays unless it is said otherwise."""

    async def delete(library: Any) -> None:
        await library.delete_chat("owl1")

    in_library(kept, delete)
    assert limner("gc", "--library", str(kept)).out == "nothing to remove\n"
    ran = limner("gc", "--keep-deleted", "0", "--dry-run", "--library", str(kept))
    assert ran.code == 0
    assert ran.out.startswith("would remove 1 chat, 1 message (")

    async def restore(library: Any) -> bool:
        return bool(await library.restore_chat("owl1"))

    assert in_library(kept, restore)
    in_library(kept, delete)
    ran = limner("gc", "--keep-deleted", "0", "--library", str(kept))
    assert ran.out.startswith("removed 1 chat, 1 message (")
    assert not in_library(kept, restore)


def test_gc_tells_whose_pictures_are_more_than_are_kept(
    limner: Command, kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And removes them, before what nothing refers to any more."""
    monkeypatch.setenv("LIMNER_KEEP__BYTES_PER_OWNER", "1")

    async def count(library: Any) -> int:
        return len(await library.pictures())

    pictures = in_library(kept, count)
    assert pictures > 0
    ran = limner("gc", "--dry-run", "--library", str(kept))
    assert ran.out.startswith("would remove ")
    assert "more than are kept" in ran.out
    assert in_library(kept, count) == pictures
    ran = limner("gc", "--library", str(kept))
    assert ran.code == 0, ran.err
    assert ran.out.startswith("removed ")
    assert in_library(kept, count) == 0


@pytest.mark.usefixtures("kept")
def test_the_library_is_named_by_option_environment_or_settings(
    limner: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An option goes before the environment, that before the file, all before the usual place."""
    for arguments in (["list"], ["gc"], ["export", "fox1"]):
        ran = limner(*arguments)
        assert ran.code == 2
        assert f"there is no library in {os.environ['XDG_DATA_HOME']}/limner/library" in ran.err
    (tmp_path / "limner.toml").write_text('library = "kept"\n')
    monkeypatch.setenv("LIMNER_CONFIG", str(tmp_path / "limner.toml"))
    assert limner("list").code == 0
    monkeypatch.setenv("LIMNER_LIBRARY", "elsewhere")
    assert "there is no library in elsewhere" in limner("list").err
    assert limner("list", "--library", "kept").code == 0


@pytest.mark.parametrize("command", [["list"], ["export", "x"], ["gc"], ["resume"]])
def test_a_library_that_cannot_be_read_is_one_clear_line(
    limner: Command, tmp_path: Path, command: list[str]
) -> None:
    """Not there, something else, damaged, too new, or an odd address: exit code 2, untouched."""
    (tmp_path / "empty").mkdir()
    (tmp_path / "noise").mkdir()
    (tmp_path / "noise" / "limner.db").write_bytes(b"no database" * 1000)
    (tmp_path / "other").mkdir()
    with sqlite3.connect(tmp_path / "other" / "limner.db") as other:
        other.execute("CREATE TABLE x (y)")
    other.close()
    for place in (
        "absent",
        "empty",
        "noise",
        "other",
        "mysql://ann:secret@host/x",
        "postgresql://h/x",
    ):
        ran = limner(*command, "--library", place)
        assert ran.code == 2, (place, ran)
        assert ran.err.count("\n") == 1, ran.err
        assert ran.err.startswith("limner: ")
        assert "Traceback" not in ran.err
        assert "secret" not in ran.err
        assert ran.out == ""
    assert not (tmp_path / "absent").exists()
    assert list((tmp_path / "empty").iterdir()) == []
    assert (tmp_path / "noise" / "limner.db").read_bytes() == b"no database" * 1000


def test_costs_are_told_with_a_sum(limner: Command, kept: Path) -> None:
    """A line for each day or owner, as text and as JSON; no line where nothing was drawn."""

    async def drawn(library: Any) -> None:
        for number, owner in enumerate(("ann", "bob", "ann")):
            cost = (Cost.of(0.04, "USD"), Cost.of(2.5, "seconds"))
            await library.record(
                DrawingRecord(
                    at=time.time(), owner=owner, message_id="m", id=str(number), costs=cost
                )
            )

    ran = limner("costs", "--library", str(kept))
    assert (ran.code, ran.out, ran.err) == (0, "", "limner: nothing was drawn in 30 days\n")
    in_library(kept, drawn)
    ran = limner("costs", "--by", "owner", "--library", str(kept))
    assert ran.out.splitlines() == [
        "ann     2 pictures  0.08 USD  5.0 seconds",
        "bob      1 picture  0.04 USD  2.5 seconds",
        "in all  3 pictures  0.12 USD  7.5 seconds",
    ]
    ran = limner("costs", "--json", "--library", str(kept))
    (day,) = [json.loads(line) for line in ran.out.splitlines()]
    assert (day["pictures"], day["costs"]) == (3, {"USD": 0.12, "seconds": 7.5})
    assert limner("costs", "--library", str(kept / "nowhere")).code == 2


def test_a_directory_is_not_given_the_pictures_of_another_library(
    limner: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the settings say where those of a database are, it still has its own folder."""
    monkeypatch.setenv("LIMNER_LIBRARY_PICTURES", str(tmp_path / "shared"))
    ran = limner("migrate", "--library", f"sqlite:///{tmp_path / 'one.db'}")
    assert ran.code == 0, ran.err
    picture = tmp_path / "shared" / "ab" / f"{'0' * 62}.png"
    picture.parent.mkdir()
    picture.write_bytes(b"somebody's")
    os.utime(picture, (0, 0))
    assert limner("token", "add", "ann", "--library", "other").code == 0
    assert limner("gc", "--library", "other").out == "nothing to remove\n"
    assert picture.exists()
    assert (tmp_path / "other" / "pictures").is_dir()
    ran = limner("gc", "--library", f"sqlite:///{tmp_path / 'two.db'}")
    assert ran.code == 2
    ran = limner("migrate", "--library", f"sqlite:///{tmp_path / 'two.db'}")
    assert (ran.code, ran.err.count("\n")) == (2, 1)
    assert "another library" in ran.err
    assert picture.exists()
