"""Events: which, in what order, and what listeners may do."""

from __future__ import annotations

import asyncio
from typing import Any

from tests.scheduling.work import nap

from limner.scheduling import (
    Cancelled,
    Depleted,
    Done,
    Dropped,
    Event,
    Failed,
    JobEvent,
    Limiter,
    Overflow,
    Queued,
    Received,
    Reservoir,
    Resumed,
    Retried,
    Retry,
    Scheduled,
)
from limner.scheduling.limiter import engine_of


def heard(limiter: Limiter, kind: type[Event] = Event) -> list[Any]:
    """Return the list that the events will be put in."""
    events: list[Any] = []
    limiter.on(kind, events.append)
    return events


class Deaf:
    """Nobody listens, and nobody may speak."""

    listening = False


def names(events: list[Any]) -> list[str]:
    """Return the names of some events' classes."""
    return [type(event).__name__ for event in events]


async def test_a_retried_job_is_told_step_by_step() -> None:
    """Received, Queued, Scheduled, Executing, Failed, Retried, Scheduled, Executing, Done."""
    limiter = Limiter(retry=Retry(attempts=2, backoff=3, jitter=0))
    events = heard(limiter, JobEvent)
    failures = [KeyError("once")]

    async def flaky() -> None:
        if failures:
            raise failures.pop()

    await limiter.run(flaky, id="x")
    assert names(events) == [
        "Received",
        "Queued",
        "Scheduled",
        "Executing",
        "Failed",
        "Retried",
        "Scheduled",
        "Executing",
        "Done",
    ]
    assert {event.job.id for event in events} == {"x"}
    retried = next(event for event in events if isinstance(event, Retried))
    assert (retried.delay, type(retried.error)) == (3.0, KeyError)


async def test_every_job_ends_with_one_done_however_it_ends() -> None:
    """Dropped, Cancelled or Failed say why, Done comes last."""
    limiter = Limiter(max_concurrent=1, high_water=1, overflow=Overflow.OVERFLOW)
    events = heard(limiter, JobEvent)
    jobs = [limiter.submit(nap), limiter.submit(nap), limiter.submit(nap)]
    jobs[1].cancel("enough")
    await asyncio.gather(*jobs, return_exceptions=True)
    await asyncio.gather(limiter.run(lambda: 1 / 0), return_exceptions=True)
    late = limiter.submit(nap, 5)
    await asyncio.gather(limiter.submit(nap, queue_timeout=1.0), late, return_exceptions=True)
    told: dict[int, list[str]] = {}
    for event in events:
        told.setdefault(id(event.job), []).append(type(event).__name__)
    assert list(told.values()) == [
        ["Received", "Queued", "Scheduled", "Executing", "Done"],
        ["Received", "Queued", "Cancelled", "Done"],
        ["Received", "Dropped", "Done"],
        ["Received", "Queued", "Scheduled", "Executing", "Failed", "Done"],
        ["Received", "Queued", "Scheduled", "Executing", "Done"],
        ["Received", "Queued", "Failed", "Done"],
    ]
    assert next(e for e in events if isinstance(e, Dropped)).strategy == "overflow"
    assert next(e for e in events if isinstance(e, Cancelled)).reason == "enough"
    assert isinstance(next(e for e in events if isinstance(e, Failed)).error, ZeroDivisionError)


async def test_empty_idle_and_depleted_tell_the_whole_limiters_state() -> None:
    """Empty: nobody waits; Idle: nothing runs either, weight 0 included; Depleted: stock is out."""
    limiter = Limiter(
        max_concurrent=1, reservoir=Reservoir(2, refresh_amount=2, refresh_every=10.0)
    )
    events = heard(limiter)
    jobs = [limiter.submit(nap), limiter.submit(nap), limiter.submit(nap, 5, weight=0)]
    await asyncio.gather(*jobs)
    assert [n for n in names(events) if n in ("Empty", "Idle", "Depleted")] == [
        "Empty",
        "Empty",
        "Depleted",
        "Idle",
    ]
    assert next(e for e in events if isinstance(e, Depleted)).empty


async def test_pauses_are_told_and_end_before_what_they_held_starts() -> None:
    """Paused says until when; Resumed comes by itself."""
    limiter = Limiter()
    events = heard(limiter)
    limiter.pause(3)
    await limiter.run(nap)
    assert names(events)[:1] == ["Paused"]
    assert events[0].until == 3.0
    assert names(events).index("Resumed") < names(events).index("Scheduled")
    assert sum(isinstance(event, Resumed) for event in events) == 1


async def test_once_hears_one_and_unsubscribe_ends_it() -> None:
    """Each subscription ends by itself or by its own function."""
    limiter = Limiter()
    first: list[Done] = []
    all_of_them: list[Done] = []
    limiter.once(Done, first.append)
    unsubscribe = limiter.on(Done, all_of_them.append)
    for _ in range(3):
        await limiter.run(nap)
    unsubscribe()
    unsubscribe()
    await limiter.run(nap)
    assert (len(first), len(all_of_them)) == (1, 3)
    assert not engine_of(limiter).core.handlers.listening


async def test_handlers_may_use_the_limiter_in_the_middle_of_things() -> None:
    """Submitting, cancelling and changing limits from a handler break nothing."""
    limiter = Limiter(max_concurrent=2, high_water=3)
    order: list[str] = []
    extra: list[Any] = []

    def on_queued(event: Queued) -> None:
        if len(extra) < 5:
            extra.append(limiter.submit(nap, priority=0))

    def on_received(event: Received) -> None:
        if event.job.id == "unwanted":
            event.job.cancel()

    def on_scheduled(event: Scheduled) -> None:
        order.append(event.job.id)
        limiter.update(max_concurrent=2)
        assert len(engine_of(limiter).core.active) <= 2

    limiter.on(Queued, on_queued)
    limiter.on(Received, on_received)
    limiter.on(Scheduled, on_scheduled)
    jobs = [limiter.submit(nap, id=name) for name in ("a", "unwanted", "b")]
    await asyncio.gather(*jobs, *extra, return_exceptions=True)
    assert "unwanted" not in order
    assert await limiter.running() == 0
    assert limiter.is_empty


async def test_a_handler_may_cancel_the_newcomer_somebody_was_shed_for() -> None:
    """It is not in line yet, and never gets there."""
    limiter = Limiter(max_concurrent=1, high_water=1)
    running, victim = limiter.submit(nap), limiter.submit(nap)
    newcomers: list[Any] = []
    limiter.on(Received, lambda event: newcomers.append(event.job))
    limiter.on(Dropped, lambda event: newcomers[0].cancel())
    newcomer = limiter.submit(nap)
    ends = await asyncio.gather(running, victim, newcomer, return_exceptions=True)
    assert [type(end).__name__ for end in ends] == ["NoneType", "JobDropped", "JobCancelled"]
    assert limiter.is_empty


async def test_without_listeners_no_event_is_made() -> None:
    """Nobody pays for what nobody hears."""
    limiter = Limiter()
    engine_of(limiter).core.handlers = Deaf()  # type: ignore[assignment]
    await limiter.run(nap)
