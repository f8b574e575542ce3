"""A store that fails for a while: nothing drawn is lost, nothing is drawn twice, nobody waits."""

import asyncio
from collections import Counter

import pytest
from tests.illustration.making import all_events, kept, made, spoken, tag

from limner.errors import (
    BudgetExceeded,
    NotKept,
    StorageBusy,
    StorageCorrupt,
    StorageError,
    StorageFull,
    StorageReadOnly,
    StorageUnavailable,
)
from limner.illustration import (
    Budget,
    Endurance,
    ImageReady,
    MessageState,
    Outage,
    SlotId,
    SlotState,
    StoreKeeper,
)
from limner.testing import ScriptedBackend, ScriptedStore, StoreFault


def full() -> StorageError:
    """No room."""
    return StorageFull("no room", place="here")


def gone() -> StorageError:
    """No server."""
    return StorageUnavailable("the connection was lost", place="there")


def torn() -> StorageError:
    """Nothing that passes."""
    return StorageCorrupt("it is damaged", place="here")


def drawn(backend: ScriptedBackend) -> Counter[str]:
    """How often each prompt was drawn."""
    return Counter(call.request.prompt for call in backend.calls)


def now() -> float:
    """The instant on the loop's clock."""
    return asyncio.get_running_loop().time()


@pytest.mark.parametrize("insert_mode", ["live", "batch"])
@pytest.mark.parametrize("begin", [0.0, 2.5, 7.5, 9.5])
@pytest.mark.parametrize(
    "fault",
    [
        StoreFault(end=30, seconds=5),
        StoreFault(end=30, error=full),
        StoreFault(end=30, error=gone, reads=True),
        StoreFault(end=30, error=gone, done=True),
    ],
    ids=["locked", "full", "gone", "answer lost"],
)
async def test_an_outage_costs_nothing(insert_mode: str, begin: float, fault: StoreFault) -> None:
    """Whenever it begins, and however it shows: all is drawn once, and kept in the end."""
    fault = StoreFault(
        begin=begin if begin or not fault.reads else 0.5,  # who cannot read at first is told so
        end=begin + 30,
        error=fault.error,
        seconds=fault.seconds,
        reads=fault.reads,
        done=fault.done,
    )
    backend, store = ScriptedBackend(seconds=1), ScriptedStore(fault)
    texts = [(1.0, f"part {n} " + tag(f"fox {n}")) for n in range(8)]
    async with made(backend, store=store, insert_mode=insert_mode) as illustrator:
        result = await illustrator.illustrate(spoken(*texts, (1.0, " end")), message_id="m")
    message = await kept(store)
    assert result.not_kept is None
    assert message == result.message
    assert message.text == "".join(text for _, text in texts) + " end"
    assert message.state is MessageState.COMPLETE
    assert [slot.state for slot in message.slots] == [SlotState.READY] * 8
    assert all(slot.image is not None and slot.pending == () for slot in message.slots)
    assert set(drawn(backend).values()) == {1}


async def test_pictures_are_drawn_and_shown_while_the_store_is_away() -> None:
    """The outage delays the first call that meets it, and no picture after it."""
    backend, store = ScriptedBackend(seconds=1), ScriptedStore(StoreFault(end=300, seconds=5))
    ready: list[float] = []
    async with made(backend, store=store, endurance=Endurance(timeout=None)) as illustrator:
        block = illustrator.stream(spoken(*((1.0, tag(f"fox {n}")) for n in range(10))))
        async with block as events:
            async for event in events:
                if isinstance(event, ImageReady):
                    ready.append(now())
                    if len(ready) == 10:
                        assert illustrator.keeper.outage is not None
    assert ready[-1] < 20
    assert now() > 300


async def test_what_was_kept_before_a_crash_in_an_outage_is_there() -> None:
    """What came before it is in the store; what came in it is lost with the process, no more."""
    backend, store = ScriptedBackend(seconds=1), ScriptedStore(StoreFault(begin=5, error=full))
    async with made(backend, store=store, endurance=Endurance(timeout=5)) as illustrator:
        text = spoken((1, tag("a fox")), (9, tag("an owl")))
        with pytest.raises(NotKept):
            await illustrator.illustrate(text, message_id="m")
    store.faults.clear()
    async with made(backend, store=store) as illustrator:
        result = await illustrator.resume("m")
    assert [slot.prompt for slot in result.slots] == ["a fox"]
    assert drawn(backend) == {"a fox": 1, "an owl": 1}


async def test_what_is_given_up_is_told_and_is_in_the_result() -> None:
    """After `timeout` at the end the message is given out all the same, with what is not kept."""
    backend, store = ScriptedBackend(seconds=1), ScriptedStore(StoreFault(begin=5, error=full))
    async with made(backend, store=store, endurance=Endurance(timeout=40)) as illustrator:
        text = spoken((1, tag("a fox")), (9, tag("an owl") + tag("a hen")))
        with pytest.raises(NotKept, match="no room") as caught:
            await illustrator.illustrate(text, message_id="m")
        assert 50 <= now() < 60
        result = caught.value.result
        assert isinstance(caught.value.__cause__, StorageFull)
        assert isinstance(result.not_kept, StorageFull)  # type: ignore[attr-defined]
        assert result.unkept == 2  # type: ignore[attr-defined]
        states = [slot.state for slot in result.slots]  # type: ignore[attr-defined]
        assert states == [SlotState.READY] * 3
        assert illustrator.sessions.active() == []


async def test_a_store_that_fails_for_good_costs_no_picture() -> None:
    """It is not asked again for long, but all is drawn, and given out."""
    backend, store = ScriptedBackend(seconds=1), ScriptedStore(StoreFault(begin=3, error=torn))
    async with made(backend, store=store) as illustrator:
        text = spoken((1, tag("a fox")), (9, tag("an owl")))
        with pytest.raises(NotKept) as caught:
            await illustrator.illustrate(text, message_id="m")
        assert now() < 15
    result = caught.value.result
    assert [slot.state for slot in result.slots] == [SlotState.READY] * 2  # type: ignore[attr-defined]
    assert drawn(backend) == {"a fox": 1, "an owl": 1}


async def test_a_store_that_fails_for_good_at_the_start_draws_nothing() -> None:
    """Nothing was said yet: whoever asks is told at once."""
    backend = ScriptedBackend()
    store = ScriptedStore(StoreFault(error=lambda: StorageReadOnly("read-only", place="here")))
    async with made(backend, store=store) as illustrator:
        with pytest.raises(StorageReadOnly):
            await illustrator.illustrate(tag("a fox"), message_id="m")
    assert backend.calls == []


async def test_who_ends_the_program_in_an_outage_does_not_wait_for_its_end() -> None:
    """Closing tries once more."""
    backend, store = ScriptedBackend(seconds=1), ScriptedStore(StoreFault(begin=3, error=full))
    illustrator = made(backend, store=store)
    task = asyncio.create_task(
        all_events(
            illustrator.stream(spoken((1, tag("a fox")), (4, tag("an owl"))), message_id="m")
        )
    )
    await asyncio.sleep(20)
    await illustrator.aclose()
    assert now() < 22
    with pytest.raises(NotKept):
        await task


async def test_memory_is_bounded_and_what_has_no_room_waits() -> None:
    """Beyond `room` nothing more is begun until the store takes what there is; nothing is lost."""
    backend, store = ScriptedBackend(seconds=1), ScriptedStore(StoreFault(begin=2.5, end=60))
    most = 0
    room = Endurance(room=2)  # the scripted pictures are larger: one of them fills it
    async with made(backend, store=store, endurance=room, max_concurrent=1) as illustrator:
        async with illustrator.stream(
            spoken(*((1.0, tag(f"fox {n}")) for n in range(6))), message_id="m"
        ) as events:
            async for _ in events:
                most = max(most, len(backend.calls)) if now() < 60 else most
        assert events.result.complete
    assert most <= 4
    assert set(drawn(backend).values()) == {1}
    assert len((await kept(store)).slots) == 6


async def test_a_picture_asked_for_by_hand_is_kept_when_the_store_is_back() -> None:
    """It is drawn once, however long it waits to be kept."""
    backend, store = ScriptedBackend(seconds=1), ScriptedStore()
    async with made(backend, store=store) as illustrator:
        await illustrator.illustrate(tag("a fox"), message_id="m")
        handle = await illustrator.operations.request(SlotId("m", 0, 0), mode="append")
        store.faults.append(StoreFault(begin=now(), end=now() + 30, seconds=5))
        slot = await handle.result()
    assert slot is not None
    assert len(slot.alternatives) == len((await kept(store)).slots[0].alternatives) == 2
    assert drawn(backend) == {"a fox": 2}


async def test_a_change_by_hand_is_refused_while_the_store_is_away() -> None:
    """Whoever clicks is told at once, and can click again."""
    backend, store = ScriptedBackend(seconds=1), ScriptedStore()
    async with made(backend, store=store) as illustrator:
        await illustrator.illustrate(tag("a fox"), message_id="m")
        store.faults.append(StoreFault())
        with pytest.raises(StorageBusy):
            await illustrator.operations.request(SlotId("m", 0, 0))
        assert now() < 5


async def test_a_budget_is_kept_to_in_an_outage() -> None:
    """Nobody draws more than is left because the ledger could not be asked for a while."""
    backend = ScriptedBackend(seconds=1)
    store = ScriptedStore(StoreFault(begin=0.5, end=30, error=gone, reads=True))
    async with made(backend, store=store, budget=Budget(per_hour=2)) as illustrator:
        result = await illustrator.illustrate(
            spoken((1, "".join(tag(f"fox {n}") for n in range(4)))), message_id="m"
        )
    assert len(result.failed) == 2
    assert {slot.failure.kind for slot in result.failed if slot.failure} == {
        BudgetExceeded.__name__
    }
    assert len(backend.calls) == 2


async def test_many_who_wait_ask_the_store_as_one() -> None:
    """A store that is away is not stormed, and all go on together when it is back."""
    keeper, asked = StoreKeeper(), 0

    async def save() -> float:
        nonlocal asked
        asked += 1
        if now() < 100:
            raise gone()
        await asyncio.sleep(1)
        return now()

    ends = await asyncio.gather(*(keeper.keep(save, for_ever=True) for _ in range(200)))
    assert asked < 200 + 40 + 200
    assert max(ends) < 108


async def test_an_outage_is_told_once_and_its_end_as_well() -> None:
    """Whoever shows it hears of its beginning and its end."""
    keeper, told = StoreKeeper(), list[Outage | None]()
    keeper.on_change(told.append)
    errors = [full(), full()]

    async def save() -> None:
        if errors:
            raise errors.pop()

    await asyncio.gather(keeper.keep(save), keeper.keep(save))
    assert [outage is None for outage in told] == [False, True]
    assert keeper.outage is None
