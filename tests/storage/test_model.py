"""Whatever is done in whatever order, a library and the store in memory say the same."""

import asyncio
import shutil
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from sqlalchemy import Connection, func, select
from tests.examples import share
from tests.storage.conftest import directory, emptied

from limner.illustration import (
    Change,
    DrawingRecord,
    Failure,
    MemoryStore,
    MessageState,
    PendingDrawing,
    Slot,
    SlotState,
)
from limner.storage import Library
from limner.storage.database.tables import (
    alternatives,
    answers,
    chats,
    images,
    messages,
    operation_pictures,
    slots,
)
from limner.testing.store_contract import Store, a_message, a_slot

MESSAGES = "ab"
# Mostly the same one, so that what is done to it has a history.
ids = st.sampled_from("aaab")
variants = st.sampled_from([0, 0, 0, 1])
texts = st.text(st.characters(codec=None), max_size=5)
Step = Callable[[Store], Awaitable[Any]]


@st.composite
def some_slots(draw: st.DrawFn, message_id: str, variant: int, count: int) -> list[Slot]:
    """Slots as they may stand at some moment."""
    made = []
    for ordinal in range(count):
        slot = a_slot(message_id, ordinal, variant=variant, pictures=draw(st.integers(0, 2)))
        if draw(st.booleans()):
            slot = replace(slot, prompts=slot.prompts.edited(draw(texts) + "x"))
        if draw(st.booleans()):
            at = draw(st.floats(0, 9, allow_nan=False))
            slot = replace(slot, pending=(PendingDrawing(attempt=7, requested_at=at),))
        if draw(st.booleans()):
            failure = Failure("BackendError", draw(texts))
            slot = replace(slot, state=SlotState.FAILED, failure=failure)
        made.append(replace(slot, attempts=draw(st.integers(0, 9))))
    return made


@st.composite
def saving(draw: st.DrawFn) -> Step:
    """Save an answer."""
    message_id, variant = draw(ids), draw(variants)
    made = draw(some_slots(message_id, variant, draw(st.integers(2, 4))))
    message = replace(
        a_message(message_id, *made, variant=variant, text=draw(texts)),
        chat_id=f"chat of {message_id}",
        state=draw(st.sampled_from(MessageState)),
    )
    return lambda store: store.save(message)


@st.composite
def saving_slots(draw: st.DrawFn) -> Step:
    """Save some slots of an answer that are there, perhaps as a change."""
    message_id, variant = draw(ids), draw(variants)
    made = draw(some_slots(message_id, variant, 3))
    chosen = draw(st.sets(st.integers(0, 2), min_size=1))
    as_change = draw(st.sampled_from([True, True, False]))

    async def step(store: Store) -> bool:
        message = await store.load(message_id, variant)
        there = message.slots if message else ()
        after = tuple(slot for slot in made if slot.id.ordinal in chosen)
        after = tuple(slot for slot in after if slot.id.ordinal < len(there))
        if not after or not as_change:
            return await store.save_slots(*after)
        before = tuple(there[slot.id.ordinal] for slot in after)
        return await store.save_slots(
            *after, change=Change(kind="change", before=before, after=after)
        )

    return step


@st.composite
def small_steps(draw: st.DrawFn) -> Step:
    """One of the calls that need no slots."""
    message_id, variant, text = draw(ids), draw(variants), draw(texts)
    steps: list[Step] = [
        lambda store: store.append_text(message_id, variant, text),
        lambda store: store.select_variant(message_id, variant),
        lambda store: store.delete(message_id),
        lambda store: store.restore(message_id),
        *[lambda store: store.undo(message_id)] * 3,
        *[lambda store: store.redo(message_id)] * 2,
        lambda store: store.record(
            DrawingRecord(at=float(variant), owner=text, message_id=message_id)
        ),
    ]
    return draw(st.sampled_from(steps))


steps = st.lists(st.one_of(saving(), saving_slots(), saving_slots(), small_steps()), max_size=12)


async def state(store: Store) -> list[Any]:
    """All that can be asked of a store."""
    found: list[Any] = [await store.unfinished(), sorted(await store.writing())]
    for message_id in MESSAGES:
        numbers = await store.variants(message_id)
        found += [numbers, await store.load(message_id)]
        found += [await store.load(message_id, number) for number in numbers]
    found += [await store.count(since=at) for at in (0.0, 1.0)]
    found += [await store.oldest(since=0.0)]
    return found


def reckoned(connection: Connection) -> list[tuple[int, ...]]:
    """The counts of each chat, counted."""
    counted = []
    for chat in connection.scalars(select(chats.c.key).order_by(chats.c.key)):
        its = messages.c.chat_key == chat, messages.c.deleted_at.is_(None)
        there = select(func.count()).select_from(messages).where(*its)
        written = there.join(answers, answers.c.message_key == messages.c.key)
        drawn = written.join(slots, slots.c.answer_key == answers.c.key)
        counts = (
            there,
            drawn.join(alternatives, alternatives.c.slot_key == slots.c.key),
            drawn.where(slots.c.state == "failed"),
            written.where(answers.c.state == "writing"),
        )
        counted.append(tuple(connection.scalar(count) or 0 for count in counts))
    return counted


def kept(connection: Connection) -> list[tuple[int, ...]]:
    """The counts of each chat, as they are kept."""
    query = select(chats.c.messages, chats.c.pictures, chats.c.failed, chats.c.writing)
    return [tuple(row) for row in connection.execute(query.order_by(chats.c.key))]


def referred(connection: Connection) -> set[str]:
    """The pictures that anything refers to."""
    uses = select(alternatives.c.digest).union(select(operation_pictures.c.digest))
    return set(connection.scalars(uses))


def listed(connection: Connection) -> set[str]:
    """The pictures the library has."""
    return set(connection.scalars(select(images.c.digest)))


async def begin(store: Store) -> None:
    """Save an answer that things can be done to."""
    its = (a_slot("a", ordinal, pictures=ordinal) for ordinal in range(3))
    await store.save(replace(a_message("a", *its), chat_id="chat of a"))


async def both(place: str | Path, pictures: Path, todo: list[Step]) -> None:
    """Do the same to a library and to a memory; compare after each step."""
    memory = MemoryStore()
    async with await Library.open(place, pictures=pictures) as library:
        for step in (begin, *todo):
            assert await step(library) == await step(memory)
            assert await state(library) == await state(memory)
            assert await library._read(kept) == await library._read(reckoned)
        await library.gc(grace=-60.0)
        assert await library._read(listed) == await library._read(referred)
        files = {directory(library).digest(path) for path in directory(library).pictures()}
        assert files == await library._read(listed)
        assert await state(library) == await state(memory)


a_few = settings(
    max_examples=share(12),
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # shrinking takes minutes here
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.mark.real_time
@a_few
@given(steps)
def test_a_library_behaves_as_the_memory_does(new_library: Path, todo: list[Step]) -> None:
    """After any calls both say the same, counts do not drift, and no file is left or lost."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(shutil.copytree(new_library, Path(folder) / "library"))
        asyncio.run(both(place, place / "pictures", todo))


@pytest.mark.real_time
@settings(a_few, max_examples=share(3))
@given(steps)
def test_a_library_in_postgres_behaves_as_the_memory_does(
    postgres_server: str, todo: list[Step]
) -> None:
    """The same over a server."""
    asyncio.run(emptied(postgres_server))
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(both(postgres_server, Path(folder), todo))
