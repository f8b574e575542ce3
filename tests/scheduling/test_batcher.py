"""Batches: full, or old enough; each item gets its own result; nothing is lost."""

from __future__ import annotations

import asyncio

import pytest

from limner.errors import LimiterStopped
from limner.scheduling import Batcher


class Handler:
    """Doubles items and remembers the batches it saw."""

    def __init__(self) -> None:
        self.batches: list[tuple[float, list[int]]] = []

    async def __call__(self, items: list[int]) -> list[int]:
        """Handle one batch."""
        self.batches.append((asyncio.get_running_loop().time(), items))
        await asyncio.sleep(1)
        return [2 * item for item in items]


async def test_a_batch_goes_when_it_is_full_or_its_first_item_is_old_enough() -> None:
    """The age counts from the first item of each batch."""
    handler = Handler()
    batcher = Batcher(max_size=3, max_age=5.0, handler=handler)
    adds = [asyncio.create_task(batcher.add(n)) for n in range(4)]
    await asyncio.sleep(2)
    adds.append(asyncio.create_task(batcher.add(4)))
    assert await asyncio.gather(*adds) == [0, 2, 4, 6, 8]
    assert handler.batches == [(0.0, [0, 1, 2]), (5.0, [3, 4])]


async def test_closing_hands_over_the_rest_and_waits_for_all() -> None:
    """Then nothing more is taken; closing twice is fine."""
    handler = Handler()
    batcher = Batcher(max_size=10, handler=handler)
    adds = [asyncio.create_task(batcher.add(n)) for n in range(2)]
    await asyncio.sleep(0)
    await batcher.aclose()
    assert all(add.done() for add in adds)
    assert await asyncio.gather(*adds) == [0, 2]
    await batcher.aclose()
    with pytest.raises(LimiterStopped):
        await batcher.add(3)


async def test_an_error_reaches_every_item_of_its_batch_and_no_other() -> None:
    """So does a wrong number of results."""

    async def fail(items: list[int]) -> list[int]:
        if 0 in items:
            raise KeyError("zero")
        return items[:-1] if 5 in items else items

    batcher = Batcher(max_size=2, handler=fail)
    ends = await asyncio.gather(*(batcher.add(n) for n in range(6)), return_exceptions=True)
    assert [type(end) for end in ends] == [KeyError, KeyError, int, int, TypeError, TypeError]


async def test_a_cancelled_add_takes_its_item_out_again() -> None:
    """If the batch is under way, the others are not disturbed."""
    handler = Handler()
    batcher = Batcher(max_size=2, max_age=9.0, handler=handler)
    gone = asyncio.create_task(batcher.add(1))
    await asyncio.sleep(1)
    gone.cancel()
    await asyncio.sleep(0)
    pair = [asyncio.create_task(batcher.add(n)) for n in (2, 3)]
    await asyncio.sleep(0.5)
    pair[0].cancel()
    assert await pair[1] == 6
    assert [items for _, items in handler.batches] == [[2, 3]]
