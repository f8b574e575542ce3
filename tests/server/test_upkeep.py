"""A server keeps its library within the bounds of its settings, and tells of it."""

import asyncio
import logging
from dataclasses import replace
from pathlib import Path

import pytest
from tests.server.api.running import illustrated, running
from tests.waiting import until

from limner.server.upkeep import keep_bounds
from limner.storage import Bound

pytestmark = pytest.mark.real_time


async def test_whoever_looks_hears_of_what_is_removed(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The log says of whose pictures how many went; of its place it is told that it changed."""
    caplog.set_level(logging.INFO, "limner.server.upkeep")
    async with running(tmp_path) as api:
        message = await illustrated(api)
        async with api.events() as events:
            task = asyncio.create_task(keep_bounds(api.services, Bound(bytes=1)))
            told = await events.until("slot.changed")
            assert told.data["slot"]["state"] == "deleted"
            assert told.data["slot_id"].startswith(message)
            await until(lambda: "nobody: 1 pictures are more than are kept" in caplog.text)
        task.cancel()
        await asyncio.wait((task,))
        assert await api.services.library.pictures() == []


async def test_a_cleaning_tells_whose_pictures_are_too_many(tmp_path: Path) -> None:
    """Before it does it; without a bound there are none."""
    async with running(tmp_path) as api:
        await illustrated(api)
        assert (await api.ask("POST", "/library/clean"))["bounded"] == []
        facts = replace(api.services.facts, bound=Bound(bytes=1))
        object.__setattr__(api.services, "facts", facts)
        (told,) = (await api.ask("POST", "/library/clean"))["bounded"]
        assert (told["owner"], told["pictures"], told["shown"]) == ("", 1, 1)
        assert len(await api.services.library.pictures()) == 1
        (done,) = (await api.ask("POST", "/library/clean", {"dry_run": False}))["bounded"]
        assert done == told
        assert await api.services.library.pictures() == []
