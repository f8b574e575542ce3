"""A zip file given out while it is being written."""

import io
import zipfile
from collections.abc import Iterable
from datetime import datetime
from typing import IO, Self, cast

EARLIEST = (1980, 1, 1, 0, 0, 0)
"""The first instant a zip file can tell."""


class OutputTail(io.RawIOBase):
    """The end of a file: what was taken from it is gone, what is left can still be changed.

    `zipfile` goes back to an entry's beginning when it knows its length. So a whole entry is held,
    never more, and the file needs none of the extensions for entries of unknown length, which
    some reading systems do not know.
    """

    def __init__(self) -> None:
        super().__init__()
        self._held = io.BytesIO()
        self._taken = 0

    def writable(self) -> bool:
        """It is there to be written."""
        return True

    def seekable(self) -> bool:
        """As far as it is still here."""
        return True

    def write(self, data: object) -> int:
        """Write at the current place."""
        return self._held.write(cast(bytes, data))

    def tell(self) -> int:
        """The current place in the whole file."""
        return self._taken + self._held.tell()

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a place that was not taken yet."""
        if whence == io.SEEK_SET:
            offset -= self._taken
        return self._taken + self._held.seek(offset, whence)

    def take(self) -> bytes:
        """What was written and not taken yet."""
        data = self._held.getvalue()
        self._taken += len(data)
        self._held = io.BytesIO()
        return data


class ZipStream:
    """Writes entries into a zip file one after the other, the same bytes for the same input.

    Args:
        modified: The date of every entry.
    """

    def __init__(self, modified: datetime) -> None:
        self._window = OutputTail()
        self._zip = zipfile.ZipFile(cast(IO[bytes], self._window), "w", zipfile.ZIP_DEFLATED)
        self._date = max(EARLIEST, modified.timetuple()[:6])

    def add(self, name: str, pieces: Iterable[str | bytes], *, stored: bool = False) -> bytes:
        """Add a file; gives the bytes of the archive that are final now.

        Args:
            name: Its path.
            pieces: Its content.
            stored: Whether it stays as it is; otherwise it is compressed.
        """
        entry = zipfile.ZipInfo(name, self._date)
        entry.compress_type = zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED
        entry.create_system = 3  # the same wherever it is made
        entry.external_attr = 0o644 << 16
        with self._zip.open(entry, "w") as file:
            for piece in pieces:
                file.write(piece.encode("utf-8") if isinstance(piece, str) else piece)
        return self._window.take()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._zip.close()

    def end(self) -> bytes:
        """The last bytes of the archive."""
        self._zip.close()
        return self._window.take()
