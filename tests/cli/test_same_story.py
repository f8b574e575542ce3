"""A text that was illustrated before is known by its title and by what it says."""

import asyncio
import io
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.cli.conftest import Command

from limner.cli.story.peeked_text import PIPE, PeekedText
from limner.cli.story.same_story import Beginning, alike

LONG = "It rained for forty days and forty nights, and nobody came across the river. " * 80


def peeked(*pieces: str) -> tuple[Beginning, list[str]]:
    """How a stream begins, and what was taken of it for that."""
    taken: list[str] = []

    async def stream() -> AsyncIterator[str]:
        for piece in pieces:
            taken.append(piece)
            yield piece

    return asyncio.run(PeekedText(stream()).begins()), taken


@pytest.mark.parametrize(
    "pieces",
    [
        ("# A Tale\n", "\nOnce.\n", "More.\n"),
        ("# A Tale", "\n\nOn", "ce.\nM", "ore.\n"),
        ("A Tale\n", "===\n\n", "Once.\nM"),
        ("---\ntitle: A Tale\n", "---\n", "\nOnce.\n"),
    ],
)
def test_a_pipe_is_waited_for_until_it_says_more_than_its_title(pieces: tuple[str, ...]) -> None:
    """However slowly it comes: by its title alone no story is known."""
    begins, _ = peeked(*pieces)
    assert begins.title == "A Tale"
    assert alike(begins.text, "# A Tale\n\nOnce.\n\nMore.\n", begins.title)
    assert not alike(begins.text, "# A Tale\n\nIt rained.\n", begins.title)


def test_no_more_is_waited_for_than_is_needed() -> None:
    """What comes later is illustrated while it comes."""
    assert peeked("# A Tale\n", "\nOnce.\n", "More.\n")[1] == ["# A Tale\n", "\nOnce.\n"]
    _, taken = peeked("# A Tale\n\n", *LONG)
    assert len("".join(taken)) == PIPE


@pytest.mark.parametrize("pieces", [("# A Tale\n\nOnce.",), ("# A Tale\n\n", LONG)])
def test_a_text_without_a_line_end_is_known(pieces: tuple[str, ...]) -> None:
    """A short one that is over, and one whose first paragraph does not end."""
    begins, _ = peeked(*pieces)
    assert alike(begins.text, "".join(pieces), begins.title)
    assert not alike(begins.text, "# A Tale\n\nNever.\n", begins.title)


def test_a_title_alone_is_like_a_title_alone() -> None:
    """A text that says nothing else."""
    begins, _ = peeked("# A Tale\n")
    assert alike(begins.text, "# A Tale\n\n", begins.title)
    assert not alike(begins.text, "# A Tale\n\nOnce.\n", begins.title)


TAGGED = '# A Tale\n\nOnce. <!--img-prompt="a fox"-->\n'


@pytest.mark.parametrize(
    ("kept", "text", "wish", "told"),
    [
        ("", TAGGED, "99", "there is no picture 99: the text is not in the library yet"),
        (TAGGED, TAGGED, "2", "there is no picture 2: the story has 1"),
        (TAGGED, TAGGED, "1", ""),
        (TAGGED, TAGGED, "all", ""),
    ],
)
@pytest.mark.usefixtures("scripted")
def test_a_number_that_no_picture_has_is_refused_of_a_pipe_too(
    limner: Command, monkeypatch: pytest.MonkeyPatch, kept: str, text: str, wish: str, told: str
) -> None:
    """In one line, before anything is drawn."""

    def through_a_pipe(text: str, *arguments: str) -> tuple[int, str]:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
        common = ("-o", "tale.html", "--library", "kept", "--backend", "scripted", "-q")
        ran = limner("illustrate", "-", *common, *arguments)
        return ran.code, ran.err

    if kept:
        assert through_a_pipe(kept) == (0, "")
    code, err = through_a_pipe(text, "--redraw", wish)
    assert (code, told in err, err.count("\n")) == ((2, True, 1) if told else (0, True, 0)), err


@pytest.mark.usefixtures("scripted")
def test_a_story_that_comes_through_a_pipe_again_keeps_the_name_of_its_file(
    limner: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The commands know it by its file as before, and by what was written of the pipe."""
    Path("fox.md").write_text(TAGGED, "utf-8")
    common = ("--library", "kept", "--backend", "scripted", "-q")
    assert limner("illustrate", "fox.md", *common).code == 0
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(TAGGED.encode())))
    assert limner("illustrate", "-", "-o", "piped.html", *common).code == 0
    for name in ("fox.md", "fox", "piped.html"):
        assert "a fox" in limner("pictures", name, "--library", "kept").out, name
    assert len(limner("list", "--library", "kept").out.splitlines()) == 1


@pytest.mark.usefixtures("scripted")
def test_a_file_that_could_not_be_read_is_no_story_that_might_be_meant(limner: Command) -> None:
    """Nothing came of it, so nobody is told to name it."""
    assert limner("illustrate", "fox.md", "--library", "kept").code == 2
    ran = limner("pictures", "fox.md", "--library", "kept")
    assert (ran.code, "there is no story 'fox.md'" in ran.err) == (2, True)
    assert "did you mean" not in ran.err


@pytest.mark.usefixtures("scripted")
def test_a_number_is_refused_of_a_text_without_tags_too(limner: Command) -> None:
    """Its pictures are those that were found for it."""
    text = "The fox ran through the snow to the old mill by the river.\n\n" * 3
    Path("story.txt").write_text(text, "utf-8")
    common = ("--library", "kept", "--backend", "scripted", "-q")
    fresh = limner("illustrate", "story.txt", "--redraw", "99", *common)
    assert (fresh.code, "there is no picture 99" in fresh.err) == (2, True), fresh.err
    assert limner("illustrate", "story.txt", *common).code == 0
    again = limner("illustrate", "story.txt", "--redraw", "99", *common)
    assert (again.code, "there is no picture 99: the story has" in again.err) == (2, True)
