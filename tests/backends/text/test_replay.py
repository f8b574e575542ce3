"""Replay: a text at a given speed, exactly."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from limner.backends.text import replay
from limner.testing import run_virtual

STORY = "Once upon a time, Donaudampfschifffahrtsgesellschaft!\n\n  The end.  "


def now() -> float:
    """The loop's clock."""
    return asyncio.get_running_loop().time()


async def test_each_piece_comes_when_its_last_character_is_due() -> None:
    """At 4 characters a second, the piece that ends with character n comes at n / 4."""
    written = 0
    async for piece in replay(STORY, speed=4):
        written += len(piece)
        assert now() == written / 4
    assert written == len(STORY)


async def test_a_slow_consumer_is_caught_up() -> None:
    """Delays of the consumer do not add up: the end comes when it is due."""
    async for piece in replay(STORY, speed=4):
        if piece.startswith("Once"):
            await asyncio.sleep(5)
    assert now() == len(STORY) / 4


async def test_a_slow_source_is_not_followed_by_a_burst() -> None:
    """Time the source takes moves everything after it."""

    async def source() -> AsyncIterator[str]:
        yield "abcd"
        await asyncio.sleep(100)
        yield "efgh"

    times = [now() async for _ in replay(source(), speed=1)]
    assert times == [4.0, 108.0]


@pytest.mark.parametrize("speed", [None, float("inf")])
async def test_without_a_speed_the_pieces_pass_as_they_are(speed: float | None) -> None:
    """Unlimited speed changes neither pieces nor time."""
    pieces = ["Once upon", "", " a time"]
    assert [piece async for piece in replay(pieces, speed=speed)] == ["Once upon", " a time"]
    assert now() == 0


@pytest.mark.parametrize("speed", [0, -1, float("nan")])
def test_a_speed_must_be_above_zero(speed: float) -> None:
    """It is refused at once, not at the first piece."""
    with pytest.raises(ValueError, match="speed must be above 0"):
        replay(STORY, speed=speed)


async def test_the_pieces_are_small() -> None:
    """Even a text without blanks comes in pieces of about a word."""
    pieces = [piece async for piece in replay("x" * 1000 + " " * 10, speed=8)]
    assert max(len(piece.strip()) for piece in pieces) <= 12


async def test_closing_it_closes_the_source() -> None:
    """A source that holds a file gives it back."""
    closed = False

    async def source() -> AsyncIterator[str]:
        nonlocal closed
        try:
            yield "Once upon a time"
        finally:
            closed = True

    paced = replay(source(), speed=1)
    await anext(paced)
    await paced.aclose()
    assert closed


async def test_who_is_cancelled_at_the_instant_of_a_piece_leaves_no_complaint() -> None:
    """The piece's timer finds nobody to wake then."""
    loop = asyncio.get_running_loop()
    complaints: list[object] = []
    loop.set_exception_handler(lambda _, context: complaints.append(context))
    text = replay("abc ", speed=4)
    begun = asyncio.ensure_future(anext(text))
    loop.call_at(loop.time() + 1, begun.cancel)
    with pytest.raises(asyncio.CancelledError):
        await begun
    await asyncio.sleep(1)
    assert complaints == []


@given(st.lists(st.text(max_size=12), max_size=6), st.sampled_from([0.5, 8, 1024, None]))
def test_nothing_is_lost_or_changed(chunks: list[str], speed: float | None) -> None:
    """Joined, the pieces are the text."""

    async def collect() -> str:
        return "".join([piece async for piece in replay(chunks, speed=speed)])

    assert run_virtual(collect()) == "".join(chunks)
