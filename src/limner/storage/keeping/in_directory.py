"""Pictures in a directory: a file's lock stands between who places and who removes some."""

import asyncio
import time
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import Connection

from limner.storage.database.error_translation import busy
from limner.storage.files import file_lock
from limner.storage.files.picture_files import PictureFiles, PlacedFiles
from limner.storage.files.stored_image import digest_of
from limner.storage.keeping.forgetting import (
    complaints,
    forget_deleted,
    forget_pictures,
    forget_unused,
    is_known,
    known_pictures,
)
from limner.storage.keeping.reports import CleanUp, Report

PATIENCE = 5.0
"""Seconds to wait until nobody is placing pictures."""


class DirectoryKeeping(PlacedFiles):
    """Looks after pictures in a directory; see `PictureKeeping`."""

    async def erase(
        self, digest: str, media_type: str, before: Callable[[Connection], None]
    ) -> bool:
        """See `PictureKeeping`."""

        def work(connection: Connection) -> bool:
            before(connection)
            return forget_unused(connection, digest, media_type)

        if not await self._database.write(work):
            return False
        async with file_lock.alone(self._lock, PATIENCE) as held:
            if not held or await self._database.read(
                lambda connection: is_known(connection, digest, media_type)
            ):  # somebody has placed the same picture meanwhile
                return False
            await asyncio.to_thread(self.files.remove, digest, media_type)
        return True

    async def clean(self, *, grace: float, keep_deleted: float, dry_run: bool) -> CleanUp:
        """See `PictureKeeping`.

        Raises:
            limner.errors.StorageBusy: Somebody is placing pictures without a pause.
        """
        async with file_lock.alone(self._lock, PATIENCE) as held:
            if not held:
                raise busy(self._place)
            return await self._clean(grace, keep_deleted, dry_run)

    async def _clean(self, grace: float, keep_deleted: float, dry_run: bool) -> CleanUp:
        now = self._clock()

        def work(connection: Connection) -> tuple[int, int, int, set[Path]]:
            with connection.begin_nested() as attempt:
                gone = forget_deleted(connection, now - keep_deleted)
                pictures = len(forget_pictures(connection, now - grace))
                known = self._known(connection)
                if dry_run:
                    attempt.rollback()
            return *gone, pictures, known

        gone = await self._database.write(work, long=True)
        chats_gone, messages_gone, pictures_gone, known = gone
        before = time.time() - grace
        removed = await asyncio.to_thread(swept, self.files, known, before, dry_run=dry_run)
        return CleanUp(
            chats=chats_gone,
            messages=messages_gone,
            pictures=max(pictures_gone, removed.pictures),
            thumbnails=removed.thumbnails,
            half_written=removed.half_written,
            bytes=removed.bytes,
        )

    async def sweep(self) -> CleanUp:
        """See `PictureKeeping`. Nothing is removed if somebody is placing pictures now."""
        async with file_lock.alone(self._lock, 0.0) as held:
            if not held:
                return CleanUp()
            known = await self._database.read(self._known)
            return await asyncio.to_thread(swept, self.files, known, float("inf"))

    async def inspect(self) -> Report:
        """See `PictureKeeping`."""

        def work(connection: Connection) -> tuple[set[Path], tuple[str, ...]]:
            return self._known(connection), complaints(connection)

        known, said = await self._database.read(work)
        return await asyncio.to_thread(_inspected, self.files, known, said)

    def _known(self, connection: Connection) -> set[Path]:
        return {self.files.path(*key) for key in known_pictures(connection)}


def swept(
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


def _inspected(files: PictureFiles, known: set[Path], said: tuple[str, ...]) -> Report:
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
        database=said,
    )
