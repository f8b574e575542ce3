"""Libraries of every version there has been become the newest."""

from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection
from tests.storage.conftest import MakeLibrary

from limner.storage import Library
from limner.storage.database import schema
from limner.storage.database.sqlite import SqliteDatabase
from limner.storage.database.tables import metadata

pytestmark = pytest.mark.real_time


async def test_a_library_of_the_first_version_is_brought_up_to_date(tmp_path: Path) -> None:
    """What the first migration made is upgraded when it is opened, and keeps its content."""
    database = SqliteDatabase(tmp_path / "limner.db", place="old", busy_timeout=1.0)
    await database.write(lambda connection: schema.upgrade(connection, "old", "0001"))

    def fill(connection: Connection) -> None:
        connection.exec_driver_sql(
            "INSERT INTO chats (id, title, created_at, updated_at) VALUES ('c', 'Old', 1.0, 1.0)"
        )

    await database.write(fill)
    await database.aclose()
    async with await Library.open(tmp_path) as library:
        assert [chat.title for chat in await library.chats()] == ["Old"]
        assert await library._read(schema.version) == schema.VERSIONS[-1]


async def test_an_upgrade_that_fails_leaves_the_old_version(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All steps are one transaction: there is never half a version."""
    monkeypatch.setattr(MigrationContext, "stamp", _fail)
    with pytest.raises(RuntimeError, match="the power went"):
        await Library.open(tmp_path)
    monkeypatch.undo()
    database = SqliteDatabase(tmp_path / "limner.db", place="old", busy_timeout=1.0)
    assert await database.read(schema.version) is None
    await database.aclose()
    async with await Library.open(tmp_path) as library:
        assert await library.chats() == []


def _fail(*_: object) -> None:
    raise RuntimeError("the power went")


async def test_the_migrations_make_the_tables_there_are(make_library: MakeLibrary) -> None:
    """Comparing the migrated database with the tables in code finds no difference."""

    def differences(connection: Connection) -> list[Any]:
        return list(compare_metadata(MigrationContext.configure(connection), metadata))

    async with make_library() as library:
        assert await library._read(differences) == []


def test_the_versions_are_those_of_the_migrations() -> None:
    """The list of versions in code is that of the migrations, in their order."""
    config = Config()
    config.set_main_option("script_location", str(schema.MIGRATIONS))
    config.set_main_option("path_separator", "os")
    scripts = ScriptDirectory.from_config(config)
    found = [script.revision for script in scripts.walk_revisions()]
    assert tuple(reversed(found)) == schema.VERSIONS
