"""A picture server that is away for a while, behind `limner serve`: who is told, and what is drawn.

Real sockets all the way: the page's API, limner's server, and a picture server that answers 503.
"""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from tests.server.api.running import Listening
from tests.server.served import Served, served
from tests.waiting import until

from limner.backends.images.a1111.backend import A1111Backend
from limner.testing.a1111_server import A1111Server
from limner.testing.picture_fault import Busy, Fault
from limner.testing.picture_server import Recorded

pytestmark = pytest.mark.real_time

STORY = " ".join(f'Night {n}. <!--img-prompt="fox {n}"-->' for n in range(4))


class Moody:
    """A server's faults: it answers 503 while it is away."""

    away = False

    def __call__(self, request: Recorded) -> Fault | None:
        """What goes wrong with this drawing."""
        return Busy(None, status=503) if self.away else None


async def asked(server: Served, method: str, path: str, **body: Any) -> Any:
    """What the API answers."""
    url = f"{server.address}/api{path}"
    async with server.client.request(method, url, json=body or None) as answer:
        assert answer.status < 300, await answer.text()
        return await answer.json()


async def states(server: Served, message: str) -> list[str]:
    """The states of a message's slots."""
    told = await server.library.load(message)
    return [] if told is None else [str(slot.state) for slot in told.slots]


async def pictures_of(server: Served, message: str) -> list[object]:
    """What each slot shows."""
    told = await server.library.load(message)
    assert told is not None
    return [tuple(one.id for one in slot.alternatives) for slot in told.slots]


async def test_a_busy_server_is_told_everywhere_and_all_is_drawn_when_it_is_back(
    tmp_path: Path,
) -> None:
    """Queue, events and metrics say why, until when and how often; then nothing more."""
    moody = Moody()
    async with A1111Server(moody) as pictures, A1111Backend(pictures.url) as backend:
        async with served(tmp_path, backend=backend) as server:
            chat = await server.library.create_chat("tale")
            moody.away = True
            events = Listening(f"{server.address}/api/events", server.client, {})
            async with events:
                illustrator = server.running.services.illustrator
                drawing = asyncio.create_task(
                    illustrator.illustrate(STORY, message_id="m", chat_id=chat.id)
                )
                told = await events.until(
                    "queue",
                    lambda data: (
                        (data["waiting_for"] or {}).get("reason") == "unavailable"
                        and data["waiting_for"]["times"] >= 2
                    ),
                )
                waits = told.data["waiting_for"]
                assert waits["told"].startswith("server busy (503), asking again")
                assert waits["until"] is None or waits["until"] > 1e9  # since the epoch

                async def held() -> bool:
                    return 'limner_queue_held_seconds{reason="unavailable"}' in await server.text(
                        "/metrics"
                    )

                await until(held)
                queue = await asked(server, "GET", "/queue")
                assert queue["waiting_for"]["words"] == "server busy (503)"
                assert queue["progress"]["eta"] is None
                assert (queue["running"], len(queue["jobs"])) in {(0, 4), (1, 4)}
                moody.away = False
                assert (await drawing).complete
                await events.until("queue", lambda data: data["waiting_for"] is None)
            assert await states(server, "m") == ["ready"] * 4
            assert (await asked(server, "GET", "/queue"))["waiting_for"] is None
            assert "limner_queue_held_seconds{" not in await server.text("/metrics")


async def test_what_is_drawn_again_in_an_outage_waits_for_its_end_too(tmp_path: Path) -> None:
    """A click then is no error: it is begun when the server is back, and the old pictures stay."""
    moody = Moody()
    async with A1111Server(moody) as pictures, A1111Backend(pictures.url) as backend:
        async with served(tmp_path, backend=backend) as server:
            chat = await server.library.create_chat("tale")
            illustrator = server.running.services.illustrator
            await illustrator.illustrate(STORY, message_id="m", chat_id=chat.id)
            before = await pictures_of(server, "m")
            moody.away = True
            begun = len(pictures.jobs)
            await asked(server, "POST", "/slots/m/0/1/regenerate")
            await asked(server, "POST", "/slots/m/0/2/regenerate")
            await until(lambda: len(pictures.jobs) >= begun + 3)
            queue = await asked(server, "GET", "/queue")
            assert queue["waiting_for"]["reason"] in ("unavailable", "picture")
            assert await pictures_of(server, "m") == before
            async with server.client.get(f"{server.address}/images/unknown") as answer:
                assert answer.status == 404  # all else is answered meanwhile
            moody.away = False

            async def drawn_again() -> bool:
                seeds = await pictures_of(server, "m")
                return [new != old for new, old in zip(seeds, before, strict=True)] == [
                    False, True, True, False,
                ]  # fmt: skip

            await until(drawn_again)
            assert await states(server, "m") == ["ready"] * 4
