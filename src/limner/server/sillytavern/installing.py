"""Putting the extension into a folder of extensions, over an older one, and out of it."""

import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from limner.errors import ConfigError

NAME = "limner"
"""The extension's folder."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Installed:
    """What was done.

    Attributes:
        place: The extension's folder.
        before: The version that was there; ``None``: none.
        now: The version that is there.
    """

    place: Path
    before: str | None
    now: str


def install(
    extensions: Path, files: Mapping[str, bytes], *, only_update: bool = False
) -> Installed | None:
    """Put the extension into a folder; SillyTavern shows the whole of it, or what was there before.

    Args:
        extensions: The folder of a user's extensions; made if it is not there.
        files: The extension's files by their names.
        only_update: Whether nothing is done where it is not there.

    Returns:
        What was done; ``None``: nothing.

    Raises:
        ConfigError: Something else is there under its name, or the folder cannot be written.
    """
    place = extensions / NAME
    before = version_at(place)
    if only_update and before is None:
        return None
    try:
        extensions.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=extensions, prefix=".limner-") as made:
            new, old = Path(made) / "new", Path(made) / "old"
            for name, data in files.items():
                (new / name).parent.mkdir(parents=True, exist_ok=True)
                (new / name).write_bytes(data)
            if before is not None:
                place.rename(old)
            try:
                new.rename(place)
            except OSError:
                if before is not None:
                    old.rename(place)
                raise
    except OSError as error:
        raise ConfigError(f"{place} cannot be written: {error.strerror or error}") from error
    return Installed(place=place, before=before, now=_version(files["manifest.json"]))


def remove(extensions: Path) -> Path | None:
    """Take the extension out of a folder.

    Returns:
        Where it was; ``None``: it was not there.

    Raises:
        ConfigError: Something else is there under its name, or it cannot be removed.
    """
    place = extensions / NAME
    if version_at(place) is None:
        return None
    try:
        shutil.rmtree(place)
    except OSError as error:
        raise ConfigError(f"{place} cannot be removed: {error.strerror or error}") from error
    return place


def version_at(place: Path) -> str | None:
    """The version of the extension in a folder; ``None``: the folder is not there.

    Raises:
        ConfigError: The folder holds something else.
    """
    if not os.path.lexists(place):
        return None
    try:
        return _version((place / "manifest.json").read_bytes())
    except (OSError, ValueError, KeyError, TypeError):
        raise ConfigError(f"{place} is something else; move it away first") from None


def _version(manifest: bytes) -> str:
    read = json.loads(manifest)
    if read["display_name"] != NAME:
        raise ValueError(read["display_name"])
    return str(read["version"])
