"""A real object store over HTTP (moto's), buckets in it, and a line to it that can be cut."""

import asyncio
import contextlib
import os
import subprocess
import sys
import uuid
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import obstore
import pytest
from obstore.store import S3Store

from limner.storage.bucket.picture_bucket import MARK

PROGRAM = Path(__file__).with_name("moto_program.py")
KEYS = {"AWS_ACCESS_KEY_ID": "limner", "AWS_SECRET_ACCESS_KEY": "a secret"}
REGION = "us-east-1"


@dataclass(frozen=True, slots=True)
class Bucket:
    """A bucket.

    Attributes:
        name: Its name.
        endpoint: The server.
    """

    name: str
    endpoint: str

    @property
    def url(self) -> str:
        """Its address, with a prefix, as limner takes it."""
        return f"s3://{self.name}/tales?endpoint={self.endpoint}&region={REGION}"

    def over(self, endpoint: str) -> "Bucket":
        """The same bucket, asked at another address."""
        return replace(self, endpoint=endpoint)

    def store(self, prefix: str | None = "tales") -> S3Store:
        """What is in it, for whoever looks from outside."""
        options: Any = {"allow_http": True}
        config: Any = {
            "endpoint": self.endpoint, "region": REGION,
            "access_key_id": "limner", "secret_access_key": "a secret",
        }  # fmt: skip
        return S3Store(self.name, prefix=prefix, config=config, client_options=options)

    def names(self) -> list[str]:
        """The names of all that is in it, below the prefix, but for whose it is."""
        found = (one["path"] for some in obstore.list(self.store()) for one in some)
        return sorted(name for name in found if name != MARK)


@contextlib.contextmanager
def running_object_store(**more: str) -> Iterator[str]:
    """Run one for the time of the block, with more in its environment; its address."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"} | more
    with subprocess.Popen(
        [sys.executable, str(PROGRAM)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        env=environment,
    ) as program:  # fmt: skip
        assert program.stdout is not None
        yield program.stdout.readline().strip()
        assert program.stdin is not None
        program.stdin.close()


def new_bucket(endpoint: str) -> Bucket:
    """Make one."""
    import requests

    name = f"b-{uuid.uuid4().hex[:12]}"
    requests.put(f"{endpoint}/{name}", timeout=30).raise_for_status()
    return Bucket(name, endpoint)


@pytest.fixture(scope="session")
def object_store() -> Iterator[str]:
    """The address of an object store."""
    with running_object_store() as endpoint:
        yield endpoint


@pytest.fixture
def bucket(object_store: str, monkeypatch: pytest.MonkeyPatch) -> Bucket:
    """A bucket in which nothing is yet, whose key is in the environment."""
    for name, value in KEYS.items():
        monkeypatch.setenv(name, value)
    return new_bucket(object_store)


class Line:
    """A line to a server, which can be cut: nobody is there, until it is mended.

    Attributes:
        endpoint: Where it begins.
        refused: How many times somebody came while it was cut.
    """

    def __init__(self, to: str) -> None:
        where = urlsplit(to)
        self._to = (where.hostname, where.port)
        self._writers: set[asyncio.StreamWriter] = set()
        self._is_cut = False
        self.refused = 0
        self.endpoint = ""

    def cut(self) -> None:
        """Break off what is under way, and let nobody through."""
        self._is_cut = True
        for writer in self._writers:
            writer.transport.abort()

    def mend(self) -> None:
        """Let everybody through again."""
        self._is_cut = False

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator["Line"]:
        """Be there for the length of the block."""
        async with await asyncio.start_server(self._joined, "127.0.0.1", 0) as server:
            self.endpoint = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
            try:
                yield self
            finally:
                self.cut()

    async def _joined(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._is_cut:
            self.refused += 1
            writer.transport.abort()
            return
        there = await asyncio.open_connection(*self._to)
        ways = (_carried(reader, there[1]), _carried(there[0], writer))
        self._writers |= {writer, there[1]}
        await asyncio.gather(*ways, return_exceptions=True)
        self._writers -= {writer, there[1]}


async def _carried(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    finally:
        writer.close()
