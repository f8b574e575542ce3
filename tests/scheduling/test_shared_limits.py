"""Limits shared with other processes hold, whatever happens to the messages between them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from limner.errors import JobCancelled, LeaseLost, SharedLimitsUnavailable
from limner.scheduling import JobOutcome, JobState, Lease, Limiter, SharedLimits
from limner.testing.shared_limits import Fate, ScriptedSharedLimits, SharedLimitsServer
from limner.testing.shared_limits_contract import CHECKS, Check, SharedCase, Watch


def joined(server: SharedLimitsServer, name: str, **limits: Any) -> Limiter:
    """Make a limiter that shares the server's limits."""
    return Limiter(name=name, shared=ScriptedSharedLimits(server, name), **limits)


def once(kind: str, *fates: Sequence[float]) -> Fate:
    """Let the first messages of a kind have these fates, and all others arrive at once."""
    left = list(fates)

    def fate(other: str) -> Sequence[float]:
        return left.pop(0) if other == kind and left else (0.0,)

    return fate


@pytest.mark.parametrize("delay", [0.0, 0.01])
@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
async def test_the_scripted_limits_keep_the_contract(check: Check, delay: float) -> None:
    """At once or a little late, every promise of the port is kept."""
    server = SharedLimitsServer(fate=lambda kind: (delay,))
    await check(SharedCase(lambda: ScriptedSharedLimits(server, "somebody")))


async def test_a_port_is_told_apart_from_anything_else() -> None:
    """What cannot decide is refused where it is given."""
    server = SharedLimitsServer()
    assert isinstance(ScriptedSharedLimits(server, "x"), SharedLimits)
    with pytest.raises(TypeError, match="shared must be a SharedLimits"):
        Limiter(shared=object())  # type: ignore[arg-type]


async def test_a_late_grant_is_given_back_if_its_job_has_gone() -> None:
    """A grant that crosses the cancellation of its job takes no slot from anybody."""
    server = SharedLimitsServer(fate=once("grant", (2.0,)))
    limiter = joined(server, "here", max_concurrent=1)
    job = limiter.submit(asyncio.sleep, 1)
    await asyncio.sleep(1)
    assert server.running == 1
    assert job.cancel()
    await asyncio.sleep(2)
    assert server.running == 0
    assert await limiter.run(max, 1, 2) == 2


async def test_a_grant_told_twice_starts_its_job_once() -> None:
    """The second is known, or comes too late; either way nothing is given back that is in use."""
    server = SharedLimitsServer(fate=once("grant", (0.0, 0.5), (0.0, 9.0)))
    limiter, watch = joined(server, "here", max_concurrent=1), Watch()
    await asyncio.gather(*(limiter.run(watch.work, "job", 3) for _ in range(3)))
    assert watch.peak == 1
    assert len(watch.starts) == 3
    assert server.running == 0


async def test_a_lost_grant_comes_again() -> None:
    """The heartbeat tells that its job still waits."""
    server = SharedLimitsServer(ttl=5.0, fate=once("grant", ()))
    limiter = joined(server, "here", max_concurrent=1)
    assert await limiter.run(max, 1, 2) == 2
    assert asyncio.get_running_loop().time() <= 2.0


@pytest.mark.parametrize("kind", ["ask", "withdraw", "give_back"])
async def test_what_a_limiter_said_in_vain_is_found_out(kind: str) -> None:
    """A lost question is asked again; a lost goodbye keeps nobody waiting."""
    server = SharedLimitsServer(ttl=5.0, fate=once(kind, ()))
    here = joined(server, "here", max_concurrent=1)
    there = joined(server, "there", max_concurrent=1)
    first = here.submit(asyncio.sleep, 1)
    await asyncio.sleep(0.5)
    gone = here.submit(asyncio.sleep, 1)
    keeps_beating = here.submit(asyncio.sleep, 30, priority=9)
    await asyncio.sleep(0.1)
    gone.cancel()
    last = there.submit(asyncio.sleep, 1, priority=0)
    await asyncio.wait_for(asyncio.gather(first, last), 20)
    keeps_beating.cancel()
    await here.join()
    await asyncio.sleep(10)
    assert server.running == 0


async def test_the_slots_of_a_process_that_was_killed_come_back() -> None:
    """After its time to live, and not before."""
    server = SharedLimitsServer(ttl=5.0)
    port = ScriptedSharedLimits(server, "killed")
    killed = Limiter(max_concurrent=2, shared=port)
    for _ in range(2):
        killed.submit(asyncio.sleep, 3600)
    await asyncio.sleep(1)
    port.crash()
    there = joined(server, "there", max_concurrent=2)
    begin = asyncio.get_running_loop().time()
    await there.run(asyncio.sleep, 0)
    assert 3.0 <= asyncio.get_running_loop().time() - begin <= 5.0
    await asyncio.gather(*(there.run(asyncio.sleep, 0) for _ in range(5)))


async def test_a_process_that_is_cut_off_stops_its_jobs_before_others_take_their_slots() -> None:
    """Its jobs end with `LeaseLost`; at no instant do more run than may."""
    server = SharedLimitsServer(ttl=5.0)
    port = ScriptedSharedLimits(server, "cut off")
    cut_off = Limiter(max_concurrent=2, shared=port)
    there, watch = joined(server, "there", max_concurrent=2), Watch()
    jobs = [cut_off.submit(watch.work, "cut off", 60) for _ in range(2)]
    await asyncio.sleep(1)
    others = [there.submit(watch.work, "there", 1) for _ in range(2)]
    port.cut(20)
    with pytest.raises(SharedLimitsUnavailable):
        await cut_off.running()
    await asyncio.gather(*others)
    assert watch.peak == 2
    for job in jobs:
        assert isinstance(job.exception(), LeaseLost)
        assert job.outcome is JobOutcome.EXPIRED
    again = cut_off.submit(watch.work, "again", 1)
    await asyncio.sleep(5)
    assert again.state is JobState.QUEUED  # it waits until somebody can be asked
    assert await again == "again"


async def test_a_grant_that_comes_out_of_the_hole_is_not_believed() -> None:
    """Whoever was cut off does not know any more to whom a slot belongs."""
    server = SharedLimitsServer(ttl=5.0, fate=once("grant", (7.0,)))
    port, watch = ScriptedSharedLimits(server, "here"), Watch()
    here = Limiter(max_concurrent=1, shared=port)
    there = joined(server, "there", max_concurrent=1)
    late = here.submit(watch.work, "late", 30)
    await asyncio.sleep(0.5)
    port.cut(6)
    other = there.submit(watch.work, "there", 30)
    await asyncio.gather(late, other)
    assert watch.peak == 1
    assert watch.names == ["there", "late"]


async def test_a_job_that_leaves_is_out_of_the_order_at_once() -> None:
    """Nobody waits behind it until the next heartbeat."""
    server = SharedLimitsServer()
    limiter = joined(server, "here", max_concurrent=1)
    running, waiting = (limiter.submit(asyncio.sleep, 3) for _ in range(2))
    await asyncio.sleep(0.1)
    assert server.look().waiting == 1
    waiting.cancel()
    await asyncio.sleep(0.1)
    assert server.look().waiting == 0
    await running


async def test_a_lost_lease_that_nobody_held_any_more_is_no_mistake() -> None:
    """Nor is an unknown one, or a drop of nobody."""
    server = SharedLimitsServer()
    port = ScriptedSharedLimits(server, "here")
    limiter = Limiter(max_concurrent=1, shared=port)
    await limiter.run(int)
    port.hear_answer(0.0, [Lease(77, 99)])
    port.tell_granted(Lease(77, 100))
    port.tell_dropped(77, "leak")
    assert await limiter.run(max, 1, 2) == 2


async def test_stopping_a_limiter_lets_the_others_go_on() -> None:
    """Its waiting jobs leave the order, its running ones are waited for."""
    server = SharedLimitsServer()
    here, there = (joined(server, name, max_concurrent=1) for name in ("here", "there"))
    running = here.submit(asyncio.sleep, 2)
    await asyncio.sleep(1)
    waiting = here.submit(asyncio.sleep, 2)
    other = there.submit(asyncio.sleep, 1)
    await asyncio.sleep(0)
    await here.stop()
    assert running.outcome is JobOutcome.SUCCEEDED
    assert waiting.outcome is JobOutcome.DROPPED
    await other
    assert asyncio.get_running_loop().time() == 3.0


async def test_a_caller_that_goes_leaves_the_order() -> None:
    """Cancelled while the question is on its way, or while it waits."""
    server = SharedLimitsServer(fate=lambda kind: (0.5,))
    limiter = joined(server, "here", max_concurrent=1)
    for seconds in (0.0, 0.2, 0.6, 0.9, 1.1):
        task = asyncio.create_task(limiter.run(asyncio.sleep, 60))
        await asyncio.sleep(seconds)
        task.cancel()
        with pytest.raises((asyncio.CancelledError, JobCancelled)):
            await task
    await asyncio.sleep(20)
    assert server.running == 0
    assert limiter.is_empty


async def test_positions_are_told_and_guesses_are_not() -> None:
    """A limiter knows the order of its own jobs, and says of the rest that others decide."""
    server = SharedLimitsServer()
    limiter = joined(server, "here", max_concurrent=1)
    running = limiter.submit(asyncio.sleep, 5)
    await asyncio.sleep(1)
    first, second = (limiter.submit(asyncio.sleep, 1, priority=p) for p in (5, 1))
    assert (first.position, second.position, running.position) == (1, 0, None)
    assert (running.eta(), first.eta()) == (0.0, None)
    explanation = limiter.explain(first)
    assert (explanation.limit, explanation.position) == ("shared", 1)
    assert limiter.explain(running).limit is None
    await asyncio.gather(running, first, second)
