"""Several processes that begin on one empty database: one makes the tables, the others wait."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg  # type: ignore[import-untyped]  # it ships no types
import pytest
from tests.waiting import pause, until

from limner.storage import Library
from limner.storage.database.schema import UPGRADE_LOCK

pytestmark = pytest.mark.real_time

WAITING = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"


@asynccontextmanager
async def empty_database(server: str) -> AsyncIterator[str]:
    """A database of its own at a server, with nothing in it."""
    name = "limner_begun_at_once"
    root = await asyncpg.connect(server)
    await root.execute(f"DROP DATABASE IF EXISTS {name}")
    await root.execute(f"CREATE DATABASE {name}")
    try:
        base, question, options = server.partition("?")
        yield f"{base.rpartition('/')[0]}/{name}{question}{options}"
    finally:
        await root.execute(f"DROP DATABASE {name} WITH (FORCE)")
        await root.close()


async def test_who_comes_second_waits_until_the_tables_are_there(
    postgres_server: str, tmp_path: Path
) -> None:
    """Also for longer than anybody waits for a row; nobody is told that somebody else has it."""
    async with empty_database(postgres_server) as address:
        slow = await asyncpg.connect(address)
        await slow.execute("BEGIN")
        await slow.execute(f"SELECT pg_advisory_xact_lock({UPGRADE_LOCK})")
        opening = [
            asyncio.create_task(Library.open(address, pictures=tmp_path, busy_timeout=0.3))
            for _ in range(2)
        ]

        async def both_wait() -> bool:
            return bool(await slow.fetchval(WAITING) == len(opening))

        await until(both_wait)
        await pause(1.0, because="a timeout that must not count is over by then")
        assert await both_wait()
        await slow.execute("ROLLBACK")
        await slow.close()
        for library in await asyncio.gather(*opening):
            async with library:
                assert await library.chats() == []
