"""A picture's file that is gone or was cut costs that picture, and nothing else."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.cli.kept import fill

Command = Callable[..., Any]


def remove(file: Path) -> None:
    """The file is gone."""
    file.unlink()


def cut(file: Path) -> None:
    """The file is shorter than it was."""
    file.write_bytes(file.read_bytes()[:10])


@pytest.mark.parametrize("harm", [remove, cut])
@pytest.mark.parametrize("kind", ["html", "md", "epub", "json"])
def test_an_export_says_where_a_picture_is_missing(
    limner: Command, tmp_path: Path, kind: str, harm: Callable[[Path], None]
) -> None:
    """It is written with all that is there; the exit code and the last line tell."""
    fill(tmp_path / "kept")
    pictures = sorted((tmp_path / "kept" / "pictures").glob("??/*.png"))
    harm(pictures[0])
    embed = ("--embed",) if kind == "json" else ()
    ran = limner("export", "fox1", "--library", "kept", "-o", f"fox.{kind}", *embed)
    assert ran.code == 1
    assert f"{'1 picture is' if len(pictures) > 1 else '2 pictures are'} missing" in ran.err
    written = (tmp_path / f"fox.{kind}").read_bytes()
    if kind in ("html", "md"):
        assert b"picture missing" in written
    if kind == "json":
        told = json.loads(written)["pictures"].values()
        assert [one.get("missing", False) for one in told].count(True) == 1
    assert "Traceback" not in ran.err
