"""Stopping the text of a session lets its pictures be drawn to their end."""

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest

from limner.illustration import (
    Illustrated,
    Illustrator,
    MemoryStore,
    Message,
    MessageState,
    PromptFound,
    SlotId,
    SlotState,
    StreamingSession,
)
from limner.testing import ScriptedBackend, run_virtual

FOX, OWL = '<!--img-prompt="a fox"-->', '<!--img-prompt="an owl"-->'


async def endless() -> AsyncIterator[str]:
    """Two tags, and no end."""
    yield f"A {FOX} b {OWL} c"
    await asyncio.Event().wait()
    yield "never"


def stopped(keep: int | None, *, late: bool = False) -> tuple[list[str], bool, MessageState, float]:
    """The states of the slots when the text was stopped as the second tag was found."""

    async def main() -> tuple[list[str], bool, MessageState, float]:
        backend = ScriptedBackend(seconds=10.0)
        async with Illustrator(backend=backend) as illustrator:
            async with illustrator.stream(endless()) as events:
                session: StreamingSession = events.session
                async for event in events:
                    if isinstance(event, PromptFound) and event.slot.id.ordinal == 1:
                        if late:
                            await asyncio.sleep(4.0)
                        keeps = None if keep is None else (lambda slot: slot.ordinal == keep)
                        assert session.stop_text("enough", keep=keeps)
                        assert not session.stop_text("enough")
                result = events.result
            made = asyncio.get_running_loop().time()
        states = [str(slot.state) for slot in result.slots]
        assert result.text.startswith(f"A {FOX} b {OWL}")
        if SlotState.FAILED in states:
            reasons = [slot.failure.reason for slot in result.failed if slot.failure]
            assert all("enough" in reason for reason in reasons)
        return states, result.cancelled, result.message.state, made

    return run_virtual(main())


def test_all_that_was_found_is_drawn() -> None:
    """Whoever stops the writing has not stopped the pictures."""
    assert stopped(None) == (["ready", "ready"], True, MessageState.CUT, 10.0)


def test_what_is_not_kept_is_stopped_at_once() -> None:
    """And what is kept is not drawn anew."""
    assert stopped(0) == (["ready", "failed"], True, MessageState.CUT, 10.0)
    assert stopped(1, late=True) == (["failed", "ready"], True, MessageState.CUT, 10.0)
    assert stopped(7, late=True) == (["failed", "failed"], True, MessageState.CUT, 4.0)


def test_a_session_that_was_stopped_so_can_still_be_cancelled() -> None:
    """Stop means stop: then its pictures end, too."""

    async def main() -> tuple[list[str], float]:
        async with Illustrator(backend=ScriptedBackend(seconds=10.0)) as illustrator:
            async with illustrator.stream(endless()) as events:
                async for event in events:
                    if isinstance(event, PromptFound) and event.slot.id.ordinal == 1:
                        events.session.stop_text("enough")
                        await asyncio.sleep(3.0)
                        illustrator.sessions.cancel_all()
                states = [str(slot.state) for slot in events.result.slots]
            return states, asyncio.get_running_loop().time()

    assert run_virtual(main()) == (["failed", "failed"], 3.0)


def test_a_text_that_has_ended_has_nothing_to_stop() -> None:
    """It stays whole."""

    async def main() -> tuple[bool, MessageState]:
        async with Illustrator(backend=ScriptedBackend(seconds=10.0)) as illustrator:
            async with illustrator.stream(f"A {FOX}") as events:
                await asyncio.sleep(1.0)
                told = events.session.stop_text("enough")
                async for _ in events:
                    pass
            return told, events.result.message.state

    assert run_virtual(main()) == (False, MessageState.COMPLETE)


def test_pictures_alone_are_stopped() -> None:
    """The text goes on, and what it asks for after that is not drawn either."""

    async def text() -> AsyncIterator[str]:
        yield f"A {FOX} b "
        await asyncio.sleep(2.0)
        yield f"{OWL} c"

    async def main() -> tuple[list[str], int, MessageState, float]:
        backend = ScriptedBackend(seconds=10.0)
        async with Illustrator(backend=backend) as illustrator:
            async with illustrator.stream(text(), chat_id="tale") as events:
                await asyncio.sleep(1.0)
                sessions = illustrator.sessions
                assert sessions.cancel_chat("tale", what="pictures") == 1
                async for _ in events:
                    pass
            result = events.result
            assert [call.outcome for call in backend.calls] in (["cancelled"], ["cancelled"] * 2)
            assert not result.cancelled
            assert sessions.cancel_all(what="pictures") == 0
        states = [str(slot.state) for slot in result.slots]
        return states, len(result.text), result.message.state, asyncio.get_running_loop().time()

    length = len(f"A {FOX} b {OWL} c")
    assert run_virtual(main()) == (["failed", "failed"], length, MessageState.COMPLETE, 2.0)


class SlowToRead(MemoryStore):
    """A store in which every answer is looked for for a second."""

    async def load(self, message_id: str, variant: int | None = None) -> Message | None:
        """The answer, in the end."""
        await asyncio.sleep(1.0)
        return await super().load(message_id, variant)


@pytest.mark.parametrize("keeps", [None, lambda slot: False])
def test_an_answer_can_be_stopped_while_it_is_still_looked_up(
    keeps: Callable[[SlotId], bool] | None, caplog: pytest.LogCaptureFixture
) -> None:
    """Before anybody knows which one is written: what is not wanted then is not wanted later."""

    async def main() -> Illustrated:
        async with Illustrator(backend=ScriptedBackend(), store=SlowToRead()) as illustrator:
            work = asyncio.create_task(illustrator.illustrate(f"A {FOX}", message_id="m"))
            await asyncio.sleep(0.5)
            [session] = illustrator.sessions.active()
            assert isinstance(session, StreamingSession)
            if keeps is None:
                assert illustrator.sessions.cancel_all(what="pictures") == 1
            else:
                assert session.stop_text("cancelled", keep=keeps)
            return await work

    result = run_virtual(main())
    assert all(slot.failure and "cancelled" in slot.failure.reason for slot in result.slots)
    assert result.message.state is (MessageState.COMPLETE if keeps is None else MessageState.CUT)
    assert not caplog.records


def test_redraws_are_pictures_and_no_text() -> None:
    """They are stopped with the pictures, and not with the writing."""

    async def main() -> tuple[int, int, int]:
        backend = ScriptedBackend(seconds=1.0)
        async with Illustrator(backend=backend) as illustrator:
            result = await illustrator.illustrate(f"A {FOX}")
            backend.seconds = 100.0
            await illustrator.operations.request(result.slots[0].id)
            await asyncio.sleep(1.0)
            sessions = illustrator.sessions
            text = sessions.cancel_all(what="text")
            running, pictures = backend.running, sessions.cancel_all(what="pictures")
            await asyncio.sleep(0.1)
            assert backend.running == 0
        return text, running, pictures

    assert run_virtual(main()) == (0, 1, 1)
