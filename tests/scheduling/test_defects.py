"""What went wrong in the scheduler this one is measured against: one regression test a defect.

The numbers are those of the table in docs/limiter.md. 17 to 25 are about its Redis store (19 also
about the local clock).
"""

from __future__ import annotations

import asyncio
import contextvars
import gc
import random
import time
import traceback
from collections.abc import Coroutine
from functools import partial
from typing import Any

import pytest
from tests.scheduling.work import nap, now

from limner.errors import DuplicateJob, JobDropped, JobExpired, Overweight, WouldDeadlock
from limner.scheduling import (
    Batcher,
    Done,
    Event,
    Idle,
    Job,
    JobState,
    Limiter,
    LimiterGroup,
    Overflow,
    Rate,
    Reservoir,
    Retry,
    Scheduled,
)
from limner.scheduling.limiter import engine_of
from limner.testing import run_virtual


async def start_time() -> float:
    """Return the instant it runs."""
    return now()


@pytest.mark.parametrize("overflow", list(Overflow))
async def test_defect_01_shedding_under_load_never_loses_a_job_or_a_slot(
    overflow: Overflow,
) -> None:
    """High water with an interval, for long: every job settles and the limiter lives."""
    limiter = Limiter(
        max_concurrent=2, min_interval=0.01, high_water=3, overflow=overflow, penalty=0.05
    )
    chance = random.Random(1)
    jobs: list[Job[Any]] = []
    for _ in range(1500):
        jobs.append(limiter.submit(nap, chance.random() / 50, priority=chance.randrange(10)))
        await asyncio.sleep(chance.random() / 50)
    await limiter.join()
    assert all(job.state is JobState.DONE for job in jobs)
    await asyncio.gather(*jobs, return_exceptions=True)
    assert sum(job.attempt for job in jobs) == limiter.statistics().succeeded > 10
    await asyncio.sleep(1)
    assert await limiter.run(nap, 0, "alive") == "alive"


async def test_defect_02_an_update_does_not_end_a_refresh_or_an_increase() -> None:
    """The schedule goes on at its own instants."""
    limiter = Limiter(
        reservoir=Reservoir(0, increase_amount=1, increase_every=2.0, maximum=5), max_concurrent=1
    )
    assert await limiter.current_reservoir() == 0
    await asyncio.sleep(1)
    limiter.update(max_concurrent=2)
    assert await limiter.run(start_time) == 2.0


async def test_defect_03_a_group_never_forgets_a_key_with_work() -> None:
    """However long a job runs or waits for a refill."""
    group: LimiterGroup[str] = LimiterGroup(max_concurrent=1, idle_timeout=1.0)
    jobs = [group["k"].submit(start_time_after, 50.0)]
    await asyncio.sleep(20)
    jobs.append(group["k"].submit(start_time_after, 1.0))
    assert await asyncio.gather(*jobs) == [0.0, 50.0]


async def start_time_after(seconds: float) -> float:
    """Return when it began, a while later."""
    start = now()
    await asyncio.sleep(seconds)
    return start


async def test_defect_04_an_id_is_free_as_soon_as_done_is_told() -> None:
    """Using it again in the handler leaves nobody pending."""
    limiter = Limiter(max_concurrent=1)
    again: list[Job[Any]] = []
    limiter.once(Done, lambda event: again.append(limiter.submit(nap, 1, "second", id="x")))
    assert await limiter.submit(nap, 1, "first", id="x") == "first"
    assert await again[0] == "second"


async def test_defect_05_an_expired_job_is_really_stopped() -> None:
    """Never two at once at max_concurrent=1."""
    limiter = Limiter(max_concurrent=1)
    running = 0

    async def work() -> None:
        nonlocal running
        running += 1
        assert running == 1
        try:
            await asyncio.sleep(10)
        finally:
            await asyncio.sleep(1)
            running -= 1

    jobs = [limiter.submit(work, expiration=2.0) for _ in range(3)]
    ends = await asyncio.gather(*jobs, return_exceptions=True)
    assert [type(end) for end in ends] == [JobExpired] * 3
    assert now() == 9.0


async def test_defect_06_an_expired_attempt_ends_before_the_next_begins() -> None:
    """And its late result is not taken for that of the retry."""
    limiter = Limiter(max_concurrent=2, retry=Retry(attempts=2, backoff=0, jitter=0))
    attempts: list[tuple[float, float]] = []

    async def work() -> int:
        begin = now()
        try:
            await asyncio.sleep(10 if not attempts else 1)
        finally:
            attempts.append((begin, now()))
        return len(attempts)

    assert await limiter.run(work, expiration=3.0) == 2
    assert attempts == [(0.0, 3.0), (3.0, 4.0)]


async def test_defect_07_retries_obey_the_limits_hold_no_slot_and_end() -> None:
    """Spacing counts for each attempt; others run meanwhile; attempts are bounded."""
    limiter = Limiter(
        max_concurrent=1, min_interval=2.0, retry=Retry(attempts=3, backoff=5, maximum=5, jitter=0)
    )
    starts: list[float] = []

    async def fail() -> None:
        starts.append(now())
        raise KeyError

    job = limiter.submit(fail)
    assert await limiter.submit(start_time) == 2.0
    with pytest.raises(KeyError):
        await job
    assert starts == [0.0, 5.0, 10.0]


async def test_defect_08_high_water_acts_at_once_under_a_burst() -> None:
    """Nothing piles up in front of the queue."""
    limiter = Limiter(max_concurrent=1, high_water=5, overflow=Overflow.OVERFLOW)
    jobs = [limiter.submit(nap) for _ in range(20_000)]
    assert len(limiter.jobs()) == 6
    await asyncio.gather(*jobs, return_exceptions=True)


async def test_defect_09_priority_counts_from_the_first_instant() -> None:
    """An urgent job passes two thousand others, however they came."""
    limiter = Limiter(max_concurrent=1)
    jobs = [limiter.submit(nap, priority=9) for _ in range(2000)]
    assert await limiter.submit(start_time, priority=0) == 1.0
    limiter.cancel(owner="nobody")
    for job in jobs:
        job.cancel()
    await limiter.join()


async def test_defect_10_a_start_that_is_free_takes_no_turn_of_the_loop() -> None:
    """No timer, no yield: the body is reached synchronously."""
    limiter = Limiter(max_concurrent=1)
    reached: list[int] = []
    call: Coroutine[Any, Any, Any] = limiter.run(partial(reached.append, 1))
    with pytest.raises(StopIteration):
        call.send(None)
    assert reached == [1]
    assert not engine_of(limiter).core.timer.is_set


async def test_defect_11_each_job_has_its_own_submitters_context() -> None:
    """Whoever frees the slot does not lend his context."""
    tenant = contextvars.ContextVar("tenant", default="none")
    limiter = Limiter(max_concurrent=1)

    async def call(name: str) -> str:
        tenant.set(name)
        return await limiter.run(ask)

    async def ask() -> str:
        await asyncio.sleep(1)
        return tenant.get()

    assert await asyncio.gather(*map(call, "abc")) == ["a", "b", "c"]


async def test_defect_12_what_can_never_start_fails_instead_of_blocking() -> None:
    """A lowered limit ends a job that became too heavy; those behind go on."""
    limiter = Limiter(max_concurrent=3)
    running = limiter.submit(nap, weight=3)
    heavy, light = limiter.submit(nap, weight=3), limiter.submit(start_time)
    limiter.update(max_concurrent=2)
    with pytest.raises(Overweight):
        await heavy
    assert await light == 1.0
    await running
    with pytest.raises(Overweight):
        Limiter(reservoir=Reservoir(1, refresh_amount=1, refresh_every=1)).submit(nap, weight=2)


async def test_defect_13_priority_works_with_an_interval_alone_and_nobody_starves() -> None:
    """The job is picked when it may start; aging lifts who waits."""
    limiter = Limiter(min_interval=1.0, aging=3.0)
    first = limiter.submit(nap, 0)
    low = limiter.submit(start_time, priority=9)
    urgent = limiter.submit(start_time, priority=0)
    assert await urgent == 1.0
    stream = []
    while low.state is not JobState.DONE:
        stream.append(limiter.submit(nap, 0, priority=5))
        await asyncio.sleep(1)
    assert low.started_at is not None
    assert low.started_at <= 16.0
    await asyncio.gather(first, *stream)


@pytest.mark.parametrize("overflow", list(Overflow))
async def test_defect_14_stopping_sheds_nothing_it_should_finish(overflow: Overflow) -> None:
    """stop(drop_waiting=False) with an interval and high water runs everything."""
    limiter = Limiter(max_concurrent=1, min_interval=1.0, high_water=2, overflow=overflow)
    jobs = [limiter.submit(nap, 0, n) for n in range(3)]
    await limiter.stop(drop_waiting=False)
    assert await asyncio.gather(*jobs) == [0, 1, 2]


async def test_defect_15_stopping_keeps_handlers_and_has_a_deadline() -> None:
    """Listeners hear the end; what hangs is cancelled."""
    limiter = Limiter()
    heard: list[Event] = []
    limiter.on(Done, heard.append)
    job = limiter.submit(nap, 1e9)
    await asyncio.sleep(0)
    await limiter.stop(timeout=2.0)
    assert now() == 2.0
    assert len(heard) == 1
    assert job.state is JobState.DONE


async def test_defect_16_stopping_frees_what_was_granted_but_not_begun() -> None:
    """running() is 0 afterwards."""
    limiter = Limiter(max_concurrent=2)
    jobs = [limiter.submit(nap) for _ in range(4)]
    assert limiter.counts()[JobState.RUNNING] == 2
    await limiter.stop(timeout=0)
    assert await limiter.running() == 0
    await asyncio.gather(*jobs, return_exceptions=True)


def test_defect_19_the_wall_clock_does_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the loop's monotonic clock is asked."""

    def refuse() -> float:
        raise AssertionError("the wall clock was asked")

    monkeypatch.setattr(time, "time", refuse)

    async def main() -> None:
        limiter = Limiter(min_interval=1.0, rates=[Rate(2, per=5)], reservoir=5)
        await asyncio.gather(*(limiter.run(nap) for _ in range(4)))

    run_virtual(main())


async def test_defect_26_very_long_waits_are_waited() -> None:
    """A year and more does not overflow a timer."""
    limiter = Limiter(min_interval=2.0**33)
    starts = await asyncio.gather(*(limiter.run(start_time) for _ in range(2)))
    assert starts == [0.0, 2.0**33]


async def test_defect_27_an_expiration_that_strikes_late_harms_nobody() -> None:
    """A job that ends in the instant of its expiration ends once."""
    limiter = Limiter(max_concurrent=1)
    done: list[Event] = []
    limiter.on(Done, done.append)
    jobs = [limiter.submit(nap, 2.0, expiration=2.0) for _ in range(3)]
    await asyncio.gather(*jobs, return_exceptions=True)
    assert len(done) == 3
    await asyncio.sleep(10)
    assert not engine_of(limiter).core.timer.is_set


async def test_defect_28_a_raising_handler_does_not_recurse(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """It is logged once for each event and that is all."""
    limiter = Limiter()
    limiter.on(Event, lambda event: 1 / 0)
    await limiter.run(nap)
    assert caplog.text.count("ZeroDivisionError: ") == 7


async def test_defect_29_names_that_mean_something_to_the_language_are_plain_names() -> None:
    """Keys and ids like __proto__ or __class__ are strings like any other."""
    group: LimiterGroup[str] = LimiterGroup(max_concurrent=1)
    for name in ("constructor", "__proto__", "__class__", "keys", ""):
        assert isinstance(group[name], Limiter)
        assert await group[name].run(nap, 0, "ran", id=name) == "ran"


async def test_defect_30_the_callers_options_stay_as_they_are() -> None:
    """A dictionary of limits can be used again, and a group can be collected."""
    limits: dict[str, Any] = {"max_concurrent": 1}
    groups: list[LimiterGroup[str]] = [LimiterGroup(**limits), LimiterGroup(**limits)]
    assert groups[0]["a"] is not groups[1]["a"]
    assert limits == {"max_concurrent": 1}


async def test_defect_31_chained_ids_do_not_collide_and_deadlocks_are_told() -> None:
    """Two limiters with the same job id share a third; waiting inside oneself is refused."""
    shared, one, two = Limiter(max_concurrent=1), Limiter(), Limiter()
    one.chain(shared)
    two.chain(shared)
    both = one.run(nap, 1, "one", id="x"), two.run(nap, 1, "two", id="x")
    assert list(await asyncio.gather(*both)) == ["one", "two"]
    with pytest.raises(WouldDeadlock):
        await shared.run(lambda: shared.run(nap))


async def test_defect_32_every_drop_settles_and_bad_weights_are_refused() -> None:
    """Nobody waits for ever."""
    limiter = Limiter(max_concurrent=1, high_water=0)
    running = limiter.submit(nap)
    with pytest.raises(JobDropped):
        await limiter.submit(nap)
    for weight in (float("nan"), -1, "2", 0.5):
        with pytest.raises((TypeError, ValueError)):
            limiter.submit(nap, weight=weight)  # type: ignore[call-arg, arg-type]
    await running


async def test_defect_33_empty_and_idle_tell_the_truth() -> None:
    """Idle comes once, after the last job, weight 0 included."""
    limiter = Limiter(max_concurrent=1)
    idle: list[float] = []
    limiter.on(Idle, lambda event: idle.append(now()))
    jobs = [limiter.submit(nap, 1), limiter.submit(nap, 5, weight=0), limiter.submit(nap, 1)]
    assert not limiter.is_empty
    await asyncio.gather(*jobs)
    assert idle == [5.0]


async def test_defect_34_no_stretch_of_time_holds_more_than_its_rate() -> None:
    """Neither across the edge of a period nor by drift."""
    limiter = Limiter(rates=[Rate(5, per=1.0)])
    await asyncio.sleep(0.95)
    starts = await asyncio.gather(*(limiter.run(start_time) for _ in range(20)))
    assert all(b - a >= 1.0 for a, b in zip(starts, starts[5:], strict=False))
    assert starts[-1] == 3.95


async def test_defect_35_tracebacks_reach_the_function_and_drops_are_no_surprise() -> None:
    """The error shows where it was raised; an unheard drop is not reported as a failure."""
    told: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda loop, context: told.append(context))

    async def where_it_breaks() -> None:
        raise KeyError

    limiter = Limiter(max_concurrent=1, high_water=0)
    try:
        await limiter.run(where_it_breaks)
    except KeyError as error:
        names = [frame.name for frame in traceback.extract_tb(error.__traceback__)]
    assert names[-1] == "where_it_breaks"
    running = limiter.submit(nap)
    limiter.submit(nap)
    await running
    gc.collect()
    assert told == []


async def test_defect_36_ended_jobs_and_handlers_leave_nothing_behind() -> None:
    """Ids are free, nothing is kept, a fired once() is gone."""
    limiter = Limiter(max_concurrent=1)
    limiter.once(Scheduled, lambda event: None)
    for _ in range(3):
        await limiter.run(nap, id="same")
    core = engine_of(limiter).core
    assert not core.ids
    assert not core.active
    assert not core.handlers.listening
    with pytest.raises(DuplicateJob):
        await asyncio.gather(limiter.run(nap, id="a"), limiter.run(nap, id="a"))


async def test_defect_37_a_batcher_loses_no_tail_and_gives_each_its_result() -> None:
    """aclose() handles the rest."""

    async def double(items: list[int]) -> list[int]:
        return [2 * item for item in items]

    batcher = Batcher(max_size=100, handler=double)
    adds = [asyncio.create_task(batcher.add(n)) for n in range(3)]
    await asyncio.sleep(0)
    await batcher.aclose()
    assert await asyncio.gather(*adds) == [0, 2, 4]


async def test_defect_38_waiters_wake_in_order_and_no_window_holds_one_more() -> None:
    """First come, first served with weights; never N + 1 in a window."""
    limiter = Limiter(max_concurrent=3, rates=[Rate(3, per=1.0)])
    order: list[int] = []

    async def note(n: int) -> float:
        order.append(n)
        start = now()
        await asyncio.sleep(0.1)
        return start

    starts = await asyncio.gather(*(limiter.run(note, n, weight=1 + n % 3) for n in range(12)))
    assert order == list(range(12))
    assert all(b - a >= 1.0 for a, b in zip(starts, starts[3:], strict=False))
