"""A library: messages and their pictures, kept on disk or in a database."""

import asyncio
import os
import secrets
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Self

from sqlalchemy import URL

from limner.closing import Closing
from limner.errors.installation import needing
from limner.storage.copying import IDENTITY, CopyRepository
from limner.storage.database.access import Access, access_to
from limner.storage.database.address import DATABASE_FILE, PICTURES, Address, address
from limner.storage.database.database import Database
from limner.storage.database.error_translation import read_only, told
from limner.storage.database.schema import check_version, upgrade, version
from limner.storage.database.sqlite import SqliteDatabase, look_at
from limner.storage.files.open_marker import OpenMarker, Unmarked
from limner.storage.files.picture_files import PictureFiles
from limner.storage.files.picture_store import PictureStore
from limner.storage.keeping.belonging import belong, look_at_home
from limner.storage.keeping.forgetting import known_pictures
from limner.storage.keeping.in_directory import DirectoryKeeping
from limner.storage.keeping.keeping import PictureKeeping
from limner.storage.keeping.open_row import OpenRow
from limner.storage.repositories.budget_ledger import BudgetLedger
from limner.storage.repositories.chat_repository import ChatRepository
from limner.storage.repositories.cleaning import CleaningRepository
from limner.storage.repositories.cost_report import CostReport
from limner.storage.repositories.erasing import ErasingRepository
from limner.storage.repositories.gallery import GalleryRepository
from limner.storage.repositories.message_repository import MessageRepository
from limner.storage.repositories.order_repository import OrderRepository
from limner.storage.repositories.preferences import PreferenceRepository
from limner.storage.repositories.presence import PresenceRepository
from limner.storage.repositories.recognition import RecognitionRepository
from limner.storage.repositories.reference_repository import ReferenceRepository
from limner.uninterrupted import uninterrupted

BUSY_TIMEOUT = 5.0
CONNECTIONS = 5
PACE = 0.1
PRESENT = ".open"


class Library(
    MessageRepository,
    BudgetLedger,
    CostReport,
    ChatRepository,
    GalleryRepository,
    OrderRepository,
    PreferenceRepository,
    PresenceRepository,
    RecognitionRepository,
    ReferenceRepository,
    CleaningRepository,
    CopyRepository,
    ErasingRepository,
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
        keeping: PictureKeeping,
        clock: Callable[[], float],
        place: str,
        presence: OpenMarker | Unmarked,
        pace: float,
    ) -> None:
        super().__init__(database, keeping, clock, place)
        self._pace = pace
        self._presence: OpenMarker | Unmarked | None = presence
        self._row: OpenRow | None = None

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
        connections: int = CONNECTIONS,
    ) -> Self:
        """Open a library, or begin one; an older one is brought up to date.

        Args:
            place: A directory, which then holds ``limner.db`` and ``pictures/``; or a database:
                ``postgresql://USER:PASSWORD@HOST/NAME`` or ``sqlite:///FILE``.
            pictures: The directory for pictures, or ``s3://BUCKET/PREFIX``, a bucket of an object
                store; PostgreSQL needs one of them.
            clock: Seconds since the epoch, for what is dated.
            busy_timeout: Seconds a call waits for others who are writing.
            pace: Seconds over which text that streams in is gathered by whoever writes
                it, to be committed together; see `limner.illustration.MessageStore.pace`.
            to_read: Whether it is opened also where nothing can be written. There each change
                is refused, as `StorageReadOnly`.
            connections: How many it has to a database that is a server, and as many for what takes
                long.

        Raises:
            ValueError: `place` cannot be read, or `pictures` is missing.
            StorageUnavailable: It cannot be made, reached or written.
            StorageReadOnly: It cannot be written, and has to be.
            StorageCorrupt: What is there is damaged or something else; it is left as it is.
            StorageTooNew: A newer limner wrote it; it is left as it is.
            StorageForeign: `pictures` are those of another library; they are left as they are.
            StorageBusy: Somebody held it for longer than `busy_timeout`.
            StorageFull: There is no room for a new one.
        """
        where = address(place, pictures)
        database = partial(_database, where, float(busy_timeout), connections)
        opening = asyncio.create_task(cls._open(where, database, clock, float(pace), to_read))
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
        make: Callable[[Access], Database],
        clock: Callable[[], float],
        pace: float,
        to_read: bool,
    ) -> Self:
        with told(where.shown):
            access, files, presence = await asyncio.to_thread(_prepare, where, to_read)
        database = make(access)
        keeping = _keeping(files, database, clock, where.shown)
        library = cls(database, keeping, clock, where.shown, presence, pace)
        try:
            await library._bring_up_to_date(access)
            if access is Access.FULL:
                await library._have_its_place(where)
            if database.is_server and files.is_far:
                library._row = await OpenRow(database).begin()
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

    async def _have_its_place(self, where: Address) -> None:
        """Before anything is removed there that this library does not know."""
        library = await self.first_setting(IDENTITY, secrets.token_hex(8))
        known = None
        if not _is_within(where) and await asyncio.to_thread(self._files.library) is None:
            known = {digest for digest, _ in await self._read(known_pictures)}
            await asyncio.to_thread(look_at_home, _home(where), library, self._files)
        with self._told():
            await belong(self._files, library, known, place=self._place)

    @property
    def place(self) -> str:
        """The directory, or the database's address without its password."""
        return self._place

    @property
    def pace(self) -> float:
        """Seconds over which text that streams in is gathered before it is committed."""
        return self._pace

    @property
    def pictures_place(self) -> str:
        """The directory of the pictures' files, or the bucket's address."""
        return self._files.place

    async def is_open_elsewhere(self) -> bool:
        """Whether somebody else has the library open now, in this process or in another one."""
        with self._told():
            presence = self._presence
            if presence is not None and await asyncio.to_thread(presence.others):
                return True
            return self._row is not None and await self._row.others(self._joined)

    async def aclose(self) -> None:
        """Give everything back. Calls that are under way are waited for; later ones fail."""
        if self._presence is not None:
            presence, self._presence = self._presence, None
            if self._row is not None:
                await self._row.end()
            await self._close()
            await self._database.aclose()
            presence.end()


def _prepare(where: Address, to_read: bool) -> tuple[Access, PictureStore, OpenMarker | Unmarked]:
    """Make the directories; look at what is there before anything is written into it."""
    access = access_to(where)
    if isinstance(where.database, Path):
        look_at(where.database, where.shown, access)
    files = _files(where)
    if to_read and access is not Access.FULL:
        return access, files, Unmarked()
    if isinstance(where.database, Path):
        where.database.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(where.pictures, Path):
        where.pictures.mkdir(parents=True, exist_ok=True)
        return Access.FULL, files, OpenMarker(where.pictures / PRESENT)
    if isinstance(where.database, Path):
        return Access.FULL, files, OpenMarker(where.database.parent / PRESENT)
    return Access.FULL, files, Unmarked()  # rows say it


def _is_within(where: Address) -> bool:
    """Whether the pictures are in the folder of a library that is a folder."""
    if not isinstance(where.database, Path) or where.database.name != DATABASE_FILE:
        return False
    return where.pictures == where.database.parent / PICTURES


def _home(where: Address) -> PictureFiles | None:
    """Where the pictures of a library in a file are if nobody says so."""
    if not isinstance(where.database, Path):
        return None
    return PictureFiles((where.database.parent / PICTURES).absolute())


def _files(where: Address) -> PictureStore:
    if isinstance(where.pictures, Path):
        return PictureFiles(where.pictures.absolute())
    with needing("pictures in an object store", extra="s3"):
        import obstore  # noqa: F401 - is it there?
    from limner.storage.bucket.picture_bucket import PictureBucket

    bucket = PictureBucket(where.pictures)
    bucket.look()
    return bucket


def _keeping(
    files: PictureStore, database: Database, clock: Callable[[], float], place: str
) -> PictureKeeping:
    if isinstance(files, PictureFiles):
        return DirectoryKeeping(files, database, clock, place)
    # Imported here: most libraries have no bucket.
    from limner.storage.bucket.picture_bucket import PictureBucket
    from limner.storage.keeping.in_bucket import BucketKeeping

    assert isinstance(files, PictureBucket)  # noqa: S101 - tells the type checker
    return BucketKeeping(files, database, clock, place)


def _database(where: Address, busy_timeout: float, connections: int, access: Access) -> Database:
    if isinstance(where.database, URL):
        # Imported here: what it needs is heavy, and most libraries are files.
        with needing("a library in PostgreSQL", extra="postgres"):
            import asyncpg  # type: ignore[import-untyped]  # noqa: F401 - is it there?
        from limner.storage.database.postgres import PostgresDatabase

        return PostgresDatabase(
            where.database,
            place=where.shown,
            busy_timeout=busy_timeout,
            connections=connections,
        )
    return SqliteDatabase(
        where.database, place=where.shown, busy_timeout=busy_timeout, access=access
    )
