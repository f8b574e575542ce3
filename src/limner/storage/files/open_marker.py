"""Who has a library's pictures open, and who died over it."""

import os
import uuid
from pathlib import Path

from limner.storage.files import file_lock

SUFFIX = ".open"


class Unmarked:
    """In the place of a marker, where none can be made: it is only read there."""

    def remove_stale(self) -> bool:
        """Nothing can be removed."""
        return False

    def others(self) -> bool:
        """They cannot be told from those who died; whoever only reads has no need to."""
        return False

    def end(self) -> None:
        """Nothing was left behind."""


class OpenMarker:
    """A file that is locked as long as this process has the library open.

    A file whose lock is free was left by a process that died: then there may be pictures that no
    message refers to. The file is made under another name, so that nobody sees it unlocked.

    Args:
        folder: Where these files are.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self.name = f"{os.getpid()}-{uuid.uuid4().hex[:12]}"
        self._file = folder / f"{self.name}{SUFFIX}"
        made = folder / self.name
        self._descriptor = os.open(made, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o644)
        file_lock.take(self._descriptor)
        made.rename(self._file)

    def remove_stale(self) -> bool:
        """Remove what processes left that died; tells whether there were any."""
        found = False
        for file in self._folder.iterdir():
            if file != self._file and _is_free(file):
                file.unlink(missing_ok=True)
                found = True
        return found

    def others(self) -> bool:
        """Whether somebody else has the library open now."""
        files = (file for file in self._folder.glob(f"*{SUFFIX}") if file != self._file)
        return any(file.exists() and not _is_free(file) for file in files)

    def end(self) -> None:
        """Nothing was left behind."""
        self._file.unlink(missing_ok=True)
        os.close(self._descriptor)

    def abandon(self) -> None:
        """Something may have been left behind: let the next one look."""
        os.close(self._descriptor)


def _is_free(file: Path) -> bool:
    if file.suffix != SUFFIX:
        # Its maker renames it at once, or died before it had done anything.
        return False
    try:
        descriptor = os.open(file, os.O_RDWR)
    except FileNotFoundError:
        return False
    try:
        return file_lock.take(descriptor)
    finally:
        os.close(descriptor)
