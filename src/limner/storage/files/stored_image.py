"""A picture whose bytes stay in their file until somebody looks at them."""

import hashlib
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from limner.errors import PictureMissing
from limner.illustration import Image

_NOTHING: Mapping[str, object] = {}
SUFFIXES = {
    "image/png": ".png",
    "image/jpeg": ".jpg",
    "image/webp": ".webp",
    "image/avif": ".avif",
    "image/gif": ".gif",
}


def digest_of(data: bytes) -> str:
    """The SHA-256 of a picture's bytes, which names its file."""
    return hashlib.sha256(data).hexdigest()


def content_digest(image: Image) -> str:
    """The SHA-256 of a picture's bytes; of one that is kept, without reading its file."""
    return image.digest if isinstance(image, StoredImage) else digest_of(image.data)


class PictureFile(Protocol):
    """Where a picture's bytes are: a file, or an object of a bucket. Two of one place are equal."""

    @property
    def name(self) -> str:
        """The last part of its name."""
        ...

    @property
    def suffix(self) -> str:
        """How it ends."""
        ...

    def read_bytes(self) -> bytes:
        """The bytes; as `pathlib.Path` has them."""
        ...

    def __hash__(self) -> int: ...


class StoredImage(Image):
    """A picture of a library. Having it costs nothing; `data` reads the file each time.

    It equals every `Image` of the same bytes and facts, and comparing reads no file.

    Attributes:
        digest: The SHA-256 of the bytes, in hexadecimal.
        path: Where the file is; a `pathlib.Path`, unless pictures are in a bucket.
        size: How many bytes it has.
    """

    __slots__ = ("digest", "path", "size")

    digest: str
    path: PictureFile
    size: int

    def __init__(
        self,
        *,
        digest: str,
        path: PictureFile,
        size: int,
        media_type: str,
        width: int,
        height: int,
        seed: int | None = None,
        info: Mapping[str, object] = _NOTHING,
    ) -> None:
        facts = {
            "digest": digest,
            "path": path,
            "size": size,
            "media_type": media_type,
            "width": width,
            "height": height,
            "seed": seed,
            "info": info,
        }
        for name, value in facts.items():
            object.__setattr__(self, name, value)

    @property
    def data(self) -> bytes:
        """The bytes, read from the file and checked.

        Raises:
            PictureMissing: The file is gone, or is not what was written.
            limner.errors.StorageUnavailable: It is in a bucket that cannot be reached now.
        """
        try:
            data = self.path.read_bytes()
        except OSError as error:
            raise self._missing(error.strerror or str(error)) from error
        if digest_of(data) != self.digest:
            raise self._missing("its content has changed")
        return data

    def _missing(self, reason: str) -> PictureMissing:
        folder = self.path.parent.parent if isinstance(self.path, Path) else self.path
        return PictureMissing(
            f"the picture {self.path} cannot be shown ({reason}): restore it from a backup, or draw"
            " it again",
            place=str(folder),
            digest=self.digest,
        )

    def _facts(self) -> tuple[object, ...]:
        return self.digest, self.media_type, self.width, self.height, self.seed, dict(self.info)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, StoredImage):
            return self._facts() == other._facts()
        if isinstance(other, Image):
            digest = digest_of(other.data)
            return self._facts() == (
                digest, other.media_type, other.width, other.height, other.seed, dict(other.info)
            )  # fmt: skip
        return NotImplemented

    def __hash__(self) -> int:
        return hash((self.digest, self.media_type))

    def __repr__(self) -> str:
        return (
            f"StoredImage(digest={self.digest[:12]!r}…, media_type={self.media_type!r},"
            f" width={self.width}, height={self.height}, seed={self.seed}, size={self.size})"
        )

    def __reduce__(self) -> tuple[Any, ...]:
        names = "digest", "path", "size", "media_type", "width", "height", "seed"
        facts = {name: getattr(self, name) for name in names}
        return partial(StoredImage, **facts, info=dict(self.info)), ()


def stored(image: Image, digest: str, path: PictureFile, size: int) -> StoredImage:
    """The picture as it is kept."""
    return StoredImage(
        digest=digest,
        path=path,
        size=size,
        media_type=image.media_type,
        width=image.width,
        height=image.height,
        seed=image.seed,
        info=image.info,
    )


def name_of(digest: str, media_type: str) -> tuple[str, str]:
    """The folder and the name of a picture in it.

    Examples:
        >>> name_of("abcdef", "image/png")
        ('ab', 'cdef.png')
    """
    return digest[:2], digest[2:] + SUFFIXES.get(media_type, ".bin")


def is_far(image: Image) -> bool:
    """Whether a picture's bytes come from a bucket, so that they had better not be gathered."""
    return isinstance(image, StoredImage) and not isinstance(image.path, Path)
