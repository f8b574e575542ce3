"""The files of pictures: named by their content, never half-written under their name."""

import os
import re
import uuid
from collections.abc import Iterator
from pathlib import Path

from limner.illustration import Image
from limner.storage.files.stored_image import StoredImage, digest_of

SUFFIXES = {
    "image/png": ".png",
    "image/jpeg": ".jpg",
    "image/webp": ".webp",
    "image/avif": ".avif",
    "image/gif": ".gif",
}
HALF_WRITTEN = ".part"
THUMBNAILS = "thumbnails"
_NAME = re.compile(r"[0-9a-f]{62}\.[a-z]+")


class PictureFiles:
    """A directory of pictures: ``ab/cdef….png`` holds the one whose SHA-256 begins with abcdef.

    Args:
        root: The directory.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    def path(self, digest: str, media_type: str) -> Path:
        """Where a picture's file is, or would be."""
        return self.root / digest[:2] / (digest[2:] + SUFFIXES.get(media_type, ".bin"))

    def thumbnail(self, digest: str, side: int) -> Path:
        """Where a picture's thumbnail is, or would be."""
        return self.root / THUMBNAILS / digest[:2] / f"{digest[2:]}.{side}.webp"

    def is_there(self, image: Image) -> bool:
        """Whether the picture's file is there, and has its size."""
        return isinstance(image, StoredImage) and self._is_there(image.path, image.size)

    def has(self, image: Image) -> bool:
        """Whether the picture is one of these."""
        return isinstance(image, StoredImage) and image.path == self.path(
            image.digest, image.media_type
        )

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
        return StoredImage(
            digest=digest,
            path=path,
            size=len(data),
            media_type=image.media_type,
            width=image.width,
            height=image.height,
            seed=image.seed,
            info=image.info,
        )

    def _is_there(self, path: Path, size: int) -> bool:
        try:
            return path.stat().st_size == size
        except FileNotFoundError:
            return False

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
