"""Where SillyTavern keeps the extensions of its users.

A user's are in ``DATA/USER/extensions``; DATA is ``data`` beside ``server.js``, or what
``config.yaml`` says, or, for one that npm has installed for everybody, a folder of the system's.
Looked up in SillyTavern 1.17 (``src/command-line.js``, ``src/users.js``).
"""

import os
import re
from collections.abc import Mapping
from pathlib import Path

from limner.errors import ConfigError

FIRST_USER = "default-user"
"""Who there is where nobody has made accounts."""
_DATA_ROOT = re.compile(r"^dataRoot:\s*[\"']?([^\"'#\n]+?)[\"']?\s*(?:#.*)?$", re.MULTILINE)


def extension_places(path: Path, user: str | None = None) -> list[Path]:
    """The folders of extensions of one SillyTavern: one of each user, or of the one named.

    Args:
        path: SillyTavern's own folder, its folder of data, or that of one user.
        user: A user's name, as the folder of data has it.

    Raises:
        ConfigError: There is no SillyTavern, or no such user.
    """
    if not path.is_dir():
        raise ConfigError(f"there is no folder {str(path)!r}")
    if _is_user(path) and user in (None, path.name):
        return [path / "extensions"]
    data = _data_of(path)
    if data is None:
        raise ConfigError(
            f"{str(path)!r} is no SillyTavern: neither the folder with its server.js, nor its data"
        )
    users = sorted(one for one in data.iterdir() if _is_user(one)) if data.is_dir() else []
    if user is not None:
        users = [one for one in users if one.name == user]
        if not users:
            raise ConfigError(f"no user {user!r} has data in {str(data)!r}")
    # Before its first start there is nobody yet: the first user's folder is known all the same.
    return [one / "extensions" for one in users] or [data / FIRST_USER / "extensions"]


def usual_places(home: Path, here: Path, environ: Mapping[str, str]) -> list[Path]:
    """Where a SillyTavern is found if nobody says where: what there is of the usual folders.

    Args:
        home: The user's own folder.
        here: The folder one is in.
        environ: The environment.
    """
    share = Path(environ.get("XDG_DATA_HOME") or home / ".local/share")
    tried = [
        here,
        here / "SillyTavern",
        *(home / name for name in ("SillyTavern", "sillytavern", "Documents/SillyTavern")),
        home / "SillyTavern-Launcher/SillyTavern",
        share / "SillyTavern",
        home / "Library/Application Support/SillyTavern",
    ]
    if local := environ.get("LOCALAPPDATA"):
        tried.append(Path(local) / "SillyTavern/Data")
    found = [place for place in tried if _data_of(place) is not None]
    return list({os.path.realpath(place): place for place in found}.values())


def _data_of(path: Path) -> Path | None:
    """The folder of data that a folder has, or is."""
    if (path / "server.js").is_file() and (path / "public" / "scripts").is_dir():
        return _configured(path) or path / "data"
    if (path / "_storage").is_dir() or _is_user(path / FIRST_USER):
        return path
    return path / "data" if _is_user(path / "data" / FIRST_USER) else None


def _configured(path: Path) -> Path | None:
    """What a ``config.yaml`` says where the data is."""
    try:
        told = (path / "config.yaml").read_text("utf-8", errors="replace")
    except OSError:
        return None
    found = _DATA_ROOT.search(told)
    return path / found[1].strip() if found else None


def _is_user(path: Path) -> bool:
    return (path / "settings.json").is_file() or (path / "extensions").is_dir()
