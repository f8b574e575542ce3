"""What can be told of sessions, and whom it reaches to stop them: streamed and manual alike."""

import asyncio

import pytest
from tests.illustration.making import Answers, NoisyStore, kept, made, spoken, tag

from limner.errors import JobCancelled
from limner.illustration import PromptWriter, SessionStatus, SlotId, WaitsFor
from limner.testing import ScriptedBackend

FOX, OWL = SlotId("m", 0, 0), SlotId("m", 0, 1)


def waits(status: SessionStatus) -> list[str]:
    """What it waits for, as words."""
    return [str(one) for one in status.waits_for]


async def test_a_streamed_session_tells_what_it_waits_for_and_how_long_it_takes() -> None:
    """First the text and pictures, then pictures, then the store; after that nothing."""
    store = NoisyStore()
    async with made(ScriptedBackend(seconds=20), store=store) as illustrator:
        text = spoken((10, "x" + tag("a fox")), (10, "y"))
        async with illustrator.stream(text, message_id="m", chat_id="tale") as events:
            await asyncio.sleep(5)
            (status,) = illustrator.sessions.status()
            assert status == SessionStatus(
                id=events.session.id,
                message_id="m",
                variant=0,
                chat_id="tale",
                kind=events.session.kind,
                active=True,
                cancelled=False,
                duration=5.0,
                waits_for=(WaitsFor.TEXT,),
            )
            assert status.kind.value == "streamed"
            told = []
            for at in (15, 25):
                await asyncio.sleep(at - asyncio.get_running_loop().time())
                told.append(waits(events.session.status()))
            assert told == [["text", "pictures"], ["pictures"]]
            store.seconds = 10
            await asyncio.sleep(6)
            assert waits(events.session.status()) == ["commit"]
            async for _ in events:
                pass
        ended = events.session.status()
        await asyncio.sleep(5)
        assert (ended.active, waits(ended)) == (False, [])
        assert events.session.status() == ended
        assert illustrator.sessions.status() == ()


async def test_it_tells_that_a_second_model_is_waited_for() -> None:
    """In the independent mode, between text and pictures."""
    writer = PromptWriter(Answers("no picture here", seconds=10))
    async with (
        made(ScriptedBackend(), prompt_writer=writer) as illustrator,
        illustrator.stream("A fox.", message_id="m") as events,
    ):
        await asyncio.sleep(1)
        assert waits(events.session.status()) == ["prompts"]


async def test_redraws_of_an_answer_are_one_session_that_ends_with_the_last() -> None:
    """It is seen from the moment the first is accepted; the next redraw begins another."""
    async with made(ScriptedBackend(seconds=10)) as illustrator:
        await illustrator.illustrate(tag("a fox") + tag("an owl"), message_id="m", chat_id="tale")
        first = await illustrator.operations.request(FOX)
        (status,) = illustrator.sessions.status("tale", message_id="m")
        assert (status.kind.value, status.message_id, status.variant) == ("manual", "m", 0)
        assert waits(status) == ["pictures"]
        assert illustrator.sessions.current("m") is None
        await asyncio.sleep(4)
        second = await illustrator.operations.request(OWL)
        await first.result()
        (session,) = illustrator.sessions.active()
        assert (session.id, session.status().duration) == (status.id, 10.0)
        assert (session.progress().ready, session.progress().drawing) == (1, 1)
        await second.result()
        assert illustrator.sessions.active() == []
        assert (session.status().active, session.status().duration) == (False, 14.0)
        await illustrator.operations.request(FOX)
        (other,) = illustrator.sessions.active()
        assert other.id != session.id


@pytest.mark.parametrize("reach", ["message", "chat", "all"])
async def test_who_stops_an_answer_a_chat_or_everything_reaches_redraws(reach: str) -> None:
    """The backend's work stops; whoever waits is told why; the picture there was stays."""
    backend = ScriptedBackend()
    async with made(backend) as illustrator:
        for message in ("m", "n"):
            chat = {"m": "tale", "n": "other"}[message]
            await illustrator.illustrate(tag("a fox"), message_id=message, chat_id=chat)
        before = (await kept(illustrator.store)).slot(FOX).alternatives
        backend.seconds = 1000
        handle = await illustrator.operations.request(FOX)
        other = await illustrator.operations.request(SlotId("n", 0, 0))
        await asyncio.sleep(1)
        sessions = illustrator.sessions
        if reach == "message":
            assert sessions.cancel("m", reason="enough")
        elif reach == "chat":
            assert sessions.cancel_chat("tale", reason="enough") == 1
        else:
            assert sessions.cancel_all(reason="enough") == 2
        with pytest.raises(JobCancelled, match="enough"):
            await handle.result()
        assert backend.running == (0 if reach == "all" else 1)
        assert other.done is (reach == "all")
        slot = (await kept(illustrator.store)).slot(FOX)
        assert (slot.alternatives, slot.pending) == (before, ())


async def test_a_redraw_that_comes_while_its_session_is_being_stopped_has_another() -> None:
    """Whoever asks after the stop is not stopped by it."""
    backend = ScriptedBackend(seconds=5)
    async with made(backend) as illustrator:
        await illustrator.illustrate(tag("a fox"), message_id="m")
        await illustrator.operations.request(FOX)
        illustrator.sessions.cancel("m")
        slot = await illustrator.operations.regenerate(FOX, mode="append")
        assert slot is not None
        assert len(slot.alternatives) == 2


async def test_pictures_that_a_start_takes_up_are_in_a_session_too() -> None:
    """So that they are seen, and stopped with their chat."""
    backend = ScriptedBackend(seconds=1000)
    async with made(backend, durable=True) as illustrator:
        async with illustrator.stream(tag("a fox"), message_id="m") as events:
            await asyncio.sleep(1)
            events.session.cancel("the program is ending", leave=True)
        found = await illustrator.recover()
        assert found.queued == (FOX,)
        (status,) = illustrator.sessions.status()
        assert (status.kind.value, status.message_id) == ("manual", "m")
        illustrator.sessions.cancel_all(reason="enough")
        await illustrator.recovered()
        slot = (await kept(illustrator.store)).slot(FOX)
        assert slot.failure is not None
        assert "enough" in slot.failure.reason


async def test_a_new_message_cancels_what_is_written_and_no_redraw() -> None:
    """Where only one message of a chat is written at a time: a click is no message."""
    async with made(ScriptedBackend(seconds=10), policy="single") as illustrator:
        await illustrator.illustrate(tag("a fox"), message_id="m")
        handle = await illustrator.operations.request(FOX)
        await illustrator.illustrate("x", message_id="n")
        slot = await handle.result()
        assert slot is not None
        assert slot.pending == ()
