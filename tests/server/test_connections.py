"""Connections: idle ones cost nobody a place, and a refusal reaches whoever still sends."""

import asyncio
import contextlib
import json
import logging
import re
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import aiohttp
import pytest
from tests.server.served import PATIENCE, TOKEN, Served, served
from tests.waiting import until

from limner.server.open_connections import OpenConnections
from limner.testing import ScriptedBackend
from limner.testing.chat_server import ChatServer, Reply

pytestmark = pytest.mark.real_time

PIECE = b"x" * (1 << 16)
SOON = 10.0
"""Seconds; later a client that waits is told something, and has gone for whoever tells it."""


@contextlib.asynccontextmanager
async def idle(server: Served, count: int, said: bytes = b"") -> AsyncIterator[None]:
    """So many connections over which nothing is asked."""
    host, port = server.address.removeprefix("http://").split(":")
    made = []
    try:
        for _ in range(count):
            _, writer = await asyncio.open_connection(host, int(port))
            made.append(writer)
            with contextlib.suppress(ConnectionError):
                writer.write(said)
        yield
    finally:
        for writer in made:
            writer.close()


async def fresh(server: Served, path: str, own: str = "127.0.0.1") -> int:
    """The status of an answer over a connection of its own, from an address of its own."""
    connector = aiohttp.TCPConnector(local_addr=(own, 0))
    async with aiohttp.ClientSession(connector=connector) as client:
        async with client.get(server.address + path) as answer:
            return answer.status


@pytest.mark.parametrize("said", [b"", b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n"])
async def test_idle_connections_keep_nobody_out(tmp_path: Path, said: bytes) -> None:
    """However many one address holds, that have said nothing or half a head; same or another."""
    async with served(tmp_path, connections=32) as server, idle(server, 80, said):
        for own in ("127.0.0.1", "127.0.0.2"):
            for path in ("/healthz", "/api/chats"):
                assert await fresh(server, path, own) == 200


async def test_those_that_were_answered_are_idle_again(tmp_path: Path) -> None:
    """A connection that is kept open for a next request goes as well."""
    asked = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
    async with served(tmp_path, connections=8) as server, idle(server, 8, asked):
        await until(lambda: len(server.running.app.requests) == 0, patience=PATIENCE)
        for _ in range(3):
            assert await fresh(server, "/healthz") == 200


async def test_what_is_answered_is_never_cut_for_others(tmp_path: Path) -> None:
    """It stays; and where all are busy, more are told so."""
    async with served(tmp_path, connections=2) as server:
        address = f"{server.address}/api/events"
        async with server.client.get(address) as one, server.client.get(address) as two:
            async with idle(server, 20):
                assert (one.status, two.status) == (200, 200)
                assert await fresh(server, "/api/chats") == 503
            server.running.services.hub.publish("settings", {})
            for stream in (one, two):
                async with asyncio.timeout(PATIENCE):
                    while b"settings" not in await stream.content.readline():
                        pass


def test_whoever_has_most_idle_ones_loses_the_oldest() -> None:
    """Not who has come last, and nobody who is busy."""
    gone: list[int] = []
    held = OpenConnections(4)
    for number, client in enumerate(["a", "b", "b", "b"]):
        held.begin(number, client, partial(gone.append, number))
    held.busy(1)
    assert not held.too_many
    held.begin(4, "c", lambda: gone.append(4))
    assert gone == [2]
    held.idle(1, lambda: gone.append(1))
    held.end(1)
    held.end(1)
    held.begin(5, "c", lambda: gone.append(5))
    assert gone == [2]
    for number in (0, 3, 4, 5):
        held.busy(number)
    held.begin(6, "d", lambda: gone.append(6))
    assert held.too_many
    held.busy(6)
    held.end(0)
    assert not held.too_many
    assert gone == [2]


async def pushed(server: Served, head: str, pieces: int) -> bytes:
    """What comes back to somebody who sends all of a large body before they read."""
    host, port = server.address.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    try:
        writer.write(head.replace("\n", "\r\n").encode() + b"\r\n\r\n")
        chunked = "chunked" in head
        for _ in range(pieces):
            writer.write(b"10000\r\n" + PIECE + b"\r\n" if chunked else PIECE)
            await writer.drain()
        if chunked:
            writer.write(b"0\r\n\r\n")
        async with asyncio.timeout(PATIENCE):
            return await reader.readuntil(b"}}")
    finally:
        writer.close()


@pytest.mark.parametrize(
    "size", [f"Content-Length: {len(PIECE) * 160}", "Transfer-Encoding: chunked"]
)
@pytest.mark.parametrize(
    ("path", "token", "status"),
    [
        ("/v1/chat/completions", TOKEN, 413),
        ("/api/chats", TOKEN, 413),
        ("/v1/chat/completions", "wrong", 401),
    ],
)
async def test_a_refusal_reaches_whoever_still_sends(
    tmp_path: Path, path: str, token: str, status: int, size: str
) -> None:
    """A connection that is closed before all was taken would lose the answer."""
    most = 1 << (20 if status == 413 else 26)
    async with served(tmp_path, token=TOKEN, body_bytes=most, llm="http://127.0.0.1:9") as server:
        head = f"POST {path} HTTP/1.1\nHost: localhost\nAuthorization: Bearer {token}\n{size}"
        head += "\nConnection: close"
        answer = await pushed(server, head, 160)
    assert answer.startswith(f"HTTP/1.1 {status} ".encode())
    assert b'"error"' in answer


async def test_who_waits_to_be_asked_for_the_body_is_never_asked(tmp_path: Path) -> None:
    """`Expect: 100-continue` is answered with the refusal alone."""
    head = b"POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\n"
    async with served(tmp_path, token=TOKEN, body_seconds=0.2) as server:
        answer = await server.raw(head + b"Content-Length: 5000\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 401 ")
    assert b"100 Continue" not in answer


async def test_a_body_that_never_ends_is_no_fault_of_ours(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Its sender goes away in the middle of it, or says nothing more: one line at most."""
    async with served(tmp_path, token=TOKEN, body_seconds=0.3, llm="http://127.0.0.1:9") as server:
        host, port = server.address.removeprefix("http://").split(":")
        for path in ("/v1/chat/completions", "/v1/embeddings", "/api/chats", "/login"):
            for leaves in (True, False):
                head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 500\r\n"
                head += f"Authorization: Bearer {TOKEN}\r\nContent-Type: application/json\r\n\r\n"
                reader, writer = await asyncio.open_connection(host, int(port))
                writer.write(head.encode() + b'{"a":')
                await until(lambda: len(server.running.app.requests) == 1, patience=PATIENCE)
                if not leaves:
                    assert (await reader.read()).startswith(b"HTTP/1.1 408 "), path
                writer.close()
                await until(lambda: len(server.running.app.requests) == 0, patience=PATIENCE)
    bad = [one for one in caplog.records if one.exc_info or one.levelno >= logging.ERROR]
    assert not bad, bad


async def test_requests_that_are_sent_ahead_are_answered_in_turn(tmp_path: Path) -> None:
    """Three at once over one connection: each waits for the one before it."""
    one = b"GET /%s HTTP/1.1\r\nHost: 127.0.0.1\r\n%s\r\n"
    sent = (
        one % (b"healthz", b"") + one % (b"readyz", b"") + one % (b"none", b"Connection: close\r\n")
    )
    async with served(tmp_path) as server:
        answers = await server.raw(sent)
        assert re.findall(rb"HTTP/1.1 (\d+)", answers) == [b"200", b"200", b"404"]


async def test_a_client_that_has_left_before_it_is_waited_for_is_not_waited_for(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Nor one that leaves later, with or without a body, behind or before other requests."""
    backend = ScriptedBackend(seconds=3600)
    body = {"model": "m", "stream": True, "messages": [{"role": "user", "content": "Go."}]}
    async with (
        ChatServer(Reply.stream('A <!--img-prompt="a fox"-->')) as model,
        served(tmp_path, backend=backend, llm=model.url) as server,
    ):
        url = f"{server.address}/v1/chat/completions"
        async with server.client.post(url, json=body) as answer:
            (path,) = re.findall(r"(/images/\w+\.png)", await answer.text())
        host, port = server.address.removeprefix("http://").split(":")
        asked = f"GET {path} HTTP/1.1\r\nHost: localhost\r\n"
        health = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
        said = (
            f"{asked}\r\n",
            f"{health}{asked}\r\n",
            f"{asked}Content-Length: 2\r\n\r\n.",
            f"{asked}\r\n{health}",
            f"{asked}Content-Length: 2\r\n\r\n{health}",
            f"{asked}Content-Length: 2\r\n\r\n..{health}{health}",
        )
        guard = server.running.app

        def waited_for() -> int:
            return sum(request.path == path for request in guard.requests)

        for one in said:
            for at_once in (True, False):
                _, writer = await asyncio.open_connection(host, int(port))
                writer.write(one.encode())
                if not at_once:
                    await until(lambda: waited_for() == 1)
                writer.close()
                await until(lambda: waited_for() == 0)
        assert backend.running == 1
    assert [one for one in caplog.records if one.levelno >= logging.ERROR] == []


async def test_a_client_that_leaves_behind_a_large_question_is_noticed(tmp_path: Path) -> None:
    """Though its connection was not read while the body was taken, and the model says nothing."""
    asked = [{"role": "user", "content": "Go. " * 220_000}]
    body = json.dumps({"model": "m", "stream": True, "messages": asked}).encode()
    head = f"POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}"
    async with (
        ChatServer(Reply.silence()) as model,
        served(tmp_path, llm=model.url) as server,
    ):
        host, port = server.address.removeprefix("http://").split(":")
        for number in range(3):
            _, writer = await asyncio.open_connection(host, int(port))
            writer.write(f"{head}\r\n\r\n".encode())
            await until(lambda: len(server.running.app.requests) == 1)
            writer.write(body)
            request = await model.request(number)
            writer.close()
            async with asyncio.timeout(SOON):
                await request.disconnected.wait()
            await until(lambda: not server.running.app.requests)
