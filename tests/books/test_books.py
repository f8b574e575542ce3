"""Short tales in three languages, without tags, become illustrated pages and books."""

import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from tests.books import judging
from tests.books.scripted_model import SHOWN, proposals
from tests.books.stories import TEXTS
from tests.cli.conftest import limner, plugged, scripted
from tests.command.commands import Commands

from limner.backends.images.sketch.lexicon import read
from limner.testing import ScriptedBackend
from limner.testing.chat_server import ChatServer

__all__ = ["limner", "plugged", "scripted"]

TALES = ("die_laterne.md", "le_phare.md", "huli.md")
EVERY = ("--every", "80", "--backend", "scripted")


@pytest.mark.parametrize("name", TALES)
def test_by_its_words(
    limner: Callable[..., Any], tmp_path: Path, scripted: ScriptedBackend, name: str
) -> None:
    """Prompts are of the tale's language, and `sketch` finds something to draw in each."""
    (tmp_path / name).write_bytes((TEXTS / name).read_bytes())
    assert limner("illustrate", name, *EVERY, "--write-tags", "tagged.md").code == 0
    assert [*judging.faults_of_places((tmp_path / "tagged.md").read_text(), of_words=True)] == []
    ran = limner("illustrate", name, *EVERY)
    assert ran.code == 0, ran.err
    assert len(scripted.calls) >= 2
    for call in scripted.calls:
        assert read(call.request.prompt).subjects, call.request.prompt
    _judge(limner, tmp_path, name, len(scripted.calls))


@pytest.mark.real_time
@pytest.mark.parametrize("name", TALES)
async def test_by_a_model(commands: Commands, tmp_path: Path, name: str) -> None:
    """It is asked once, and what it proposes is put where it says."""
    (tmp_path / name).write_bytes((TEXTS / name).read_bytes())
    async with ChatServer(proposals) as server:
        said = ("--scenes", "model", "--llm", server.url, "--every", "80")
        told = ("illustrate", name, *said, "--write-tags", "tagged.md")
        code, _, err = await commands.run(*told, cwd=tmp_path)
    assert code == 0, err
    tagged = (tmp_path / "tagged.md").read_text()
    assert len(server.requests) == 1
    assert set(re.findall('img-prompt="([^"]*)"', tagged)) <= set(SHOWN)
    assert [*judging.faults_of_places(tagged, of_words=False)] == []


def _judge(limner: Callable[..., Any], folder: Path, name: str, count: int) -> None:
    """Its page and its book show all pictures and say the same."""
    ran = limner("illustrate", name, *EVERY, "-o", "out.epub")
    assert ran.code == 0, ran.err
    assert f"{count} pictures are as before" in ran.err
    page = (folder / name).with_suffix(".html").read_text()
    book = (folder / "out.epub").read_bytes()
    assert page.count('<img src="data:') == judging.pictures_of_book(book) == count
    assert judging.words_of_page(page) == judging.words_of_book(book)
    with zipfile.ZipFile(folder / "out.epub") as archive:
        for part in archive.namelist():
            if part.endswith((".xhtml", ".opf", ".xml")):
                ElementTree.fromstring(archive.read(part))
