"""What everybody waits for is told by queue, events and metrics; and for how long can be set."""

import asyncio
from pathlib import Path

import pytest
from tests.illustration.patience.sick_server import SickServer
from tests.server.served import served
from tests.waiting import until

pytestmark = pytest.mark.real_time

STORY = " ".join(f'<!--img-prompt="fox {n}"-->' for n in range(3))


async def test_the_queue_and_the_metrics_tell_what_is_waited_for(tmp_path: Path) -> None:
    """Why, until when, and how often; in words and for programs."""
    now = asyncio.get_running_loop().time()
    server = SickServer(away=((0, now + 1e6),))
    async with served(tmp_path, backend=server) as site:
        queue = site.running.services.queue
        assert queue.waiting_for() is None
        chat = await site.library.create_chat("tale")
        illustrator = site.running.services.illustrator
        drawing = asyncio.create_task(illustrator.illustrate(STORY, chat_id=chat.id))
        await until(lambda: (queue.waiting_for() or {}).get("reason") == "unavailable")
        async with site.client.get(f"{site.address}/api/queue") as answer:
            told = (await answer.json())["waiting_for"]
        assert told["words"] == "server busy (503)"
        assert told["until"] is not None
        assert told["times"] >= 1
        assert "server busy (503), asking again" in told["told"]
        assert 'limner_queue_held_seconds{reason="unavailable"}' in await site.text("/metrics")
        assert queue.summary()["waiting_for"] is not None  # what the event `queue` carries
        drawing.cancel()
        await asyncio.wait([drawing])


async def test_both_time_outs_can_be_changed_while_it_runs(tmp_path: Path) -> None:
    """They begin as configured, 0 is none, and what makes no sense is refused."""
    async with served(tmp_path, settings={"picture_timeout": 60.0}) as site:
        patience = site.running.services.illustrator.patience
        assert (patience.seconds, patience.settle) == (60, 3600)
        url = f"{site.address}/api/settings"
        changed = {"picture_timeout": 0, "settle_timeout": 7}
        async with site.client.patch(url, json=changed) as answer:
            settings = (await answer.json())["settings"]
        assert {name: settings[name] for name in changed} == changed
        assert (patience.seconds, patience.settle) == (None, 7)
        assert await site.status("PATCH", "/api/settings", json={"picture_timeout": -1}) == 422
        back = {"picture_timeout": None, "settle_timeout": None}
        assert await site.status("PATCH", "/api/settings", json=back) == 200
        assert (patience.seconds, patience.settle) == (60, 3600)
