"""Errors of libraries of messages and pictures."""

from limner.errors.root import LimnerError


class StorageError(LimnerError):
    """Base of what goes wrong with a library of messages and pictures.

    Attributes:
        place: The directory, or the database's address without its password.
    """

    def __init__(self, message: str, *, place: str) -> None:
        self.place = place
        super().__init__(message)


class StorageUnavailable(StorageError):
    """The library cannot be opened, reached or written: rights, paths, a server that is down."""


class StorageBusy(StorageError):
    """Somebody else held the library for longer than was waited."""


class StorageFull(StorageError):
    """There is no room left. Nothing of the change was kept; what was there before still is."""


class StorageCorrupt(StorageError):
    """What is there is damaged, or is not a library."""


class StorageTooNew(StorageError):
    """A newer limner wrote the library; this one leaves it untouched."""


class PictureMissing(StorageError):
    """A picture's file is gone, or is not what was written.

    Attributes:
        digest: The SHA-256 of its content, which is its name.
    """

    def __init__(self, message: str, *, place: str, digest: str) -> None:
        self.digest = digest
        super().__init__(message, place=place)
