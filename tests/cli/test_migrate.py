"""`limner migrate`: tables brought up to date before anybody works on a library."""

import asyncio
from pathlib import Path

import pytest
from tests.cli.conftest import Command

from limner.storage import Library
from limner.storage.database import schema
from limner.storage.database.sqlite import SqliteDatabase

pytestmark = pytest.mark.real_time


async def made_long_ago(place: Path) -> None:
    """A library of the first version."""
    database = SqliteDatabase(place / "limner.db", place="old", busy_timeout=1.0)
    await database.write(lambda connection: schema.upgrade(connection, "old", "0001"))
    await database.aclose()


async def made_newer(place: Path) -> None:
    """One that is up to date becomes one of the future."""
    async with await Library.open(place) as library:
        assert await library._read(schema.version) == schema.VERSIONS[-1]
        await library._at_length(
            lambda connection: connection.exec_driver_sql(
                "UPDATE alembic_version SET version_num = '9999'"
            ).close()
        )


def test_an_old_library_is_brought_up_to_date(tmp_path: Path, limner: Command) -> None:
    """A new one is begun; doing it again changes nothing; one of a newer limner is left alone."""
    place = tmp_path / "old"
    place.mkdir()
    asyncio.run(made_long_ago(place))
    for where in (place, tmp_path / "new", place):
        done = limner("migrate", "--library", str(where))
        assert (done.code, done.out) == (0, f"the library {where} is up to date\n"), done.err
    asyncio.run(made_newer(place))
    newer = limner("migrate", "--library", str(place))
    assert newer.code == 2
    assert "upgrade limner" in newer.err
