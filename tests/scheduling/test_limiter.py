"""A limiter's promises: order, limits, ways to run a job, what it answers."""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import inspect
from typing import Any

import pytest
from tests.scheduling.work import nap, now, outcome_of, start_time

from limner.errors import (
    DuplicateJob,
    JobCancelled,
    JobDropped,
    JobExpired,
    LimiterStopped,
    Overweight,
    QueueTimeout,
)
from limner.scheduling import (
    Job,
    JobOutcome,
    JobState,
    Limiter,
    Overflow,
    Rate,
    Reservoir,
    Retry,
    RetryAfter,
)

# Order and concurrency


async def test_no_more_weight_runs_than_max_concurrent() -> None:
    """The weights of running jobs add up to at most max_concurrent."""
    limiter = Limiter(max_concurrent=3)
    highest = 0

    async def work() -> None:
        nonlocal highest
        highest = max(highest, await limiter.running())
        await asyncio.sleep(1)

    await asyncio.gather(*(limiter.run(work, weight=1 + n % 3) for n in range(20)))
    assert highest == 3
    assert await limiter.done() == sum(1 + n % 3 for n in range(20))


async def test_jobs_start_by_priority_and_then_first_come_first_served() -> None:
    """0 goes before 9; equals keep their order."""
    limiter = Limiter(max_concurrent=1)
    order: list[int] = []
    async with limiter:
        jobs = [limiter.submit(order.append, n, priority=9 - n % 3) for n in range(9)]
    await asyncio.gather(*jobs)
    assert order == [2, 5, 8, 1, 4, 7, 0, 3, 6]


async def test_the_head_waits_for_its_weight_and_only_weight_zero_passes_it() -> None:
    """A light job behind a heavy one waits; a job of weight 0 does not."""
    limiter = Limiter(max_concurrent=2)
    running = limiter.submit(nap, 5)
    heavy = limiter.submit(start_time, weight=2)
    light = limiter.submit(start_time)
    none = limiter.submit(start_time, weight=0)
    assert await none == 0.0
    assert await heavy == 5.0
    assert await light == 5.0
    await running


async def test_weight_zero_runs_even_when_nothing_else_may() -> None:
    """With max_concurrent=0 only weightless jobs start."""
    limiter = Limiter(max_concurrent=0)
    assert await limiter.run(start_time, weight=0) == 0.0
    with pytest.raises(Overweight):
        await limiter.run(start_time)


@pytest.mark.parametrize(
    "order", [{}, {"fair": True}, {"aging": 5.0}, {"fair": True, "aging": 5.0}]
)
async def test_weight_zero_passes_those_who_wait_for_a_slot_in_every_order(
    order: dict[str, Any],
) -> None:
    """At once, whoever waits, and also if nobody listens."""
    limiter = Limiter(max_concurrent=1, **order)
    jobs = [limiter.submit(nap, 10, owner=owner) for owner in ("ada", "bob", None)]
    await asyncio.sleep(1)
    assert await limiter.run(start_time, weight=0) == 1.0
    await asyncio.gather(*jobs)


@pytest.mark.parametrize("order", [{"aging": 1.0}, {"fair": True, "aging": 1.0}])
async def test_a_head_that_has_risen_is_passed_by_nobody(order: dict[str, Any]) -> None:
    """Whoever comes later waits behind it, though he would fit and his priority is better."""
    limiter = Limiter(max_concurrent=2, **order)
    holder = limiter.submit(nap, 20)
    heavy = limiter.submit(start_time, weight=2, owner="heavy")
    await asyncio.sleep(10)
    later = limiter.submit(start_time, priority=4, owner="light")
    assert await heavy == await later == 20.0
    await holder


async def test_a_priority_changed_while_waiting_counts() -> None:
    """The job is picked when a start is possible, by what is true then."""
    limiter = Limiter(min_interval=1.0)
    await limiter.run(nap, 0)
    order: list[str] = []
    first = limiter.submit(order.append, "first")
    second = limiter.submit(order.append, "second")
    second.priority = 0
    urgent = limiter.submit(order.append, "urgent", priority=0)
    await asyncio.gather(first, second, urgent)
    assert order == ["second", "urgent", "first"]


async def test_aging_lifts_those_who_have_waited() -> None:
    """After `aging` seconds a job counts as one priority higher."""
    limiter = Limiter(max_concurrent=1, aging=2.0)
    blocker = limiter.submit(nap, 5)
    old = limiter.submit(start_time, priority=6)
    await asyncio.sleep(4.5)
    new = limiter.submit(nap, 1, priority=5)
    assert await old == 5.0
    await asyncio.gather(blocker, new)


async def test_owners_take_turns_when_the_limiter_is_fair() -> None:
    """One owner's many jobs do not hold up another's few."""
    limiter = Limiter(max_concurrent=1, fair=True)
    order: list[str] = []
    async with limiter.slot(owner="nobody"):
        jobs = [limiter.submit(order.append, f"a{n}", owner="a") for n in range(4)]
        jobs += [limiter.submit(order.append, f"b{n}", owner="b") for n in range(2)]
        jobs += [limiter.submit(order.append, f"c{n}", owner="c") for n in range(2)]
        assert [job.position for job in jobs] == [0, 3, 6, 7, 1, 4, 2, 5]
        assert [job.position for job in limiter.in_turn()] == list(range(8))
    await asyncio.gather(*jobs)
    assert order == ["a0", "b0", "c0", "a1", "b1", "c1", "a2", "a3"]


async def test_a_replacement_may_belong_to_another_owner() -> None:
    """Turns are kept apart from places; owners need not be comparable."""
    limiter = Limiter(max_concurrent=1, fair=True)
    order: list[str] = []
    async with limiter:
        old = limiter.submit(order.append, "old", owner="ada", id="x")
        other = limiter.submit(order.append, "other", owner="bob")
        new = limiter.submit(order.append, "new", owner=7, id="x", on_duplicate="replace")
        limiter.update(fair=False)
        limiter.update(fair=True)
    await asyncio.gather(other, new)
    assert order == ["new", "other"]
    assert old.outcome is JobOutcome.CANCELLED


async def test_turns_are_weighted() -> None:
    """A job of weight 2 uses up two turns of its owner."""
    limiter = Limiter(max_concurrent=2, fair=True)
    order: list[str] = []
    async with limiter.slot(weight=2):
        jobs = [limiter.submit(order.append, f"a{n}", owner="a", weight=2) for n in range(3)]
        jobs += [limiter.submit(order.append, f"b{n}", owner="b") for n in range(4)]
    await asyncio.gather(*jobs)
    assert order == ["a0", "b0", "b1", "a1", "b2", "b3", "a2"]


# Time


async def test_starts_are_min_interval_apart() -> None:
    """The interval lies between starts, whenever jobs end."""
    limiter = Limiter(min_interval=2.0)
    starts = await asyncio.gather(*(limiter.run(start_time) for _ in range(4)))
    assert starts == [0.0, 2.0, 4.0, 6.0]


async def test_rates_are_sliding_windows_taken_together() -> None:
    """No stretch holds more than its limit, and nobody waits longer than that."""
    limiter = Limiter(rates=[Rate(2, per=1.0), Rate(3, per=5.0)])
    await asyncio.sleep(0.9)
    starts = await asyncio.gather(*(limiter.run(start_time, weight=3) for _ in range(6)))
    assert starts == [0.9, 0.9, 1.9, 5.9, 5.9, 6.9]


async def test_a_reservoir_is_refreshed_at_exact_instants_from_the_first_use() -> None:
    """The k-th refresh is k intervals after the first use."""
    limiter = Limiter(reservoir=Reservoir(2, refresh_amount=3, refresh_every=10.0))
    await asyncio.sleep(3)
    starts = await asyncio.gather(*(limiter.run(start_time) for _ in range(6)))
    assert starts == [3.0, 3.0, 13.0, 13.0, 13.0, 23.0]
    await asyncio.sleep(95)
    assert await limiter.current_reservoir() == 3


async def test_a_reservoir_increases_up_to_its_maximum_and_catches_up() -> None:
    """Increases that nobody saw are counted the next time somebody looks."""
    limiter = Limiter(reservoir=Reservoir(0, increase_amount=2, increase_every=1.0, maximum=7))
    assert await limiter.current_reservoir() == 0
    await asyncio.sleep(2.5)
    assert await limiter.current_reservoir() == 4
    assert await limiter.run(nap, 0, weight=3) is None
    await asyncio.sleep(100)
    assert await limiter.current_reservoir() == 7


async def test_increments_of_the_reservoir_start_those_who_wait_for_it() -> None:
    """`increment_reservoir` adds at once; without a reservoir it is refused."""
    limiter = Limiter(reservoir=1)
    job = limiter.submit(start_time, weight=3)
    await asyncio.sleep(1)
    assert limiter.explain(job).limit == "reservoir"
    assert await limiter.increment_reservoir(2) == 3
    assert await job == 1.0
    assert await limiter.current_reservoir() == 0
    with pytest.raises(ValueError, match="no reservoir"):
        await Limiter().increment_reservoir(1)


async def test_settling_corrects_what_a_job_was_charged() -> None:
    """The difference goes back to the reservoir; a cost of 0 takes the start back too."""
    limiter = Limiter(reservoir=10, rates=[Rate(1, per=100.0)])
    job = limiter.submit(nap, 0, weight=4)
    await job
    assert await limiter.current_reservoir() == 6
    job.settle(1)
    assert await limiter.current_reservoir() == 9
    assert not await limiter.check()
    job.settle(0)
    assert await limiter.check()
    job.settle(12)
    assert await limiter.current_reservoir() == -2
    assert not await limiter.check(0)


async def test_settling_a_start_leaves_it_where_it_was_in_time() -> None:
    """What an early start turns out to cost counts from then, however late that is known."""
    limiter = Limiter(rates=[Rate(4, per=10.0, name="tokens")])
    first = limiter.submit(start_time, weight={"tokens": 1})
    await first
    await asyncio.sleep(3)
    await limiter.run(start_time, weight={"tokens": 2})
    first.settle({"tokens": 2})
    assert await limiter.run(start_time, weight={"tokens": 2}) == 10.0
    assert await limiter.run(start_time, weight={"tokens": 2}) == 13.0


async def test_a_pause_holds_starts_and_the_longest_counts() -> None:
    """What runs goes on; starts wait for the end of the longest pause, or for resume."""
    limiter = Limiter()
    limiter.pause(5)
    limiter.pause(2)
    job = limiter.submit(start_time)
    assert limiter.paused
    assert limiter.explain(job).limit == "pause"
    assert await job == 5.0
    assert not limiter.paused
    limiter.pause()
    held = limiter.submit(start_time)
    await asyncio.sleep(100)
    limiter.resume()
    assert await held == 105.0


# High water


@pytest.mark.parametrize(
    ("overflow", "dropped"),
    [
        (Overflow.LEAK, ["old9", "new5"]),
        (Overflow.OVERFLOW, ["new9", "new5", "new0"]),
        (Overflow.OVERFLOW_PRIORITY, ["new9", "old9", "old5"]),
    ],
)
async def test_each_overflow_strategy_sheds_its_own(overflow: Overflow, dropped: list[str]) -> None:
    """LEAK sheds the oldest of the least important, OVERFLOW the newcomer, and so on."""
    limiter = Limiter(max_concurrent=1, high_water=2, overflow=overflow)
    running = limiter.submit(nap)
    jobs = {}
    for name in ("old9", "old5", "new9", "new5", "new0"):
        jobs[name] = limiter.submit(nap, 1, name, priority=int(name[-1]))
    results = {name: await outcome_of(job) for name, job in jobs.items()}
    if overflow is Overflow.LEAK:
        dropped = ["old9", "new9", "old5"]
    assert [name for name, result in results.items() if result is JobDropped] == sorted(
        dropped, key=list(jobs).index
    )
    await running


async def test_block_drops_everybody_until_a_quiet_penalty_has_passed() -> None:
    """Each arrival during the penalty begins it anew; what runs is left alone."""
    limiter = Limiter(max_concurrent=1, high_water=1, overflow=Overflow.BLOCK, penalty=2.0)
    running = limiter.submit(nap, 1, "done")
    waiting, tripping = limiter.submit(nap), limiter.submit(nap)
    assert await outcome_of(waiting) is JobDropped
    assert await outcome_of(tripping) is JobDropped
    assert await running == "done"
    await asyncio.sleep(0.5)
    assert await outcome_of(limiter.submit(nap)) is JobDropped
    await asyncio.sleep(1.9)
    limiter.update(high_water=None)
    assert await outcome_of(limiter.submit(nap)) is JobDropped
    await asyncio.sleep(2.0)
    assert await limiter.run(nap, 0, "again") == "again"


async def test_a_rate_that_comes_later_knows_of_the_last_start() -> None:
    """It was the only one that is remembered where no rate was."""
    limiter = Limiter()
    await asyncio.sleep(2)
    assert await limiter.run(start_time) == 2.0
    limiter.update(rates=[Rate(1, per=10.0)])
    assert await limiter.run(start_time) == 12.0


async def test_the_first_start_after_a_penalty_keeps_its_distance_from_the_end() -> None:
    """An interval counts from the penalty's end as it does from a start."""
    limiter = Limiter(
        max_concurrent=1, min_interval=3.0, high_water=1, overflow=Overflow.BLOCK, penalty=2.0
    )
    running = limiter.submit(nap, 1)
    dropped = [limiter.submit(nap) for _ in range(2)]
    assert [await outcome_of(job) for job in dropped] == [JobDropped, JobDropped]
    await running
    await asyncio.sleep(3)
    assert await limiter.run(start_time) == 5.0


async def test_high_water_zero_takes_only_what_starts_at_once() -> None:
    """Nobody waits, under no strategy."""
    limiter = Limiter(max_concurrent=1, high_water=0)
    running = limiter.submit(nap, 1, "done")
    with pytest.raises(JobDropped) as dropped:
        await limiter.run(nap)
    assert dropped.value.strategy == "leak"
    assert await running == "done"


# Retrying


async def test_a_retry_waits_without_its_slot_and_pays_again() -> None:
    """The slot is free meanwhile; each attempt is a start."""
    limiter = Limiter(max_concurrent=1, reservoir=10, retry=Retry(attempts=3, backoff=2, jitter=0))
    starts = []

    async def flaky() -> str:
        starts.append(now())
        await asyncio.sleep(1)
        if len(starts) < 3:
            raise ConnectionError
        return "third time"

    job = limiter.submit(flaky)
    await asyncio.sleep(1.5)
    assert job.state is JobState.QUEUED
    assert limiter.explain(job).limit == "retry"
    assert job.eta() == 1.5
    assert await limiter.run(start_time) == 1.5
    assert await job == "third time"
    assert starts == [0.0, 3.0, 8.0]
    assert job.attempt == 3
    assert await limiter.current_reservoir() == 6


async def test_a_retry_stands_at_the_front_of_its_priority() -> None:
    """It passes those who came while it waited."""
    limiter = Limiter(max_concurrent=1, retry=lambda error, attempt: 1.5 if attempt == 1 else None)
    order: list[str] = []

    async def fail_once() -> None:
        order.append("flaky")
        if order.count("flaky") == 1:
            raise KeyError

    jobs: list[Job[Any]] = [limiter.submit(fail_once)]
    jobs += [limiter.submit(nap, 1) for _ in range(2)]
    jobs.append(limiter.submit(order.append, "late"))
    await asyncio.gather(*jobs)
    assert order == ["flaky", "flaky", "late"]


async def test_retry_after_cools_the_whole_limiter_and_one_probe_reopens_it() -> None:
    """Nothing starts for so long; then one job alone; the others when it has ended well."""
    limiter = Limiter(max_concurrent=5, retry=Retry(attempts=2, backoff=0, jitter=0, on=RetryAfter))
    answers = [RetryAfter(10.0)]
    starts: list[tuple[str, float]] = []

    async def call(name: str) -> None:
        starts.append((name, now()))
        await asyncio.sleep(1)
        if answers:
            raise answers.pop()

    first = limiter.submit(call, "first")
    await asyncio.sleep(1.5)
    others = [limiter.submit(call, f"other{n}") for n in range(3)]
    assert limiter.explain(others[0]).limit == "retry_after"
    await asyncio.gather(first, *others)
    assert starts == [
        ("first", 0.0),
        ("first", 11.0),
        ("other0", 12.0),
        ("other1", 12.0),
        ("other2", 12.0),
    ]


async def test_a_probe_that_fails_is_followed_by_another_alone() -> None:
    """The limiter opens only when one has ended well."""
    limiter = Limiter(max_concurrent=5)
    ends: list[Exception | None] = [RetryAfter(5.0), KeyError(), None]
    starts = []

    async def call() -> None:
        starts.append(now())
        await asyncio.sleep(1)
        if ends and (error := ends.pop(0)):
            raise error

    await asyncio.gather(limiter.submit(call), return_exceptions=True)
    await asyncio.gather(*(limiter.submit(call) for _ in range(4)), return_exceptions=True)
    assert starts == [0.0, 6.0, 7.0, 8.0, 8.0]


async def test_a_failing_retry_policy_is_logged_and_the_error_passes(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The user's own error is what comes out."""
    limiter = Limiter(retry=lambda error, attempt: 1 / 0)

    async def fail() -> None:
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        await limiter.run(fail)
    assert "retry policy raised" in caplog.text


# Bounds


async def test_expiration_cancels_the_job_and_holds_its_slot_until_it_has_ended() -> None:
    """Real concurrency never exceeds the limit, however slowly the job stops."""
    limiter = Limiter(max_concurrent=1)

    async def stubborn() -> None:
        try:
            await asyncio.sleep(100)
        finally:
            await asyncio.sleep(3)

    job = limiter.submit(stubborn, expiration=2.0)
    after = limiter.submit(start_time)
    with pytest.raises(JobExpired) as expired:
        await job
    assert expired.value.expiration == 2.0
    assert job.outcome is JobOutcome.EXPIRED
    assert job.ended_at == 5.0
    assert await after == 5.0


async def test_an_expired_block_raises_where_it_ends() -> None:
    """A slot's block is bounded as a function is, and an outer timeout still works."""
    limiter = Limiter()
    with pytest.raises(JobExpired):
        async with limiter.slot(expiration=1.0):
            await asyncio.sleep(5)
    assert now() == 1.0
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(1), limiter.slot(expiration=5.0):
            await asyncio.sleep(9)
    assert asyncio.current_task().cancelling() == 0  # type: ignore[union-attr]


async def test_queue_timeout_bounds_only_the_wait() -> None:
    """It starts in time or leaves the queue; what has started is not bounded by it."""
    limiter = Limiter(max_concurrent=1)
    running = limiter.submit(nap, 3, "long", queue_timeout=1.0)
    late = limiter.submit(nap, queue_timeout=2.0)
    just = limiter.submit(start_time, queue_timeout=3.0)
    assert await outcome_of(late) is QueueTimeout
    assert now() == 2.0
    assert await running == "long"
    assert await outcome_of(just) in (3.0, QueueTimeout)
    assert late.outcome is JobOutcome.TIMED_OUT


# Cancelling


async def test_cancelling_the_caller_cancels_the_job_wherever_it_is() -> None:
    """Waiting, granted or running: the slot is passed on and nothing is lost."""
    limiter = Limiter(max_concurrent=1)
    running = asyncio.create_task(limiter.run(nap, 100))
    waiting = asyncio.create_task(limiter.run(nap))
    await asyncio.sleep(0)
    last = limiter.submit(start_time)
    await asyncio.sleep(1)
    waiting.cancel()
    running.cancel()
    assert await last == 1.0
    for task in (running, waiting):
        with pytest.raises(asyncio.CancelledError):
            await task
    assert await limiter.running() == 0


async def test_a_grant_to_a_caller_cancelled_in_the_same_instant_is_passed_on() -> None:
    """Neither order of release and cancellation loses the slot or a place in a window."""
    for cancel_first in (True, False):
        limiter = Limiter(max_concurrent=1, rates=[Rate(2, per=1000.0)])
        leave = asyncio.Event()
        holder = limiter.submit(leave.wait)
        task = asyncio.create_task(limiter.run(nap))
        await asyncio.sleep(0)
        leave.set()
        if cancel_first:
            task.cancel()
        await holder
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await limiter.running() == 0
        assert await limiter.check() is cancel_first


async def test_cancelling_somebody_who_awaits_a_job_does_not_cancel_it() -> None:
    """A submitted job is nobody's in particular; cancel() is what cancels it."""
    limiter = Limiter()
    job = limiter.submit(nap, 2, "kept")

    async def wait() -> object:
        return await job

    waiter = asyncio.create_task(wait())
    await asyncio.sleep(1)
    waiter.cancel()
    assert await job == "kept"
    other = limiter.submit(nap, 2)
    await asyncio.sleep(1)
    assert other.cancel("enough")
    assert not other.cancel()
    with pytest.raises(JobCancelled) as cancelled:
        await other
    assert cancelled.value.reason == "enough"


async def test_jobs_are_cancelled_by_id_tag_and_owner() -> None:
    """cancel() counts those it told; exactly one criterion is allowed."""
    limiter = Limiter(max_concurrent=1)
    jobs = [
        limiter.submit(nap, id="x"),
        limiter.submit(nap, tags=("t",)),
        limiter.submit(nap, owner="o", tags=("t", "u")),
        limiter.submit(nap, 1, "left"),
    ]
    assert limiter.cancel(id="x") == 1
    assert limiter.cancel(tag="u") == 1
    assert limiter.cancel(tag="t") == 1
    assert limiter.cancel(owner="o") == 0
    assert limiter.cancel(id="nobody") == 0
    assert [await outcome_of(job) for job in jobs] == [JobCancelled] * 3 + ["left"]
    with pytest.raises(TypeError, match="exactly one"):
        limiter.cancel()


async def test_a_job_that_cancels_itself_ends_and_its_caller_lives() -> None:
    """The cancellation does not leak out of the job."""
    limiter = Limiter()

    async def suicidal() -> None:
        assert limiter.cancel(id="me") == 1
        await asyncio.sleep(10)

    async def quick() -> str:
        limiter.cancel(id="me")
        return "done"

    with pytest.raises(JobCancelled):
        await limiter.run(suicidal, id="me")
    assert await limiter.run(quick, id="me") == "done"
    await asyncio.sleep(1)
    assert now() == 1.0


async def test_a_scope_cancels_its_jobs_when_left_with_an_error_and_only_then() -> None:
    """Jobs of child tasks belong to it; jobs of others do not."""
    limiter = Limiter(max_concurrent=1)
    outside = limiter.submit(nap, 1, "outside")

    async def turn() -> tuple[Job[object], asyncio.Task[object]]:
        jobs = []
        with contextlib.suppress(ZeroDivisionError):
            async with limiter.scope("turn"):
                jobs.append(limiter.submit(nap))
                child = asyncio.create_task(limiter.run(nap))
                await asyncio.sleep(0)
                assert jobs[0].tags == ("turn",)
                raise ZeroDivisionError
        return jobs[0], child

    inside, child = await turn()
    assert await outcome_of(inside) is JobCancelled
    with pytest.raises(JobCancelled):
        await child
    async with limiter.scope("other") as scope:
        kept = limiter.submit(nap, 1, "kept")
    assert [await outside, await kept] == ["outside", "kept"]
    assert scope.jobs() == []


async def test_each_way_with_duplicates() -> None:
    """Reject raises, join shares, replace takes the place."""
    limiter = Limiter(max_concurrent=1)
    blocker = limiter.submit(nap, 1)
    first = limiter.submit(nap, 1, "first", id="x")
    behind = limiter.submit(start_time)
    with pytest.raises(DuplicateJob):
        limiter.submit(nap, id="x")
    assert limiter.submit(nap, id="x", on_duplicate="join") is first
    second = limiter.submit(nap, 1, "second", id="x", on_duplicate="replace")
    assert second.position == 0
    with pytest.raises(JobCancelled) as replaced:
        await first
    assert replaced.value.reason == "replaced"
    assert await second == "second"
    assert await behind == 2.0
    await blocker
    assert await limiter.submit(nap, 0, "again", id="x") == "again"


async def test_a_joined_job_is_cancelled_only_with_its_last_awaiter() -> None:
    """Whoever joins keeps it alive."""
    limiter = Limiter()
    one, two = (
        asyncio.create_task(limiter.run(nap, 5, "shared", id="x", on_duplicate="join"))
        for _ in range(2)
    )
    await asyncio.sleep(1)
    job = limiter.job("x")
    assert job is not None
    one.cancel()
    await asyncio.sleep(1)
    assert job.state is JobState.EXECUTING
    two.cancel()
    await asyncio.sleep(1)
    assert job.outcome is JobOutcome.CANCELLED


# Ways to run


async def test_plain_functions_run_too_and_errors_pass_unwrapped() -> None:
    """What the function raises is what the caller gets, with its traceback."""
    limiter = Limiter()
    assert await limiter.run(max, 3, 7) == 7
    with pytest.raises(ZeroDivisionError) as error:
        await limiter.run(lambda: 1 / 0)
    assert any(entry.name == "<lambda>" for entry in error.traceback)


async def test_a_submitted_job_runs_in_its_submitters_context() -> None:
    """Context variables are those of submit(), whoever releases the slot."""
    who = contextvars.ContextVar("who", default="nobody")
    limiter = Limiter(max_concurrent=1)

    async def ask() -> str:
        await asyncio.sleep(1)
        return who.get()

    jobs = []
    for name in ("a", "b", "c"):
        who.set(name)
        jobs.append(limiter.submit(ask))
    assert await asyncio.gather(*jobs) == ["a", "b", "c"]


async def test_wrap_keeps_name_signature_and_methods() -> None:
    """Bare or with options, on functions and methods."""
    limiter = Limiter(max_concurrent=1)

    class Painter:
        colour = "red"

        @limiter.wrap
        async def paint(self, what: str, *, size: int = 1) -> str:
            """Paint it."""
            return f"{self.colour} {what} {size}"

        @limiter.wrap(priority=1, weight=1)
        async def draw(self, what: str) -> str:
            return what

    assert await Painter().paint("fox", size=2) == "red fox 2"
    assert await Painter().draw("owl") == "owl"
    assert Painter.paint.__name__ == "paint"
    assert list(inspect.signature(Painter.paint).parameters) == ["self", "what", "size"]
    assert inspect.iscoroutinefunction(Painter.paint)


async def test_chained_jobs_hold_both_slots_and_circles_are_refused() -> None:
    """Each job of either limiter also takes a slot of the shared one."""
    shared, one, two = Limiter(max_concurrent=1), Limiter(), Limiter()
    one.chain(shared)
    two.chain(shared)

    async def block() -> float:
        async with one as job:
            start = now()
            await asyncio.sleep(1)
            assert job.state is JobState.EXECUTING
            return start

    async def timed() -> float:
        start = now()
        await asyncio.sleep(1)
        return start

    starts = await asyncio.gather(one.run(timed, id="x"), two.run(timed, id="x"), block())
    assert sorted(starts) == [0.0, 1.0, 2.0]
    with pytest.raises(ValueError, match="come back"):
        shared.chain(one)
    one.chain(None)
    async with shared:
        assert await one.run(start_time) == 3.0


# Answers


async def test_counts_jobs_and_ids() -> None:
    """What is asked is answered from the present state."""
    limiter = Limiter(max_concurrent=1)
    assert limiter.is_empty
    running = limiter.submit(nap, id="r")
    waiting = limiter.submit(nap, priority=3)
    await asyncio.sleep(0)
    assert limiter.counts() == {
        JobState.RECEIVED: 0,
        JobState.QUEUED: 1,
        JobState.RUNNING: 0,
        JobState.EXECUTING: 1,
        JobState.DONE: 0,
    }
    assert limiter.jobs() == [running, waiting]
    assert limiter.jobs(JobState.QUEUED) == [waiting]
    assert limiter.job("r") is running
    assert limiter.job(waiting.id) is waiting
    assert limiter.job("unknown") is None
    assert (limiter.queued(), limiter.queued(3), limiter.queued(5)) == (1, 1, 0)
    assert not limiter.is_empty
    await asyncio.gather(running, waiting)
    assert limiter.counts()[JobState.DONE] == 2
    assert limiter.job("r") is None
    statistics = limiter.statistics()
    assert (statistics.received, statistics.succeeded, statistics.wait.maximum) == (2, 2, 1.0)


async def test_check_looks_at_the_queue_too() -> None:
    """Nobody would start past a heavier job that waits."""
    limiter = Limiter(max_concurrent=2)
    assert await limiter.check(2)
    assert not await limiter.check(3)
    running = limiter.submit(nap)
    heavy = limiter.submit(nap, weight=2)
    assert not await limiter.check()
    assert await limiter.check(0)
    await asyncio.gather(running, heavy)


async def test_explain_and_eta_follow_the_limits() -> None:
    """The limit that holds the queue, the position, the earliest start, a forecast."""
    limiter = Limiter(min_interval=2.0)
    jobs = [limiter.submit(nap) for _ in range(3)]
    why = limiter.explain(jobs[2])
    assert (why.limit, why.position, why.earliest_start) == ("min_interval", 1, 4.0)
    assert jobs[2].eta() == 4.0
    assert jobs[0].eta() == 0.0
    await asyncio.gather(*jobs)
    limiter.update(min_interval=0.0, max_concurrent=1)
    queue = [limiter.submit(nap) for _ in range(4)]
    await asyncio.sleep(0)
    assert [job.eta() for job in queue] == [0.0, 1.0, 2.0, 3.0]
    why = limiter.explain(queue[3])
    assert (why.limit, why.position, why.earliest_start) == ("max_concurrent", 2, None)
    await asyncio.gather(*queue)


async def test_a_pause_and_a_cool_down_are_named_while_all_slots_are_taken() -> None:
    """They hold everybody for longer than those who run; else the slots are what holds."""
    limiter = Limiter(max_concurrent=1)
    running, waiting = limiter.submit(nap), limiter.submit(nap)
    await asyncio.sleep(0)
    assert limiter.explain(waiting).limit == "max_concurrent"
    limiter.pause(50.0)
    why = limiter.explain(waiting)
    assert (why.limit, why.position, why.earliest_start) == ("pause", 0, 50.0)
    limiter.resume()
    assert limiter.explain(waiting).limit == "max_concurrent"
    await asyncio.gather(running, waiting)

    async def refused() -> None:
        raise RetryAfter(30.0)

    limiter.update(max_concurrent=2)
    slow = limiter.submit(asyncio.sleep, 5.0)
    with pytest.raises(RetryAfter):
        await limiter.run(refused)
    limiter.update(max_concurrent=1)
    later = limiter.submit(nap)
    assert limiter.explain(later).limit == "retry_after"
    await asyncio.gather(slow, later)


# Changing and ending


async def test_new_limits_reach_those_who_wait_at_once() -> None:
    """They start now if they may, and fail now if they never could."""
    limiter = Limiter(max_concurrent=1)
    jobs = [limiter.submit(start_time_after, 1.0) for _ in range(4)]
    limiter.update(max_concurrent=3)
    assert await asyncio.gather(*jobs) == [0.0, 0.0, 0.0, 1.0]
    limiter.update(max_concurrent=3)
    running = limiter.submit(nap, 1, weight=2)
    heavy = limiter.submit(nap, 1, weight=2)
    light = limiter.submit(start_time)
    limiter.update(max_concurrent=1)
    with pytest.raises(Overweight) as error:
        await heavy
    assert (error.value.weight, error.value.limit) == (2, 1)
    assert await light == 3.0
    await running


async def start_time_after(seconds: float) -> float:
    """Return when it began, a while later."""
    start = now()
    await asyncio.sleep(seconds)
    return start


async def test_update_leaves_a_reservoirs_schedule_alone() -> None:
    """A refresh goes on through changes of other limits."""
    limiter = Limiter(reservoir=Reservoir(1, refresh_amount=1, refresh_every=10.0))
    await limiter.run(nap, 0)
    await asyncio.sleep(5)
    limiter.update(min_interval=0.1)
    assert await limiter.run(start_time) == 10.0


async def test_stop_drops_or_finishes_and_then_takes_nothing() -> None:
    """Waiting jobs are dropped or run; later ones get LimiterStopped; a second call waits too."""
    limiter = Limiter(max_concurrent=1)
    running, waiting = limiter.submit(nap, 2, "ran"), limiter.submit(nap)
    await asyncio.gather(limiter.stop(), limiter.stop())
    assert now() == 2.0
    assert await running == "ran"
    with pytest.raises(JobDropped) as dropped:
        await waiting
    assert dropped.value.strategy == "stop"
    with pytest.raises(LimiterStopped):
        await limiter.run(nap)
    other = Limiter(max_concurrent=1)
    jobs = [other.submit(nap, 1, n) for n in range(3)]
    await other.stop(drop_waiting=False)
    assert await asyncio.gather(*jobs) == [0, 1, 2]


async def test_stop_cancels_what_still_runs_at_its_timeout() -> None:
    """The end of what is cancelled is waited for."""
    limiter = Limiter(max_concurrent=1)
    running, waiting = limiter.submit(nap, 100), limiter.submit(nap)
    await asyncio.sleep(0)
    await limiter.stop(drop_waiting=False, timeout=3.0)
    assert now() == 3.0
    assert [await outcome_of(running), await outcome_of(waiting)] == [JobCancelled, JobDropped]


async def test_an_error_nobody_asked_for_is_reported() -> None:
    """A failed job that is forgotten tells the loop's exception handler; one awaited does not."""
    told: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda loop, context: told.append(context))
    limiter = Limiter()
    job = limiter.submit(lambda: 1 / 0)
    heard = limiter.submit(lambda: 1 / 0)
    await asyncio.sleep(1)
    assert await outcome_of(heard) is ZeroDivisionError
    del job, heard
    import gc

    gc.collect()
    assert [type(context["exception"]) for context in told] == [ZeroDivisionError]


async def test_statistics_tell_waits_and_runs() -> None:
    """How long jobs waited, how long they ran, and how they ended, in figures."""
    limiter = Limiter(max_concurrent=1)
    await asyncio.gather(*(limiter.run(nap, 2.0) for _ in range(3)))
    figures = limiter.statistics()
    assert (figures.received, figures.succeeded, figures.failed) == (3, 3, 0)
    assert (figures.wait.maximum, figures.run.maximum) == (4.0, 2.0)


async def test_join_ends_when_nothing_waits_or_runs() -> None:
    """It waits for those in line as well as for those that run, and for nothing when idle."""
    limiter = Limiter(max_concurrent=1)
    await limiter.join()
    for _ in range(3):
        limiter.submit(nap, 2.0)
    await limiter.join()
    assert asyncio.get_running_loop().time() == 6.0
    assert limiter.is_empty
