"""Starting a job: nothing of it runs inside the grant, and a start that fails takes nothing."""

from __future__ import annotations

import asyncio
import contextvars
import sys
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
from tests.scheduling.work import nap, nothing, now, outcome_of

from limner.errors import JobCancelled
from limner.scheduling import Event, JobState, Limiter
from limner.testing import VirtualLoop, run_virtual

Factory = Callable[..., Any]
Work = Coroutine[Any, Any, Any]


def plain_factory(loop: asyncio.AbstractEventLoop, work: Work) -> asyncio.Task[Any]:
    """Make a task, as a factory that was written before tasks had a context to be given."""
    return asyncio.Task(work, loop=loop)


def context_factory(
    loop: asyncio.AbstractEventLoop, work: Work, context: contextvars.Context | None = None
) -> asyncio.Task[Any]:
    """Make a task in a context."""
    return asyncio.Task(work, loop=loop, context=context)


def open_factory(loop: asyncio.AbstractEventLoop, work: Work, **more: Any) -> asyncio.Task[Any]:
    """Make a task with whatever is asked for."""
    return asyncio.Task(work, loop=loop, **more)


FACTORIES: list[Factory | None] = [None, plain_factory, context_factory, open_factory]
if sys.version_info >= (3, 12):
    FACTORIES.append(asyncio.eager_task_factory)

with_each_factory = pytest.mark.parametrize("factory", FACTORIES)


def use(factory: Factory | None) -> None:
    """Have the running loop make its tasks so."""
    asyncio.get_running_loop().set_task_factory(factory)


@with_each_factory
async def test_nothing_of_a_job_runs_before_submit_returns(factory: Factory | None) -> None:
    """Also where the loop's tasks begin at once."""
    use(factory)
    limiter = Limiter(max_concurrent=1)
    begun: list[int] = []
    jobs = [limiter.submit(begun.append, n) for n in range(3)]
    assert begun == []
    assert [job.state for job in jobs] == [JobState.RUNNING, JobState.QUEUED, JobState.QUEUED]
    await asyncio.gather(*jobs)
    assert begun == [0, 1, 2]


@with_each_factory
async def test_a_jobs_events_come_in_one_order(factory: Factory | None) -> None:
    """Whoever makes the tasks."""
    use(factory)
    limiter = Limiter(max_concurrent=1)
    seen: list[str] = []
    limiter.on(Event, lambda event: seen.append(type(event).__name__))
    await limiter.submit(nothing)
    assert seen == ["Received", "Queued", "Empty", "Scheduled", "Executing", "Done", "Idle"]


@with_each_factory
async def test_limits_results_and_contexts_are_those_of_plain_tasks(
    factory: Factory | None,
) -> None:
    """No more run than may, each in its submitter's context, and thousands end."""
    use(factory)
    limiter = Limiter(max_concurrent=2)
    user = contextvars.ContextVar("user", default="nobody")
    live = peak = 0

    async def work(number: int) -> tuple[int, str]:
        nonlocal live, peak
        live += 1
        peak = max(peak, live)
        if not number % 3:
            await asyncio.sleep(1)
        live -= 1
        return number, user.get()

    async def submit(number: int) -> tuple[int, str]:
        user.set(f"user {number}")
        return await limiter.submit(work, number)

    tasks = [asyncio.create_task(submit(number)) for number in range(60)]
    assert await asyncio.gather(*tasks) == [(n, f"user {n}") for n in range(60)]
    assert peak == 2
    assert now() == 10.0
    jobs = [limiter.submit(abs, n) for n in range(3000)]
    assert await asyncio.gather(*jobs) == list(range(3000))
    assert await limiter.running() == 0


@with_each_factory
async def test_a_job_cancelled_between_its_grant_and_its_first_step_never_begins(
    factory: Factory | None,
) -> None:
    """Its slot goes to the next."""
    use(factory)
    limiter = Limiter(max_concurrent=1)
    begun: list[str] = []
    first, second = (limiter.submit(begun.append, name) for name in ("first", "second"))
    assert first.state is JobState.RUNNING
    assert first.cancel("not any more")
    assert await outcome_of(first) is JobCancelled
    await second
    assert begun == ["second"]
    assert await limiter.running() == 0


@pytest.mark.parametrize("times", [1, 3])
async def test_a_start_that_fails_gives_its_slot_back_and_the_next_starts(
    times: int, caplog: pytest.LogCaptureFixture
) -> None:
    """The job ends with what the task factory raised; nothing is lost."""
    left = times

    def failing_factory(
        loop: asyncio.AbstractEventLoop, work: Work, **more: Any
    ) -> asyncio.Task[Any]:
        nonlocal left
        if left:
            left -= 1
            raise OSError("no more tasks today")
        return asyncio.Task(work, loop=loop, **more)

    use(failing_factory)
    limiter = Limiter(max_concurrent=1, reservoir=10)
    jobs = [limiter.submit(nap, 1, n) for n in range(4)]
    ends = [await outcome_of(job) for job in jobs]
    assert ends == [OSError] * times + list(range(times, 4))
    assert "could not be started" in caplog.text
    assert await limiter.running() == 0
    assert limiter.queued() == 0
    assert await limiter.run(nap, 1, "another") == "another"


def test_a_loop_that_was_closed_keeps_no_slot(caplog: pytest.LogCaptureFixture) -> None:
    """What cannot start there any more ends with the loop's error, and the limiter is free."""
    limiter = Limiter(max_concurrent=1)
    limiter.pause()
    loop = VirtualLoop()

    async def leave_behind() -> list[Any]:
        return [limiter.submit(nap) for _ in range(3)]

    jobs = loop.run_until_complete(leave_behind())
    loop.close()
    limiter.resume()
    assert [type(job.error) for job in jobs] == [RuntimeError] * 3
    assert caplog.text.count("could not be started") == 3
    assert limiter.counts()[JobState.DONE] == 3
    assert run_virtual(limiter.run(nap, 1, "elsewhere")) == "elsewhere"
