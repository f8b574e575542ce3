"""``GET /api/events`` over real HTTP."""

import asyncio
import socket
from pathlib import Path

import pytest
from tests.server.api.running import FOX, PATIENCE, illustrated, running
from tests.server.proxy.serving import serve
from tests.waiting import until

from limner.server.events import EventHub, EventResponse

pytestmark = pytest.mark.real_time


async def test_events_resume_without_a_gap(tmp_path: Path) -> None:
    """Whoever comes back with the last id gets exactly what came since."""
    async with running(tmp_path) as api, api.events() as whole:
        async with api.events() as first:
            hello = await first.next()
            assert hello is not None
            assert (hello.kind, hello.data) == ("hello", {"resumed": False})
        await illustrated(api)
        await whole.until("message.finished")
        missed = [told for told in whole.seen if told.id > hello.id]
        headers = {"Last-Event-ID": str(hello.id)}
        async with api.events(**headers) as again:
            told = await again.next()
            assert told is not None
            assert told.data == {"resumed": True}
            await again.until("message.finished")
            texts = ["".join(t.data["text"] for t in seen if t.kind == "message.text")
                     for seen in (missed, again.seen)]  # fmt: skip
            assert texts[0] == texts[1] != ""
            kinds = [[t.kind for t in seen if t.kind.startswith("slot.")]
                     for seen in (missed, again.seen)]  # fmt: skip
            assert kinds[0] == kinds[1]


async def test_an_id_that_is_forgotten_or_foreign_is_a_reset(tmp_path: Path) -> None:
    """The reader is told to load anew, once, and then gets what comes."""
    async with running(tmp_path) as api:
        for seen in ("1", "99999999999999999", "abc", "-5"):
            async with api.events(**{"Last-Event-ID": seen}) as events:
                told = await events.next()
                assert told is not None
                assert told.kind == "reset"
                await api.ask("POST", "/chats", {}, status=201)
                assert (await events.until("chat.created")).id > told.id
        async with api.events("?after=1") as events:
            assert (await events.next()).kind == "reset"  # type: ignore[union-attr]


async def test_a_filter_leaves_other_chats_out(tmp_path: Path) -> None:
    """A reader of one chat hears its events and those of no chat."""
    async with running(tmp_path) as api, api.events("?chat=tale") as events:
        await illustrated(api, FOX, chat="other")
        message = await illustrated(api, FOX, chat="tale")
        await events.until("message.finished")
        told = [one.data["message"] for one in events.seen if "message" in one.data]
        assert set(told) == {message}


async def test_many_readers_hear_the_same(tmp_path: Path) -> None:
    """Each of thirty readers gets every event of a message."""
    async with running(tmp_path) as api:
        readers = [api.events() for _ in range(30)]
        for reader in readers:
            await reader.__aenter__()
            await reader.until("hello")
        assert api.services.hub.readers == 30
        message = await illustrated(api)
        for reader in readers:
            end = await reader.until("message.finished")
            assert end.data["message"] == message
            assert "slot.ready" in reader.kinds()
            await reader.__aexit__()
        await until(lambda: not api.services.hub.readers)


async def test_too_many_readers_are_sent_away_in_words(tmp_path: Path) -> None:
    """Nobody can take all connections; when to come back is told."""
    async with running(tmp_path) as api:
        taken = [api.services.hub.subscribe() for _ in range(256)]
        error = await api.fails("GET", "/events", status=503)
        assert (error["kind"], error["retry_after"]) == ("too_many_readers", 5)
        api.services.hub.leave(taken[0])
        async with api.events() as events:
            await events.until("hello")


async def test_the_end_is_a_closing_event(tmp_path: Path) -> None:
    """When the services close, each stream ends with a `closing` event and cleanly."""
    async with running(tmp_path) as api, api.events() as events:
        await events.until("hello")
        api.services.hub.close()
        assert (await events.next()).kind == "closing"  # type: ignore[union-attr]
        assert await events.next() is None


async def test_a_stuck_reader_is_dropped_and_harms_nobody() -> None:
    """A client that takes nothing any more is given up; memory stays bounded, others go on."""
    hub = EventHub(now=0.0, remembered=10, waiting=50)

    async def app(scope: object, receive: object, send: object) -> None:
        response = EventResponse(hub, hub.subscribe(), stuck=0.2, heartbeat=60.0)
        await response(scope, receive, send)  # type: ignore[arg-type]

    async with serve(app) as address:
        host, port = address.removeprefix("http://").split(":")
        stuck = socket.create_connection((host, int(port)))
        stuck.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        stuck.setblocking(False)
        await asyncio.get_running_loop().sock_sendall(stuck, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        other = hub.subscribe()
        heard = 0
        await until(lambda: hub.readers == 2)

        def dropped() -> bool:
            nonlocal heard
            hub.publish("thing", {"much": "x" * 100_000})
            heard += sum(event.kind == "thing" for event in other.take())
            return hub.readers == 1

        await until(dropped)
        assert heard > 0
        stuck.close()


async def test_silence_is_filled_with_comments() -> None:
    """A reader that hears nothing sees that the connection lives."""
    hub = EventHub(now=0.0)

    async def app(scope: object, receive: object, send: object) -> None:
        response = EventResponse(hub, hub.subscribe(), heartbeat=0.05)
        await response(scope, receive, send)  # type: ignore[arg-type]

    async with serve(app) as address:
        host, port = address.removeprefix("http://").split(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        async with asyncio.timeout(PATIENCE):
            await reader.readuntil(b": still here\n\n")
            await reader.readuntil(b": still here\n\n")
        writer.close()
        hub.close()
