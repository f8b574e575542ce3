"""`limner illustrate --budget`: what one command may draw, and what becomes of the rest."""

import os
import pty
import re
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from tests.cli.conftest import Command

from limner.cli.shared.budgeting import parse_budget
from limner.illustration import Image, ImageRequest
from limner.testing import ScriptedBackend

STORY = "".join(f'And so.\n\n<!--img-prompt="picture {n}"-->\n\n' for n in range(6))


def test_what_is_beyond_the_budget_is_told_and_drawn_by_the_same_command(
    limner: Command, tmp_path: Path, scripted: ScriptedBackend
) -> None:
    """Each run has its budget; what was drawn is not drawn again."""
    (tmp_path / "story.md").write_text(STORY)
    command = ("illustrate", "story.md", "--backend", "scripted", "--budget", "4")
    first = limner(*command)
    assert (first.code, len(scripted.calls)) == (1, 4)
    said = "2 pictures are not drawn: the budget of 4 pictures is used up; the same command goes on"
    assert f"limner: {said}\n" in first.err
    second = limner(*command)
    assert (second.code, len(scripted.calls)) == (0, 6), second.err


def test_the_reason_that_is_kept_says_what_was_allowed(
    limner: Command, tmp_path: Path, scripted: ScriptedBackend
) -> None:
    """And nothing of what was drawn before."""
    (tmp_path / "story.md").write_text(STORY)
    command = ("illustrate", "story.md", "--backend", "scripted", "--library", "kept")
    assert limner(*command).code == 0
    assert limner(*command, "--seed", "3", "--budget", "0").code == 1
    listed = limner("pictures", "story.md", "--library", "kept", "--json").out
    assert "the budget allows no pictures per message" in listed
    assert limner(*command, "--seed", "3", "--budget", "2").code == 1
    listed = limner("pictures", "story.md", "--library", "kept", "--json").out
    assert "the budget allows 2 pictures per message, and they are drawn" in listed


def test_a_budget_that_cannot_be_read_is_told(limner: Command, tmp_path: Path) -> None:
    """Before anything is drawn."""
    (tmp_path / "story.md").write_text(STORY)
    ran = limner("illustrate", "story.md", "--budget", "lots")
    assert ran.code == 2
    assert "an amount is a number and a unit" in ran.err


def test_a_budget_in_what_nothing_costs_is_refused(limner: Command, tmp_path: Path) -> None:
    """It would never end; the units that there are are told. Those of a price count, too."""
    (tmp_path / "story.md").write_text(STORY)
    ran = limner("illustrate", "story.md", "--budget", "3 apples")
    assert ran.code == 2
    said = " ".join(ran.err.replace("│", " ").split())
    assert "nothing costs apples: write pictures, seconds, kudos" in said
    for known in ("3", "2 pictures, 1.50 usd", "9 kudos", "5 €"):
        assert parse_budget(known)
    assert parse_budget("3 apples", prices=["1 apples"])


@pytest.mark.usefixtures("scripted")
def test_a_reason_that_many_pictures_share_is_told_once(
    limner: Command, tmp_path: Path, scripted: ScriptedBackend
) -> None:
    """With their numbers."""
    scripted.fails = lambda request: ValueError("no paint")
    (tmp_path / "story.md").write_text(STORY)
    ran = limner("illustrate", "story.md", "--backend", "scripted")
    assert len(re.findall("no paint", ran.err)) == 1
    assert "limner: pictures 1, 2, 3, 4, 5, 6 failed: " in ran.err


def test_the_summary_tells_what_to_do_next(limner: Command, tmp_path: Path) -> None:
    """By commands that work as they are printed."""
    (tmp_path / "a story.md").write_text(STORY[:50])
    ran = limner("illustrate", "a story.md", "--size", "64x64")
    assert "`limner redraw 'a story.md' N`" in ran.err
    assert limner("pictures", "a story.md").out.startswith("1\tready\tpicture 0\t")


def test_money_by_a_price_from_a_list(
    limner: Command, tmp_path: Path, scripted: ScriptedBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two pictures of 40 cents fit into a dollar, however many are drawn at the same time."""
    (tmp_path / "prices.toml").write_text('[prices]\nscripted = "0.40 USD"\n')
    monkeypatch.setenv("LIMNER_CONFIG", str(tmp_path / "prices.toml"))
    (tmp_path / "story.md").write_text(STORY)
    command = ("illustrate", "story.md", "--backend", "scripted", "--budget", "1 USD")
    first = limner(*command)
    assert (first.code, len(scripted.calls)) == (1, 2), first.err
    assert "2 of 6 pictures" in first.err
    assert "for 0.8 USD" in first.err
    assert "4 pictures are not drawn: the budget of 1 USD is used up" in first.err
    assert (limner(*command).code, len(scripted.calls)) == (1, 4)
    assert limner("illustrate", "story.md", "--backend", "scripted", "--budget", "9 USD").code == 0
    assert len(scripted.calls) == 6
    assert "2.4 USD" in limner("costs").out


class _Telling(ScriptedBackend):
    """Tells what a picture cost once it is drawn, as services do."""

    async def generate(self, request: ImageRequest) -> Image:
        image = await super().generate(request)
        return replace(image, info={**image.info, "cost": "0.4 USD"})


def test_money_as_a_service_tells_it_afterwards(
    limner: Command, tmp_path: Path, plugged: Callable[[ScriptedBackend], ScriptedBackend]
) -> None:
    """Its first picture tells how dear the next will be."""
    backend = plugged(_Telling(seconds=0.0))
    (tmp_path / "story.md").write_text(STORY)
    command = ("illustrate", "story.md", "--backend", "scripted", "--max-concurrent", "1")
    ran = limner(*command, "--budget", "1 USD")
    assert (ran.code, len(backend.calls)) == (1, 2), ran.err
    assert "for 0.8 USD" in ran.err


def test_seconds_of_drawing(limner: Command, tmp_path: Path, scripted: ScriptedBackend) -> None:
    """As many pictures as are begun within them."""
    scripted.seconds = 0.2
    (tmp_path / "story.md").write_text(STORY)
    command = ("illustrate", "story.md", "--backend", "scripted", "--max-concurrent", "1")
    ran = limner(*command, "--budget", "0.3 seconds")
    assert ran.code == 1, ran.err
    assert 1 <= len(scripted.calls) <= 2
    assert "the budget of 0.3 seconds is used up" in ran.err


@pytest.mark.parametrize(("budget", "asked"), [("1", 2), ("1.00 USD", 1)])
def test_on_a_terminal_somebody_is_asked_before_it_is_passed(
    tmp_path: Path, budget: str, asked: int
) -> None:
    """And with a yes all is drawn, each picture once."""
    (tmp_path / "story.md").write_text("".join(STORY.splitlines(keepends=True)[:12]))
    (tmp_path / "prices.toml").write_text('[prices]\nsketch = "0.40 USD"\n')
    owner, terminal = pty.openpty()
    prices = {"LIMNER_CONFIG": str(tmp_path / "prices.toml")}
    environment = {**os.environ, "XDG_DATA_HOME": str(tmp_path / "data"), **prices}
    command = [sys.executable, "-m", "limner", "illustrate", "story.md", "--size", "64x64"]
    with subprocess.Popen(
        [*command, "--budget", budget],
        stdin=terminal,
        stderr=terminal,
        stdout=subprocess.DEVNULL,
        cwd=tmp_path,
        env=environment,
    ) as running:
        os.close(terminal)
        os.write(owner, b"y\n")
        said = b""
        with suppress(OSError):  # how Linux tells that nobody is at the other end any more
            while piece := os.read(owner, 65536):
                said += piece
    os.close(owner)
    assert running.returncode == 0, said
    plural = "" if asked == 1 else "s"
    assert f"Draw {asked} picture{plural} more, beyond the budget?".encode() in said
    assert f"{asked} {'is' if asked == 1 else 'are'} new".encode() in said
    assert (tmp_path / "story.html").read_text().count('<img src="data:') == 3
