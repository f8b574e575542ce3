"""timeout=: one bound over everything, waits, attempts and the pauses between them."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from tests.scheduling.work import nap, now

from limner.errors import JobCancelled, JobExpired, JobTimeout, QueueTimeout
from limner.scheduling import Cancelled, Done, Event, Failed, Job, JobOutcome, Limiter, Retry

ALWAYS = Retry(attempts=100, backoff=3.0, maximum=3.0, jitter=0)
"""Try again every 3 s."""


async def end_of(job: Job[Any]) -> tuple[type[BaseException], float]:
    """Return what a job ends with, and when."""
    with pytest.raises(Exception) as error:  # noqa: PT011 - its type is the answer
        await job
    return error.type, now()


async def fail() -> None:
    """Fail after a second."""
    await asyncio.sleep(1)
    raise OSError


async def test_it_bounds_one_long_attempt() -> None:
    """The job is really cancelled, and its slot is held until it has ended."""
    limiter = Limiter(max_concurrent=1)

    async def slow_to_stop() -> None:
        try:
            await asyncio.sleep(100)
        finally:
            await asyncio.sleep(2)

    job = limiter.submit(slow_to_stop, timeout=5)
    following = limiter.submit(nap)
    assert await end_of(job) == (JobTimeout, 7.0)
    assert job.outcome is JobOutcome.EXPIRED
    assert job.error is not None
    assert vars(job.error)["timeout"] == 5
    assert str(job.error) == "the job was given up after 5 s in all"
    await following
    assert following.started_at == 7.0


async def test_it_bounds_the_wait() -> None:
    """Who has not started by then leaves the queue."""
    limiter = Limiter(max_concurrent=1)
    holder = limiter.submit(nap, 10)
    job = limiter.submit(nap, timeout=5)
    assert await end_of(job) == (JobTimeout, 5.0)
    assert (job.attempt, limiter.queued()) == (0, 0)
    await holder


@pytest.mark.parametrize(
    ("bound", "attempts"),
    [(4.5, 2), (2.0, 1), (8.5, 3)],  # in an attempt, in a pause, later on
)
async def test_it_bounds_all_attempts_and_the_pauses_between_them(
    bound: float, attempts: int
) -> None:
    """Each attempt takes 1 s, each pause 3 s; it is tried no more."""
    limiter = Limiter(max_concurrent=1, retry=ALWAYS)
    job = limiter.submit(fail, timeout=bound)
    assert await end_of(job) == (JobTimeout, bound)
    assert job.attempt == attempts
    assert limiter.queued() == 0
    assert await limiter.running() == 0


async def test_without_it_attempts_go_on() -> None:
    """Expiration and queue_timeout bound each attempt by itself."""
    limiter = Limiter(max_concurrent=1, retry=Retry(attempts=4, backoff=3, maximum=3, jitter=0))
    job = limiter.submit(fail, expiration=2, queue_timeout=4)
    assert await end_of(job) == (OSError, 13.0)
    assert job.attempt == 4


async def test_the_shortest_bound_strikes() -> None:
    """Of expiration, queue_timeout and timeout."""
    limiter = Limiter(max_concurrent=1)
    running = limiter.submit(nap, 100, expiration=2, timeout=3, queue_timeout=1)
    waiting = limiter.submit(nap, 100, expiration=9, timeout=3, queue_timeout=1)
    late = limiter.submit(nap, 100, expiration=9, timeout=3, queue_timeout=4)
    ends = await asyncio.gather(running, waiting, late, return_exceptions=True)
    assert [type(end) for end in ends] == [JobExpired, QueueTimeout, JobTimeout]
    assert now() == 3.0


async def test_it_strikes_while_an_expired_attempt_is_still_stopping() -> None:
    """That attempt is then the last, whatever the retry policy says."""
    on_expiry = Retry(attempts=9, backoff=1, jitter=0, on=JobExpired)
    limiter = Limiter(max_concurrent=1, retry=on_expiry)

    async def slow_to_stop() -> None:
        try:
            await asyncio.sleep(100)
        finally:
            await asyncio.sleep(5)

    job = limiter.submit(slow_to_stop, expiration=2, timeout=3)
    assert await end_of(job) == (JobTimeout, 7.0)
    assert job.attempt == 1
    cancelled = limiter.submit(slow_to_stop, expiration=2)
    await asyncio.sleep(3)
    assert cancelled.cancel("for good")
    assert not cancelled.cancel("once more")
    assert await end_of(cancelled) == (JobCancelled, 14.0)
    assert cancelled.attempt == 1


async def test_an_attempt_that_expires_leaves_its_task_as_it_was() -> None:
    """A later attempt that swallows somebody else's cancellation has not been told to stop."""
    on_expiry = Retry(attempts=9, backoff=0, jitter=0, on=JobExpired)
    limiter = Limiter(max_concurrent=1, retry=on_expiry)
    attempts = 0

    async def work() -> int:
        nonlocal attempts
        attempts += 1
        try:
            await asyncio.sleep(100 if attempts == 1 else 10)
        except asyncio.CancelledError:
            if attempts == 1:
                raise
        return attempts

    async def caller() -> tuple[int, int]:
        result = await limiter.run(work, expiration=20)
        task = asyncio.current_task()
        return result, task.cancelling() if task else -1

    task = asyncio.create_task(caller())
    await asyncio.sleep(25)
    task.cancel()
    assert await task == (2, 1)


async def test_a_pause_longer_than_queue_timeout_is_not_waited_to_its_end() -> None:
    """The pause before a retry is a wait, too."""
    limiter = Limiter(max_concurrent=1, retry=Retry(attempts=9, backoff=100, jitter=0))
    job = limiter.submit(fail, queue_timeout=5)
    assert await end_of(job) == (QueueTimeout, 6.0)
    assert job.outcome is JobOutcome.TIMED_OUT
    assert limiter.queued() == 0


async def test_queue_timeout_counts_from_the_failure_for_each_retry() -> None:
    """Pause and queue together, but each time anew."""
    limiter = Limiter(max_concurrent=1, retry=ALWAYS)
    job = limiter.submit(fail, queue_timeout=5)
    await asyncio.sleep(20)
    assert job.attempt == 6  # every 4 s
    holder = limiter.submit(nap, 100, priority=0)  # starts in the next pause
    assert await end_of(job) == (QueueTimeout, 26.0)
    holder.cancel()


async def test_it_is_told_like_an_expiration() -> None:
    """One Failed with the error, one Done, nothing of a cancellation."""
    limiter = Limiter(max_concurrent=1)
    seen: list[Event] = []
    limiter.on(Event, seen.append)
    holder = limiter.submit(nap, 10)
    waiting = limiter.submit(nap, timeout=5)
    await asyncio.gather(holder, waiting, return_exceptions=True)
    mine = [event for event in seen if isinstance(event, Failed | Done | Cancelled)]
    kinds = [type(event).__name__ for event in mine if event.job is waiting]
    assert kinds == ["Failed", "Done"]
    assert limiter.statistics().expired == 1


async def test_a_job_that_ends_in_time_leaves_no_timer_behind() -> None:
    """Also one that was cancelled or dropped before."""
    limiter = Limiter(max_concurrent=1)
    assert await limiter.run(nap, 1, "in time", timeout=1000) == "in time"
    jobs = [limiter.submit(nap, 5, timeout=1000, queue_timeout=1000) for _ in range(4)]
    jobs[1].cancel()
    await limiter.stop(timeout=1000)
    await asyncio.gather(*jobs, return_exceptions=True)
    loop = asyncio.get_running_loop()
    left = [timer for timer in loop._scheduled if not timer.cancelled()]  # type: ignore[attr-defined]
    assert left == []


async def test_it_bounds_blocks_and_joined_jobs() -> None:
    """A slot's block is cancelled; all who joined a job get the same error."""
    limiter = Limiter(max_concurrent=1)
    with pytest.raises(JobTimeout):
        async with limiter.slot(timeout=3):
            await asyncio.sleep(100)
    assert now() == 3.0
    task = asyncio.current_task()
    assert task is not None
    assert task.cancelling() == 0
    calls = [limiter.run(nap, 100, timeout=3, id="one", on_duplicate="join") for _ in range(3)]
    ends = await asyncio.gather(*calls, return_exceptions=True)
    assert [type(end) for end in ends] == [JobTimeout] * 3


async def test_in_a_chain_the_first_limiter_sees_to_it() -> None:
    """The wait in the second counts."""
    limiter, other = Limiter(max_concurrent=1), Limiter(max_concurrent=1)
    limiter.chain(other)
    holder = other.submit(nap, 10)
    job = limiter.submit(nap, timeout=4)
    assert await end_of(job) == (JobTimeout, 4.0)
    assert (await limiter.running(), other.queued()) == (0, 0)
    await holder


@pytest.mark.parametrize(
    ("bound", "kind"),
    [(0, ValueError), (-1, ValueError), (float("nan"), ValueError), ("1", TypeError)],
)
async def test_a_wrong_timeout_is_refused(bound: Any, kind: type[Exception]) -> None:
    """As every other bound."""
    with pytest.raises(kind, match="timeout"):
        Limiter().submit(nap, timeout=bound)
