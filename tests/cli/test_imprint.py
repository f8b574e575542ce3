"""What a writer says of a book: by options, by the text; kept, so that every later page has it."""

import io
import zipfile
from pathlib import Path
from typing import Any

import pytest
from PIL import Image as Pillow
from tests.cli.conftest import Command

from limner.testing import ScriptedBackend

STORY = '# One\n\n![the map](map.png) ![up](../up.png)\n\n"Go" -- now. <!--img-prompt="a fox"-->\n'


@pytest.fixture
def run(limner: Command, tmp_path: Path, scripted: ScriptedBackend) -> Command:
    """Illustrates story.md, with a picture beside it, and another outside of its folder."""
    folder = tmp_path / "tales"
    folder.mkdir()
    (folder / "story.md").write_text(STORY)
    for place, colour in ((folder / "map.png", "red"), (tmp_path / "up.png", "blue")):
        out = io.BytesIO()
        Pillow.new("RGB", (30, 20), colour).save(out, "PNG")
        place.write_bytes(out.getvalue())
    (folder / "link.png").symlink_to(tmp_path / "up.png")

    def illustrate(*more: str) -> Any:
        return limner("illustrate", "tales/story.md", "--backend", "scripted", *more)

    return illustrate


def book(path: Path) -> zipfile.ZipFile:
    """A book that was written."""
    return zipfile.ZipFile(io.BytesIO(path.read_bytes()))


def test_a_book_has_what_the_options_say(run: Command, tmp_path: Path) -> None:
    """Title, author, language and cover; and the pictures beside the text, none from elsewhere."""
    said = ("--title", "Tales", "--author", "Ann", "--lang", "de_AT", "--smart-quotes")
    assert run(*said, "--cover", "up.png", "-o", "out.epub").code == 0
    made = book(tmp_path / "out.epub")
    package = made.read("EPUB/book.opf").decode()
    for element in ("title>Tales", "creator>Ann", "language>de-AT"):
        assert f"<dc:{element}</dc:" in package
    assert Pillow.open(io.BytesIO(made.read("EPUB/pictures/cover.png"))).getpixel((0, 0)) == (
        0,
        0,
        255,
    )
    chapter = made.read("EPUB/text/001.xhtml").decode()
    assert '<img src="../pictures/001-own-01.png" alt="the map"/>' in chapter
    assert "<em>up</em>" in chapter
    assert "„Go“ – now." in chapter


def test_a_later_page_has_it_as_well(run: Command, limner: Command, tmp_path: Path) -> None:
    """Whether a picture was drawn again, or the story is exported."""
    assert run("--author", "Ann", "-o", "out.html").code == 0
    assert limner("redraw", "tales/story.md", "1", "--backend", "scripted").code == 0
    assert limner("export", "One", "-o", "exported.html").code == 0
    for name in ("out.html", "exported.html"):
        page = (tmp_path / name).read_text()
        assert page.count('class="plate own"') == 1
        assert '<div class="author">Ann</div>' in page


@pytest.mark.parametrize(
    "address", ["link.png", "/etc/passwd", "%2e%2e/up.png", "a\x01b", "x" * 5000]
)
def test_no_picture_from_outside_of_the_folder(run: Command, tmp_path: Path, address: str) -> None:
    """However the way out is written."""
    (tmp_path / "tales" / "story.md").write_text(f"![none]({address}) Text.\n")
    assert run("-o", "out.html", "--scenes", "none").code == 0
    assert "<img" not in (tmp_path / "out.html").read_text().partition("<article")[2]


@pytest.mark.parametrize(
    ("option", "said"),
    [
        (("--lang", "not a tag"), "is no tag such as en"),
        (("--cover", "missing.png"), "missing.png cannot be read"),
        (("--cover", "tales/story.md"), "is no picture"),
    ],
)
def test_what_cannot_be_is_told_before_anything_is_drawn(
    run: Command, scripted: ScriptedBackend, option: tuple[str, str], said: str
) -> None:
    """In one line."""
    ran = run(*option)
    assert (ran.code, scripted.calls) == (2, [])
    assert said in ran.err
    assert ran.err.count("\n") == 1


def test_a_cover_that_the_front_matter_names(run: Command, tmp_path: Path) -> None:
    """It is one of the text's own pictures."""
    story = tmp_path / "tales" / "story.md"
    story.write_text(f"---\ncover: map.png\nauthor: Ann\n---\n{STORY}")
    assert run("-o", "out.epub").code == 0
    assert "EPUB/pictures/cover.png" in book(tmp_path / "out.epub").namelist()


@pytest.mark.usefixtures("scripted")
def test_a_book_of_several_files_is_named_by_any_of_them(limner: Command, tmp_path: Path) -> None:
    """And a part by itself is another story."""
    for name in ("a", "b"):
        text = f'# {name}\n\nText of {name}. <!--img-prompt="picture {name}"-->\n'
        (tmp_path / f"{name}.md").write_text(text)
    command = ("illustrate", "--backend", "scripted")
    assert limner(*command, "a.md", "b.md", "-o", "book.html").code == 0
    assert limner("pictures", "b.md").out.count("\n") == 2
    assert limner(*command, "b.md").code == 0
    assert limner("pictures", "b.md").out.count("\n") == 1
    assert limner("pictures", "a.md").out.count("\n") == 2


def test_markdown_finds_the_own_pictures_from_another_folder(run: Command, tmp_path: Path) -> None:
    """They are written beside it; where they are found anyway, the text stays as it is."""
    assert run("-o", "out.md").code == 0
    made = (tmp_path / "out.md").read_text()
    assert "![the map](out-pictures/own-01.png)" in made
    assert "![up](../up.png)" in made
    assert (tmp_path / "out-pictures" / "own-01.png").read_bytes().startswith(b"\x89PNG")
    assert run("-o", "tales/out.md").code == 0
    assert "![the map](map.png)" in (tmp_path / "tales" / "out.md").read_text()
