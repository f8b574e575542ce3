"""Libraries of every version there has been become the newest."""

import contextlib
import shutil
import sqlite3
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection
from tests.new_library import NewTables
from tests.storage.conftest import MakeLibrary

from limner.storage import Library
from limner.storage import library as module
from limner.storage.database import schema
from limner.storage.database.sqlite import SqliteDatabase
from limner.storage.database.tables import metadata

pytestmark = pytest.mark.real_time

KEPT = Path(__file__).with_name("kept")
"""A library of an old version, as text, and its pictures."""


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


async def test_a_library_of_0_1_0_opens_with_all_that_is_in_it(tmp_path: Path) -> None:
    """It was made by that version's own code, with something of every kind that it kept.

    It can be gone on with, and what that version let be undone still can.
    """
    place = tmp_path / "old"
    shutil.copytree(KEPT / "pictures", place / "pictures")
    with contextlib.closing(sqlite3.connect(place / "limner.db")) as database:
        database.executescript((KEPT / "library-0.1.0.sql").read_text())
        assert database.execute("SELECT version_num FROM alembic_version").fetchall() == [("0005",)]
    async with await Library.open(place) as library:
        assert await library._read(schema.version) == schema.VERSIONS[-1]
        message = await library.load("m")
        assert message is not None
        assert message.text.startswith("A half \ud83d, a NUL \x00, ")
        assert message.text.endswith("--> More.")
        assert message.owner == "ann"
        assert message.heeded_from == 0
        fox, owl = message.slots
        assert [made.image.seed for made in fox.alternatives] == [0, 1]
        assert all(made.image.data.startswith(b"\x89PNG") for made in fox.alternatives)
        assert [waiting.attempt for waiting in owl.pending] == [0]
        assert await library.setting("server", None) == {"max_concurrent": 2}
        assert [preset.name for preset in await library.presets()] == ["Mine"]
        assert [one.name for one in await library.references()] == ["ann.png"]
        assert await library.spent("USD") == 500_000
        assert (await library.check()).is_sound
        assert (await library.check()).pictures == 3
        assert await library.restore("gone")
        assert await library.undo("m") is not None
        again = await library.load("m")
        assert again is not None
        assert len(again.slots[0].alternatives) == 1


async def test_an_upgrade_that_fails_leaves_the_old_version(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All steps are one transaction: there is never half a version."""
    monkeypatch.setattr(module, "upgrade", schema.upgrade)  # not what `tests.new_library` does
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


async def test_the_libraries_of_the_tests_are_those_of_the_migrations(tmp_path: Path) -> None:
    """What is remembered of them makes the same tables, to the letter."""
    schemas = []
    for name, upgrade in (("made", schema.upgrade), ("said", NewTables().upgrade)):
        database = SqliteDatabase(tmp_path / name, place=name, busy_timeout=1.0)
        await database.write(partial(upgrade, place=name))
        await database.aclose()
        with contextlib.closing(sqlite3.connect(tmp_path / name)) as opened:
            schemas.append([*opened.iterdump(), *opened.execute("PRAGMA application_id")])
    assert schemas[0] == schemas[1]
    assert len(schemas[0]) > 50


def test_the_versions_are_those_of_the_migrations() -> None:
    """The list of versions in code is that of the migrations, in their order."""
    config = Config()
    config.set_main_option("script_location", str(schema.MIGRATIONS))
    config.set_main_option("path_separator", "os")
    scripts = ScriptDirectory.from_config(config)
    found = [script.revision for script in scripts.walk_revisions()]
    assert tuple(reversed(found)) == schema.VERSIONS
