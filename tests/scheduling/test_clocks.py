"""Numbers without end, clocks that are set or stand still, and timers that ring late."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import pytest
from tests.scheduling.work import nap, nothing, now, start_time

from limner.scheduling import Limiter, Rate, Reservoir
from limner.testing import VirtualLoop

DAY = 86400.0
HOUR = 3600.0
EVENING = datetime(2026, 6, 1, 20, tzinfo=UTC).timestamp()

# Numbers


@pytest.mark.parametrize(
    "limits",
    [
        {"rates": [Rate(2**63, per=1)]},
        {"rates": [Rate(10**400, per=1e-300), Rate(1, per=1e-300)]},
        {"rates": [Rate(2**63, per=DAY, align="00:00")]},
        {"rates": [Rate(10**400, per=1, name="tokens")]},
        {"min_interval": 1e-300},
        {"max_concurrent": 10**400},
        {"reservoir": 10**400},
        {"reservoir": Reservoir(1, increase_amount=10**400, increase_every=1e-3)},
        {"aging": 1e-300},
        {"penalty": 1e300, "high_water": 10**400},
    ],
)
async def test_huge_and_tiny_numbers_are_numbers(limits: dict[str, Any]) -> None:
    """Whatever fits a limit runs; nothing overflows."""
    limiter = Limiter(**limits)
    jobs = [limiter.submit(nap, 1, n, weight={"tokens": n}, priority=n % 10) for n in range(20)]
    assert await asyncio.gather(*jobs) == list(range(20))
    assert await limiter.check()


async def test_a_wait_longer_than_the_world_is_waited() -> None:
    """And can be forecast, explained, and given up."""
    limiter = Limiter(min_interval=1e300)
    await limiter.run(nothing)
    job = limiter.submit(nothing)
    assert job.eta() == 1e300
    assert limiter.explain(job).limit == "min_interval"
    assert limiter.opens_at() == float("inf")  # somebody waits already
    job.cancel()
    assert limiter.opens_at() == 1e300


# The wall clock


class Wall:
    """A wall clock: it goes with the loop's, and can be set."""

    def __init__(self, begin: float = EVENING) -> None:
        self.begin = begin
        self.ahead = 0.0
        self.looks: list[float] = []

    def __call__(self) -> float:
        """Show the seconds since 1970."""
        self.looks.append(now())
        return self.begin + now() + self.ahead


def daily(limit: int, wall: Wall, **more: Any) -> Limiter:
    """Return a limiter with so many starts from midnight to midnight."""
    return Limiter(rates=[Rate(limit, per=DAY, align="00:00", **more)], wall=wall)


async def test_a_machine_that_slept_over_midnight_goes_on_with_a_new_day() -> None:
    """The loop's clock stood still meanwhile."""
    wall = Wall()
    limiter = daily(2, wall)
    for _ in range(2):
        await limiter.run(nothing)
    assert limiter.opens_at() == 4 * HOUR
    wall.ahead = 8 * HOUR
    assert limiter.opens_at() == float("-inf")
    assert await limiter.run(start_time) == 0.0


async def test_who_waits_for_an_edge_looks_at_the_wall_clock_every_minute() -> None:
    """So a sleep that ends while he waits is noticed within a minute; nobody looks more often."""
    wall = Wall()
    limiter = daily(1, wall)
    await limiter.run(nothing)
    waiting = [limiter.submit(start_time) for _ in range(2)]
    wall.looks.clear()
    await asyncio.sleep(10 * 60 + 1)
    assert wall.looks == [60.0 * minute for minute in range(1, 11)]
    wall.ahead = 8 * HOUR
    assert await waiting[0] == 11 * 60.0
    edge = 28 * HOUR - wall.ahead
    assert await waiting[1] == edge
    assert wall.looks[-1] == edge


async def test_without_a_calendar_nobody_looks_at_the_wall_clock() -> None:
    """A step of it changes nothing for windows that slide."""
    wall = Wall()
    limiter = Limiter(rates=[Rate(1, per=HOUR)], min_interval=1.0, wall=wall)
    await limiter.run(nothing)
    wall.looks.clear()
    wall.ahead = DAY
    assert await limiter.run(start_time) == HOUR
    assert wall.looks == []


async def test_a_clock_that_is_set_forward_brings_the_edge_nearer() -> None:
    """The new time counts for those who wait and for those who come."""
    wall = Wall()
    limiter = daily(1, wall)
    await limiter.run(nothing)
    first, second = limiter.submit(start_time), limiter.submit(start_time)
    wall.ahead = 2 * HOUR
    assert await first == 2 * HOUR
    assert await second == 26 * HOUR


async def test_a_clock_that_is_set_back_takes_the_edge_further_away() -> None:
    """It comes once more, and is waited for: no start of the day is counted twice."""
    wall = Wall()
    limiter = daily(1, wall)
    await limiter.run(nothing)
    job = limiter.submit(start_time)
    wall.ahead = -3 * HOUR
    assert await job == 7 * HOUR
    assert await limiter.run(start_time) == 31 * HOUR


async def test_a_clock_set_back_over_midnight_leaves_each_day_its_own_starts() -> None:
    """Today has its quota again; tomorrow has what it already gave less."""
    wall = Wall(EVENING + 4.5 * HOUR)  # 00:30 on the 2nd
    limiter = daily(3, wall)
    await limiter.run(nothing)
    wall.ahead = -HOUR  # 23:30 on the 1st
    assert [await limiter.run(start_time) for _ in range(2)] == [0.0, 0.0]
    assert await limiter.run(start_time) == 0.5 * HOUR  # the 2nd has begun: two are left of it
    assert await limiter.run(start_time) == 0.5 * HOUR
    assert await limiter.run(start_time) == 24.5 * HOUR


async def test_a_clock_set_back_over_midnight_lets_no_day_have_more_than_its_limit() -> None:
    """What tomorrow already gave is remembered until tomorrow is over, also by weight."""
    wall = Wall(EVENING + 4.5 * HOUR)
    limiter = daily(2, wall, name="pages")
    await limiter.run(nothing, weight={"pages": 1})
    wall.ahead = -HOUR
    await limiter.run(nothing, weight={"pages": 1})
    assert await limiter.run(start_time, weight={"pages": 2}) == 24.5 * HOUR


# Timers that ring late


class LateLoop(VirtualLoop):
    """A loop whose timers ring late, as those of real ones do."""

    def __init__(self, late: float) -> None:
        super().__init__()
        self.late = late

    def call_at(self, when: float, *rest: Any, **more: Any) -> Any:  # type: ignore[override]  # all
        """Ring late."""
        return super().call_at(when + self.late, *rest, **more)


def run_late(late: float, main: Callable[[], Coroutine[Any, Any, list[float]]]) -> list[float]:
    """Run something where every timer is late by so much."""
    with asyncio.Runner(loop_factory=lambda: LateLoop(late)) as runner:
        return runner.run(main())


async def all_at_once(limiter: Limiter, jobs: int) -> list[float]:
    """Return when so many jobs start that come at once."""
    return list(await asyncio.gather(*(limiter.run(start_time) for _ in range(jobs))))


@pytest.mark.parametrize("per_second", [100, 200, 1000, 5000])
def test_short_intervals_keep_their_rate_on_average(per_second: int) -> None:
    """Timers that are late by nearly a millisecond do not add up."""
    jobs = per_second // 2

    async def main() -> list[float]:
        return await all_at_once(Limiter(min_interval=1 / per_second), jobs)

    starts = run_late(0.0009, main)
    asked = (jobs - 1) / per_second
    assert asked <= starts[-1] <= asked + 0.002
    for index, at in enumerate(starts):  # nobody is early
        assert at >= index / per_second - 1e-9


def test_longer_intervals_are_kept_between_each_two_starts() -> None:
    """Being late makes the next one late as well: somebody may rely on the distance."""

    async def main() -> list[float]:
        return await all_at_once(Limiter(min_interval=0.1), 10)

    starts = run_late(0.0009, main)
    for before, after in pairwise(starts):
        assert after - before >= 0.1


def test_a_loop_that_was_blocked_is_not_made_up_for() -> None:
    """More than 50 ms late is no lateness of timers: what was missed then is missed."""

    async def main() -> list[float]:
        return await all_at_once(Limiter(min_interval=0.005), 4)

    starts = run_late(0.06, main)
    for before, after in pairwise(starts):
        assert after - before >= 0.005


async def test_idle_time_is_not_saved_up() -> None:
    """Who comes later than he could have started has not been late."""
    limiter = Limiter(min_interval=0.005)
    await limiter.run(nothing)
    await asyncio.sleep(0.008)
    starts = await all_at_once(limiter, 3)
    assert starts == pytest.approx([0.008, 0.013, 0.018])


async def test_a_slow_wall_clock_does_not_spin() -> None:
    """At its edge by the loop's clock, one that goes slow has not arrived: it is asked again."""
    wall = Wall(datetime(2026, 6, 1, 23, 59, 50, tzinfo=UTC).timestamp())
    limiter = daily(1, wall)
    await limiter.run(nothing)
    job = limiter.submit(start_time)
    wall.looks.clear()
    await asyncio.sleep(5)
    wall.ahead = -3.0
    assert await job == 13.0
    assert len(wall.looks) < 10
