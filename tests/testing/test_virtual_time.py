"""Virtual time jumps, is exact, and tells a deadlock."""

import asyncio
import socket
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from limner.testing import Deadlock, run_virtual


async def test_sleeping_takes_no_real_time_and_ends_at_the_exact_instant() -> None:
    """A sleep of a year ends at once, at exactly the instant it was for."""
    loop = asyncio.get_running_loop()
    await asyncio.sleep(365 * 86400.0)
    assert loop.time() == 365 * 86400.0


@given(st.lists(st.floats(0, 1e9), min_size=1, max_size=20))
def test_timers_run_in_order_at_their_exact_instants(instants: list[float]) -> None:
    """Each timer runs at its own instant, whatever the order it was set in."""
    seen: list[tuple[float, float]] = []

    async def main() -> None:
        loop = asyncio.get_running_loop()

        def note(when: float) -> None:
            seen.append((when, loop.time()))

        for when in instants:
            loop.call_at(when, note, when)
        await asyncio.sleep(2e9)

    run_virtual(main())
    assert [when for when, _ in seen] == sorted(instants)
    assert all(when == now for when, now in seen)


def test_waiting_for_nothing_is_a_deadlock_and_the_message_names_the_task() -> None:
    """A task that waits for what can never come raises `Deadlock` instead of hanging."""

    async def waits_for_ever() -> None:
        await asyncio.get_running_loop().create_future()

    with pytest.raises(Deadlock, match="waits_for_ever"):
        run_virtual(waits_for_ever())


def test_tasks_left_behind_are_cancelled_and_finish_their_clean_up() -> None:
    """What `main` leaves running is cancelled, and its `finally` blocks still run."""
    cleaned = []

    async def lingers() -> None:
        try:
            await asyncio.sleep(1000)
        finally:
            await asyncio.sleep(1)
            cleaned.append(True)

    async def main() -> None:
        task = asyncio.create_task(lingers())
        await asyncio.sleep(0)
        assert not task.done()

    run_virtual(main())
    assert cleaned == [True]


async def test_threads_are_refused() -> None:
    """A thread lives in real time and is refused with a clear error."""
    with pytest.raises(RuntimeError, match="thread cannot take part"):
        await asyncio.to_thread(threading.get_ident)


async def test_sockets_are_refused() -> None:
    """A socket lives in real time and is refused with a clear error."""
    left, right = socket.socketpair()
    with left, right, pytest.raises(RuntimeError, match="socket cannot take part"):
        asyncio.get_running_loop().add_reader(left, lambda: None)
