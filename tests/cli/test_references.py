"""`limner references`: kept, listed, shown to the server it is meant for, forgotten."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image as Pillow
from tests.command.commands import Commands

from limner.testing.a1111_server import A1111Server

Command = Callable[..., Any]

SERVER = "a1111+http://127.0.0.1:7860"


@pytest.fixture
def ann(tmp_path: Path) -> str:
    """A picture of Ann."""
    Pillow.new("RGB", (2000, 1000), "red").save(tmp_path / "ann.png")
    return "ann.png"


def test_one_is_kept_listed_and_forgotten(limner: Command, ann: str) -> None:
    """By its file's name or another; it needs no library that is there before."""
    kept = limner("references", "add", ann, "--backend", SERVER)
    assert (kept.code, kept.out) == (0, "")
    assert 'ann.png is kept for a1111: reference="ann.png"' in kept.err
    limner("references", "add", ann, "--name", "Ann at sea", "--backend", SERVER)
    assert (
        limner("references", "list").out
        == "Ann at sea\t1024x512\ta1111\nann.png\t1024x512\ta1111\n"
    )
    (first, _) = limner("references", "list", "--json").out.splitlines()
    assert json.loads(first) == {
        "name": "Ann at sea", "owner": "", "size": "1024x512", "for": "a1111",
    }  # fmt: skip
    assert limner("references", "remove", "Ann at sea").code == 0
    assert limner("references", "list").out == "ann.png\t1024x512\ta1111\n"
    gone = limner("references", "remove", "Ann at sea")
    assert gone.code == 2
    assert "there is no reference picture 'Ann at sea'" in gone.err


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("story.md", "--backend", SERVER), "is no picture"),
        (("gone.png", "--backend", SERVER), "No such file"),
        (("ann.png", "--backend", SERVER, "--name", "a/b"), "cannot be a name"),
        (("ann.png", "--backend", SERVER, "--name", "last"), "cannot be a name"),
        (("ann.png", "--backend", "sketch"), "has no place for reference pictures"),
    ],
)
def test_what_cannot_be_kept_is_told_in_a_line(
    limner: Command, ann: str, tmp_path: Path, arguments: tuple[str, ...], why: str
) -> None:
    """And nothing is kept."""
    (tmp_path / "story.md").write_text("no picture")
    ran = limner("references", "add", *arguments)
    assert ran.code == 2
    assert why in " ".join(ran.err.replace("│", " ").split())
    assert "Traceback" not in ran.err


@pytest.mark.real_time
async def test_a_story_shows_it_to_the_server_it_is_meant_for(
    commands: Commands, ann: str, tmp_path: Path
) -> None:
    """`limner illustrate` with the same library draws after it."""
    (tmp_path / "story.md").write_text('Sea. <!--img-prompt="Ann" reference="ann.png"-->')
    async with A1111Server() as server:
        there = ("--library", "kept", "--backend", f"a1111+{server.url}")
        begun = '<!--img-prompt="a fox"-->'
        (tmp_path / "first.md").write_text(begun)
        await commands.run("illustrate", "first.md", *there, cwd=tmp_path)
        code, _, err = await commands.run("references", "add", ann, *there, cwd=tmp_path)
        assert code == 0, err
        code, _, err = await commands.run("illustrate", "story.md", *there, cwd=tmp_path)
        assert code == 0, err
        assert server.jobs[-1].body["init_images"]
