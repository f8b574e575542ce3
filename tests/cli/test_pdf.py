"""A story as a PDF, printed by a real browser; and where there is none, a line that says so."""

import os
import re
from pathlib import Path

import pytest
from tests.browser.conftest import BROWSERS
from tests.cli.conftest import Command

from limner.cli.shared import printing
from limner.testing import ScriptedBackend

pytestmark = pytest.mark.real_time

STORY = '# The Fox\n\nOnce. <!--img-prompt="a fox"-->\n\n## The End\n\nDone.\n'


@pytest.mark.usefixtures("scripted")
def test_a_story_is_printed_with_its_headings_as_bookmarks(limner: Command, tmp_path: Path) -> None:
    """By the browser that the machine has."""
    if printing.browser() is None and os.environ.get("CI") != "true":
        pytest.skip(f"none of {BROWSERS} is installed")
    (tmp_path / "story.md").write_text(STORY)
    ran = limner("illustrate", "story.md", "--backend", "scripted", "-o", "out.pdf")
    assert ran.code == 0, ran.err
    made = (tmp_path / "out.pdf").read_bytes()
    assert made.startswith(b"%PDF-")
    assert re.search(rb"/Outlines", made)
    assert re.search(rb"/Subtype\s*/Image", made)


def test_where_there_is_no_browser_nothing_is_drawn(
    limner: Command, tmp_path: Path, scripted: ScriptedBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A line says what to do."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(printing, "PLACES", ())
    (tmp_path / "story.md").write_text(STORY)
    ran = limner("illustrate", "story.md", "--backend", "scripted", "--format", "pdf")
    assert (ran.code, scripted.calls) == (2, [])
    assert "install one, or write .html and print it" in ran.err
    assert ran.err.count("\n") == 1


@pytest.mark.usefixtures("scripted")
def test_a_browser_that_fails_leaves_no_file_and_one_line(
    limner: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With what it said last."""
    broken = tmp_path / "bin" / "chromium"
    broken.parent.mkdir()
    broken.write_text("#!/bin/sh\necho starting >&2\necho no room >&2\nexit 1\n")
    broken.chmod(0o755)
    monkeypatch.setenv("PATH", f"{broken.parent}:/bin:/usr/bin")
    (tmp_path / "story.md").write_text(STORY)
    ran = limner("illustrate", "story.md", "--backend", "scripted", "-o", "out.pdf", "-q")
    assert ran.code == 2
    assert ran.err.endswith("chromium could not print the PDF: no room\n")
    assert not (tmp_path / "out.pdf").exists()
