"""Asking for a picture: accepted or refused at once, then drawn whether or not somebody waits."""

import asyncio
from dataclasses import replace

import pytest
from tests.illustration.making import NoisyStore, kept, made, spoken, tag

from limner.errors import BackendUnavailable, JobCancelled, MessageBusy, StorageFull, UnknownSlot
from limner.illustration import (
    Change,
    DrawingHandle,
    Illustrator,
    MemoryStore,
    Slot,
    SlotId,
    SlotState,
)
from limner.testing import ScriptedBackend

FOX, OWL = SlotId("m", 0, 0), SlotId("m", 0, 1)
TEXT = tag("a fox") + " and " + tag("an owl")


def failing(request: object) -> Exception:
    """Why nothing can be drawn."""
    return BackendUnavailable("out of paint")


async def failed(illustrator: Illustrator, backend: ScriptedBackend, message_id: str = "m") -> None:
    """Illustrate a message whose pictures all fail, and mend the backend then."""
    backend.fails = failing
    await illustrator.illustrate(TEXT, message_id=message_id)
    backend.fails = lambda request: None


async def test_a_request_ends_when_it_is_accepted_and_the_handle_when_it_is_drawn() -> None:
    """The drawing is in the store before anybody hears of it; the result is the slot as kept."""
    backend = ScriptedBackend(seconds=5)
    async with made(backend) as illustrator:
        await illustrator.illustrate(TEXT, message_id="m")
        began = asyncio.get_running_loop().time()
        handle = await illustrator.operations.request(FOX, mode="append")
        assert asyncio.get_running_loop().time() == began
        assert not handle.done
        assert handle.slot == (await kept(illustrator.store)).slot(FOX)
        assert [drawing.attempt for drawing in handle.slot.pending] == [1]
        slot = await handle.result()
        assert asyncio.get_running_loop().time() == began + 5
        assert handle.done
        assert slot == (await kept(illustrator.store)).slot(FOX)
        assert slot is not None
        assert len(slot.alternatives) == 2


async def test_an_impossible_request_beside_valid_ones_is_refused_alone() -> None:
    """At the same time, for the same slot: four are drawn, the fifth says why it is not."""
    backend = ScriptedBackend(seconds=5)
    async with made(backend) as illustrator:
        await illustrator.illustrate(TEXT, message_id="m")
        ask = illustrator.operations.request
        ends = await asyncio.gather(
            ask(FOX, mode="append"),
            ask(FOX, mode="append"),
            ask(FOX, mode="append", alternative=9),
            ask(FOX, mode="append"),
            ask(FOX, mode="append"),
            return_exceptions=True,
        )
        assert [type(end) for end in ends if not isinstance(end, DrawingHandle)] == [UnknownSlot]
        slots = [await end.result() for end in ends if isinstance(end, DrawingHandle)]
        assert len(slots) == 4
        slot = (await kept(illustrator.store)).slot(FOX)
        assert (len(slot.alternatives), slot.state, slot.failure) == (5, SlotState.READY, None)


async def test_a_picture_is_drawn_though_nobody_holds_its_handle() -> None:
    """Also if it fails: then the error is nobody's, and the slot says it."""
    backend = ScriptedBackend(seconds=5)
    async with made(backend) as illustrator:
        await failed(illustrator, backend)
        await illustrator.operations.request_retry(FOX)
        await asyncio.sleep(6)
        assert (await kept(illustrator.store)).slot(FOX).state is SlotState.READY
        backend.fails = failing
        await illustrator.operations.request_retry(OWL)
        await asyncio.sleep(6)
        slot = (await kept(illustrator.store)).slot(OWL)
        assert slot.failure is not None
        assert slot.failure.reason.startswith("the picture server: out of paint; ")


async def test_who_waits_no_longer_stops_nothing_and_who_cancels_stops_it() -> None:
    """Cancelling returns when the backend has stopped; the slot is as before, but for the count."""
    backend = ScriptedBackend(seconds=5)
    async with made(backend) as illustrator:
        await illustrator.illustrate(TEXT, message_id="m")
        before = (await kept(illustrator.store)).slot(FOX)
        handle = await illustrator.operations.request(FOX)
        waiting = asyncio.create_task(handle.result())
        await asyncio.sleep(1)
        waiting.cancel()
        await asyncio.sleep(1)
        assert backend.running == 1
        await handle.cancel("not that one")
        await handle.cancel("twice is fine")
        assert backend.running == 0
        with pytest.raises(JobCancelled, match="not that one"):
            await handle.result()
        assert (await kept(illustrator.store)).slot(FOX) == replace(before, attempts=2)


async def test_a_drawing_that_two_hold_is_stopped_by_the_last_of_them() -> None:
    """Whoever retries what somebody retries shares it; one who gives up takes it from nobody."""
    backend = ScriptedBackend(seconds=5)
    async with made(backend) as illustrator:
        await failed(illustrator, backend)
        calls = len(backend.calls)
        mine = await illustrator.operations.request_retry(FOX)
        theirs = await illustrator.operations.request_retry(FOX)
        await asyncio.sleep(1)
        await mine.cancel()
        await mine.cancel()
        assert backend.running == 1
        impatient = asyncio.create_task(illustrator.operations.retry(FOX))
        await asyncio.sleep(1)
        impatient.cancel()
        slot = await theirs.result()
        assert slot is not None
        assert slot.state is SlotState.READY
        assert len(backend.calls) == calls + 1
        handles = [await illustrator.operations.request_retry(OWL) for _ in range(2)]
        await asyncio.sleep(1)
        for handle in handles:
            await handle.cancel()
        assert backend.running == 0


async def test_a_retry_does_not_join_what_is_being_stopped() -> None:
    """It asks for a drawing of its own, and gets its picture."""

    class Slow(ScriptedBackend):
        async def generate(self, request: object) -> object:  # type: ignore[override]
            try:
                return await ScriptedBackend.generate(self, request)  # type: ignore[arg-type]
            except asyncio.CancelledError:
                await asyncio.sleep(3)
                raise

    backend = Slow(seconds=5)
    async with made(backend) as illustrator:
        await failed(illustrator, backend)
        first = await illustrator.operations.request_retry(FOX)
        await asyncio.sleep(1)
        stopping = asyncio.create_task(first.cancel())
        await asyncio.sleep(1)
        slot = await illustrator.operations.retry(FOX)
        await stopping
        assert slot is not None
        assert (slot.state, slot.pending) == (SlotState.READY, ())


async def test_where_nothing_is_to_be_drawn_the_handle_has_ended() -> None:
    """A slot that has its picture is the result; of a message that is gone there is none."""
    async with made(ScriptedBackend()) as illustrator:
        await illustrator.illustrate(TEXT, message_id="m")
        handle = await illustrator.operations.request_retry(FOX)
        assert (handle.done, handle.job_id) == (True, None)
        assert await handle.result() == (await kept(illustrator.store)).slot(FOX)
        await handle.cancel()
        await illustrator.operations.delete_message("m")
        for gone in (
            await illustrator.operations.request(FOX),
            await illustrator.operations.request_retry(FOX),
        ):
            assert (gone.done, gone.slot, await gone.result()) == (True, None, None)


async def test_a_handle_tells_which_job_draws_and_the_job_which_slot() -> None:
    """While it waits or draws; nobody has to read it out of a name."""
    async with made(ScriptedBackend(seconds=5)) as illustrator:
        await illustrator.illustrate(TEXT, message_id="m")
        handle = await illustrator.operations.request(OWL)
        await asyncio.sleep(1)
        assert handle.job_id is not None
        assert illustrator.limiter.job(handle.job_id) is not None
        assert illustrator.slot_of(handle.job_id) == OWL
        await handle.result()
        assert illustrator.slot_of(handle.job_id) is None


async def test_of_several_each_is_accepted_or_refused_for_itself() -> None:
    """A message that somebody begins to write meanwhile refuses; the others' pictures come."""
    backend = ScriptedBackend()
    async with made(backend, store=NoisyStore()) as illustrator:
        for message_id in ("m", "n"):
            await failed(illustrator, backend, message_id)
        assert isinstance(illustrator.store, NoisyStore)
        illustrator.store.seconds = 1
        asking = asyncio.create_task(illustrator.operations.request_failed_chat("default"))
        await asyncio.sleep(0.5)
        async with illustrator.stream(spoken((50, "x")), message_id="n", variant=0):
            requested = await asking
            assert [handle.slot_id for handle in requested.accepted] == [FOX, OWL]
            refused = [(one.slot_id.message_id, type(one.error)) for one in requested.refused]
            assert refused == [("n", MessageBusy), ("n", MessageBusy)]
            assert [str(slot.state) for slot in await requested.results()] == ["ready", "ready"]


async def test_if_the_store_fails_while_several_are_asked_for_none_is_drawn() -> None:
    """The error is raised, and what was accepted before is called off: nobody would hold it."""

    class Full(MemoryStore):
        room = True

        async def save_slots(self, *slots: Slot, change: Change | None = None) -> bool:
            if not self.room and slots[0].id == OWL and slots[0].pending:
                raise StorageFull("no room", place="here")
            return await super().save_slots(*slots, change=change)

    backend, store = ScriptedBackend(seconds=5), Full()
    async with made(backend, store=store) as illustrator:
        await illustrator.illustrate(TEXT, message_id="m")
        store.room = False
        with pytest.raises(StorageFull):
            await illustrator.operations.request_message("m")
        assert backend.running == 0
        assert (await kept(store)).slot(FOX).pending == ()


async def test_who_retries_what_a_start_has_taken_up_cannot_stop_it() -> None:
    """It is drawn for whoever asked before the program ended, and they wait for it still."""
    backend = ScriptedBackend(seconds=5)
    async with made(backend, durable=True) as illustrator:
        async with illustrator.stream(TEXT, message_id="m") as events:
            await asyncio.sleep(1)
            events.session.cancel("the program is ending", leave=True)
        await illustrator.recover()
        impatient = asyncio.create_task(illustrator.operations.retry(FOX))
        await asyncio.sleep(1)
        impatient.cancel()
        await illustrator.recovered()
        assert (await kept(illustrator.store)).slot(FOX).state is SlotState.READY
