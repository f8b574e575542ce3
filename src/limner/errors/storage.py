"""Errors of libraries of messages and pictures."""

from typing import ClassVar

from limner.errors.root import LimnerError


class StorageError(LimnerError):
    """Base of what goes wrong with a library of messages and pictures.

    Attributes:
        place: The directory, or the database's address without its password.
        passing: Whether it may be over in a while, so that it is worth trying again.
    """

    passing: ClassVar[bool] = False

    def __init__(self, message: str, *, place: str) -> None:
        self.place = place
        super().__init__(message)


class StorageUnavailable(StorageError):
    """The library cannot be opened, reached or written: paths, disks, a server that is down."""

    passing = True


class StorageReadOnly(StorageUnavailable):
    """The library cannot be written by whoever runs limner; it may be readable."""

    passing = False


class StorageClosed(StorageUnavailable):
    """The library was closed by the program that asks it."""

    passing = False


class StorageBusy(StorageError):
    """Somebody else held the library for longer than was waited."""

    passing = True


class SlotOvertaken(StorageError):
    """Somebody else changed the slot since it was read; nothing of the change was kept.

    Whoever reads it anew may change what it has become: every operation of limner does.
    """


class WorkTaken(StorageError):
    """Other processes took this one for dead, and took over what it was doing; nothing was kept."""


class StorageFull(StorageError):
    """There is no room left. Nothing of the change was kept; what was there before still is."""

    passing = True


class StorageCorrupt(StorageError):
    """What is there is damaged, or is not a library."""


class StorageForeign(StorageError):
    """The place of the pictures is another library's, or this one's are elsewhere; it was left."""


class StorageTooNew(StorageError):
    """A newer limner wrote the library; this one leaves it untouched."""


class NotKept(StorageError):
    """A message was illustrated to its end, and the store has not taken all of it.

    What it said last is ``__cause__``.

    Attributes:
        result: The illustrated message (`limner.illustration.Illustrated`), with all its pictures.
    """

    def __init__(self, result: object, cause: StorageError) -> None:
        self.result = result
        super().__init__(f"what was made is not all kept: {cause}", place=cause.place)


class PictureMissing(StorageError):
    """A picture's file is gone, or is not what was written.

    Attributes:
        digest: The SHA-256 of its content, which is its name.
    """

    def __init__(self, message: str, *, place: str, digest: str) -> None:
        self.digest = digest
        super().__init__(message, place=place)
