"""A zip file that somebody else has made, read within bounds."""

import posixpath
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from limner.errors import SourceError

MOST_FILES = 20_000
LARGEST_FILE = 64 << 20
"""Unpacked bytes of one file in it."""
LARGEST = 512 << 20
"""Unpacked bytes of all that is read of it."""


class BoundedZip:
    """The files of an archive, by paths that cannot lead out of it.

    What is unpacked is counted while it is: what the archive says of itself is not trusted.

    Attributes:
        names: The paths of its files.
    """

    def __init__(self, archive: zipfile.ZipFile, source: str) -> None:
        self._archive = archive
        self._source = source
        self._left = LARGEST
        infos = archive.infolist()
        if len(infos) > MOST_FILES:
            raise self.error(f"holds {len(infos):,} files: no book does")
        self._infos = {
            name: info for info in infos if (name := inside("", info.filename)) is not None
        }
        self.names = list(self._infos)

    def __contains__(self, name: str) -> bool:
        return name in self._infos

    def read(self, name: str, largest: int = LARGEST_FILE) -> bytes:
        """A file's content.

        Raises:
            limner.errors.SourceError: It is not there, too large, or damaged.
        """
        info = self._infos.get(name)
        if info is None:
            raise self.error(f"lacks its file {name}")
        try:
            with self._archive.open(info) as file:
                data = file.read(largest + 1)
        except (
            OSError,
            RuntimeError,
            EOFError,
            zlib.error,
            zipfile.BadZipFile,
            ValueError,
        ) as error:
            raise self.error(f"is damaged or locked (at {name})") from error
        self._left -= len(data)
        if len(data) > largest or self._left < 0:
            raise self.error("unpacks to more than any book holds")
        return data

    def error(self, what: str) -> SourceError:
        """An error that says what is wrong with the archive."""
        return SourceError(f"{self._source} {what}", source=self._source)


@contextmanager
def opened(path: Path) -> Iterator[BoundedZip]:
    """Open an archive.

    Raises:
        limner.errors.SourceError: It is none, or damaged.
    """
    try:
        archive = zipfile.ZipFile(path)
    except (OSError, ValueError, zipfile.BadZipFile, NotImplementedError) as error:
        raise SourceError(
            f"{path} is a damaged ZIP archive (as .docx and .epub are)", source=str(path)
        ) from error
    with archive:
        yield BoundedZip(archive, str(path))


def inside(folder: str, address: str) -> str | None:
    """The path that an address in a file of an archive leads to; ``None``: out of the archive.

    Args:
        folder: The folder of the file.
        address: As it is written there, without what follows a ``#``.

    Examples:
        >>> inside("text", "../pictures/a.png"), inside("text", "../../a.png")
        ('pictures/a.png', None)
    """
    path = posixpath.normpath(posixpath.join(folder, address.replace("\\\\", "/")))
    leads_out = path.startswith(("/", "..")) or ":" in path.partition("/")[0]
    return None if leads_out or path == "." or "\0" in path else path
