# ruff: noqa: S101 - a contract is made of assertions
"""What every `limner.scheduling.SharedLimits` must do, as checks that anybody can run.

Each check is a coroutine function of a `SharedCase` that raises `AssertionError` if the port breaks
its promise. They take about three seconds together on a real clock::

    @pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
    async def test_my_limits_keep_their_promises(check):
        async with my_server() as server:
            await check(SharedCase(lambda: MyLimits(server)))

Examples:
    >>> from limner.testing import run_virtual
    >>> from limner.testing.shared_limits import ScriptedSharedLimits, SharedLimitsServer
    >>> def case():
    ...     server = SharedLimitsServer()
    ...     return SharedCase(lambda: ScriptedSharedLimits(server, "somebody"))
    >>> for check in CHECKS:
    ...     run_virtual(check(case()))
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from limner.errors import JobCancelled, JobDropped, RetryAfter
from limner.scheduling import Limiter, Overflow, Rate, Reservoir, Retry, SharedLimits


@dataclass(frozen=True, slots=True)
class SharedCase:
    """How to make ports to one and the same limits, which nobody has used yet.

    Attributes:
        connect: Makes another port, as for another process.
        step: Seconds that a short job takes.
        slack: Seconds by which a start may be late.
        arrive: Waits until what was said has reached everybody; ``None``: for `slack` seconds.
    """

    connect: Callable[[], SharedLimits]
    step: float = 0.1
    slack: float = 0.05
    arrive: Callable[[], Awaitable[object]] | None = None

    async def settled(self) -> None:
        """Wait until what was said has reached everybody."""
        await (asyncio.sleep(self.slack) if self.arrive is None else self.arrive())

    def limiters(self, count: int = 2, **limits: Any) -> list[Limiter]:
        """Make limiters that share limits."""
        return [Limiter(shared=self.connect(), **limits) for _ in range(count)]


Check = Callable[[SharedCase], Awaitable[None]]


class Watch:
    """Jobs that note when they start, and how many run at once."""

    def __init__(self, step: float = 0.1) -> None:
        self._step = step
        self.starts: list[tuple[float, str]] = []
        self.running = 0
        self.peak = 0

    async def work(self, name: str = "", seconds: float | None = None) -> str:
        """Be a job."""
        self.starts.append((asyncio.get_running_loop().time(), name))
        self.running += 1
        self.peak = max(self.peak, self.running)
        try:
            await asyncio.sleep(self._step if seconds is None else seconds)
        finally:
            self.running -= 1
        return name

    @property
    def names(self) -> list[str]:
        """The jobs in the order of their starts."""
        return [name for _, name in self.starts]


async def the_width_is_everybodys(case: SharedCase) -> None:
    """Of all limiters together no more than ``max_concurrent`` jobs run, and they use it."""
    here, there = case.limiters(max_concurrent=3)
    watch = Watch(case.step)
    await asyncio.gather(
        *(limiter.run(watch.work, "job") for limiter in (here, there) for _ in range(6))
    )
    assert watch.peak == 3
    assert len(watch.starts) == 12


async def first_come_first_served_across_limiters(case: SharedCase) -> None:
    """Who asked first starts first, wherever."""
    limiters = case.limiters(max_concurrent=1)
    watch, jobs = Watch(case.step), []
    for number in range(6):
        jobs.append(limiters[number % 2].submit(watch.work, str(number)))
        await case.settled()
    await asyncio.gather(*jobs)
    assert watch.names == ["0", "1", "2", "3", "4", "5"]


async def priorities_hold_across_limiters(case: SharedCase) -> None:
    """The more important job is next, wherever it waits."""
    here, there = case.limiters(max_concurrent=1)
    watch = Watch(case.step)
    jobs = [here.submit(watch.work, "first", 4 * case.step)]
    await case.settled()
    jobs += [here.submit(watch.work, "later", priority=9)]
    await case.settled()
    jobs += [there.submit(watch.work, "sooner", priority=1)]
    await asyncio.gather(*jobs)
    assert watch.names == ["first", "sooner", "later"]


async def a_changed_priority_counts(case: SharedCase) -> None:
    """A waiting job can be moved up."""
    here, there = case.limiters(max_concurrent=1)
    watch = Watch(case.step)
    jobs = [here.submit(watch.work, "first", 4 * case.step)]
    await case.settled()
    jobs += [here.submit(watch.work, "here"), there.submit(watch.work, "there")]
    await case.settled()
    jobs[2].priority = 0
    await asyncio.gather(*jobs)
    assert watch.names[1] == "there"


async def weights_count(case: SharedCase) -> None:
    """A heavy job waits until there is room for all of it, and nobody passes it."""
    here, there = case.limiters(max_concurrent=3)
    watch = Watch(case.step)
    jobs = [here.submit(watch.work, "two", 4 * case.step, weight=2)]
    await case.settled()
    jobs += [there.submit(watch.work, "three", weight=3)]
    await case.settled()
    jobs += [here.submit(watch.work, "one"), here.submit(watch.work, "light", weight=0)]
    await asyncio.gather(*jobs)
    assert [name for name in watch.names if name != "light"] == ["two", "three", "one"]
    assert watch.names.index("light") == 1


async def who_left_does_not_count(case: SharedCase) -> None:
    """A job that was cancelled, waiting or running, frees its place for the others."""
    here, there = case.limiters(max_concurrent=1)
    watch = Watch(case.step)
    running = here.submit(watch.work, "running", 60)
    await case.settled()
    waiting = here.submit(watch.work, "waiting", 60)
    last = there.submit(watch.work, "last")
    await case.settled()
    assert waiting.cancel()
    assert running.cancel()
    assert await last == "last"
    for job in (running, waiting):
        assert isinstance(job.exception(), JobCancelled)
    assert watch.names == ["running", "last"]
    await case.settled()
    assert await there.running() == 0


async def a_window_is_everybodys(case: SharedCase) -> None:
    """Starts of all limiters count in a rate."""
    here, there = case.limiters(rates=[Rate(2, per=4 * case.step)])
    watch = Watch(case.step)
    await asyncio.gather(*(limiter.run(watch.work) for limiter in (here, there, here, there)))
    first, second = watch.starts[1][0], watch.starts[2][0]
    assert second - first >= 4 * case.step - case.slack


async def an_interval_is_everybodys(case: SharedCase) -> None:
    """So do they for ``min_interval``."""
    here, there = case.limiters(min_interval=2 * case.step)
    watch = Watch(case.step)
    await asyncio.gather(*(limiter.run(watch.work) for limiter in (here, there, here)))
    instants = [instant for instant, _ in watch.starts]
    assert instants[2] - instants[0] >= 4 * case.step - case.slack


async def a_reservoir_is_everybodys(case: SharedCase) -> None:
    """What one takes the others lack; what one puts in they have."""
    here, there = case.limiters(reservoir=2)
    await asyncio.gather(here.run(int), there.run(int))
    assert await here.current_reservoir() == await there.current_reservoir() == 0
    job = there.submit(int)
    await case.settled()
    assert job.outcome is None
    assert await here.increment_reservoir(1) == 0
    assert await job == 0


async def weights_by_name_count(case: SharedCase) -> None:
    """A named reservoir takes what jobs weigh under its name."""
    (here,) = case.limiters(1, max_concurrent=2, reservoir=Reservoir(10, name="tokens"))
    await here.run(int, weight={"tokens": 7})
    assert await here.current_reservoir() == 3
    await here.run(int)
    assert await here.current_reservoir() == 3


async def a_settled_job_gives_the_rest_back(case: SharedCase) -> None:
    """What a job did not cost is there for the others."""
    here, there = case.limiters(reservoir=5)
    async with here.slot(weight=5) as job:
        job.settle(2)
        await case.settled()
    assert await there.current_reservoir() == 3


async def a_pause_is_everybodys(case: SharedCase) -> None:
    """While one has paused nobody starts; when one resumes all do."""
    here, there = case.limiters(max_concurrent=2)
    await here.run(int)
    await there.run(int)
    here.pause()
    await case.settled()
    job = there.submit(int)
    await case.settled()
    assert job.outcome is None
    there.resume()
    assert await job == 0


async def a_cool_down_is_everybodys(case: SharedCase) -> None:
    """After a `RetryAfter` nobody starts for so long, and then one alone."""
    here, there = case.limiters(max_concurrent=4)
    watch, busy = Watch(case.step), asyncio.get_running_loop().time

    async def refuse() -> None:
        raise RetryAfter(3 * case.step)

    begun = busy()
    with contextlib.suppress(RetryAfter):
        await here.run(refuse)
    await case.settled()
    await asyncio.gather(*(limiter.run(watch.work) for limiter in (here, there, there)))
    instants = [instant for instant, _ in watch.starts]
    assert instants[0] >= begun + 3 * case.step - case.slack
    assert instants[1] >= instants[0] + case.step - case.slack
    assert instants[2] - instants[1] <= case.step


async def a_retry_gives_its_slot_back(case: SharedCase) -> None:
    """While one waits for its next attempt another may run; it comes back before newcomers."""
    here, there = case.limiters(
        max_concurrent=1, retry=Retry(attempts=2, backoff=case.step / 2, jitter=0, on=KeyError)
    )
    watch, tries = Watch(case.step), 0

    async def flaky() -> str:
        nonlocal tries
        tries += 1
        await watch.work("flaky", case.step / 2)
        if tries == 1:
            raise KeyError
        return "well"

    flaking = here.submit(flaky)
    await case.settled()
    others = [there.submit(watch.work, name, 2 * case.step) for name in ("a", "b")]
    assert await flaking == "well"
    await asyncio.gather(*others)
    assert watch.names == ["flaky", "a", "flaky", "b"]


async def too_many_are_dropped(case: SharedCase) -> None:
    """``high_water`` counts those who wait everywhere."""
    here, there = case.limiters(max_concurrent=1, high_water=1, overflow=Overflow.OVERFLOW)
    watch = Watch(case.step)
    jobs = [here.submit(watch.work, "runs", 3 * case.step)]
    await case.settled()
    jobs += [here.submit(watch.work, "waits")]
    await case.settled()
    refused = there.submit(watch.work, "refused")
    await asyncio.gather(*jobs)
    error = refused.exception()
    assert isinstance(error, JobDropped)
    assert error.strategy == "overflow"


async def a_change_counts_for_everybody(case: SharedCase) -> None:
    """New limits let waiting jobs of all limiters start."""
    here, there = case.limiters(max_concurrent=1)
    watch = Watch(case.step)
    jobs = [limiter.submit(watch.work, "job", 3 * case.step) for limiter in (here, there, there)]
    await case.settled()
    assert watch.running == 1
    here.update(max_concurrent=3)
    await case.settled()
    assert watch.running == 3
    await asyncio.gather(*jobs)


async def one_takes_the_place_of_another(case: SharedCase) -> None:
    """A job that replaces one that waits starts when that one would have."""
    (here,) = case.limiters(1, max_concurrent=1)
    watch = Watch(case.step)
    jobs = [here.submit(watch.work, "first", 4 * case.step)]
    await case.settled()
    old = here.submit(watch.work, "old", id="x")
    jobs += [here.submit(watch.work, "behind")]
    await case.settled()
    jobs += [here.submit(watch.work, "new", id="x", on_duplicate="replace")]
    await asyncio.gather(*jobs)
    assert watch.names == ["first", "new", "behind"]
    assert isinstance(old.exception(), JobCancelled)


async def one_can_look(case: SharedCase) -> None:
    """`running`, `check` and `current_reservoir` speak of all limiters."""
    here, there = case.limiters(max_concurrent=2)
    assert await there.check()
    async with here.slot(weight=2):
        assert await there.running() == 2
        assert not await there.check()
        assert await there.current_reservoir() is None
    await case.settled()
    assert await there.check()


CHECKS: tuple[Check, ...] = (
    the_width_is_everybodys,
    first_come_first_served_across_limiters,
    priorities_hold_across_limiters,
    a_changed_priority_counts,
    weights_count,
    who_left_does_not_count,
    a_window_is_everybodys,
    an_interval_is_everybodys,
    a_reservoir_is_everybodys,
    weights_by_name_count,
    a_settled_job_gives_the_rest_back,
    a_pause_is_everybodys,
    a_cool_down_is_everybodys,
    a_retry_gives_its_slot_back,
    too_many_are_dropped,
    a_change_counts_for_everybody,
    one_takes_the_place_of_another,
    one_can_look,
)
"""Every check."""
