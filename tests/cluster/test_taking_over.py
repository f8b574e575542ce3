"""What a server leaves when it dies, hangs or ends, the other goes on with."""

import asyncio
import re
import signal
from typing import Any

import aiohttp
import pytest
from tests.cluster.conftest import MakeReplicas
from tests.cluster.replicas import Replica
from tests.waiting import until

from limner.testing.chat_server import Reply

pytestmark = pytest.mark.real_time

LINK = re.compile(r"/images/([0-9a-z]+)\.png")
FOXES = "".join(f'Fox {n}: <!--img-prompt="fox {n}" size="64x64"--> ' for n in range(6))
SOON = 30.0
"""Seconds after which what a dead server did is gone on with, also where much else is done; that
ten are enough where little is, the faults measure."""


async def slots(server: Replica) -> list[dict[str, Any]]:
    """All slots of the only chat that has any, as they are kept."""
    chats = (await server.ask("GET", "/api/chats"))["chats"]
    (chat,) = (chat for chat in chats if chat["messages"])
    listed = await server.ask("GET", f"/api/chats/{chat['id']}/messages")
    return [slot for message in listed["messages"] for slot in message["slots"]]


async def all_drawn(server: Replica) -> bool:
    """Whether there are six of them, each with one picture, and nothing is under way."""
    found = await slots(server)
    ready = [slot for slot in found if slot["state"] == "ready" and not slot["pending"]]
    return len(ready) == 6 and all(len(slot["alternatives"]) == 1 for slot in ready)


async def test_a_picture_that_one_server_draws_is_shown_by_the_other(
    replicas: MakeReplicas,
) -> None:
    """Whoever asks for its address there waits for it, and gets it as soon as it is drawn."""
    gate = asyncio.Event()
    async with replicas(script=Reply.stream(FOXES), gate=gate) as cluster:
        here, there = await cluster.start()
        text = await here.tell("Tell me!")
        name = LINK.findall(text)[0]
        async with aiohttp.ClientSession() as client:

            async def shown(server: Replica) -> bytes:
                async with client.get(f"{server.address}/images/{name}.png") as answer:
                    return await answer.read()

            asked = asyncio.create_task(shown(there))
            await until(lambda: cluster.pictures.running == 6)
            assert not asked.done()
            gate.set()
            async with asyncio.timeout(SOON):
                assert await asked == await shown(here)


async def test_what_a_killed_server_was_drawing_is_drawn_by_the_other(
    replicas: MakeReplicas,
) -> None:
    """Each picture is kept once, also those of which the killed one had begun some."""
    gate = asyncio.Event()
    async with replicas(
        script=Reply.stream(FOXES), gate=gate, more="max_concurrent = 4"
    ) as cluster:
        here, there = await cluster.start()
        await here.tell("Tell me!")
        await until(lambda: cluster.pictures.running == 4)
        here.kill()
        gate.set()
        await until(lambda: all_drawn(there), patience=SOON, every=0.1)
        assert cluster.pictures.peak <= 4


@pytest.mark.proof  # the slowest of four ways to leave; `make cluster` has it twenty times
async def test_a_server_that_hangs_changes_nothing_once_others_have_gone_on(
    replicas: MakeReplicas,
) -> None:
    """It comes back as a new one, and goes on serving."""
    gate = asyncio.Event()
    async with replicas(script=Reply.stream(FOXES), gate=gate) as cluster:
        here, there = await cluster.start()
        await here.tell("Tell me!")
        await until(lambda: cluster.pictures.running == 6)
        here.process.process.send_signal(signal.SIGSTOP)
        gate.set()
        await until(lambda: all_drawn(there), patience=2 * SOON, every=0.1)
        before = await slots(there)
        here.process.process.send_signal(signal.SIGCONT)
        await until(lambda: "went on with it" in here.process.log)

        async def writes_again() -> bool:
            return await here.status("POST", "/api/chats", {"id": "new"}) == 201

        await until(writes_again, every=0.1)
        assert await slots(here) == before


async def test_what_a_server_leaves_that_ends_in_order_is_drawn_by_the_other(
    replicas: MakeReplicas,
) -> None:
    """And while it ends the other goes on drawing."""
    gate = asyncio.Event()
    async with replicas(script=Reply.stream(FOXES), gate=gate) as cluster:
        here, there = await cluster.start()
        await here.tell("Tell me!")
        await until(lambda: cluster.pictures.running == 6)
        here.process.process.send_signal(signal.SIGTERM)
        assert await asyncio.to_thread(here.process.ended) == 0
        gate.set()
        await until(lambda: all_drawn(there), patience=SOON, every=0.1)
        asked = {"prompt": "a fox", "size": "64x64"}
        assert await there.status("POST", "/v1/images/generations", asked) == 200
