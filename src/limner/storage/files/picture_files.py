"""The files of pictures: named by their content, never half-written under their name."""

import asyncio
import os
import re
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

from limner.illustration import Image
from limner.storage.files import file_lock
from limner.storage.files.picture_store import KeptByRows
from limner.storage.files.stored_image import StoredImage, digest_of, name_of, stored

HALF_WRITTEN = ".part"
LOCK = ".lock"
"""Held shared from the first byte of a picture to the commit that names it, and alone while files
are removed that nothing names: so a file that is on its way is never taken for one left behind."""
MARK = ".library"
"""Says to which library the directory belongs."""
THUMBNAILS = "thumbnails"
_NAME = re.compile(r"[0-9a-f]{62}\.[a-z]+")


class PictureFiles:
    """A directory of pictures: ``ab/cdef….png`` holds the one whose SHA-256 begins with abcdef.

    Args:
        root: The directory.
    """

    is_far = False

    def __init__(self, root: Path) -> None:
        self.root = root

    @property
    def place(self) -> str:
        """How to name it to people."""
        return str(self.root)

    @property
    def disk(self) -> Path:
        """Something on its disk."""
        return self.root

    def path(self, digest: str, media_type: str) -> Path:
        """Where a picture's file is, or would be."""
        folder, name = name_of(digest, media_type)
        return self.root / folder / name

    def thumbnail(self, digest: str, side: int) -> Path:
        """Where a picture's thumbnail is, or would be."""
        return self.root / THUMBNAILS / digest[:2] / f"{digest[2:]}.{side}.webp"

    def is_there(self, image: Image) -> bool:
        """Whether the picture's file is there, and has its size."""
        return isinstance(image, StoredImage) and self._is_there(
            self.path(image.digest, image.media_type), image.size
        )

    def has(self, image: Image) -> bool:
        """Whether the picture is one of these."""
        return isinstance(image, StoredImage) and image.path == self.path(
            image.digest, image.media_type
        )

    def small(self, digest: str, side: int) -> bytes:
        """See `PictureStore`."""
        return self.thumbnail(digest, side).read_bytes()

    def keep_small(self, digest: str, side: int, data: bytes) -> None:
        """See `PictureStore`."""
        write(self.thumbnail(digest, side), data)

    def remove(self, digest: str, media_type: str) -> None:
        """Remove a picture and its thumbnails."""
        small = self.thumbnail(digest, 0)
        for path in (
            self.path(digest, media_type),
            *small.parent.glob(f"{small.name.partition('.')[0]}.*"),
        ):
            path.unlink(missing_ok=True)

    def keep(self, image: Image) -> StoredImage:
        """Write a picture that is not kept yet; it is on the disk when this returns.

        Raises:
            OSError: It could not be written; nothing is left of it.
        """
        data = image.data
        digest = digest_of(data)
        path = self.path(digest, image.media_type)
        if not (self._is_there(path, len(data)) and digest_of(path.read_bytes()) == digest):
            write(path, data)  # it is new, or was damaged
        return stored(image, digest, path, len(data))

    def _is_there(self, path: Path, size: int) -> bool:
        try:
            return path.stat().st_size == size
        except FileNotFoundError:
            return False

    @property
    def mark(self) -> str:
        """See `PictureStore`."""
        return str(self.root / MARK)

    def library(self) -> str | None:
        """See `PictureStore`."""
        try:
            return (self.root / MARK).read_text("utf-8").strip() or None
        except FileNotFoundError:
            return None

    def claim(self, library: str) -> str:
        """See `PictureStore`."""
        mark, said = self.root / MARK, f"{library}\n".encode()
        made = self.root / f".{os.getpid()}-{uuid.uuid4().hex}{HALF_WRITTEN}"
        write(made, said)
        try:
            os.link(made, mark)  # unlike a rename it replaces nothing
            _sync(self.root)
        except FileExistsError:
            if self.library() is None:  # it was there, and said nothing
                write(mark, said)
        except OSError:  # a disk without links
            write(mark, said)
        finally:
            made.unlink(missing_ok=True)
        return self.library() or library

    def digests(self) -> Iterator[str]:
        """See `PictureStore`."""
        return map(self.digest, self.pictures())

    def probe(self) -> None:
        """Write a small file and take it away again.

        Raises:
            OSError: It could not be written.
        """
        made = self.root / f".{os.getpid()}-{uuid.uuid4().hex}{HALF_WRITTEN}"
        try:
            made.write_bytes(bytes(4096))
        finally:
            made.unlink(missing_ok=True)

    def pictures(self) -> Iterator[Path]:
        """The files of pictures, whole ones only."""
        for folder in self._folders(self.root):
            yield from (file for file in folder.iterdir() if _NAME.fullmatch(file.name))

    def thumbnails(self) -> Iterator[Path]:
        """The files of thumbnails."""
        for folder in self._folders(self.root / THUMBNAILS):
            yield from (file for file in folder.iterdir() if file.suffix == ".webp")

    def half_written(self) -> Iterator[Path]:
        """What is being written now, or was when a process died."""
        for root in (self.root, self.root / THUMBNAILS):
            for folder in self._folders(root):
                yield from (file for file in folder.iterdir() if file.suffix == HALF_WRITTEN)

    def _folders(self, root: Path) -> Iterator[Path]:
        if root.is_dir():
            yield from (folder for folder in root.iterdir() if len(folder.name) == 2)

    @staticmethod
    def digest(file: Path) -> str:
        """The digest that a picture's or thumbnail's file is named by."""
        return file.parent.name + file.name.partition(".")[0]


class PlacedFiles(KeptByRows[PictureFiles]):
    """Places pictures in a directory; see `limner.storage.keeping.keeping.PictureKeeping`."""

    @property
    def _lock(self) -> Path:
        return self.files.root / LOCK

    @asynccontextmanager
    async def placing(self, images: Collection[Image]) -> AsyncIterator[dict[int, StoredImage]]:
        """See `PictureKeeping`. They are written side by side: a disk takes its time for each."""
        async with file_lock.shared(self._lock):
            writing = (asyncio.to_thread(self.files.keep, image) for image in images)
            done = await asyncio.gather(*writing, return_exceptions=True)
            kept: dict[int, StoredImage] = {}
            for image, made in zip(images, done, strict=True):
                if isinstance(made, BaseException):
                    raise made
                kept[id(image)] = made
            yield kept

    @asynccontextmanager
    async def copying(self) -> AsyncIterator[Callable[[StoredImage], Awaitable[object]]]:
        """See `PictureKeeping`."""

        async def keep(image: StoredImage) -> None:
            await asyncio.to_thread(self.files.keep, image)

        async with file_lock.shared(self._lock):
            yield keep

    @asynccontextmanager
    async def holding(self) -> AsyncIterator[None]:
        """See `PictureKeeping`."""
        async with file_lock.shared(self._lock):
            yield


def write(path: Path, data: bytes) -> None:
    """Write a file so that it is there whole or not at all, also after a loss of power.

    Raises:
        OSError: It could not be written; nothing is left of it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    made = path.parent / f".{os.getpid()}-{uuid.uuid4().hex}{HALF_WRITTEN}"
    try:
        with made.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        made.replace(path)
        _sync(path.parent)
    except BaseException:
        made.unlink(missing_ok=True)
        raise


def _sync(folder: Path) -> None:
    """Let the directory's entries be on the disk too."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
