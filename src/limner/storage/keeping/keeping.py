"""The seam between a library's rows and where its pictures are."""

from collections.abc import Awaitable, Callable, Collection
from contextlib import AbstractAsyncContextManager
from typing import Protocol, TypeVar

from sqlalchemy import Connection

from limner.illustration import Image
from limner.storage.files.picture_store import PictureStore
from limner.storage.files.stored_image import StoredImage
from limner.storage.keeping.reports import CleanUp, Report

T = TypeVar("T")

Kept = dict[int, StoredImage]
"""Pictures as they are kept, by the `id` of those that were given."""
Keep = Callable[[StoredImage], Awaitable[object]]

GRACE = 3600.0
KEEP_DELETED = 30 * 86400.0


class PictureKeeping(Protocol):
    """Places pictures so that nobody takes them for left behind, and removes what is.

    The bytes are there before a row names them, and go after no row does.
    """

    @property
    def files(self) -> PictureStore:
        """Where the bytes are."""
        ...

    def placing(self, images: Collection[Image]) -> AbstractAsyncContextManager[Kept]:
        """Write pictures; for the time of the block, in which rows come to name them, they stay.

        Raises:
            OSError: They could not be written.
            limner.errors.StorageError: Likewise.
        """
        ...

    def copying(self) -> AbstractAsyncContextManager[Keep]:
        """For the time of the block, write pictures of another library one by one, as `placing`."""
        ...

    def holding(self) -> AbstractAsyncContextManager[None]:
        """For the time of the block nothing is removed that is being made of pictures."""
        ...

    async def erase(
        self, digest: str, media_type: str, before: Callable[[Connection], None]
    ) -> bool:
        """Forget a picture, unless something shows it or could show it again, and remove it.

        Args:
            digest: Which.
            media_type: And as what it was kept.
            before: What is done in the same transaction before.

        Returns:
            Whether its bytes are gone. If only its row is, a later cleaning removes them.
        """
        ...

    async def clean(self, *, grace: float, keep_deleted: float, dry_run: bool) -> CleanUp:
        """Remove what was deleted long ago, and pictures nothing refers to; see `Library.gc`."""
        ...

    async def sweep(self) -> CleanUp:
        """Remove what processes left behind that died while they placed pictures."""
        ...

    async def inspect(self) -> Report:
        """Look whether every picture is there and is what was written; reads all of them."""
        ...
