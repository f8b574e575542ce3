"""The barrier: named conditions, opened once."""

from __future__ import annotations

import asyncio
from itertools import permutations

import pytest

from limner.errors import BarrierTimeout
from limner.scheduling import Barrier
from limner.testing import run_virtual


@pytest.mark.parametrize("order", list(permutations("abc")))
async def test_it_opens_when_the_last_part_arrives_in_any_order(order: tuple[str, ...]) -> None:
    """Everybody who waits goes on, once all are there."""
    barrier = Barrier("abc"[i] for i in range(3))
    waits = [asyncio.create_task(barrier.wait()) for _ in range(2)]
    for index, part in enumerate(order):
        await asyncio.sleep(1)
        assert not barrier.is_open
        assert set(barrier.remaining) == set(order[index:])
        barrier.arrive(part)
    await asyncio.gather(*waits)
    assert barrier.is_open
    assert barrier.remaining == ()
    await barrier.wait()


async def test_remaining_keeps_the_given_order() -> None:
    """Not that of arrival."""
    barrier = Barrier(["z", "m", "a"])
    barrier.arrive("m")
    assert barrier.remaining == ("z", "a")


async def test_duplicates_and_strangers_are_logged_and_ignored(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """They open nothing."""
    barrier = Barrier(["a", "b"])
    barrier.arrive("a")
    barrier.arrive("a")
    barrier.arrive("x")
    assert barrier.remaining == ("b",)
    assert "'a' had arrived before" in caplog.text
    assert "'x' is none of a, b" in caplog.text


async def test_a_timeout_names_what_is_missing_to_every_wait_also_later() -> None:
    """It counts from creation; late arrivals change nothing."""
    barrier = Barrier(["text", "images"], timeout=5.0)
    barrier.arrive("text")
    await asyncio.sleep(2)
    for _ in range(2):
        with pytest.raises(BarrierTimeout) as error:
            await barrier.wait()
        assert (error.value.missing, error.value.timeout) == (("images",), 5.0)
        assert asyncio.get_running_loop().time() == 5.0
    barrier.arrive("images")
    assert not barrier.is_open
    assert barrier.remaining == ("images",)


async def test_the_clock_may_start_with_the_first_arrival() -> None:
    """Long before it, nothing times out."""
    barrier = Barrier(["text", "images"], timeout=5.0, clock="first_arrival")
    wait = asyncio.create_task(barrier.wait())
    await asyncio.sleep(100)
    barrier.arrive("unknown")
    await asyncio.sleep(100)
    barrier.arrive("text")
    with pytest.raises(BarrierTimeout):
        await wait
    assert asyncio.get_running_loop().time() == 205.0


async def test_a_timeout_is_silent_if_nobody_waits() -> None:
    """No timer, no exception anywhere; it is not open either."""
    told: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda loop, context: told.append(context))
    barrier = Barrier(["a"], timeout=1.0)
    await asyncio.sleep(5)
    assert not barrier.is_open
    assert told == []


async def test_abort_ends_every_wait_and_only_an_open_barrier_ignores_it() -> None:
    """The error given is the error raised."""
    barrier = Barrier(["a"])
    wait = asyncio.create_task(barrier.wait())
    await asyncio.sleep(1)
    barrier.abort(KeyError("gone"))
    barrier.abort(ValueError("too late"))
    barrier.arrive("a")
    for waiting in (wait, asyncio.create_task(barrier.wait())):
        with pytest.raises(KeyError, match="gone"):
            await waiting
    opened = Barrier([])
    opened.abort(KeyError())
    await opened.wait()
    with pytest.raises(TypeError, match="exception"):
        barrier.abort("no")  # type: ignore[arg-type]


async def test_a_cancelled_wait_leaves_no_timer_behind() -> None:
    """The others still wait and still time out."""
    barrier = Barrier(["a"], timeout=5.0)
    one, two = (asyncio.create_task(barrier.wait()) for _ in range(2))
    await asyncio.sleep(1)
    one.cancel()
    with pytest.raises(BarrierTimeout):
        await two
    alone = Barrier(["a"], timeout=50.0)
    three = asyncio.create_task(alone.wait())
    await asyncio.sleep(1)
    three.cancel()
    await asyncio.sleep(0)
    assert alone._timer is None


def test_made_outside_a_loop_it_counts_from_its_first_use_in_one() -> None:
    """A barrier can be built anywhere."""
    barrier = Barrier(["a"], timeout=5.0)
    assert not barrier.is_open

    async def main() -> float:
        await asyncio.sleep(3)
        with pytest.raises(BarrierTimeout):
            await barrier.wait()
        return asyncio.get_running_loop().time()

    assert run_virtual(main()) == 8.0
