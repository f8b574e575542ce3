"""Lists cost the same however much is kept: what PostgreSQL is asked for is found by indexes."""

import re
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, event, text

from limner.storage import Library
from limner.storage.database.postgres import PostgresDatabase

pytestmark = pytest.mark.real_time

MANY = 100_000
FILL = """
INSERT INTO chats (id, title, created_at, updated_at, owner)
SELECT 'c' || n, 'tale ' || n, n, n, 'owner' || n % 50 FROM generate_series(1, :many) AS n
"""


async def test_no_list_of_chats_reads_all_of_them(postgres: str, tmp_path: Path) -> None:
    """The first page, one in the middle, an owner's, and one chat, of a hundred thousand."""
    async with await Library.open(postgres, pictures=tmp_path) as library:

        def fill(connection: Connection) -> None:
            connection.execute(text(FILL), {"many": MANY})
            connection.execute(text("ANALYZE chats"))

        await library._write(fill)
        database = library._database
        assert isinstance(database, PostgresDatabase)
        asked: list[tuple[str, Any]] = []

        def note(_: Any, __: Any, statement: str, parameters: Any, *more: object) -> None:
            asked.append((statement, parameters))

        event.listen(database.engine.sync_engine, "before_cursor_execute", note)
        assert [chat.id for chat in await library.chats(limit=2)] == ["c100000", "c99999"]
        assert [chat.id for chat in await library.chats(limit=1, after="c50000")] == ["c49999"]
        mine = await library.chats(limit=2, owner="owner7")
        assert [chat.id for chat in mine] == ["c99957", "c99907"]
        assert await library.chat("c77") is not None
        event.remove(database.engine.sync_engine, "before_cursor_execute", note)

        def plans(connection: Connection) -> list[str]:
            found = []
            for one, given in chosen:
                rows = connection.exec_driver_sql(f"EXPLAIN {one}", given)
                found.append("\n".join(str(row[0]) for row in rows))
            return found

        chosen = [(one, given) for one, given in asked if re.match(r"\s*SELECT", one)]
        assert len(chosen) == 4
        for shown in await library._read(plans):
            assert "Seq Scan" not in shown, shown
