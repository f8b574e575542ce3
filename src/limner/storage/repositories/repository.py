"""What every part of a library works with: its database, its files, its clock."""

import asyncio
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import Connection

from limner.errors import StorageClosed, StorageError
from limner.illustration import Image, Slot
from limner.storage.database.database import Database
from limner.storage.database.error_translation import told
from limner.storage.database.group_commit import GroupCommit
from limner.storage.keeping.keeping import PictureKeeping
from limner.storage.repositories.slot_record import with_images
from limner.uninterrupted import uninterrupted

if TYPE_CHECKING:  # it needs an extra
    from limner.storage.database.order_queue import OrderQueue

T = TypeVar("T")


class Repository:
    """One part of a library. Every call is one transaction, done whole or not at all.

    Args:
        database: The tables.
        keeping: The pictures.
        clock: Seconds since the epoch.
        place: The library, as errors name it.
    """

    def __init__(
        self, database: Database, keeping: PictureKeeping, clock: Callable[[], float], place: str
    ) -> None:
        self._database = database
        self._keeping = keeping
        self._files = keeping.files
        self._clock = clock
        self._place = place
        self._is_closed = False
        self._commits = GroupCommit(database)
        self._orders: OrderQueue | None = None
        self._joined: set[str] = set()
        self._calls: set[asyncio.Task[Any]] = set()

    async def _read(self, work: Callable[[Connection], T]) -> T:
        return await self._whole(self._database.read(work))

    async def _glance(self, work: Callable[[Connection], T], *, single: bool = False) -> T:
        """Read a little; see `Database.glance`."""
        self._check_open()
        found = self._database.glance(work, single=single)
        return await self._read(work) if found is None else found[0]

    async def _write(
        self, work: Callable[[Connection], T], *, within: float = 0.0, brief: bool = False
    ) -> T:
        """Have work done, together with that of others; see `GroupCommit.add`."""
        self._check_open()
        return await uninterrupted(self._commits.add(work, within=within, brief=brief))

    async def _at_length(self, work: Callable[[Connection], T]) -> T:
        """Have work done that goes through the whole library, and that nobody else waits for."""
        return await self._whole(self._database.write(work, long=True))

    def _given(self, work: Callable[[Connection], T], *, brief: bool) -> "asyncio.Future[T]":
        """As `_write`, for those who do not wait for it; what was given is done."""
        if not self._is_closed:
            return self._commits.add(work, brief=brief)
        done: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        done.set_exception(self._closed())
        return done

    async def _whole(self, work: Coroutine[Any, Any, T]) -> T:
        try:
            self._check_open()
        except StorageError:
            work.close()
            raise
        task = asyncio.create_task(work)
        self._calls.add(task)
        task.add_done_callback(self._calls.discard)
        return await uninterrupted(task)

    def _check_open(self) -> None:
        if self._is_closed:
            raise self._closed()

    def _closed(self) -> StorageClosed:
        told = f"the library {self._place} was closed; open it again"
        return StorageClosed(told, place=self._place)

    async def _close(self) -> None:
        """Let nothing begin any more, and wait for what has begun."""
        self._is_closed = True
        if self._calls:
            await asyncio.wait(self._calls)
        await self._commits.flush()

    async def _write_slots(
        self,
        given: Sequence[Slot],
        work: Callable[[Connection, tuple[Slot, ...]], T],
        *,
        within: float = 0.0,
        brief: bool = False,
    ) -> T:
        """Write the slots' new pictures into files, then do the work with the slots that name them.

        If anything goes wrong between the two, files are left that nothing refers to.
        """
        new = {
            id(made.image): made.image
            for slot in given
            for made in slot.alternatives
            if not self._files.has(made.image)
        }
        if not new:
            slots = tuple(given)
            return await self._write(
                lambda connection: work(connection, slots), within=within, brief=brief
            )
        return await self._whole(self._keep_and_write(given, new, work))

    async def _keep_and_write(
        self,
        given: Sequence[Slot],
        new: Mapping[int, Image],
        work: Callable[[Connection, tuple[Slot, ...]], T],
    ) -> T:
        with self._told():  # what the database raises is told already, and passes through
            async with self._keeping.placing(new.values()) as kept:
                slots = tuple(with_images(slot, kept) for slot in given)
                return await self._commits.add(lambda connection: work(connection, slots))

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Errors of files told as those of the library."""
        with told(self._place, self._files.disk):
            yield
