"""A whole library copied into another place, whatever database either is in."""

import asyncio
import json
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from typing import IO, Any

from sqlalchemy import Connection, func, insert, select

from limner.errors import OutputError, PictureMissing
from limner.storage.database.tables import (
    answer_numbers,
    images,
    loose_pictures,
    metadata,
    orders,
    processes,
    settings,
    work,
)
from limner.storage.files.stored_image import StoredImage
from limner.storage.keeping.keeping import Keep
from limner.storage.repositories.repository import Repository

IDENTITY = "identity"
"""The setting by which a library is told from all others; a copy is another one."""
PASSING = frozenset({processes, work, orders, answer_numbers, loose_pictures})
"""Tables about what is going on at this moment."""
COPIED = tuple(table for table in metadata.sorted_tables if table not in PASSING)
AT_ONCE = 500
"""Rows that are read, or written, by one statement."""
SIDE_BY_SIDE = 8
"""Pictures that are copied at the same time."""

Row = tuple[str, list[Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Copied:
    """What was copied.

    Attributes:
        rows: How many rows of each table.
        pictures: How many files of pictures.
        missing: The digests of pictures whose files are gone or damaged: the copy lacks them, too.
    """

    rows: Mapping[str, int] = field(default_factory=dict)
    pictures: int = 0
    missing: tuple[str, ...] = ()


class CopyRepository(Repository):
    """Copies itself."""

    async def copy_to(
        self, other: "CopyRepository", *, on_picture: Callable[[int, int], None] | None = None
    ) -> Copied:
        """Copy everything as it is at this moment into a library in which nothing is yet.

        Who writes meanwhile is not held up, and what is written is not in the copy. The rows come
        in one transaction, after their pictures: the copy is there whole or not at all. Deleted
        messages, what can be undone, costs, settings, tokens and presets come along.

        Args:
            other: The copy.
            on_picture: Told how many pictures are copied, of how many.

        Raises:
            limner.errors.OutputError: There is something in it; nothing was changed.
            limner.errors.StorageError: One of them fails; the other one stays empty.
        """
        with tempfile.TemporaryFile("w+", encoding="ascii") as rows:
            await other._read(other._check_empty)
            counts = await self._read(lambda connection: _write(connection, rows))
            with other._told():
                async with other._keeping.copying() as keep:
                    pictures = list(self._pictures(rows))
                    missing = await self._copy_pictures(pictures, keep, on_picture)
                    await other._at_length(lambda connection: other._take(connection, rows))
        return Copied(rows=counts, pictures=len(pictures) - len(missing), missing=missing)

    async def _copy_pictures(
        self,
        pictures: list[StoredImage],
        keep: Keep,
        told: Callable[[int, int], None] | None,
    ) -> tuple[str, ...]:
        done, missing = 0, []
        for some in (
            pictures[at : at + SIDE_BY_SIDE] for at in range(0, len(pictures), SIDE_BY_SIDE)
        ):
            copies = (_copied(one, keep) for one in some)
            found = await asyncio.gather(*copies)
            missing += [one.digest for one, there in zip(some, found, strict=True) if not there]
            done += len(some)
            if told is not None:
                told(done, len(pictures))
        return tuple(missing)

    def _pictures(self, rows: IO[str]) -> Iterator[StoredImage]:
        names = [column.name for column in images.columns]
        for table, values in _rows(rows):
            if table == images.name:
                row = dict(zip(names, values, strict=True))
                path = self._files.path(row["digest"], row["media_type"])
                yield StoredImage(
                    digest=row["digest"],
                    path=path,
                    size=row["size"],
                    media_type=row["media_type"],
                    width=0,
                    height=0,
                )

    def _check_empty(self, connection: Connection) -> None:
        for table in COPIED:
            first = select(*table.primary_key.columns).limit(2)
            rows = connection.execute(first).all()
            if table is settings:
                rows = [row for row in rows if row[0] != IDENTITY]
            if rows:
                told = f"there is something in the library {self._place}; copy into an empty place"
                raise OutputError(told, path=self._place)

    def _take(self, connection: Connection, rows: IO[str]) -> None:
        self._check_empty(connection)
        tables = {table.name: table for table in COPIED}
        for name, group in groupby(_rows(rows), key=lambda row: row[0]):
            table = tables[name]
            columns = [column.name for column in table.columns]
            given = (dict(zip(columns, row[1], strict=True)) for row in group)
            for some in _in_batches(given):
                connection.execute(insert(table), some)
        if connection.dialect.name == "postgresql":
            _count_on(connection)


async def _copied(picture: StoredImage, keep: Keep) -> bool:
    try:
        await keep(picture)
    except PictureMissing:
        return False
    return True


def _write(connection: Connection, rows: IO[str]) -> dict[str, int]:
    rows.seek(0)
    rows.truncate()
    counts = {}
    for table in COPIED:
        query = select(table).order_by(*table.primary_key.columns)
        if table is settings:
            query = query.where(settings.c.name != IDENTITY)
        found = connection.execute(query, execution_options={"yield_per": AT_ONCE})
        counts[table.name] = 0
        for row in found:
            rows.write(json.dumps([table.name, list(row)]) + "\n")
            counts[table.name] += 1
    return counts


def _rows(file: IO[str]) -> Iterator[Row]:
    """The rows that were written, from the first one on."""
    file.seek(0)
    while line := file.readline():
        name, values = json.loads(line)
        yield name, values


def _in_batches(rows: Iterable[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    some: list[dict[str, Any]] = []
    for row in rows:
        some.append(row)
        if len(some) == AT_ONCE:
            yield some
            some = []
    if some:
        yield some


def _count_on(connection: Connection) -> None:
    """Let keys that count up go on behind those that were copied."""
    for table in COPIED:
        if "key" in table.columns:
            last = connection.scalar(select(func.max(table.c.key)))
            if last is not None:
                sequence = func.pg_get_serial_sequence(table.name, "key")
                connection.execute(select(func.setval(sequence, last)))
