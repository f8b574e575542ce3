"""Text is handed to the store at its pace, at one beat for all streams; slots never wait."""

import asyncio
from typing import Any

from tests.illustration.making import NoisyStore, kept, made, spoken, tag

from limner.illustration import MessageState, PushedPieces, Scanned, ScannedText


class PacedStore(NoisyStore):
    """Wants text in pieces of a tenth of a second."""

    pace = 0.1


def times(store: NoisyStore, kind: str) -> list[float]:
    """When something of this kind was written, in milliseconds."""
    return [round(at * 1000) for at, what, _ in store.log if what == kind]


async def test_text_is_handed_over_once_a_beat_by_all_streams_together() -> None:
    """However many pieces come, and whenever a stream began."""
    store = PacedStore()
    async with made(store=store) as illustrator:

        async def one(name: str, start: float) -> Any:
            await asyncio.sleep(start)
            text = spoken(*((0.01, f"{n} ") for n in range(30)))
            return await illustrator.illustrate(text, message_id=name)

        await asyncio.gather(one("a", 0.0), one("b", 0.033))
        for name in ("a", "b"):
            message = await kept(store, name)
            assert message.text == "".join(f"{n} " for n in range(30))
            assert message.state is MessageState.COMPLETE
    assert set(times(store, "text")) == {105, 205, 305}


async def test_a_slot_goes_at_once_with_the_text_before_it() -> None:
    """Nobody waits for a beat to be told of a picture."""
    store = PacedStore()
    async with made(store=store) as illustrator:
        text = spoken((0.12, "One " + tag("a fox")), (9, " end"))
        await illustrator.illustrate(text, message_id="m")
    assert times(store, "slots")[0] == times(store, "text")[0] == 120


async def test_text_that_waits_when_the_message_ends_is_written_once() -> None:
    """The whole message is kept at once: its last text is not written before it."""
    store = PacedStore()
    async with made(store=store) as illustrator:
        await illustrator.illustrate(spoken((0.01, "One "), (0.01, "two.")), message_id="m")
    assert times(store, "text") == []
    assert times(store, "save") == [0, 20]
    assert (await kept(store)).text == "One two."


async def test_who_gathers_text_for_the_beat_has_it_handed_over_at_once() -> None:
    """It has waited already; what comes while it is written waits for what gathers it next."""
    store, pieces = PacedStore(seconds=0.02), PushedPieces()
    async with made(store=store) as illustrator:
        illustrating = asyncio.create_task(
            illustrator.illustrate(ScannedText(pieces), message_id="m")
        )
        for at, said in ((0.15, "One "), (0.1, "two "), (0.01, "three "), (0.2, "four.")):
            await asyncio.sleep(at)
            pieces.put(Scanned(said))
        await asyncio.sleep(1)
        pieces.end()
        await illustrating
    assert times(store, "text") == [170, 270, 325, 480]
    assert (await kept(store)).text == "One two three four."
