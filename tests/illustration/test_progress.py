"""How far the pictures are: exact at every instant, streamed and manual, one message and all."""

import asyncio

import pytest
from tests.illustration.making import made, spoken, tag

from limner.illustration import Progress, ProgressChanged, SlotId
from limner.testing import ScriptedBackend

FOX = SlotId("m", 0, 0)


async def test_r47_totals_grow_without_a_reset_and_every_change_is_told() -> None:
    """R47: 0/1, 1/1, 1/2, 2/2: one event for each step, per message and overall."""
    told: list[ProgressChanged] = []
    async with made() as illustrator:
        illustrator.on_progress(told.append)
        text = spoken((0, tag("a fox")), (5, tag("an owl")), (5, "end"))
        await illustrator.illustrate(text, message_id="m")
        await illustrator.illustrate("only words", message_id="n")
    steps = [(event.progress.ready, event.progress.total) for event in told]
    assert steps == [(0, 1), (0, 1), (1, 1), (1, 2), (1, 2), (2, 2)]
    assert all(event.message_id == "m" for event in told)
    assert all(event.progress == event.overall for event in told)


async def test_r48_regenerations_in_sequence_are_counted_together() -> None:
    """R48: three clicks, one after the other while the first is drawn: 0/3 ... 3/3."""
    async with made(ScriptedBackend(seconds=5), max_concurrent=1) as illustrator:
        await illustrator.illustrate(tag("a fox"), message_id="m")
        clicks = []
        for _ in range(3):
            clicks.append(asyncio.create_task(illustrator.operations.regenerate(FOX)))
            await asyncio.sleep(1)
        now = illustrator.progress("m")
        assert (now.total, now.ready, now.drawing, now.queued) == (3, 0, 1, 2)
        await asyncio.gather(*clicks)
        done = illustrator.progress("m")
    assert (done.total, done.ready, done.eta) == (3, 3, 0.0)


async def test_r49_a_new_run_begins_a_new_count() -> None:
    """R49: after all have ended the next picture is the first of its run."""
    async with made() as illustrator:
        await illustrator.illustrate(tag("a fox") + tag("an owl"), message_id="m")
        assert illustrator.progress("m").total == 2
        await illustrator.operations.regenerate(FOX)
        assert illustrator.progress("m").total == 1
        assert illustrator.progress().total == 1


async def test_r51_a_message_without_pictures_is_not_on_the_board() -> None:
    """R51: opened, written, nothing to draw: nothing to show."""
    told: list[ProgressChanged] = []
    async with made() as illustrator:
        illustrator.on_progress(told.append)
        await illustrator.illustrate("only words", message_id="m")
        assert illustrator.progress("m") == Progress(0, 0, 0, 0, 0, 0.0)
        assert illustrator.progress("never seen") == Progress(0, 0, 0, 0, 0, 0.0)
        assert illustrator._shared.board.messages() == []
    assert told == []


async def test_r53_nothing_is_counted_twice() -> None:
    """R53: failed, then retried, then regenerated: ended never exceeds total."""
    told: list[ProgressChanged] = []
    backend = ScriptedBackend(fails=lambda request: ValueError("no"))
    async with made(backend) as illustrator:
        illustrator.on_progress(told.append)
        await illustrator.illustrate(tag("a fox") + tag("an owl"), message_id="m")
        with pytest.raises(ValueError, match="no"):
            await illustrator.operations.retry(FOX)
        backend.fails = lambda request: None
        await illustrator.operations.retry(FOX)
    assert all(event.progress.ended <= event.progress.total for event in told)
    assert [e.progress.ended for e in told if not (e.progress.drawing or e.progress.queued)]


async def test_cancelled_pictures_leave_the_count_and_failed_ones_stay_in_it() -> None:
    """A stream that is cancelled has failed pictures; a click that is cancelled never was."""
    async with made(ScriptedBackend(seconds=10)) as illustrator:
        running = asyncio.create_task(illustrator.illustrate(tag("a fox"), message_id="m"))
        await asyncio.sleep(1)
        illustrator.sessions.cancel("m")
        await running
        assert illustrator.progress("m").failed == 1
        click = asyncio.create_task(illustrator.operations.regenerate(FOX))
        await asyncio.sleep(1)
        assert illustrator.progress("m").total == 1
        click.cancel()
        with pytest.raises(asyncio.CancelledError):
            await click
        assert illustrator.progress("m").total == 0


async def test_the_end_is_foreseen_by_the_limiter() -> None:
    """Ten pictures of ten seconds, one at a time: after the first, the estimate is exact."""
    async with made(ScriptedBackend(seconds=10), max_concurrent=1) as illustrator:
        text = "".join(tag(f"fox {n}") for n in range(10))
        running = asyncio.create_task(illustrator.illustrate(text, message_id="m"))
        await asyncio.sleep(5)
        assert illustrator.progress("m").eta is None
        await asyncio.sleep(10)
        assert illustrator.progress("m").eta == pytest.approx(85)
        await running


async def test_a_handler_that_fails_harms_nobody_and_can_be_taken_off() -> None:
    """It is logged; after unsubscribing nothing comes any more, and twice is fine."""
    calls = []

    def handler(event: ProgressChanged) -> None:
        calls.append(event)
        raise RuntimeError("broken page")

    async with made() as illustrator:
        unsubscribe = illustrator.on_progress(handler)
        assert (await illustrator.illustrate(tag("a fox"))).complete
        assert len(calls) == 3
        unsubscribe()
        unsubscribe()
        await illustrator.illustrate(tag("a fox"))
    assert len(calls) == 3


async def test_finished_messages_are_not_remembered_for_ever() -> None:
    """A server that runs for months keeps the last progress of the last few hundred messages."""
    async with made(ScriptedBackend(seconds=0)) as illustrator:
        for number in range(300):
            await illustrator.illustrate(tag("a fox"), message_id=f"m{number}")
        assert len(illustrator._shared.board.messages()) == 256
        assert illustrator.progress("m299").ready == 1
        assert illustrator.progress("m0").total == 0
