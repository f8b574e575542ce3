"""What may wait is begun at a beat, and holds up nothing."""

import asyncio
from functools import partial
from itertools import pairwise

from limner.illustration import Beat
from limner.illustration.leisure import Leisure


async def test_between_two_things_the_loop_has_its_round() -> None:
    """What is to be done behind the first is done before the second; what was forgotten never."""
    leisure, happened = Leisure(Beat(0.1)), list[str]()
    soon = asyncio.get_running_loop().call_soon

    def first() -> None:
        happened.append("first")
        soon(happened.append, "what is read meanwhile")

    def forgotten() -> None:
        happened.append("forgotten")

    leisure.at_next(first)
    leisure.at_next(forgotten)
    leisure.at_next(lambda: happened.append("second"))
    leisure.forget(forgotten)
    await asyncio.sleep(0.05)
    assert happened == []
    await asyncio.sleep(1)
    assert happened == ["first", "what is read meanwhile", "second"]


async def test_what_is_asked_for_while_others_begin_has_a_beat_of_its_own() -> None:
    """A crowd does not make a line that never ends."""
    leisure, happened = Leisure(Beat(0.1)), list[float]()
    now = asyncio.get_running_loop().time
    began = now()

    def again() -> None:
        happened.append(round(now() - began, 6))
        if len(happened) < 3:
            leisure.at_next(again)

    leisure.at_next(again)
    await asyncio.sleep(1)
    assert [round(later - one, 6) for one, later in pairwise(happened)] == [0.1, 0.1]


async def test_where_more_comes_than_is_done_more_is_done_in_each_round() -> None:
    """Three are asked for in each round of the loop: what waits stays few, and none is lost."""
    leisure, asked, called = Leisure(Beat(0)), list[int](), list[int]()
    most = 0
    for number in range(9000):
        asked.append(number)
        leisure.at_next(partial(called.append, number))
        if number % 3 == 2:
            await asyncio.sleep(0)
            most = max(most, len(asked) - len(called))
    assert most < 100
    await asyncio.sleep(0.1)
    assert called == asked
