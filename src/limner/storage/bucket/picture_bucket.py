"""The pictures of a library as objects of a bucket, by obstore."""

import hashlib
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from limner.illustration import Image
from limner.storage.bucket.answers import asked
from limner.storage.database.bucket_address import BucketAddress
from limner.storage.files.stored_image import StoredImage, digest_of, name_of, stored

if TYPE_CHECKING:  # it needs an extra
    from obstore.store import S3Store

THUMBNAILS = "thumbnails"
CONNECT = timedelta(seconds=5)
ANSWER = timedelta(seconds=30)
"""How long one request may take; whoever waits for the store asks again after that."""
RETRIES: Any = {
    "max_retries": 2,
    "retry_timeout": timedelta(seconds=10),
    "backoff": {"init_backoff": timedelta(milliseconds=100), "max_backoff": timedelta(seconds=1)},
}
LISTED = 1000
"""Objects that are listed by one request."""
PIECE = 1 << 16
"""Bytes that are passed on at once, at least."""
PROBE = ".probe"
MARK = ".library"


@dataclass(frozen=True, slots=True)
class PictureObject:
    """Where one picture's bytes are in a bucket.

    Attributes:
        key: The name, below the library's prefix.
        bucket: In what.
    """

    key: str
    bucket: "PictureBucket" = field(repr=False)

    @property
    def name(self) -> str:
        """The last part of its name."""
        return self.key.rpartition("/")[2]

    @property
    def suffix(self) -> str:
        """How it ends, with the dot."""
        return "." + self.name.rpartition(".")[2]

    def read_bytes(self) -> bytes:
        """The bytes.

        Raises:
            FileNotFoundError: There is no such object.
            limner.errors.StorageUnavailable: The store cannot be asked now.
        """
        return self.bucket.read(self.key)

    def pieces(self) -> AsyncIterator[bytes]:
        """The bytes as they come; raises as `read_bytes`."""
        return self.bucket.pieces(self.key)

    def __str__(self) -> str:
        return f"{self.bucket.place}/{self.key}"


@dataclass(frozen=True, slots=True)
class Listed:
    """An object of a bucket that is a picture's, or a thumbnail's.

    Attributes:
        key: Its name below the prefix.
        digest: Of which picture.
        size: How many bytes it has.
        is_small: Whether it is a thumbnail.
    """

    key: str
    digest: str
    size: int
    is_small: bool


class PictureBucket:
    """Pictures in a bucket: ``PREFIX/ab/cdef….png`` is the one whose SHA-256 begins with abcdef.

    What asks the store is a plain call, to be made in a thread, but for what is called ``async``.
    Two of one address are equal, and so are their objects.

    Args:
        address: Where it is.
        store: What is asked in place of the server of that address.
    """

    is_far = True
    disk = None

    def __init__(self, address: BucketAddress, store: "S3Store | None" = None) -> None:
        self.address = address
        self.place = str(address)
        self._store: Any = _connected(address) if store is None else store

    def path(self, digest: str, media_type: str) -> PictureObject:
        """Where a picture is, or would be."""
        return PictureObject("/".join(name_of(digest, media_type)), self)

    def has(self, image: Image) -> bool:
        """Whether the picture is one of these."""
        return isinstance(image, StoredImage) and image.path == self.path(
            image.digest, image.media_type
        )

    def is_there(self, image: Image) -> bool:
        """Whether the picture's object is there, and has its size."""
        import obstore

        if not isinstance(image, StoredImage):
            return False
        key = self.path(image.digest, image.media_type).key
        try:
            with asked(self.place):
                return bool(obstore.head(self._store, key)["size"] == image.size)
        except FileNotFoundError:
            return False

    def read(self, key: str) -> bytes:
        """The bytes of an object.

        Raises:
            FileNotFoundError: There is no such object.
        """
        import obstore

        with asked(self.place):
            return bytes(obstore.get(self._store, key).bytes())

    async def pieces(self, key: str) -> AsyncIterator[bytes]:
        """The bytes of an object as they come; raises as `read`."""
        import obstore

        with asked(self.place):
            found = await obstore.get_async(self._store, key)
            async for piece in found.stream(min_chunk_size=PIECE):
                yield bytes(piece)

    async def keep(self, image: Image, data: bytes, *, known: bool = False) -> StoredImage:
        """Put a picture into the bucket, unless it is there as it is; it is kept when this returns.

        Args:
            image: The picture.
            data: Its bytes.
            known: Whether it may be there, so that it is worth asking.

        Raises:
            limner.errors.StorageError: It could not be.
        """
        import obstore

        digest = digest_of(data)
        path = self.path(digest, image.media_type)
        if known and await self._holds(path.key, data):
            return stored(image, digest, path, len(data))
        with asked(self.place):
            await obstore.put_async(
                self._store, path.key, data,
                attributes={"Content-Type": image.media_type}, use_multipart=False,
            )  # fmt: skip
        return stored(image, digest, path, len(data))

    async def _holds(self, key: str, data: bytes) -> bool:
        """Whether an object surely has this content; its tag is the MD5 of that, as a rule."""
        import obstore

        try:
            with asked(self.place):
                about = await obstore.head_async(self._store, key)
        except FileNotFoundError:
            return False
        content = hashlib.md5(data, usedforsecurity=False).hexdigest()
        return (about["e_tag"] or "").strip('"') == content

    def small(self, digest: str, side: int) -> bytes:
        """See `PictureStore`."""
        return self.read(_small(digest, side))

    def keep_small(self, digest: str, side: int, data: bytes) -> None:
        """See `PictureStore`."""
        import obstore

        with asked(self.place):
            obstore.put(
                self._store, _small(digest, side), data, attributes={"Content-Type": "image/webp"}
            )

    def listed(self) -> Iterator[Listed]:
        """What is there of pictures and thumbnails; anything else in the bucket is left alone."""
        import obstore

        with asked(self.place):
            for some in obstore.list(self._store, chunk_size=LISTED):
                for one in some:
                    digest, is_small = _read_name(one["path"])
                    if digest:
                        yield Listed(one["path"], digest, one["size"], is_small)

    def remove(self, keys: Sequence[str]) -> None:
        """Remove objects; those that are not there are as good as removed."""
        import obstore

        if keys:
            with asked(self.place):
                obstore.delete(self._store, keys)

    def smalls(self, digest: str) -> list[str]:
        """The names of a picture's thumbnails."""
        import obstore

        folder = _small(digest, 0).rpartition("/")[0]
        with asked(self.place):
            return [one["path"] for some in obstore.list(self._store, folder) for one in some]

    def look(self) -> None:
        """Ask the bucket for something, so that a wrong key or name is told at once."""
        import obstore

        with asked(self.place):
            next(iter(obstore.list(self._store, THUMBNAILS, chunk_size=1)), None)

    @property
    def mark(self) -> str:
        """See `PictureStore`."""
        return f"{self.place}/{MARK}"

    def library(self) -> str | None:
        """See `PictureStore`."""
        try:
            return self.read(MARK).decode("utf-8", "replace").strip() or None
        except FileNotFoundError:
            return None

    def claim(self, library: str) -> str:
        """See `PictureStore`. A store that knows no conditions is believed on its word."""
        import obstore
        from obstore.exceptions import AlreadyExistsError, NotSupportedError

        said = f"{library}\n".encode()
        with asked(self.place):
            try:
                obstore.put(self._store, MARK, said, mode="create")
            except AlreadyExistsError:
                if (whose := self.library()) is not None:
                    return whose
                obstore.put(self._store, MARK, said)  # it was there, and said nothing
            except NotSupportedError:
                obstore.put(self._store, MARK, said)
        return self.library() or library

    def digests(self) -> Iterator[str]:
        """See `PictureStore`."""
        return (one.digest for one in self.listed() if not one.is_small)

    def probe(self) -> None:
        """Write something small and take it away again."""
        import obstore

        with asked(self.place):
            obstore.put(self._store, PROBE, bytes(16))
            obstore.delete(self._store, PROBE)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PictureBucket) and other.address == self.address

    def __hash__(self) -> int:
        return hash(self.address)

    def __reduce__(self) -> tuple[Any, ...]:
        return PictureBucket, (self.address,)


def _connected(address: BucketAddress) -> "S3Store":
    from obstore.store import S3Store

    given = {"endpoint": address.endpoint, "region": address.region}
    config: Any = {name: value for name, value in given.items() if value is not None}
    return S3Store(
        address.bucket,
        prefix=address.prefix or None,
        config=config,
        client_options={"allow_http": True, "connect_timeout": CONNECT, "timeout": ANSWER},
        retry_config=RETRIES,
    )


def _small(digest: str, side: int) -> str:
    """Below a name of its picture's own, because a store lists by whole parts of names."""
    return f"{THUMBNAILS}/{digest[:2]}/{digest[2:]}/{side}.webp"


def _read_name(key: str) -> tuple[str, bool]:
    """Whose object it is, and whether it is a thumbnail.

    Examples:
        >>> _read_name("ab/" + 62 * "0" + ".png")[1], _read_name("notes.txt")
        (False, ('', False))
    """
    parts = key.split("/")
    is_small = len(parts) == 4 and parts[0] == THUMBNAILS
    if not is_small and len(parts) != 2:
        return "", False
    folder, name = parts[1:3] if is_small else parts
    digest = folder + name.partition(".")[0]
    known = len(folder) == 2 and len(digest) == 64 and set(digest) <= set("0123456789abcdef")
    return (digest, is_small) if known else ("", False)
