"""What many chats and many workers cost the database: lists of 100,000 chats, connections."""

from __future__ import annotations

import asyncio
import random
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, event, text
from tests.cluster.valkey import Valkey
from tests.recovery.postgres_program import running_postgres

from limner.illustration import SlotId
from limner.storage import Library
from limner.storage.database.postgres import PostgresDatabase
from limner.testing.images_api_server import ImagesApiServer

CHATS = 100_000
OWNERS = 50
PAGE = 50
FILL = """
INSERT INTO chats (id, title, created_at, updated_at, owner)
SELECT 'c' || n, 'tale ' || n, n, n, 'owner' || n % :owners FROM generate_series(1, :many) AS n
"""
CONNECTED = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'limner'"


@dataclass(frozen=True, slots=True)
class Lists:
    """What lists of chats took.

    Attributes:
        seconds: Each list, the quickest first.
        scans: The plans that read a whole table.
    """

    seconds: list[float]
    scans: list[str]


@contextmanager
def database() -> Iterator[tuple[str, Path]]:
    """A PostgreSQL, and a directory for pictures."""
    with running_postgres() as program, tempfile.TemporaryDirectory() as folder:
        yield program.url, Path(folder)


async def lists(url: str, folder: Path, count: int) -> Lists:
    """So many pages of a list of all chats: most of them near its beginning, as people look."""
    chance = random.Random(1)
    async with await Library.open(url, pictures=folder) as library:
        await library._write(_fill)
        kept = library._database
        assert isinstance(kept, PostgresDatabase)
        asked: list[tuple[str, Any]] = []
        event.listen(
            kept.engine.sync_engine,
            "before_cursor_execute",
            lambda _, __, statement, given, *more: asked.append((statement, given)),
        )
        seconds = []
        for number in range(count):
            page = min(int(chance.paretovariate(0.5)), CHATS // PAGE)  # a few pages, or very many
            after = None if page == 1 else f"c{CHATS - PAGE * page + PAGE}"
            owner = f"owner{chance.randrange(OWNERS)}" if number % 2 else None
            began = time.perf_counter()
            await library.chats(limit=PAGE, after=after, owner=owner)
            seconds.append(time.perf_counter() - began)
        chosen = {one: given for one, given in asked if re.match(r"\s*SELECT .*chats", one, re.S)}
        plans = [
            await library._read(partial(_plan, statement=one, given=given))
            for one, given in chosen.items()
        ]
    return Lists(sorted(seconds), [plan for plan in plans if "Seq Scan" in plan])


def _fill(connection: Connection) -> None:
    connection.execute(text(FILL), {"many": CHATS, "owners": OWNERS})
    connection.execute(text("ANALYZE chats"))


def _plan(connection: Connection, statement: str, given: Any) -> str:
    rows = connection.exec_driver_sql(f"EXPLAIN {statement}", given)
    return "\n".join(str(row[0]) for row in rows)


async def connections(url: str, folder: Path, orders: int) -> int:
    """The most connections that a worker has while it draws so many orders of a server.

    It is the only one of limner's programs that is connected meanwhile.
    """
    async with await Library.open(url, pictures=folder) as library:
        await library.draw_elsewhere()
        for number in range(orders):
            request = (
                f'{{"prompt": "fox {number}", "negative_prompt": "", "width": 64, "height": 64, '
                '"seed": null, "attributes": {}, "references": [], "owner": "", "priority": 5}'
            )
            await library.place_order(SlotId(f"m{number}", 0, 0), 0, request, priority=5)
    with tempfile.TemporaryDirectory(prefix="vk-") as short:
        valkey = Valkey(Path(short))
        try:
            async with ImagesApiServer() as pictures:
                return await _watched(url, folder, valkey.url, pictures, orders)
        finally:
            valkey.close()


async def _watched(
    url: str, folder: Path, valkey: str, pictures: ImagesApiServer, orders: int
) -> int:
    (folder / "settings.toml").write_text(
        f'backend = "openai+{pictures.url}"\nlibrary = "{url}"\nlibrary_pictures = "{folder}"\n'
        f'shared_limits = "{valkey}"\nmax_concurrent = 8\n[work]\nmetrics_port = 0\n'
    )
    call = [sys.executable, "-m", "limner", "work", "--config", str(folder / "settings.toml")]
    worker = await asyncio.create_subprocess_exec(*call, stderr=subprocess.DEVNULL)
    try:
        return await _most_connected(url, lambda: len(pictures.jobs) >= orders)
    finally:
        worker.kill()
        await worker.wait()


async def _most_connected(url: str, done: Any) -> int:
    import asyncpg  # type: ignore[import-untyped]  # it ships no types

    most, watching = 0, await asyncpg.connect(url, server_settings={"application_name": "bench"})
    try:
        async with asyncio.timeout(120):
            while not done():
                most = max(most, int(await watching.fetchval(CONNECTED)))
                await asyncio.sleep(0.002)
    finally:
        await watching.close()
    return most
