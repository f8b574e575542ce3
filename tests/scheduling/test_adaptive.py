"""An adaptive limit finds what a server bears, and never leaves its bounds."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from limner.scheduling import Adaptive, Limiter, Retry
from limner.scheduling.tools.adaptive import AdaptiveState


class Busy(Exception):
    """What the simulated server says when it has too much to do."""


@given(
    bounds=st.tuples(st.integers(1, 20), st.integers(0, 20)),
    increase=st.floats(0.1, 5),
    decrease=st.floats(0.1, 0.9),
    answers=st.lists(st.tuples(st.booleans(), st.booleans(), st.integers(0, 3)), max_size=200),
)
def test_the_limit_stays_within_its_bounds_and_moves_once_a_round(
    bounds: tuple[int, int],
    increase: float,
    decrease: float,
    answers: list[tuple[bool, bool, int]],
) -> None:
    """Whatever is answered, it rises by one step at most and falls once for jobs side by side."""
    low, high = bounds[0], bounds[0] + bounds[1]
    adaptive = Adaptive(minimum=low, maximum=high, increase=increase, decrease=decrease)
    course = AdaptiveState(float(low))
    for now, (good, full, ran) in enumerate(answers):
        before, started_at = course, now - ran
        if good:
            course = adaptive.after_good(course, started_at, full=full)
            assert before.limit <= course.limit <= before.limit + increase
        else:
            course = adaptive.after_busy(course, started_at, now)
            assert course.limit <= before.limit
        assert low <= course.limit <= high
        if started_at < before.since:
            assert course == before


@pytest.mark.parametrize("capacity", [3, 8, 20])
async def test_the_limit_settles_around_what_a_server_bears(capacity: int) -> None:
    """Most of the time between half of the capacity and one above it; refusals are few."""
    limiter = Limiter(retry=Retry(attempts=1000, backoff=0.1, maximum=0.1, on=Busy))
    stop = Adaptive(maximum=64, on=Busy).steer(limiter)
    inside, refused, seen = 0, 0, []

    async def serve() -> None:
        nonlocal inside, refused
        seen.append(limiter.limits.max_concurrent or 0)
        if inside >= capacity:
            refused += 1
            await asyncio.sleep(0.01)
            raise Busy
        inside += 1
        await asyncio.sleep(1)
        inside -= 1

    await asyncio.gather(*(limiter.run(serve) for _ in range(capacity * 100)))
    later = seen[len(seen) // 2 :]
    near = [limit for limit in later if capacity // 2 <= limit <= capacity + 1]
    assert len(near) > 0.9 * len(later)
    assert refused < 0.2 * len(seen)
    stop()
    limiter.update(max_concurrent=5)
    await limiter.run(asyncio.sleep, 1)
    assert limiter.limits.max_concurrent == 5


async def test_an_idle_limiter_does_not_rise() -> None:
    """Good answers say nothing about a limit that nobody has reached."""
    limiter = Limiter()
    Adaptive(minimum=2, maximum=9).steer(limiter)
    for _ in range(20):
        await limiter.run(asyncio.sleep, 1)
    assert limiter.limits.max_concurrent == 2


@pytest.mark.parametrize(
    "options",
    [{"minimum": 0}, {"minimum": 9}, {"decrease": 1.0}, {"increase": 0.0}, {"on": 3}],
)
def test_a_wrong_course_is_refused_where_it_is_given(options: dict[str, object]) -> None:
    """Bounds, steps and exceptions that make no sense never reach a limiter."""
    with pytest.raises((TypeError, ValueError)):
        Adaptive(**{"maximum": 8, **options})  # type: ignore[arg-type]  # what is tested
