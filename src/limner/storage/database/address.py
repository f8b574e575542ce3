"""Where a library is: a directory, or a database's address with a place for pictures."""

import os
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from limner.storage.database.bucket_address import SCHEME, BucketAddress

DATABASE_FILE = "limner.db"
PICTURES = "pictures"


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where a library is.

    Attributes:
        database: The SQLite file, or PostgreSQL's address.
        pictures: The directory of the pictures' files, or the bucket of its objects.
        shown: How to name it to people: without a password.
    """

    database: Path | URL
    pictures: Path | BucketAddress
    shown: str


def address(place: str | os.PathLike[str], pictures: str | os.PathLike[str] | None) -> Address:
    """Read where a library is.

    Args:
        place: A directory, ``sqlite:///FILE`` or ``postgresql://USER:PASSWORD@HOST/NAME``.
        pictures: The directory of the pictures, by default beside a SQLite file; or
            ``s3://BUCKET/PREFIX``.

    Raises:
        ValueError: The address cannot be read, or PostgreSQL's comes without `pictures`.

    Examples:
        >>> address("tales", None).database.as_posix(), address("tales", None).pictures.as_posix()
        ('tales/limner.db', 'tales/pictures')
        >>> address("postgresql://ann:secret@db/tales", "tales").shown
        'postgresql://ann:***@db/tales'
    """
    if "://" not in str(place):
        folder = Path(place)
        kept = folder / PICTURES if pictures is None else _pictures(pictures)
        return Address(database=folder / DATABASE_FILE, pictures=kept, shown=str(folder))
    return _of_url(_url(str(place)), pictures)


def _pictures(place: str | os.PathLike[str]) -> Path | BucketAddress:
    if isinstance(place, str) and place.startswith(SCHEME):
        return BucketAddress.of(place)
    return Path(place)


def _url(text: str) -> URL:
    try:
        return make_url(text)
    except (ArgumentError, ValueError):
        # The text may hold a password, and so may the error's message and its cause.
        raise ValueError(
            "this is no database address; write sqlite:///FILE or"
            " postgresql://USER:PASSWORD@HOST:PORT/NAME"
        ) from None


def _of_url(url: URL, pictures: str | os.PathLike[str] | None) -> Address:
    kind = url.drivername.partition("+")[0]
    if kind == "sqlite":
        if url.database in (None, "", ":memory:"):
            raise ValueError("a library needs a file; use MemoryStore for what need not last")
        file = Path(str(url.database))
        kept = file.parent / PICTURES if pictures is None else _pictures(pictures)
        return Address(database=file, pictures=kept, shown=str(file))
    if kind in ("postgresql", "postgres"):
        if pictures is None:
            raise ValueError(
                "a library in PostgreSQL needs a place for its pictures: set library_pictures "
                "(LIMNER_LIBRARY_PICTURES) to a directory, or s3://BUCKET/PREFIX"
            )
        shown = url.set(drivername="postgresql", query={}).render_as_string(hide_password=True)
        return Address(database=url, pictures=_pictures(pictures), shown=shown)
    raise ValueError(f"limner keeps libraries in SQLite or PostgreSQL, not in {kind!r}")
