"""What a library no longer needs is removed, and what it needs is looked after."""

import asyncio
import time
from collections.abc import Iterable
from pathlib import Path

from sqlalchemy import ColumnElement, Connection, and_, delete, exists, select, text

from limner.storage.database.error_translation import busy
from limner.storage.database.tables import (
    alternatives,
    chats,
    images,
    messages,
    operation_pictures,
    reference_pictures,
)
from limner.storage.files import file_lock
from limner.storage.files.picture_files import PictureFiles
from limner.storage.files.stored_image import digest_of
from limner.storage.repositories.records import CleanUp, Report
from limner.storage.repositories.repository import Repository

GRACE = 3600.0
KEEP_DELETED = 30 * 86400.0
PATIENCE = 5.0
"""Seconds to wait until nobody is placing pictures."""


class CleaningRepository(Repository):
    """Gives room back, and tells whether all is there."""

    async def gc(
        self, *, grace: float = GRACE, keep_deleted: float = KEEP_DELETED, dry_run: bool = False
    ) -> CleanUp:
        """Remove for good what was deleted long ago, and files that nothing refers to any more.

        Pictures that an undo could bring back stay as long as their message does.

        Args:
            grace: Seconds a file is left alone after it was written.
            keep_deleted: Seconds for which deleted messages and chats can be restored.
            dry_run: Whether it is only told what would be removed.

        Raises:
            StorageBusy: Somebody is placing pictures without a pause.
        """
        with self._told():
            async with file_lock.alone(self._lock, PATIENCE) as held:
                if not held:
                    raise busy(self._place)
                return await self._clean(grace, keep_deleted, dry_run)

    async def _clean(self, grace: float, keep_deleted: float, dry_run: bool) -> CleanUp:
        now = self._clock()

        def work(connection: Connection) -> tuple[int, int, int, set[Path]]:
            with connection.begin_nested() as attempt:
                gone = _forget_deleted(connection, now - keep_deleted)
                pictures = _forget_pictures(connection, now - grace)
                known = _known(connection, self._files)
                if dry_run:
                    attempt.rollback()
            return *gone, pictures, known

        gone = await self._at_length(work)
        chats_gone, messages_gone, pictures_gone, known = gone
        before = time.time() - grace
        removed = await asyncio.to_thread(sweep, self._files, known, before, dry_run=dry_run)
        return CleanUp(
            chats=chats_gone,
            messages=messages_gone,
            pictures=max(pictures_gone, removed.pictures),
            thumbnails=removed.thumbnails,
            half_written=removed.half_written,
            bytes=removed.bytes,
        )

    async def sweep(self) -> CleanUp:
        """Remove what processes left behind that died while they placed pictures.

        Nothing is removed if somebody is placing pictures now.
        """
        with self._told():
            async with file_lock.alone(self._lock, 0.0) as held:
                if not held:
                    return CleanUp()
                known = await self._read(lambda connection: _known(connection, self._files))
                return await asyncio.to_thread(sweep, self._files, known, float("inf"))

    async def check(self) -> Report:
        """Look whether every picture is there and is what was written; reads all of them."""

        def work(connection: Connection) -> tuple[set[Path], tuple[str, ...]]:
            complaints: Iterable[str] = ()
            if connection.dialect.name == "sqlite":
                rows = connection.execute(text("PRAGMA integrity_check")).scalars()
                complaints = (row for row in rows if row != "ok")
            return _known(connection, self._files), tuple(complaints)

        known, complaints = await self._read(work)
        with self._told():
            return await asyncio.to_thread(_inspect, self._files, known, complaints)


def _forget_deleted(connection: Connection, before: float) -> tuple[int, int]:
    """Remove chats and messages for good that were deleted before an instant."""
    gone = connection.execute(delete(messages).where(messages.c.deleted_at <= before)).rowcount
    empty = ~exists().where(messages.c.chat_key == chats.c.key)
    old = connection.execute(delete(chats).where(and_(chats.c.deleted_at <= before, empty)))
    return old.rowcount, gone


def _forget_pictures(connection: Connection, before: float) -> int:
    unused = and_(
        images.c.created_at <= before,
        ~exists().where(_same(alternatives.c.digest, alternatives.c.media_type)),
        ~exists().where(_same(operation_pictures.c.digest, operation_pictures.c.media_type)),
        ~exists().where(_same(reference_pictures.c.digest, reference_pictures.c.media_type)),
    )
    return connection.execute(delete(images).where(unused)).rowcount


def _same(digest: ColumnElement[str], media_type: ColumnElement[str]) -> ColumnElement[bool]:
    return and_(digest == images.c.digest, media_type == images.c.media_type)


def _known(connection: Connection, files: PictureFiles) -> set[Path]:
    rows = connection.execute(select(images.c.digest, images.c.media_type))
    return {files.path(row.digest, row.media_type) for row in rows}


def sweep(
    files: PictureFiles, known: set[Path], before: float, *, dry_run: bool = False
) -> CleanUp:
    """Remove, or only count, the files nothing refers to that were written before an instant.

    Nobody may be placing pictures meanwhile.
    """
    digests = {files.digest(path) for path in known}
    pictures = [path for path in files.pictures() if path not in known]
    thumbnails = [path for path in files.thumbnails() if files.digest(path) not in digests]
    counts, freed = [], 0
    for group in (pictures, thumbnails, list(files.half_written())):
        removed = [size for path in group if (size := _remove(path, before, dry_run)) is not None]
        counts.append(len(removed))
        freed += sum(removed)
    return CleanUp(pictures=counts[0], thumbnails=counts[1], half_written=counts[2], bytes=freed)


def _remove(path: Path, before: float, dry_run: bool) -> int | None:
    try:
        about = path.stat()
        if about.st_mtime > before:
            return None
        if not dry_run:
            path.unlink()
    except FileNotFoundError:
        return None
    return about.st_size


def _inspect(files: PictureFiles, known: set[Path], complaints: tuple[str, ...]) -> Report:
    missing, damaged = [], []
    for path in sorted(known):
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            missing.append(files.digest(path))
        else:
            if digest_of(data) != files.digest(path):
                damaged.append(files.digest(path))
    orphans = sorted(str(path.relative_to(files.root)) for path in files.pictures()
                     if path not in known)  # fmt: skip
    return Report(
        pictures=len(known),
        missing=tuple(missing),
        damaged=tuple(damaged),
        orphans=tuple(orphans),
        database=complaints,
    )
