"""The files of the page, read once, and compressed once: when somebody asks for them."""

import gzip
import hashlib
import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Self

KINDS = {
    "css": "text/css; charset=utf-8",
    "html": "text/html; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
}
"""What is sent, by the endings of names; other files are for whoever works on the page."""

_IMPORT = re.compile(
    r"(?:^|(?<=;))(?:import|export)\b[^;(\"']*?[\"'](\.[^\"']+)[\"']", re.MULTILINE
)
"""Of several statements in a line, as what is not ours has them, each; not ``import()``."""


@dataclass(frozen=True, slots=True)
class PageFile:
    """One file as it is sent.

    Attributes:
        data: Its bytes.
        compressed: The same for browsers that take gzip.
        media_type: What it is.
    """

    data: bytes
    compressed: bytes
    media_type: str

    @classmethod
    def of(cls, name: str, data: bytes) -> Self:
        """A file by its name."""
        kind = KINDS[name.rpartition(".")[2]]
        return cls(data, gzip.compress(data, 9, mtime=0), kind)


class PageFiles(Mapping[str, PageFile]):
    """The files by their names, such as ``views/app.js``.

    Args:
        sources: Their bytes, by name.

    Attributes:
        version: A name for all of it together: another one as soon as a byte is another.

    Examples:
        >>> sources = {
        ...     "main.js": b'import "./a.js";import b from"./b.js";import("./later.js")',
        ...     **dict.fromkeys(["a.js", "b.js", "later.js"], b""),
        ... }
        >>> PageFiles(sources).modules("main.js")
        ['main.js', 'a.js', 'b.js']
    """

    def __init__(self, sources: Mapping[str, bytes]) -> None:
        self._sources = dict(sources)
        self._files: dict[str, PageFile] = {}
        digest = hashlib.sha256()
        for name in sorted(sources):
            digest.update(f"{name}\0{len(sources[name])}\0".encode() + sources[name])
        self.version = digest.hexdigest()[:16]

    @classmethod
    def bundled(cls) -> Self:
        """Those that come with this package."""
        folder = files("limner.server.page").joinpath("static")
        return cls(dict(_found(folder, "")))

    def modules(self, first: str) -> list[str]:
        """A module and all that it needs before it can begin, each once, the nearest first."""
        found = [first]
        for name in found:
            source = self._sources[name].decode()
            for imported in _IMPORT.findall(source):
                path = posixpath.normpath(posixpath.join(posixpath.dirname(name), imported))
                if path not in found:
                    found.append(path)
        return found

    def __getitem__(self, name: str) -> PageFile:
        if name not in self._files:
            self._files[name] = PageFile.of(name, self._sources[name])
        return self._files[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._sources)

    def __len__(self) -> int:
        return len(self._sources)


def _found(folder: Traversable, before: str) -> Iterator[tuple[str, bytes]]:
    for entry in folder.iterdir():
        name = before + entry.name
        if entry.is_dir():
            yield from _found(entry, f"{name}/")
        elif entry.name.rpartition(".")[2] in KINDS:
            yield name, entry.read_bytes()
