"""Libraries to test with: in SQLite and on a real PostgreSQL server."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import asyncpg  # type: ignore[import-untyped]  # it ships no types
import pytest
from tests.recovery.postgres_program import PostgresProgram, running_postgres

from limner.illustration import Image
from limner.storage import Library, StoredImage
from limner.storage.database.tables import metadata
from limner.storage.files.picture_files import PictureFiles

MakeLibrary = Callable[[], AbstractAsyncContextManager[Library]]


async def _begin(place: str, pictures: Path | None = None) -> None:
    async with await Library.open(place, pictures=pictures):
        pass


def kept_files(library: Library, pattern: str) -> list[Path]:
    """The files of a library's pictures of such names."""
    return list(Path(library.pictures_place).glob(pattern))


def directory(library: Library) -> PictureFiles:
    """The directory of a library's pictures."""
    assert isinstance(library._files, PictureFiles)
    return library._files


def file_of(image: Image | None) -> Path:
    """Where a kept picture's file is."""
    assert isinstance(image, StoredImage)
    assert isinstance(image.path, Path)
    return image.path


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
def postgres_program(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgresProgram]:
    """A PostgreSQL server with a database in which a library is begun."""
    with running_postgres() as program:
        asyncio.run(_begin(program.url, tmp_path_factory.mktemp("postgres-pictures")))
        yield program


@pytest.fixture(scope="session")
def postgres_server(postgres_program: PostgresProgram) -> str:
    """The address of that database."""
    return postgres_program.url


async def emptied(url: str) -> None:
    """Take everything out of a library in PostgreSQL."""
    connection = await asyncpg.connect(url)
    await connection.execute(f"TRUNCATE {', '.join(metadata.tables)} RESTART IDENTITY")
    await connection.close()


@pytest.fixture
def postgres(postgres_server: str) -> str:
    """The address of a database with a library in which nothing is yet."""
    asyncio.run(emptied(postgres_server))
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
