"""`limner sillytavern`: one command puts the extension in, one takes it out."""

import json
from pathlib import Path

from tests.cli.conftest import Command


def test_the_extension_comes_and_goes_by_one_command(limner: Command, tmp_path: Path) -> None:
    """It says where, what was there before, and what comes next, since no page of ours is there."""
    (tmp_path / "public" / "scripts").mkdir(parents=True)
    (tmp_path / "server.js").touch()
    assert limner("sillytavern", "update", str(tmp_path)).code == 2
    done = limner("sillytavern", "install", str(tmp_path))
    assert done.code == 0
    place = tmp_path / "data" / "default-user" / "extensions" / "limner"
    assert str(place) in done.out
    assert all(step in done.out for step in ("Next:", "reload", "/v1", "Connect")), done.out
    assert json.loads((place / "manifest.json").read_text())["display_name"] == "limner"
    assert "(was " in limner("sillytavern", "install", str(tmp_path)).out
    update = ("sillytavern", "update", str(tmp_path), "--user", "default-user")
    assert limner(*update).code == 0
    assert limner("sillytavern", "remove", str(tmp_path)).code == 0
    assert not place.exists()


def test_what_is_no_sillytavern_is_one_line(limner: Command, tmp_path: Path) -> None:
    """Nothing is written there."""
    ended = limner("sillytavern", "install", str(tmp_path))
    assert ended.code == 2
    assert ended.err.count("\n") == 1
    assert "no SillyTavern" in ended.err
    assert list(tmp_path.iterdir()) == []
