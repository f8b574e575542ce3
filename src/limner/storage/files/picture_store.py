"""The seam to where pictures' bytes are: a directory, or a bucket of an object store."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, Protocol, TypeVar

from limner.illustration import Image
from limner.storage.database.database import Database
from limner.storage.files.stored_image import PictureFile

Files = TypeVar("Files")


class PictureStore(Protocol):
    """Pictures named by their content.

    What waits for a disk or a server is a plain call, made in a thread; it raises what `open` of a
    file would, or a `limner.errors.StorageError`.
    """

    @property
    def place(self) -> str:
        """How to name it to people."""
        ...

    @property
    def disk(self) -> Path | None:
        """Something on the disk that it is on, if it is on one of this machine."""
        ...

    @property
    def is_far(self) -> bool:
        """Whether looking at a picture asks another machine."""
        ...

    def path(self, digest: str, media_type: str) -> PictureFile:
        """Where a picture is, or would be."""
        ...

    def has(self, image: Image) -> bool:
        """Whether the picture is one of these."""
        ...

    def is_there(self, image: Image) -> bool:
        """Whether the picture's bytes are there, as many as it has."""
        ...

    def small(self, digest: str, side: int) -> bytes:
        """A picture's thumbnail.

        Raises:
            FileNotFoundError: Nobody has made it yet.
        """
        ...

    def keep_small(self, digest: str, side: int, data: bytes) -> None:
        """Keep a picture's thumbnail."""
        ...

    @property
    def mark(self) -> str:
        """Where it says to which library it belongs, as people find it."""
        ...

    def library(self) -> str | None:
        """The id of the library it belongs to; ``None``: nobody has said."""
        ...

    def claim(self, library: str) -> str:
        """Say to which library it belongs, if nobody has yet; to which it belongs now.

        Of several that claim it at the same instant one has it, and all are told which.
        """
        ...

    def digests(self) -> Iterator[str]:
        """Which pictures are there, whoever names them."""
        ...

    def probe(self) -> None:
        """Write something small and take it away again."""
        ...


@dataclass(eq=False)
class KeptByRows(Generic[Files]):
    """What looks after pictures is made of these: a store, and a database whose rows name them.

    Args:
        files: Where the pictures are.
        _database: What names them.
        _clock: Seconds since the epoch.
        _place: The library, as errors name it.
    """

    files: Files
    _database: Database
    _clock: Callable[[], float]
    _place: str
