"""A library: messages and their pictures, kept on disk or in a database."""

import asyncio
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Self

from sqlalchemy import URL

from limner.closing import Closing
from limner.storage.database.access import Access, access_to
from limner.storage.database.address import Address, address
from limner.storage.database.database import Database
from limner.storage.database.error_translation import read_only, told
from limner.storage.database.schema import check_version, upgrade, version
from limner.storage.database.sqlite import SqliteDatabase, look_at
from limner.storage.files.open_marker import OpenMarker, Unmarked
from limner.storage.files.picture_files import PictureFiles
from limner.storage.repositories.budget_ledger import BudgetLedger
from limner.storage.repositories.chat_repository import ChatRepository
from limner.storage.repositories.cleaning import CleaningRepository
from limner.storage.repositories.cost_report import CostReport
from limner.storage.repositories.gallery import GalleryRepository
from limner.storage.repositories.message_repository import MessageRepository
from limner.storage.repositories.preferences import PreferenceRepository
from limner.storage.repositories.presence import PresenceRepository
from limner.storage.repositories.recognition import RecognitionRepository
from limner.storage.repositories.reference_repository import ReferenceRepository
from limner.uninterrupted import uninterrupted

BUSY_TIMEOUT = 5.0
PACE = 0.1
PRESENT = ".open"


class Library(
    MessageRepository,
    BudgetLedger,
    CostReport,
    ChatRepository,
    GalleryRepository,
    PreferenceRepository,
    PresenceRepository,
    RecognitionRepository,
    ReferenceRepository,
    CleaningRepository,
    Closing,
):
    """Messages, chats, pictures, presets and settings that outlive the process.

    A library is a `limner.illustration.MessageStore` and a `limner.illustration.DrawingLedger`.
    Several tasks, libraries and processes may use the same place at the same time. Every call is
    one transaction: it happens whole or not at all, also when it is cancelled, fails, or the
    process is killed. Pictures are in files named by their content; messages that are read hold
    `StoredImage`s, which read them when they are looked at.

    Made by `Library.open`; usable as an async context, which closes it.

    Examples:
        >>> import asyncio, tempfile
        >>> from limner.illustration import Message
        >>> async def tell(place):
        ...     async with await Library.open(place) as library:
        ...         await library.save(Message(id="m1", chat_id="tale", text="Once upon a time"))
        ...         await library.append_text("m1", 0, " there was a fox.")
        ...     async with await Library.open(place) as library:
        ...         return [message.text for message in await library.messages("tale")]
        >>> with tempfile.TemporaryDirectory() as place:
        ...     asyncio.run(tell(place))
        ['Once upon a time there was a fox.']
    """

    def __init__(
        self,
        database: Database,
        files: PictureFiles,
        clock: Callable[[], float],
        place: str,
        presence: OpenMarker | Unmarked,
        pace: float,
    ) -> None:
        super().__init__(database, files, clock, place)
        self._pace = pace
        self._presence: OpenMarker | Unmarked | None = presence

    @classmethod
    async def open(
        cls,
        place: str | os.PathLike[str],
        *,
        pictures: str | os.PathLike[str] | None = None,
        clock: Callable[[], float] = time.time,
        busy_timeout: float = BUSY_TIMEOUT,
        pace: float = PACE,
        to_read: bool = False,
    ) -> Self:
        """Open a library, or begin one; an older one is brought up to date.

        Args:
            place: A directory, which then holds ``limner.db`` and ``pictures/``; or a database:
                ``postgresql://USER:PASSWORD@HOST/NAME`` or ``sqlite:///FILE``.
            pictures: The directory for pictures; PostgreSQL needs one.
            clock: Seconds since the epoch, for what is dated.
            busy_timeout: Seconds a call waits for others who are writing.
            pace: Seconds over which text that streams in is gathered by whoever writes
                it, to be committed together; see `limner.illustration.MessageStore.pace`.
            to_read: Whether it is opened also where nothing can be written. There each change
                is refused, as `StorageReadOnly`.

        Raises:
            ValueError: `place` cannot be read, or `pictures` is missing.
            StorageUnavailable: It cannot be made, reached or written.
            StorageReadOnly: It cannot be written, and has to be.
            StorageCorrupt: What is there is damaged or something else; it is left as it is.
            StorageTooNew: A newer limner wrote it; it is left as it is.
            StorageBusy: Somebody held it for longer than `busy_timeout`.
            StorageFull: There is no room for a new one.
        """
        opening = asyncio.create_task(
            cls._open(address(place, pictures), clock, float(busy_timeout), float(pace), to_read)
        )
        try:
            return await uninterrupted(opening)
        except asyncio.CancelledError:
            if not opening.cancelled() and opening.exception() is None:
                await opening.result().aclose()
            raise

    @classmethod
    async def _open(
        cls,
        where: Address,
        clock: Callable[[], float],
        busy_timeout: float,
        pace: float,
        to_read: bool,
    ) -> Self:
        with told(where.shown):
            access, files, presence = await asyncio.to_thread(_prepare, where, to_read)
        database = _database(where, busy_timeout, access)
        library = cls(database, files, clock, where.shown, presence, pace)
        try:
            await library._bring_up_to_date(access)
            if await asyncio.to_thread(presence.remove_stale):
                await library.sweep()
        except BaseException:
            await library.aclose()
            raise
        return library

    async def _bring_up_to_date(self, access: Access) -> None:
        found = await self._read(version)
        if check_version(found, self._place):
            if access is not Access.FULL:
                raise read_only(self._place, "an older limner wrote it, or none has yet")
            await self._at_length(lambda connection: upgrade(connection, self._place))

    @property
    def place(self) -> str:
        """The directory, or the database's address without its password."""
        return self._place

    @property
    def pace(self) -> float:
        """Seconds over which text that streams in is gathered before it is committed."""
        return self._pace

    @property
    def pictures_place(self) -> Path:
        """The directory of the pictures' files."""
        return self._files.root

    async def is_open_elsewhere(self) -> bool:
        """Whether somebody else has the library open now, in this process or in another one."""
        with self._told():
            presence = self._presence
            return presence is not None and await asyncio.to_thread(presence.others)

    async def aclose(self) -> None:
        """Give everything back. Calls that are under way are waited for; later ones fail."""
        if self._presence is not None:
            presence, self._presence = self._presence, None
            await self._close()
            await self._database.aclose()
            presence.end()


def _prepare(where: Address, to_read: bool) -> tuple[Access, PictureFiles, OpenMarker | Unmarked]:
    """Make the directories; look at what is there before anything is written into it."""
    access = access_to(where)
    if isinstance(where.database, Path):
        look_at(where.database, where.shown, access)
    if to_read and access is not Access.FULL:
        return access, PictureFiles(where.pictures.absolute()), Unmarked()
    if isinstance(where.database, Path):
        where.database.parent.mkdir(parents=True, exist_ok=True)
    where.pictures.mkdir(parents=True, exist_ok=True)
    marker = OpenMarker(where.pictures / PRESENT)
    return Access.FULL, PictureFiles(where.pictures.absolute()), marker


def _database(where: Address, busy_timeout: float, access: Access) -> Database:
    if isinstance(where.database, URL):
        # Imported here: what it needs is heavy, and most libraries are files.
        from limner.storage.database.postgres import PostgresDatabase

        return PostgresDatabase(where.database, place=where.shown, busy_timeout=busy_timeout)
    return SqliteDatabase(
        where.database, place=where.shown, busy_timeout=busy_timeout, access=access
    )
