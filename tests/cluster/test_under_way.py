"""What workers tell while they draw, and what is left of it when one dies: previews, jobs."""

import asyncio
import re

import aiohttp
import pytest
from tests.cluster.conftest import MakeReplicas
from tests.cluster.replicas import Hand, Replica
from tests.cluster.test_elsewhere import slots
from tests.waiting import until

from limner.testing.chat_server import Reply
from limner.testing.comfyui_server import ComfyUIServer

pytestmark = [pytest.mark.real_time, pytest.mark.needs("pgqueuer")]

FOX = 'One: <!--img-prompt="a fox" size="64x64"-->'


async def got(url: str) -> tuple[int, bytes, str]:
    """The status of an answer, the answer, and its kind."""
    async with aiohttp.ClientSession() as client, client.get(url) as answer:
        return answer.status, await answer.read(), answer.content_type


async def figures(hand: Hand) -> str:
    """A worker's metrics; it is ready."""
    said = re.search(r"figures at +(\S+)/metrics", "".join(hand.said))
    assert said is not None
    assert (await got(f"{said[1]}/readyz"))[0] == (await got(f"{said[1]}/healthz"))[0] == 200
    assert (await got(f"{said[1]}/api/chats"))[0] == 404
    return (await got(f"{said[1]}/metrics"))[1].decode()


async def ready(server: Replica) -> bool:
    """Whether its only picture is kept once."""
    found = await slots(server, "Tell")
    return [(s["state"], len(s["alternatives"]), s["pending"]) for s in found] == [("ready", 1, 0)]


async def test_what_a_killed_worker_had_drawn_at_a_comfyui_the_next_one_waits_for(
    replicas: MakeReplicas,
) -> None:
    """It is not asked twice; and what it looks like meanwhile every server shows."""
    comfyui = ComfyUIServer(gate=asyncio.Event())
    serve, more = 'draw = "elsewhere"', "max_concurrent = 2"
    script = Reply.stream(FOX)
    async with replicas(script=script, serve=serve, more=more, comfyui=comfyui) as cluster:
        here, there = await cluster.start()
        (first,) = await cluster.hire(1, "--metrics-port", "0")
        async with there.reading() as reader:
            await here.tell("Tell")
            await until(lambda: any(e.data["preview"] for e in reader.of("slot.progress")))
        shown = next(e.data["preview"] for e in reader.of("slot.progress") if e.data["preview"])
        for server in (here, there):
            status, preview, kind = await got(server.address + shown)
            assert (status, kind) == (200, "image/png")
            assert preview.startswith(b"\x89PNG")
        told = await figures(first)
        assert "limner_worker_orders 1.0" in told
        assert re.search(r"limner_backend_drawing{backend=.*comfyui.*} 1.0", told)
        first.kill()
        await cluster.hire(1)
        (job,) = comfyui.jobs
        name = job.body["prompt_id"]
        await until(lambda: len(comfyui.asked(f"/history/{name}")) > 1)
        assert comfyui.gate is not None
        comfyui.gate.set()
        await until(lambda: ready(there), every=0.1)
        assert comfyui.jobs == [job]

        async def shown_no_more() -> bool:
            return [(await got(one.address + shown))[0] for one in (here, there)] == [404, 404]

        await until(shown_no_more, every=0.1)
