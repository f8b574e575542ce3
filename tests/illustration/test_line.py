"""One serial line per message: turns, re-entrance, and nothing lost on the way."""

import asyncio
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from limner.illustration.keyed_lock import KeyedLock
from limner.testing import run_virtual


async def test_operations_on_one_message_never_overlap_and_keep_their_order() -> None:
    """Turns on one message are first come, first served, one at a time."""
    lines, log = KeyedLock(), []

    async def work(name: int) -> None:
        log.append(("begin", name))
        await asyncio.sleep(5 - name)
        log.append(("end", name))

    await asyncio.gather(*(lines.perform("m", partial(work, n)) for n in range(4)))
    assert log == [(what, n) for n in range(4) for what in ("begin", "end")]


async def test_different_messages_run_side_by_side() -> None:
    """A slow operation on one message delays no other message."""
    lines = KeyedLock()
    await asyncio.gather(*(lines.perform(f"m{n}", lambda: asyncio.sleep(10)) for n in range(5)))
    assert asyncio.get_running_loop().time() == 10


async def test_an_operation_inside_another_runs_inside_it() -> None:
    """The proposal scheduled the insert inside the insert on the same queue: a deadlock."""
    lines = KeyedLock()

    async def outer() -> str:
        return await lines.perform("m", middle)

    async def middle() -> str:
        return await lines.perform("m", inner)

    async def inner() -> str:
        await asyncio.sleep(1)
        return "done"

    assert await lines.perform("m", outer) == "done"


async def test_inner_operations_take_turns_as_well() -> None:
    """Several inner operations started side by side still run one after the other."""
    lines, running, peak = KeyedLock(), 0, 0

    async def inner() -> None:
        nonlocal running, peak
        running += 1
        peak = max(peak, running)
        await asyncio.sleep(1)
        running -= 1

    async def outer() -> None:
        await asyncio.gather(*(lines.perform("m", inner) for _ in range(4)))

    await lines.perform("m", outer)
    assert peak == 1


async def test_an_inner_operation_nobody_waits_for_still_keeps_the_next_one_out() -> None:
    """A turn ends only when the operations started inside it have ended."""
    lines, log = KeyedLock(), []
    left: list[asyncio.Task[None]] = []

    async def inner() -> None:
        log.append("inner begins")
        await asyncio.sleep(10)
        log.append("inner ends")

    async def outer() -> None:
        left.append(asyncio.create_task(lines.perform("m", inner)))
        await asyncio.sleep(1)

    async def following() -> None:
        log.append("next begins")

    await asyncio.gather(lines.perform("m", outer), lines.perform("m", following))
    assert log == ["inner begins", "inner ends", "next begins"]


async def test_a_task_that_outlives_its_turn_waits_like_everybody() -> None:
    """Being born inside a turn gives no right to change the message after it."""
    lines, log = KeyedLock(), []
    late: list[asyncio.Task[None]] = []

    async def write(word: str, seconds: float) -> None:
        await asyncio.sleep(seconds)
        log.append(word)

    async def straggler() -> None:
        await asyncio.sleep(5)
        await lines.perform("m", lambda: write("straggler", 0))

    async def outer() -> None:
        late.append(asyncio.create_task(straggler()))

    await lines.perform("m", outer)
    await lines.perform("m", lambda: write("second", 100))
    await late[0]
    assert log == ["second", "straggler"]


async def test_who_comes_while_a_turn_is_closing_waits_behind_the_next() -> None:
    """A turn that only waits for its inner operations takes no further ones in."""
    lines, log = KeyedLock(), []
    left: list[asyncio.Task[None]] = []

    async def write(word: str, seconds: float) -> None:
        await asyncio.sleep(seconds)
        log.append(word)

    async def late() -> None:
        await asyncio.sleep(5)
        await lines.perform("m", lambda: write("late", 0))

    async def outer() -> None:
        left.append(asyncio.create_task(lines.perform("m", lambda: write("inner", 10))))
        left.append(asyncio.create_task(late()))
        await asyncio.sleep(1)

    await asyncio.gather(
        lines.perform("m", outer), lines.perform("m", lambda: write("following", 0))
    )
    await asyncio.gather(*left)
    assert log == ["inner", "following", "late"]


@pytest.mark.parametrize("fails", [ValueError("no"), asyncio.CancelledError()])
async def test_a_failing_operation_gives_its_turn_to_the_next(fails: BaseException) -> None:
    """An error or a cancel reaches its own caller and nobody else."""
    lines = KeyedLock()

    async def bad() -> None:
        raise fails

    async def good() -> str:
        return "done"

    first, second = await asyncio.gather(
        asyncio.create_task(lines.perform("m", bad)),
        asyncio.create_task(lines.perform("m", good)),
        return_exceptions=True,
    )
    assert isinstance(first, type(fails))
    assert second == "done"


async def test_asking_how_many_wait_creates_nothing() -> None:
    """The predecessor's queue length query made the queue it measured."""
    lines = KeyedLock()
    assert lines.waiting("m") == 0
    blocker = asyncio.create_task(lines.perform("m", lambda: asyncio.sleep(5)))
    others = [asyncio.create_task(lines.perform("m", lambda: asyncio.sleep(0))) for _ in range(3)]
    await asyncio.sleep(1)
    assert lines.waiting("m") == 3
    await asyncio.gather(blocker, *others)
    assert lines.waiting("m") == 0


@given(
    st.lists(
        st.tuples(
            st.sampled_from("ab"),  # message
            st.integers(0, 5),  # begins at
            st.integers(0, 3),  # lasts
            st.booleans(),  # calls another inside
            st.none() | st.integers(0, 9),  # cancelled at
        ),
        max_size=12,
    )
)
def test_turns_never_overlap_whatever_is_cancelled(
    plan: list[tuple[str, int, int, bool, int | None]],
) -> None:
    """Random operations, nested and cancelled at random: never two at once, none left waiting."""
    holding: dict[str, int] = {"a": 0, "b": 0}

    async def main() -> None:
        lines = KeyedLock()

        async def work(message: str, lasts: int, nested: bool) -> None:
            holding[message] += 1
            assert holding[message] == 1
            try:
                await asyncio.sleep(lasts)
                if nested:
                    holding[message] -= 1
                    try:
                        await lines.perform(message, lambda: work(message, lasts, False))
                    finally:
                        holding[message] += 1
            finally:
                holding[message] -= 1

        async def one(message: str, begins: int, lasts: int, nested: bool) -> None:
            await asyncio.sleep(begins)
            await lines.perform(message, lambda: work(message, lasts, nested))

        loop = asyncio.get_running_loop()
        tasks = []
        for message, begins, lasts, nested, cancelled in plan:
            tasks.append(asyncio.create_task(one(message, begins, lasts, nested)))
            if cancelled is not None:
                loop.call_at(cancelled, tasks[-1].cancel)
        for result in await asyncio.gather(*tasks, return_exceptions=True):
            assert result is None or isinstance(result, asyncio.CancelledError), result
        assert lines.waiting("a") == lines.waiting("b") == 0
        await asyncio.wait_for(lines.perform("a", lambda: asyncio.sleep(0)), 1)

    run_virtual(main())
    assert holding == {"a": 0, "b": 0}
