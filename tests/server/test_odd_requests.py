"""Requests that few clients send, answered in the form of all others."""

import asyncio
import json
import logging
from pathlib import Path
from types import SimpleNamespace

import pytest
from tests.server.served import PATIENCE, Served, served
from tests.waiting import until

from limner.server.connection import BoundedConnection
from limner.server.light_connection import FewRequests

pytestmark = pytest.mark.real_time


async def half_closed(server: Served, path: str) -> bytes:
    """What comes for a request after which nothing more can be sent."""
    host, port = server.address.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    try:
        writer.write(f"GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
        writer.write_eof()
        async with asyncio.timeout(PATIENCE):
            return await reader.read()
    finally:
        writer.close()


async def test_who_sends_no_more_is_answered_and_the_connection_ends(tmp_path: Path) -> None:
    """What the API answers by itself; of a stream of events it means that its reader has gone."""
    async with served(tmp_path) as server:
        for path in ("/api/chats", "/api/settings", "/healthz", "/readyz", "/metrics"):
            assert (await half_closed(server, path)).startswith(b"HTTP/1.1 200 "), path
        hub = server.running.services.hub
        await half_closed(server, "/api/events")
        await until(lambda: hub.readers == 0)


@pytest.mark.parametrize("length", [33_000, 70_000, 300_000])
async def test_a_line_that_is_too_long_is_refused_in_the_form_of_the_api(
    tmp_path: Path, length: int
) -> None:
    """Whether its parser minds first or the bound."""
    async with served(tmp_path) as server:
        line = b"GET /api/chats?" + b"a" * length + b" HTTP/1.1\r\nHost: localhost\r\n\r\n"
        head, _, body = (await server.raw(line)).partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 431 "), head
        assert json.loads(body)["error"]["kind"] == "header_too_large"


async def test_what_is_no_request_is_refused_in_the_form_of_the_api(tmp_path: Path) -> None:
    """With a status, a reason, and the end of the connection."""
    async with served(tmp_path) as server:
        head, _, body = (await server.raw(b"\x16\x03\x01 no request\r\n\r\n")).partition(
            b"\r\n\r\n"
        )
        assert head.startswith(b"HTTP/1.1 400 "), head
        assert json.loads(body)["error"]["kind"] == "bad_request"


NONSENSE = b"\x00 nonsense\r\n\r\n"


@pytest.mark.parametrize(
    "begun",
    [
        b"POST /api/chats HTTP/1.1\r\nHost: %s\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"GET /api/chats HTTP/1.1\r\nHost: %s\r\n\r\n" + NONSENSE,
        b"GET /api/chats HTTP/1.1\r\nHost: %s:x\r\n\r\n" + NONSENSE,
    ],
)
async def test_who_goes_on_with_nonsense_is_told_so_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, begun: bytes
) -> None:
    """In the place of the answer that was not given yet, and nothing is written behind it."""
    async with served(tmp_path) as server:
        got = await server.raw(begun % b"localhost")
        assert got.startswith(b"HTTP/1.1 400 "), got
        assert got.count(b"HTTP/1.1 ") == 1
    bad = [one for one in caplog.records if one.levelno >= logging.ERROR]
    assert not [one for one in bad if one.name != "limner.access"]


async def test_nonsense_behind_a_stream_ends_it_and_puts_nothing_into_it(tmp_path: Path) -> None:
    """The reader of a stream gets no second head in its middle."""
    async with served(tmp_path) as server:
        host, port = server.address.removeprefix("http://").split(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(b"GET /api/events HTTP/1.1\r\nHost: localhost\r\n\r\n")
        async with asyncio.timeout(PATIENCE):
            got = await reader.readuntil(b"hello")
            writer.write(NONSENSE)
            got += await reader.read()
        writer.close()
        assert got.count(b"HTTP/1.1 ") == 1
        await until(lambda: server.running.services.hub.readers == 0)


async def test_who_is_still_sending_when_the_server_stops_is_answered_to_the_end(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Who was refused and goes on sending keeps no answer from its end."""
    async with served(tmp_path) as server:
        host, port = server.address.removeprefix("http://").split(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(
            b"POST /api/chats HTTP/1.1\r\nHost: evil.example\r\nContent-Length: 50\r\n\r\n{"
        )
        async with asyncio.timeout(PATIENCE):
            assert (await reader.readuntil(b"}}")).startswith(b"HTTP/1.1 421 ")
    writer.close()
    assert not [one for one in caplog.records if one.name == "uvicorn.error" and one.levelno > 30]


def test_nothing_more_is_written_to_who_hung_up() -> None:
    """The connection is closed at once, and some event loops raise for what is written then."""
    connection = BoundedConnection.__new__(BoundedConnection)
    answer = SimpleNamespace(
        response_complete=False,
        response_started=True,
        disconnected=False,
        message_event=asyncio.Event(),
        scope={"path": "/api/events"},
    )
    connection._answered, connection._gone = answer, None  # type: ignore[assignment]
    connection.pipeline = FewRequests()  # type: ignore[assignment]
    assert connection.eof_received() is False
    assert answer.disconnected


async def test_a_method_that_is_not_allowed_is_told_which_are(tmp_path: Path) -> None:
    """All of a path, not those of the first route that has it."""
    async with served(tmp_path) as server:
        for method, path, allowed in (
            ("OPTIONS", "/api/chats", "GET, POST"),
            ("PUT", "/api/chats", "GET, POST"),
            ("PUT", "/api/settings", "GET, PATCH"),
            ("POST", "/api/chats/tale", "DELETE, GET, PATCH"),
        ):
            async with server.client.request(method, server.address + path) as answer:
                assert answer.status == 405
                assert answer.headers["Allow"] == allowed
