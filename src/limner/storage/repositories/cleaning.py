"""What a library no longer needs is removed, and what it needs is looked after."""

from limner.storage.keeping.keeping import GRACE, KEEP_DELETED
from limner.storage.keeping.reports import CleanUp, Report
from limner.storage.keeping.surplus import Bound, Surplus, surplus
from limner.storage.repositories.repository import Repository


class CleaningRepository(Repository):
    """Gives room back, and tells whether all is there."""

    async def gc(
        self, *, grace: float = GRACE, keep_deleted: float = KEEP_DELETED, dry_run: bool = False
    ) -> CleanUp:
        """Remove for good what was deleted long ago, and pictures that nothing refers to any more.

        Pictures that an undo could bring back stay as long as their message does.

        Args:
            grace: Seconds a picture is left alone after it was written.
            keep_deleted: Seconds for which deleted messages and chats can be restored.
            dry_run: Whether it is only told what would be removed.

        Raises:
            StorageBusy: Somebody is placing pictures without a pause.
        """
        with self._told():
            return await self._whole(
                self._keeping.clean(grace=grace, keep_deleted=keep_deleted, dry_run=dry_run)
            )

    async def surplus(self, bound: Bound) -> list[Surplus]:
        """The pictures that a bound does not allow, in the order in which they go."""
        return await self._read(lambda connection: surplus(connection, bound))

    async def sweep(self) -> CleanUp:
        """Remove what processes left behind that died while they placed pictures.

        Nothing is removed if somebody is placing pictures now.
        """
        with self._told():
            return await self._whole(self._keeping.sweep())

    async def check(self) -> Report:
        """Look whether every picture is there and is what was written; reads all of them."""
        self._check_open()
        with self._told():
            return await self._keeping.inspect()
