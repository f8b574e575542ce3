"""Text of live answers reaches session and store at a common beat, without a task for each."""

import asyncio

import pytest
from tests.illustration.making import all_events, made, spoken, tag
from tests.waiting import until

from limner.illustration import (
    Beat,
    Finished,
    ImageReady,
    ImageStarted,
    PromptFound,
    PushedPieces,
    Scanned,
    ScannedText,
)


def now() -> float:
    """The instant on the loop's clock."""
    return round(asyncio.get_running_loop().time(), 6)


async def test_all_are_called_at_one_instant_each_once() -> None:
    """However often they ask before it; what they ask for then is for the next beat."""
    beat = Beat(0.1, late=0.005)
    called: list[tuple[str, float]] = []

    def again() -> None:
        called.append(("again", now()))
        if len(called) < 3:
            beat.at_next(again)

    def once() -> None:
        called.append(("once", now()))

    await asyncio.sleep(0.02)
    for call in (again, once, once):
        beat.at_next(call)
        await asyncio.sleep(0.01)
    await asyncio.sleep(1)
    assert called == [("again", 0.105), ("once", 0.105), ("again", 0.205)]


async def test_who_takes_it_back_is_not_called() -> None:
    """Twice is fine."""
    beat = Beat(0.1)
    called: list[int] = []
    beat.at_next(called.clear)
    call = lambda: called.append(1)  # noqa: E731 - the same function twice
    beat.at_next(call)
    beat.forget(call)
    beat.forget(call)
    await asyncio.sleep(1)
    assert called == []


async def test_one_that_fails_harms_no_other() -> None:
    """It is told to the loop."""
    told: list[BaseException] = []
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _, context: told.append(context["exception"]))
    beat = Beat(0.1)
    called: list[int] = []
    beat.at_next(lambda: 1 / 0)  # type: ignore[arg-type]  # it gives nothing
    beat.at_next(lambda: called.append(1))
    await asyncio.sleep(1)
    assert called == [1]
    assert [type(error) for error in told] == [ZeroDivisionError]


def test_a_beat_goes_on_in_another_loop() -> None:
    """One whose loop has ended while it waited is not stuck."""
    beat = Beat(0.01)
    called: list[int] = []

    async def ask() -> None:
        beat.at_next(lambda: called.append(1))

    async def ask_and_wait() -> None:
        await ask()
        await until(lambda: bool(called))

    asyncio.run(ask())
    asyncio.run(ask_and_wait())
    assert called == [1]


async def test_what_is_pushed_is_with_the_session_at_once() -> None:
    """And what came before the session is first."""
    pieces = PushedPieces()
    pieces.put(Scanned("One "))
    async with made() as illustrator:
        async with illustrator.stream(ScannedText(pieces), message_id="m") as events:
            await events.session.begun.wait()
            await asyncio.sleep(0)
            pieces.put(Scanned("two"))
            assert events.session.readable().text == "One two"
            pieces.end()
            async for _ in events:
                pass
        assert events.result.text == "One two"


async def test_an_error_of_who_takes_a_piece_ends_the_reading() -> None:
    """Whoever pushed it is not harmed."""
    pieces = PushedPieces()

    def take(piece: Scanned) -> None:
        raise ValueError(piece.text)

    reading = asyncio.create_task(pieces.drain(take))
    await asyncio.sleep(0)
    pieces.put(Scanned("bad"))
    pieces.put(Scanned("worse"))
    with pytest.raises(ValueError, match="bad"):
        await reading


async def test_who_wants_no_text_hears_of_pictures_only() -> None:
    """All others hear of everything."""
    async with made() as illustrator:
        source = spoken((0.1, "One " + tag("a fox")), (0.1, " end"))
        block = illustrator.stream(source, message_id="m", text=False)
        kinds = {type(event) for event in await all_events(block)}
    assert kinds == {PromptFound, ImageStarted, ImageReady, Finished}
