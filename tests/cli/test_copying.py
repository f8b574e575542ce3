"""`limner library copy`: what it says, and when it copies nothing."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.cli.kept import fill

Command = Callable[..., Any]


def test_a_library_is_copied_and_shows_the_same(limner: Command, tmp_path: Path) -> None:
    """With its pictures; a second time it is refused, in one line."""
    fill(tmp_path / "old")
    ran = limner("library", "copy", "old", "new")
    assert ran.code == 0, ran.err
    assert ran.out == "copied 2 chats, 3 messages, 1 picture from old to new\n"
    for command in (("list",), ("list", "fox"), ("pictures", "fox")):
        shown = [
            limner(*command, "--library", place).out.replace(f"/{place}/", "/")
            for place in ("old", "new")
        ]
        assert shown[0] == shown[1]
        assert shown[0]
    again = limner("library", "copy", "old", "new")
    assert (again.code, again.err.count("\n")) == (2, 1)
    assert "there is something in the library new" in again.err


def test_pictures_that_are_gone_are_told(limner: Command, tmp_path: Path) -> None:
    """The rest is copied."""
    fill(tmp_path / "old")
    next((tmp_path / "old" / "pictures").glob("??/*")).unlink()
    ran = limner("library", "copy", "old", "new")
    assert ran.code == 1
    assert "1 picture of old cannot be read" in ran.err


def test_what_is_no_library_is_told_in_a_line(limner: Command, tmp_path: Path) -> None:
    """And nothing is begun in its place, or where the copy would be."""
    ran = limner("library", "copy", "nowhere", "new")
    assert (ran.code, ran.err) == (2, "limner: there is no library in nowhere\n")
    assert not (tmp_path / "nowhere").exists()
    assert not (tmp_path / "new").exists()
    wrong = limner("library", "copy", "mysql://db/tales", "new")
    assert (wrong.code, wrong.err.count("\n")) == (2, 1)


def test_a_folder_of_pictures_that_is_not_there_is_refused_first(
    limner: Command, tmp_path: Path
) -> None:
    """Before anything is made: neither it nor the copy."""
    fill(tmp_path / "old")
    old = f"sqlite:///{tmp_path / 'old' / 'limner.db'}"
    ran = limner("library", "copy", old, "new", "--from-pictures", "nowhere")
    assert (ran.code, ran.err) == (2, "limner: there is no folder nowhere of pictures\n")
    assert not (tmp_path / "nowhere").exists()
    assert not (tmp_path / "new").exists()
