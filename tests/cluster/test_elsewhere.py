"""Pictures that real workers draw for real servers, on one PostgreSQL and one Valkey.

What else can happen to them, `make cluster` has happen.
"""

import asyncio
import signal
from typing import Any

import pytest
from tests.cluster.conftest import MakeReplicas
from tests.cluster.replicas import Replica, Replicas
from tests.waiting import until

from limner.testing.chat_server import Reply

pytestmark = [pytest.mark.real_time, pytest.mark.needs("pgqueuer")]

FOXES = "".join(f'Fox {n}: <!--img-prompt="fox {n}" size="64x64"--> ' for n in range(6))
ELSEWHERE: dict[str, Any] = {"script": Reply.stream(FOXES), "serve": 'draw = "elsewhere"'}
SOON = 30.0
"""Seconds after which what a dead process did is gone on with, also where much else is done; that
ten are enough where little is, the faults measure."""


async def slots(server: Replica, story: str) -> list[dict[str, Any]]:
    """All slots of a story, as they are kept."""
    chats = (await server.ask("GET", "/api/chats"))["chats"]
    (chat,) = (chat for chat in chats if chat["title"] == story)
    listed = await server.ask("GET", f"/api/chats/{chat['id']}/messages")
    return [slot for message in listed["messages"] for slot in message["slots"]]


async def all_drawn(server: Replica, story: str) -> bool:
    """Whether there are six of them, each with one picture, and nothing is under way."""
    found = await slots(server, story)
    ready = [slot for slot in found if slot["state"] == "ready" and not slot["pending"]]
    return len(ready) == 6 and all(len(slot["alternatives"]) == 1 for slot in ready)


async def test_workers_draw_what_servers_order(replicas: MakeReplicas) -> None:
    """Within one limit, each picture once; a stop at any server ends what a worker draws."""
    async with replicas(**ELSEWHERE, more="max_concurrent = 3") as cluster:
        here, there = await cluster.start()
        await cluster.hire(2)
        await here.tell("One")
        await until(lambda: all_drawn(there, "One"), every=0.1)
        assert len(cluster.pictures.jobs) == 6
        assert cluster.pictures.peak <= 3
        asked = {"prompt": "a fox", "size": "64x64"}
        assert await there.status("POST", "/v1/images/generations", asked) == 200
        await stopped_from_elsewhere(cluster, here, there)


async def stopped_from_elsewhere(cluster: Replicas, here: Replica, there: Replica) -> None:
    """Begin a story at one server, and stop it at the other."""
    cluster.pictures.gate = asyncio.Event()
    await here.tell("Two")
    await until(lambda: cluster.pictures.running == 3)
    stopping = asyncio.create_task(there.ask("POST", "/api/stop"))
    await until(lambda: cluster.pictures.running == 0, patience=SOON)
    await stopping
    await until(lambda: cluster.pictures.running == 0)
    assert len(cluster.pictures.jobs) == 6 + 1 + 3

    async def all_failed() -> bool:
        return {slot["state"] for slot in await slots(there, "Two")} == {"failed"}

    await until(all_failed, every=0.1)


async def test_what_workers_leave_that_die_or_end_others_draw(replicas: MakeReplicas) -> None:
    """Soon; each picture is kept once, and the limit is never exceeded."""
    gate = asyncio.Event()
    more = "max_concurrent = 4\nwork = {grace = 0.2}"
    async with replicas(**ELSEWHERE, gate=gate, more=more) as cluster:
        (here,) = await cluster.start(1)
        (first,) = await cluster.hire(1)
        (second,) = await cluster.hire(1, "--width", "1")
        await here.tell("One")
        await until(lambda: cluster.pictures.running == 4)
        first.kill()
        await cluster.hire(1)
        await until(lambda: cluster.pictures.running < 4)
        await until(lambda: cluster.pictures.running == 4, patience=SOON)
        second.process.send_signal(signal.SIGTERM)
        assert await asyncio.to_thread(second.process.wait, 30) == 0
        await until(lambda: cluster.pictures.running == 4, patience=SOON)
        gate.set()
        await until(lambda: all_drawn(here, "One"), every=0.1)
        assert cluster.pictures.peak == 4
