"""Whether a server says in time whether it is ready."""

import asyncio
import json
from typing import Any

import pytest

from limner.scheduling import Limiter
from limner.server.health import PATIENCE, Readiness, Ready
from limner.testing.shared_limits import ScriptedSharedLimits, SharedLimitsServer


async def asked(ready: Ready) -> tuple[int, Any]:
    """What it answers to one request."""
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        raise AssertionError("there is nothing to be read")

    await ready({"type": "http", "method": "GET", "path": "/readyz", "headers": []}, receive, send)
    return sent[0]["status"], json.loads(sent[1]["body"])


async def test_a_library_that_hangs_is_told_in_time() -> None:
    """However long a write hangs, the answer comes, and no second write is begun."""
    loop, done = asyncio.get_running_loop(), asyncio.Event()
    probes = 0

    async def probe() -> None:
        nonlocal probes
        probes += 1
        await done.wait()

    ready = Ready(Readiness(), probe)
    for _ in range(2):
        began = loop.time()
        status, told = await asked(ready)
        assert (status, told["library"], loop.time() - began) == (503, "unavailable", PATIENCE)
    assert probes == 1
    loop.call_later(PATIENCE / 2, done.set)
    several = await asyncio.gather(*(asked(ready) for _ in range(3)))
    assert [status for status, _ in several] == [200] * 3
    status, told = await asked(ready)
    assert (status, told["status"], probes) == (200, "ready", 2)


async def test_who_waits_hears_of_the_write_that_was_begun_for_it() -> None:
    """Also when the next one has been begun meanwhile."""
    ready = Ready(Readiness(), lambda: asyncio.sleep(1.0))
    first = asyncio.create_task(asked(ready))
    await asyncio.sleep(1.0)
    second = asyncio.create_task(asked(ready))
    assert [(await one)[0] for one in (first, second)] == [200, 200]


@pytest.mark.parametrize(
    ("only_draws", "expected"), [(False, (200, "degraded")), (True, (503, "not_ready"))]
)
async def test_shared_limits_that_cannot_be_reached_are_told(
    only_draws: bool, expected: tuple[int, str]
) -> None:
    """A server goes on to serve and says what it lacks; whoever only draws is not ready."""
    limits = SharedLimitsServer()
    shared = ScriptedSharedLimits(limits, "a")
    limiter = Limiter(shared=shared)
    ready = Ready(Readiness(), lambda: asyncio.sleep(0), limiter, only_draws=only_draws)
    shared.cut(60.0)
    status, told = await asked(ready)
    assert (status, told["status"]) == expected
    assert "shared limits cannot be reached" in told["pictures"]
    await asyncio.sleep(61.0)
    status, told = await asked(ready)
    assert (status, told["status"], "pictures" in told) == (200, "ready", False)
