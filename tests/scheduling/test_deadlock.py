"""Waiting inside a job for what only its end can free: refused where that is certain."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

import pytest
from tests.scheduling.work import nap, now

from limner.errors import WouldDeadlock
from limner.scheduling import Job, Limiter
from limner.testing import Deadlock, run_virtual

Wait = Callable[[Limiter], Awaitable[object]]


async def direct(limiter: Limiter) -> object:
    """Run it in this task."""
    return await limiter.run(nap)


async def in_a_block(limiter: Limiter) -> object:
    """Enter a block."""
    async with limiter:
        return None


async def in_a_slot(limiter: Limiter) -> object:
    """Enter a slot."""
    async with limiter.slot():
        return None


async def submitted(limiter: Limiter) -> object:
    """Hand it over, and await it here."""
    return await limiter.submit(nap)


async def child(limiter: Limiter) -> object:
    """Await a task."""
    return await asyncio.create_task(limiter.run(nap))


async def grandchild(limiter: Limiter) -> object:
    """Await a task that awaits a task."""
    return await asyncio.create_task(child(limiter))


async def gathered(limiter: Limiter) -> object:
    """Await several."""
    return await asyncio.gather(nap(), limiter.run(nap))


async def gathered_twice(limiter: Limiter) -> object:
    """Await several of several."""
    return await asyncio.gather(nap(), asyncio.gather(limiter.run(nap), nap()))


async def grouped(limiter: Limiter) -> None:
    """Leave a group, which awaits its tasks."""
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(limiter.run(nap))
    except BaseExceptionGroup as errors:
        raise errors.exceptions[0] from None


async def waited(limiter: Limiter) -> None:
    """Wait for a task as one of several."""
    task = asyncio.create_task(limiter.run(nap))
    await asyncio.wait({task})
    await task


async def in_a_timeout(limiter: Limiter) -> object:
    """Wait inside a block that ends in time."""
    async with asyncio.timeout(100):
        return await limiter.run(nap)


async def shielded(limiter: Limiter) -> object:
    """Await a task that outlives this one."""
    return await asyncio.shield(limiter.run(nap))


async def mapped(limiter: Limiter) -> object:
    """Take the results of many."""
    return [result async for result in limiter.map(lambda n: nap(1, n), range(3))]


WAITS: list[Wait] = [
    direct,
    in_a_block,
    in_a_slot,
    submitted,
    child,
    grandchild,
    gathered,
    gathered_twice,
    grouped,
    waited,
    in_a_timeout,
    shielded,
    mapped,
]


@pytest.mark.parametrize("wait", WAITS)
async def test_waiting_for_a_slot_of_ones_own_is_refused(wait: Wait) -> None:
    """In this task or in one that it waits for; at once, and no slot is lost."""
    limiter = Limiter(max_concurrent=1)
    with pytest.raises(WouldDeadlock, match="hold 1 of max_concurrent=1"):
        await limiter.run(wait, limiter)
    assert now() <= 1.0  # gather's other task takes a second
    with pytest.raises(WouldDeadlock):
        async with limiter:
            await wait(limiter)
    await limiter.join()
    assert await limiter.run(nap, 1, "free") == "free"


@pytest.mark.parametrize("wait", WAITS)
async def test_the_same_wait_is_fine_where_there_is_room(wait: Wait) -> None:
    """With a slot more, in another limiter, and outside of the job."""
    limiter, roomy = Limiter(max_concurrent=1), Limiter(max_concurrent=2)
    await roomy.run(wait, roomy)
    await limiter.run(wait, roomy)
    await wait(limiter)
    assert (await limiter.running(), await roomy.running()) == (0, 0)


@pytest.mark.parametrize("wait", WAITS)
async def test_a_wait_that_somebody_else_will_end_is_waited(wait: Wait) -> None:
    """Another job holds the second slot, and will give it back."""
    limiter = Limiter(max_concurrent=2)
    other = limiter.submit(nap, 5)
    await limiter.run(wait, limiter)
    assert now() >= 6.0 or wait in (in_a_block, in_a_slot)
    await other


async def test_the_slots_of_all_ancestors_count() -> None:
    """Child tasks included; submitting is no waiting."""
    limiter = Limiter(max_concurrent=2)

    async def inner() -> str:
        return str(await asyncio.create_task(limiter.run(nap, 0, "deep")))

    async def outer() -> str:
        job = limiter.submit(nap, 0, "later")
        with pytest.raises(WouldDeadlock):
            await limiter.run(inner)
        return str(await job)

    assert await limiter.run(outer) == "later"
    with pytest.raises(WouldDeadlock):
        async with limiter.slot(weight=2):
            await limiter.submit(nap)
    await limiter.join()


async def test_weights_decide_what_cannot_fit() -> None:
    """A light job fits beside a heavy one; one that weighs nothing always does."""
    limiter = Limiter(max_concurrent=3)
    async with limiter.slot(weight=2):
        assert await limiter.run(nap, 1, "light") == "light"
        assert await limiter.run(nap, 1, "nothing", weight=0) == "nothing"
        with pytest.raises(WouldDeadlock, match="hold 2 of max_concurrent=3, and it waits for 2"):
            await limiter.run(nap, weight=2)


async def test_children_that_nobody_awaits_just_wait() -> None:
    """A crawler's pages start the next ones and end: nothing is refused."""
    limiter = Limiter(max_concurrent=1)
    seen: list[int] = []
    tasks: list[asyncio.Task[None]] = []

    async def page(number: int) -> None:
        seen.append(number)
        if number < 7:
            links = [limiter.run(page, link) for link in (2 * number, 2 * number + 1)]
            tasks.extend(asyncio.create_task(link) for link in links)
        await asyncio.sleep(1)

    await limiter.run(page, 1)
    while tasks:
        await tasks.pop(0)
    assert sorted(seen) == list(range(1, 14))
    assert now() == 13.0


async def test_a_child_that_is_awaited_outside_just_waits() -> None:
    """Whoever awaits it is not in the job."""
    limiter = Limiter(max_concurrent=1)
    task: asyncio.Task[object] | None = None

    async def outer() -> None:
        nonlocal task
        task = asyncio.create_task(limiter.run(nap, 1, "child"))
        await asyncio.sleep(5)

    await limiter.run(outer)
    assert task is not None
    assert await task == "child"
    assert now() == 6.0


async def test_a_wait_for_something_else_is_no_wait_for_the_child() -> None:
    """The job that holds the slot waits for an event, which a third task will set."""
    limiter = Limiter(max_concurrent=1)
    event = asyncio.Event()
    tasks = []

    async def outer() -> None:
        tasks.append(asyncio.create_task(limiter.run(nap, 1, "child")))
        await event.wait()

    asyncio.get_running_loop().call_later(5, event.set)
    await limiter.run(outer)
    assert await tasks[0] == "child"


def test_a_wait_that_begins_after_the_childs_is_not_seen() -> None:
    """Only the wait for a slot looks round: who awaits the child later waits with it."""

    async def outer(limiter: Limiter) -> None:
        task = asyncio.create_task(limiter.run(nap))
        await asyncio.sleep(1)
        await task

    async def main() -> None:
        limiter = Limiter(max_concurrent=1)
        await limiter.run(outer, limiter)

    with pytest.raises(Deadlock):
        run_virtual(main())


async def test_two_jobs_that_wait_for_one_another_in_two_limiters_are_not_seen() -> None:
    """Each limiter knows its own jobs; a bound of the wait ends it."""
    first, second = Limiter(max_concurrent=1), Limiter(max_concurrent=1)

    async def cross(one: Limiter, other: Limiter) -> object:
        async with one:
            await asyncio.sleep(1)
            return await other.run(nap, queue_timeout=3)

    ends = await asyncio.gather(cross(first, second), cross(second, first), return_exceptions=True)
    assert sorted(type(end).__name__ for end in ends) == ["QueueTimeout", "QueueTimeout"]


@pytest.mark.parametrize("way", ["join", "stop"])
async def test_waiting_for_the_end_of_all_jobs_inside_one_is_refused(way: str) -> None:
    """Directly, and through a task that the job awaits; the limiter is not stopped by it."""
    limiter = Limiter(max_concurrent=3)

    async def inside() -> None:
        with pytest.raises(WouldDeadlock, match=rf"{way}\(\) waits for all jobs to end"):
            await getattr(limiter, way)()
        task = asyncio.create_task(getattr(limiter, way)())
        with pytest.raises(WouldDeadlock):
            await task

    await limiter.run(inside)
    async with limiter:
        await inside()
    await limiter.submit(inside)
    await limiter.join()
    assert await limiter.run(nap, 1, "goes on") == "goes on"


async def test_a_task_nobody_awaits_may_wait_for_the_end_of_all_jobs() -> None:
    """A job may have its limiter stopped after its own end."""
    limiter = Limiter(max_concurrent=1)
    tasks: list[asyncio.Task[None]] = []

    async def last() -> None:
        tasks.append(asyncio.create_task(limiter.stop()))
        await asyncio.sleep(1)

    await limiter.run(last)
    await tasks[0]
    assert now() == 1.0


async def test_a_job_submitted_inside_and_awaited_outside_just_waits() -> None:
    """Handing over is no waiting."""
    limiter = Limiter(max_concurrent=1)

    async def outer() -> Job[object]:
        return limiter.submit(nap, 1, "handed over")

    assert await (await limiter.run(outer)) == "handed over"


async def test_a_refusal_can_be_handled_and_the_job_goes_on() -> None:
    """It is an error like any other."""
    limiter = Limiter(max_concurrent=1)

    async def outer() -> str:
        with contextlib.suppress(WouldDeadlock):
            await limiter.run(nap)
        return "went on"

    assert await limiter.run(outer) == "went on"
