"""Backends of other packages are found, also of one that is installed while limner runs."""

import sys
from pathlib import Path

import pytest

from limner.illustration import plugins

NAMED = "[limner.image_backends]\ncrayon = crayon:Crayon\n"


def test_what_is_installed_meanwhile_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And what was taken away is not; in between nothing is looked for again."""
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    assert "crayon" not in plugins.backend_names()
    assert "sketch" in plugins.backend_names()
    info = tmp_path / "crayon-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Name: crayon\nVersion: 1\n")
    (info / "entry_points.txt").write_text(NAMED)
    assert "crayon" in plugins.backend_names()
    assert plugins.installed() is plugins.installed()
    for file in info.iterdir():
        file.unlink()
    info.rmdir()
    assert "crayon" not in plugins.backend_names()
