"""What asyncio does with futures, it can do with jobs."""

from __future__ import annotations

import asyncio
import contextvars
import gc
from typing import Any

import pytest
from tests.scheduling.work import nap, now

from limner.errors import JobCancelled
from limner.scheduling import Job, JobState, Limiter


async def fail() -> None:
    """Fail after a second."""
    await asyncio.sleep(1)
    raise OSError


async def wait_for_all(*jobs: Job[Any], **how: Any) -> tuple[set[Any], set[Any]]:
    """Do what `asyncio.wait` does, which for type checkers takes futures and tasks only."""
    futures: Any = jobs
    return await asyncio.wait(futures, **how)


async def test_callbacks_are_called_once_in_order_soon_after_the_end() -> None:
    """With the job, in a later turn of the loop than the one in which it ends."""
    limiter = Limiter(max_concurrent=1)
    told: list[tuple[str, Any, float]] = []
    job = limiter.submit(nap, 2, "result")
    job.add_done_callback(lambda ended: told.append(("first", ended.result(), now())))
    job.add_done_callback(lambda ended: told.append(("second", ended, now())))
    assert await job == "result"
    await asyncio.sleep(0)
    assert told == [("first", "result", 2.0), ("second", job, 2.0)]
    job.add_done_callback(lambda ended: told.append(("late", ended, now())))
    assert len(told) == 2
    await asyncio.sleep(0)
    assert told[2:] == [("late", job, 2.0)]


@pytest.mark.parametrize("how", ["fails", "is cancelled", "is dropped", "waits no longer"])
async def test_callbacks_are_called_however_a_job_ends(how: str) -> None:
    """Also one that has never run."""
    limiter = Limiter(max_concurrent=1)
    holder = limiter.submit(nap, 5)
    bound = 1.0 if how == "waits no longer" else None
    job: Job[Any] = limiter.submit(fail, queue_timeout=bound)
    told: list[Job[Any]] = []
    job.add_done_callback(told.append)
    await asyncio.sleep(0.5)
    if how == "is cancelled":
        job.cancel()
    elif how == "is dropped":
        await limiter.stop()
    await wait_for_all(holder, job)
    await asyncio.sleep(0)
    assert told == [job]
    assert job.exception() is not None


async def test_a_callback_can_be_taken_away() -> None:
    """As often as it was given; the answer says how often that was."""
    limiter = Limiter(max_concurrent=1)
    told: list[Job[Any]] = []
    others: list[Job[Any]] = []
    job: Job[Any] = limiter.submit(nap)
    assert job.remove_done_callback(told.append) == 0
    for callback in (told.append, others.append, told.append):
        job.add_done_callback(callback)
    assert job.remove_done_callback(told.append) == 2
    assert job.remove_done_callback(told.append) == 0
    await job
    await asyncio.sleep(0)
    assert (told, others) == ([], [job])
    assert job.remove_done_callback(others.append) == 0


async def test_a_callback_runs_in_the_context_it_was_given_in_or_with() -> None:
    """As a future's."""
    limiter = Limiter(max_concurrent=1)
    word = contextvars.ContextVar("word", default="none")
    seen: list[str] = []
    job = limiter.submit(nap)
    word.set("mine")
    other = contextvars.copy_context()
    other.run(word.set, "other")
    job.add_done_callback(lambda job: seen.append(word.get()))
    job.add_done_callback(lambda job: seen.append(word.get()), context=other)
    word.set("changed")
    await job
    await asyncio.sleep(0)
    assert seen == ["mine", "other"]


async def test_a_callback_that_raises_is_reported_and_harms_nobody() -> None:
    """The loop's exception handler hears of it."""
    limiter = Limiter(max_concurrent=1)
    heard: list[Any] = []
    asyncio.get_running_loop().set_exception_handler(
        lambda loop, context: heard.append(context["exception"])
    )
    told: list[Job[Any]] = []
    job: Job[Any] = limiter.submit(nap, 1, "result")
    job.add_done_callback(lambda job: 1 / 0)
    job.add_done_callback(told.append)
    assert await job == "result"
    await asyncio.sleep(0)
    assert [type(error) for error in heard] == [ZeroDivisionError]
    assert told == [job]


async def test_a_callback_alone_does_not_take_an_error_away() -> None:
    """Unless it asks for it: an error nobody has seen is still reported."""
    limiter = Limiter(max_concurrent=1)
    heard: list[Any] = []
    asyncio.get_running_loop().set_exception_handler(
        lambda loop, context: heard.append(context["exception"])
    )
    seen: list[object] = []
    limiter.submit(fail).add_done_callback(lambda job: seen.append(job.exception()))
    limiter.submit(fail).add_done_callback(lambda job: seen.append(job.done()))
    await limiter.join()
    await asyncio.sleep(0)
    gc.collect()
    assert [type(what) for what in seen] == [OSError, bool]
    assert [type(error) for error in heard] == [OSError]


async def test_wait_takes_jobs() -> None:
    """By first end, first error and time; jobs and tasks mixed."""
    limiter = Limiter(max_concurrent=3)
    short, long, bad = limiter.submit(nap, 1), limiter.submit(nap, 9), limiter.submit(fail)
    done, pending = await wait_for_all(long, short, return_when=asyncio.FIRST_COMPLETED)
    assert (done, pending) == ({short}, {long})
    done, pending = await wait_for_all(long, bad, return_when=asyncio.FIRST_EXCEPTION)
    assert (done, pending) == ({bad}, {long})
    done, pending = await wait_for_all(long, timeout=2)
    assert (done, pending, now()) == (set(), {long}, 3.0)
    done, pending = await wait_for_all(long, short, bad)
    assert (done, pending, now()) == ({long, short, bad}, set(), 9.0)
    assert isinstance(bad.exception(), OSError)


async def test_as_completed_gives_them_as_they_end() -> None:
    """The quick ones first."""
    limiter = Limiter(max_concurrent=3)
    jobs = [limiter.submit(nap, seconds, seconds) for seconds in (3, 1, 2)]
    assert [await job for job in asyncio.as_completed(jobs)] == [1, 2, 3]


async def test_gather_gives_their_results_and_their_first_error() -> None:
    """Cancelling the gathering cancels no job."""
    limiter = Limiter(max_concurrent=3)
    assert await asyncio.gather(*(limiter.submit(nap, 1, n) for n in range(3))) == [0, 1, 2]
    jobs = [limiter.submit(nap, 9, "still made"), limiter.submit(fail)]
    with pytest.raises(OSError):  # noqa: PT011 - the job's own
        await asyncio.gather(*jobs)
    gathering = asyncio.gather(jobs[0])
    await asyncio.sleep(0)
    gathering.cancel()
    with pytest.raises(asyncio.CancelledError):
        await gathering
    assert await jobs[0] == "still made"


async def test_wait_for_and_shield_leave_the_job_alone() -> None:
    """Somebody who awaits it no longer does not cancel it."""
    limiter = Limiter(max_concurrent=1)
    job = limiter.submit(nap, 9, "still made")
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(job, 1)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(asyncio.shield(job), 1)
    assert job.state is JobState.EXECUTING
    async with asyncio.TaskGroup() as group:
        task = group.create_task(asyncio.wait_for(job, 100))
    assert task.result() == "still made"


async def test_it_answers_what_a_future_answers() -> None:
    """done(), cancelled(), result() and exception(), before and after the end."""
    limiter = Limiter(max_concurrent=1)
    good, bad, gone = limiter.submit(nap, 1, "good"), limiter.submit(fail), limiter.submit(nap)
    for job in (good, bad, gone):
        assert not job.done()
        assert not job.cancelled()
        for ask in (job.result, job.exception):
            with pytest.raises(asyncio.InvalidStateError, match="has not ended"):
                ask()
    gone.cancel("not needed")
    await limiter.join()
    assert all(job.done() for job in (good, bad, gone))
    assert [job.cancelled() for job in (good, bad, gone)] == [False, False, True]
    assert (good.result(), good.exception()) == ("good", None)
    assert isinstance(bad.exception(), OSError)
    with pytest.raises(OSError):  # noqa: PT011 - the job's own
        bad.result()
    with pytest.raises(JobCancelled, match="not needed"):
        gone.result()
    assert {good, bad, gone} == {gone, bad, good}
