"""Pictures in a bucket: whoever places some and whoever removes some is told by rows.

A store knows no locks, and its clock is not ours. So a picture is announced before it is put, by a
row of `loose_pictures` that holds by the database's clock, and settled when a row of `images` names
it. What nobody names is taken by one cleaner at a time before it is removed; who wants to place the
very same picture meanwhile waits for that.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Collection, Iterable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

from sqlalchemy import Connection

from limner.errors import StorageError
from limner.illustration import Image
from limner.storage.bucket.picture_bucket import Listed, PictureBucket
from limner.storage.database.error_translation import busy
from limner.storage.files.picture_store import KeptByRows
from limner.storage.files.stored_image import SUFFIXES, StoredImage, digest_of
from limner.storage.keeping import loose
from limner.storage.keeping.forgetting import (
    complaints,
    forget_deleted,
    forget_pictures,
    forget_unused,
    is_known,
    known_pictures,
)
from limner.storage.keeping.keeping import Keep, Kept, T
from limner.storage.keeping.loose import Key
from limner.storage.keeping.reports import CleanUp, Report

PLACING = 3600.0
"""Seconds that a picture may take from its first byte to the commit that names it."""
COPYING = 7 * 86400.0
"""Likewise, where a whole library is copied into this one."""
REMOVING = 60.0
"""Seconds that whoever takes pictures to remove them has for it."""
IN_TIME = 20.0
"""Of these, for asking the store to: a request may take thirty more, and nobody else begins."""
AT_ONCE = 200
"""Pictures that are removed by one request."""
LOOK = 0.1
"""Seconds between two looks whether a picture's removal is over."""
SIDE_BY_SIDE = 8
"""Pictures that are read at the same time, where all are."""
_MEDIA_TYPES = {suffix.removeprefix("."): kind for kind, suffix in SUFFIXES.items()}


@dataclass(slots=True)
class _Gone:
    """What a cleaning has found that is to go."""

    chats: int
    messages: int
    keys: list[Key]
    known: set[str]


class BucketKeeping(KeptByRows[PictureBucket]):
    """Looks after pictures in a bucket; see `PictureKeeping`."""

    @asynccontextmanager
    async def placing(self, images: Collection[Image]) -> AsyncIterator[Kept]:
        """See `PictureKeeping`."""
        data = await asyncio.to_thread(lambda: [image.data for image in images])
        names = [
            (digest_of(one), image.media_type) for one, image in zip(data, images, strict=True)
        ]
        keys = set(names)
        known = await self._announce(keys, PLACING)
        try:
            putting = (
                self.files.keep(image, one, known=name in known)
                for image, one, name in zip(images, data, names, strict=True)
            )
            done = await asyncio.gather(*putting, return_exceptions=True)
            kept: Kept = {}
            for image, made in zip(images, done, strict=True):
                if isinstance(made, BaseException):
                    raise made
                kept[id(image)] = made
            yield kept
        finally:
            await self._end_placing(keys)

    @asynccontextmanager
    async def copying(self) -> AsyncIterator[Keep]:
        """See `PictureKeeping`."""
        keys: set[Key] = set()

        async def keep(image: StoredImage) -> None:
            data = await asyncio.to_thread(lambda: image.data)
            key = (image.digest, image.media_type)
            await self._announce({key}, COPYING)
            keys.add(key)
            await self.files.keep(image, data)

        try:
            yield keep
        finally:
            await self._end_placing(keys)

    @asynccontextmanager
    async def holding(self) -> AsyncIterator[None]:
        """See `PictureKeeping`: a thumbnail that goes too early is made again."""
        yield

    async def erase(
        self, digest: str, media_type: str, before: Callable[[Connection], None]
    ) -> bool:
        """See `PictureKeeping`."""
        key = digest, media_type

        def work(connection: Connection) -> bool:
            loose.hold_placing(connection)
            before(connection)
            if loose.is_being_placed(connection, key) or not forget_unused(connection, *key):
                return False
            loose.loosen(connection, [key], 0.0)
            return bool(loose.claim(connection, 1, REMOVING, only=key))

        if not await self._database.write(work):
            return False
        smalls = await asyncio.to_thread(self.files.smalls, digest)
        await self._remove([key], smalls)
        return True

    async def clean(self, *, grace: float, keep_deleted: float, dry_run: bool) -> CleanUp:
        """See `PictureKeeping`; how old something is the database's clock tells."""
        listed = await asyncio.to_thread(lambda: list(self.files.listed()))
        gone = await self._forget(listed, grace, keep_deleted, dry_run=dry_run)
        sizes = {one.key: one.size for one in listed}
        going = {self.files.path(*key).key for key in gone.keys}
        old = [one for one in listed if one.is_small and one.digest not in gone.known]
        if not dry_run:
            await self._remove_all()
            await asyncio.to_thread(_in_batches, self.files.remove, [one.key for one in old])
        return CleanUp(
            chats=gone.chats,
            messages=gone.messages,
            pictures=len(going),
            thumbnails=len(old),
            bytes=sum(sizes.get(key, 0) for key in going) + sum(one.size for one in old),
        )

    async def _forget(
        self, listed: Iterable[Listed], grace: float, keep_deleted: float, *, dry_run: bool
    ) -> _Gone:
        """Forget rows, and note what is in the bucket that none names."""
        deleted_before = self._clock() - keep_deleted
        there = [_key_of(one) for one in listed if not one.is_small]

        def work(connection: Connection) -> _Gone:
            loose.hold_placing(connection)
            with connection.begin_nested() as attempt:
                gone = forget_deleted(connection, deleted_before)
                before = loose.now_of(connection) - grace
                unused = forget_pictures(connection, before, ~loose.being_placed(connection))
                loose.loosen(connection, unused, 0.0)
                known = set(known_pictures(connection))
                loose.loosen(connection, set(there) - known - set(unused), grace)
                loose.tidy(connection)
                keys = loose.removable(connection)
                if dry_run:
                    attempt.rollback()
            return _Gone(*gone, keys, {key[0] for key in known})

        return await self._database.write(work, long=True)

    async def sweep(self) -> CleanUp:
        """See `PictureKeeping`: what is left behind is known by rows, and a cleaning removes it."""
        return CleanUp()

    async def inspect(self) -> Report:
        """See `PictureKeeping`."""

        def work(connection: Connection) -> tuple[list[Key], tuple[str, ...]]:
            return known_pictures(connection), complaints(connection)

        known, said = await self._database.read(work)
        looking = asyncio.Semaphore(SIDE_BY_SIDE)

        async def look(key: Key) -> bool | None:
            async with looking:
                return await asyncio.to_thread(self._is_sound, key)

        keys = sorted(known)
        found = dict(zip(keys, await asyncio.gather(*map(look, keys)), strict=True))
        names = {self.files.path(*key).key for key in keys}
        listed = await asyncio.to_thread(lambda: list(self.files.listed()))
        return Report(
            pictures=len(keys),
            missing=tuple(key[0] for key, sound in found.items() if sound is None),
            damaged=tuple(key[0] for key, sound in found.items() if sound is False),
            orphans=tuple(
                sorted(one.key for one in listed if not one.is_small and one.key not in names)
            ),
            database=said,
        )

    def _is_sound(self, key: Key) -> bool | None:
        try:
            return digest_of(self.files.path(*key).read_bytes()) == key[0]
        except FileNotFoundError:
            return None

    async def _end_placing(self, keys: set[Key]) -> None:
        with suppress(StorageError):  # it ends by itself, later
            await self._write(lambda connection: loose.end_placing(connection, keys))

    async def _announce(self, keys: set[Key], lease: float) -> set[Key]:
        """Announce pictures; those that are just being removed when that is over.

        Returns:
            Those that a row names already.
        """
        end = time.monotonic() + REMOVING + LOOK
        waiting, known = keys, set[Key]()

        def work(connection: Connection) -> set[Key]:
            held = loose.announce(connection, waiting, lease)
            known.update(key for key in waiting - held if is_known(connection, *key))
            return held

        while waiting := await self._write(work):
            if time.monotonic() > end:  # each time another cleaner takes them
                raise busy(self._place)
            await asyncio.sleep(LOOK)
        return known

    async def _remove_all(self) -> None:
        """Remove what may be, a part at a time."""
        while keys := await self._write(
            lambda connection: loose.claim(connection, AT_ONCE, REMOVING)
        ):
            await self._remove(keys)

    async def _remove(self, keys: Sequence[Key], more: Sequence[str] = ()) -> None:
        """Remove pictures that are this cleaner's to remove, and forget them."""
        start = time.monotonic()
        names = [self.files.path(*key).key for key in keys] + list(more)

        def remove() -> bool:
            if time.monotonic() > start + IN_TIME:  # a thread was long in coming
                return False
            self.files.remove(names)
            return time.monotonic() < start + REMOVING

        if await asyncio.to_thread(remove):
            await self._write(lambda connection: loose.removed(connection, keys))

    async def _write(self, work: Callable[[Connection], T]) -> T:
        """By itself, so that what others have to write does not wait for what this waits for."""
        return await self._database.write(work)


def _key_of(listed: Listed) -> Key:
    kind = listed.key.rpartition(".")[2]
    return listed.digest, _MEDIA_TYPES.get(kind, "application/octet-stream")


def _in_batches(work: Callable[[Sequence[str]], None], names: Sequence[str]) -> None:
    for start in range(0, len(names), AT_ONCE):
        work(names[start : start + AT_ONCE])
