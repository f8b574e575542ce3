"""The extension is put where SillyTavern looks for it, whole or not at all."""

import json
from pathlib import Path

import pytest

import limner
from limner.errors import ConfigError
from limner.server.sillytavern import (
    extension_files,
    extension_places,
    install,
    remove,
    usual_places,
)

FILES = {"manifest.json": b'{"display_name": "limner", "version": "9"}', "parts/a.js": b"1"}


def tavern(place: Path, *users: str, config: str | None = None) -> Path:
    """The folder of a SillyTavern, and its users' data."""
    (place / "public" / "scripts").mkdir(parents=True)
    (place / "server.js").touch()
    for user in users:
        (place / "data" / user).mkdir(parents=True)
        (place / "data" / user / "settings.json").write_text("{}")
    if config is not None:
        (place / "config.yaml").write_text(config)
    return place


def test_the_folders_of_extensions_are_found_from_wherever_one_points_at(tmp_path: Path) -> None:
    """Its own folder, its data, a user's; before its first start the first user's."""
    place = tavern(tmp_path / "st", "default-user", "ann")
    ann, first = (place / "data" / user / "extensions" for user in ("ann", "default-user"))
    assert extension_places(place) == [ann, first]
    assert extension_places(place, "ann") == [ann]
    assert extension_places(place / "data") == [ann, first]
    assert extension_places(place / "data" / "ann") == [ann]
    new = tavern(tmp_path / "new")
    assert extension_places(new) == [new / "data" / "default-user" / "extensions"]


def test_the_data_may_be_elsewhere(tmp_path: Path) -> None:
    """As `config.yaml` says."""
    place = tavern(tmp_path / "st", config="listen: false\ndataRoot: ../elsewhere # here\n")
    (tmp_path / "elsewhere" / "default-user" / "extensions").mkdir(parents=True)
    (found,) = extension_places(place)
    assert found.resolve() == tmp_path / "elsewhere" / "default-user" / "extensions"


def test_what_is_no_sillytavern_is_told(tmp_path: Path) -> None:
    """A folder that is not there, another program's, a user who is not known."""
    with pytest.raises(ConfigError, match="no folder"):
        extension_places(tmp_path / "nothing")
    with pytest.raises(ConfigError, match="no SillyTavern"):
        extension_places(tmp_path)
    with pytest.raises(ConfigError, match="no user 'bob'"):
        extension_places(tavern(tmp_path / "st", "ann"), "bob")


def test_the_usual_places_are_looked_through(tmp_path: Path) -> None:
    """Each that is there, once."""
    home, here = tmp_path / "home", tmp_path / "here"
    here.mkdir()
    assert usual_places(home, here, {}) == []
    place = tavern(home / "SillyTavern")
    shared = tavern(home / "share" / "SillyTavern")
    assert usual_places(home, here, {}) == [place]
    assert usual_places(home, place, {}) == [place]
    assert usual_places(home, here, {"XDG_DATA_HOME": str(home / "share")}) == [place, shared]


def test_it_is_installed_renewed_and_removed(tmp_path: Path) -> None:
    """What an older version had and a newer one has not is gone; nothing else is touched."""
    place = tmp_path / "extensions"
    assert install(place, FILES, only_update=True) is None
    assert not place.exists()
    done = install(place, {**FILES, "old.js": b"0"})
    assert done is not None
    assert (done.before, done.now) == (None, "9")
    other = place / "other"
    other.mkdir()
    again = install(place, FILES)
    assert again is not None
    assert again.before == "9"
    assert sorted(str(one.relative_to(place)) for one in place.rglob("*") if one.is_file()) == [
        "limner/manifest.json",
        "limner/parts/a.js",
    ]
    assert remove(place) == place / "limner"
    assert list(place.iterdir()) == [other]
    assert remove(place) is None


def test_what_is_somebody_elses_stays(tmp_path: Path) -> None:
    """A folder of the same name that is no extension of limner's is neither renewed nor removed."""
    (tmp_path / "limner").mkdir()
    (tmp_path / "limner" / "mine.txt").write_text("mine")
    for act in (lambda: install(tmp_path, FILES), lambda: remove(tmp_path)):
        with pytest.raises(ConfigError, match="something else"):
            act()
    assert (tmp_path / "limner" / "mine.txt").read_text() == "mine"


def test_the_extension_is_whole() -> None:
    """Its manifest says this version, all that it imports is there, and both languages agree."""
    files = extension_files()
    manifest = json.loads(files["manifest.json"])
    assert manifest["version"] == limner.__version__
    assert {manifest["js"], manifest["css"], "parts/frame.js"} <= set(files)
    words = [
        {line.split(":")[0].strip() for line in files[f"words/{name}.js"].decode().splitlines()
         if line.startswith("  ")}
        for name in ("en", "zh")
    ]  # fmt: skip
    assert words[0] == words[1]
