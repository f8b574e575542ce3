"""The extension's files, as SillyTavern gets them."""

from collections.abc import Iterator
from importlib.resources import files
from importlib.resources.abc import Traversable

import limner

KINDS = ("js", "css", "json")
"""Endings of what belongs to it."""


def extension_files() -> dict[str, bytes]:
    """The files by their names, such as ``parts/frame.js``; the manifest says limner's version.

    Examples:
        >>> import json
        >>> found = extension_files()
        >>> json.loads(found["manifest.json"])["js"] in found
        True
    """
    found = dict(_found(files("limner.server.sillytavern").joinpath("extension"), ""))
    manifest = found["manifest.json"].decode()
    found["manifest.json"] = manifest.replace("{version}", limner.__version__).encode()
    return found


def _found(folder: Traversable, before: str) -> Iterator[tuple[str, bytes]]:
    for entry in folder.iterdir():
        name = before + entry.name
        if entry.is_dir():
            yield from _found(entry, f"{name}/")
        elif entry.name.rpartition(".")[2] in KINDS:
            yield name, entry.read_bytes()
