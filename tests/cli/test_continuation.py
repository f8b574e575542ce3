"""A file whose beginning is kept already."""

from pathlib import Path

import pytest

from limner.backends.manuscripts import Manuscript
from limner.cli.shared.continuation import Continuation

TEXT = "".join(f"Night {n} and ä fox. " for n in range(9000))
"""Longer than what is read of a file at a time."""


@pytest.mark.real_time
@pytest.mark.parametrize("kept", [0, 1, 65535, 65536, 65537, len(TEXT) - 1, len(TEXT)])
async def test_the_rest_begins_where_what_is_kept_ends(tmp_path: Path, kept: int) -> None:
    """At any place of the pieces in which it is read."""
    file = tmp_path / "tale.md"
    file.write_text(TEXT)
    text = Continuation(Manuscript(files=(str(file),)), TEXT[:kept])
    assert await text.is_there()
    assert "".join([piece async for piece in text.rest()]) == TEXT[kept:]


@pytest.mark.real_time
@pytest.mark.parametrize("kept", ["x", TEXT[:70000] + "x", TEXT + "x"])
async def test_a_file_that_says_something_else_is_not_there(tmp_path: Path, kept: str) -> None:
    """Changed, or shorter than what is kept, or gone, or no file."""
    file = tmp_path / "tale.md"
    file.write_text(TEXT)
    assert not await Continuation(Manuscript(files=(str(file),)), kept).is_there()
    assert not await Continuation(Manuscript(files=(str(tmp_path / "gone.md"),)), "").is_there()
    assert not await Continuation(Manuscript(files=(str(tmp_path),)), "").is_there()
