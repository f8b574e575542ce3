"""A day in the life of a server: many messages, everything at once, and crashes in between."""

import asyncio
import random
from collections import Counter, defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import Any

from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st
from tests.examples import share

from limner.errors import LimnerError, StorageUnavailable
from limner.illustration import (
    Illustrator,
    ImageRequest,
    MemoryStore,
    Message,
    MessageState,
    OnActive,
    ProgressChanged,
    Slot,
    SlotId,
    SlotState,
)
from limner.prompts import find_prompts
from limner.scheduling import Limiter
from limner.testing import ScriptedBackend, run_virtual

MESSAGES, CHATS, PLACES = 20, 5, 3
HANG = 10**7
ENDED = {SlotState.READY, SlotState.FAILED, SlotState.DELETED}
PROMPTS = ["a fox", "a fox", "an owl", "a hen", "slow goat", "bad", "hang"]


class Watched(MemoryStore):
    """A memory store in which every call takes a moment, and which a crash cuts off."""

    def __init__(self, chance: random.Random) -> None:
        super().__init__()
        self._chance = chance
        self.dead = False
        self.finals: Counter[tuple[str, int]] = Counter()
        self._changing: Counter[str] = Counter()
        self.overlapped = False

    async def _moment(self) -> None:
        for _ in range(self._chance.randint(0, 3)):
            await asyncio.sleep(self._chance.choice([0, 0, 0.01]))
        if self.dead:
            raise StorageUnavailable("the power is gone", place="memory")

    @asynccontextmanager
    async def _change(self, message_id: str) -> AsyncIterator[None]:
        """A change of a message; two at the same time are two that can overwrite each other."""
        self._changing[message_id] += 1
        self.overlapped |= self._changing[message_id] > 1
        try:
            await self._moment()
            yield
        finally:
            self._changing[message_id] -= 1

    async def load(self, message_id: str, variant: int | None = None) -> Message | None:
        """Take a moment."""
        await self._moment()
        return await super().load(message_id, variant)

    async def variants(self, message_id: str) -> tuple[int, ...]:
        """Take a moment."""
        await self._moment()
        return await super().variants(message_id)

    async def save(self, message: Message) -> None:
        """Take a moment, and count what is final."""
        async with self._change(message.id):
            await super().save(message)
        if message.state is not MessageState.WRITING:
            final = all(slot.state in ENDED for slot in message.slots)
            self.finals[message.id, message.variant] += final

    async def append_text(self, message_id: str, variant: int, text: str) -> bool:
        """Take a moment."""
        await self._moment()
        return await super().append_text(message_id, variant, text)

    async def save_slots(self, *slots: Slot, change: Any = None) -> bool:
        """Take a moment."""
        if change is None:
            await self._moment()
            return await super().save_slots(*slots)
        async with self._change(slots[0].id.message_id):
            return await super().save_slots(*slots, change=change)

    async def undo(self, message_id: str) -> Any:
        """Take a moment."""
        async with self._change(message_id):
            return await super().undo(message_id)

    async def redo(self, message_id: str) -> Any:
        """Take a moment."""
        async with self._change(message_id):
            return await super().redo(message_id)


def seconds(request: ImageRequest) -> float:
    """How long a picture takes."""
    return {"hang": HANG, "slow goat": 9.0, "a fox": 1.0}.get(request.prompt, 2.5)


def failure(request: ImageRequest) -> Exception | None:
    """Which pictures fail."""
    return ValueError("bad paint") if request.prompt == "bad" else None


class Life:
    """Random things that happen to an illustrator.

    Args:
        chance: Decides.
        store: Outlives crashes.
    """

    def __init__(self, chance: random.Random, store: Watched, **options: Any) -> None:
        self.chance = chance
        self.store = store
        self.backend = ScriptedBackend(seconds=seconds, fails=failure)
        self.limiter = Limiter(max_concurrent=PLACES)
        self.illustrator = Illustrator(
            backend=self.backend,
            limiter=self.limiter,
            store=store,
            picture_timeout=60,
            settle_timeout=None,  # what it leaves waits for a start, and here everything is to end
            clock=lambda: asyncio.get_running_loop().time(),
            **options,
        )
        self.sessions: dict[tuple[str, int], set[str]] = defaultdict(set)
        self.deleted: set[str] = set()
        self.told: list[ProgressChanged] = []
        self.illustrator.on_progress(self.told.append)

    def text(self) -> list[str]:
        """Some pieces of text with tags."""
        words = ["snow ", "\n\n", "*soft* ", "<", " end", '<!--img-prompt="']
        return [
            f'<!--img-prompt="{self.chance.choice(PROMPTS)}"-->'
            if self.chance.random() < 0.4
            else self.chance.choice(words)
            for _ in range(self.chance.randint(0, 8))
        ]

    async def source(self) -> AsyncIterator[str]:
        """Text as a model writes it, which may break off."""
        pause = self.chance.choice([0, 0.3, 2.0])
        broken = self.chance.random() < 0.1
        for piece in self.text():
            await asyncio.sleep(pause)
            yield piece
        if broken:
            raise ConnectionResetError("gone")

    async def snapshots(self) -> AsyncIterator[str]:
        """A text that is shown as a whole, and now and then taken back."""
        pieces: list[str] = []
        for piece in self.text() + self.text():
            await asyncio.sleep(self.chance.choice([0, 0.5]))
            if pieces and self.chance.random() < 0.3:
                del pieces[self.chance.randrange(len(pieces))]
            pieces.append(piece)
            yield "".join(pieces)

    async def write(self, message_id: str, chat_id: str) -> None:
        """Write a message, one way or the other; leave early now and then."""
        options: dict[str, Any] = {"message_id": message_id, "chat_id": chat_id}
        options["on_active"] = self.chance.choice(list(OnActive))
        kind = self.chance.choice(["plain", "plain", "follow", "continue", "new"])
        more: dict[str, dict[str, Any]] = {
            "continue": {"continuing": True},
            "new": {"variant": "new"},
        }
        options |= more.get(kind, {})
        leave = self.chance.random() < 0.15
        if kind == "follow":
            block = self.illustrator.follow(self.snapshots(), **options)
        else:
            block = self.illustrator.stream(self.source(), **options)
        async with block as events:
            assert events.session.variant is not None
            self.sessions[message_id, events.session.variant].add(events.session.id)
            if self.chance.random() < 0.15:
                asyncio.get_running_loop().call_later(self.chance.random() * 8, events.cancel)
            async for _ in events:
                if leave and self.chance.random() < 0.2:
                    return

    async def click(self, message_id: str) -> None:
        """Do something to a message by hand."""
        act = self.illustrator.operations
        slot_id = SlotId(message_id, self.chance.randint(0, 1), self.chance.randint(0, 3))
        deeds: list[Any] = [
            lambda: act.regenerate(slot_id),
            lambda: act.regenerate(slot_id, mode="append"),
            lambda: act.regenerate(slot_id, alternative=0),
            lambda: act.retry(slot_id),
            lambda: act.select(slot_id, self.chance.randint(0, 2)),
            lambda: act.delete(slot_id),
            lambda: act.edit_prompt(slot_id, self.chance.choice(PROMPTS)),
            lambda: act.undo(message_id),
            lambda: act.undo(message_id),
            lambda: act.redo(message_id),
            lambda: act.retry_failed(message_id),
            lambda: act.regenerate_message(message_id),
            lambda: act.select_variant(message_id, self.chance.randint(0, 2)),
            lambda: act.restore_message(message_id),
        ]
        if self.chance.random() < 0.05:
            self.deleted.add(message_id)
            await act.delete_message(message_id)
            return
        doing = asyncio.ensure_future(self.chance.choice(deeds)())
        if self.chance.random() < 0.1:
            await asyncio.sleep(self.chance.random() * 3)
            doing.cancel()
        with suppress(asyncio.CancelledError):
            await doing

    async def one(self, deed: Any) -> None:
        """Do something at some time; what it is told is its own affair."""
        await asyncio.sleep(self.chance.choice([0, 0, 1, 3, 8, 30, 120]) * self.chance.random())
        with suppress(LimnerError, ValueError, ConnectionResetError):
            await deed()

    def deeds(self) -> list[Any]:
        """What happens: messages, clicks, switched chats, changed settings."""
        deeds: list[Any] = []
        for number in range(MESSAGES):
            message_id, chat_id = f"m{number}", f"chat{number % CHATS}"
            deeds += [partial(self.write, message_id, chat_id)] * self.chance.randint(1, 2)
            deeds += [partial(self.click, message_id)] * self.chance.randint(0, 5)
        deeds += [self.switch, self.change_limits, self.change_limits]
        return deeds

    async def switch(self) -> None:
        """Leave a chat."""
        self.illustrator.sessions.cancel_chat("chat1", reason="chat switched")

    async def change_limits(self) -> None:
        """Change the settings while everything runs."""
        self.limiter.update(max_concurrent=self.chance.randint(1, PLACES))

    async def live(self) -> None:
        """Let everything happen, and wait for the end of it all."""
        await asyncio.gather(*(self.one(deed) for deed in self.deeds()))

    async def check(self) -> None:
        """What must hold when nothing happens any more."""
        assert self.illustrator.sessions.active() == []
        assert self.limiter.is_empty
        assert self.backend.running == 0
        assert self.backend.peak <= PLACES
        assert not self.store.overlapped
        assert await self.store.unfinished() == []
        assert await self.store.writing() == []
        overall = self.illustrator.progress()
        assert (overall.drawing, overall.queued) == (0, 0)
        for event in self.told:
            for now in (event.progress, event.overall):
                assert now.total == now.ready + now.failed + now.drawing + now.queued
                assert now.drawing <= PLACES
        for number in range(MESSAGES):
            for variant in await self.store.variants(f"m{number}"):
                message = await self.store.load(f"m{number}", variant)
                assert message is not None
                check_message(message)


def check_message(message: Message) -> None:
    """What must hold for every message that is finished."""
    assert message.state in (MessageState.COMPLETE, MessageState.CUT)
    standing = [slot for slot in message.in_reading_order() if slot.tag.end > slot.tag.start]
    text = message.text
    assert [text[slot.tag.start : slot.tag.end] for slot in standing] == [
        slot.tag.source for slot in standing
    ]
    tags = [tag.source for tag in find_prompts(text)]
    if [slot.tag.source for slot in standing] != tags:
        # An answer that went on may have turned a tag into code, or a code's end into a tag.
        assert len(standing) >= len(tags)
    assert "".join(p if isinstance(p, str) else text[p.tag.start : p.tag.end]
                   for p in message.pieces()) == text  # fmt: skip
    for slot in message.slots:
        assert slot.state in ENDED, slot
        assert (slot.state is SlotState.READY) == (slot.image is not None), slot
        assert (slot.state is SlotState.FAILED) == (slot.failure is not None), slot
        assert slot.pending == ()
        assert len({made.id for made in slot.alternatives}) == len(slot.alternatives)


@settings(max_examples=share(25), deadline=None, phases=[Phase.explicit, Phase.generate])
@given(seed=st.integers(0, 10**9), insert_mode=st.sampled_from(["live", "batch"]))
def test_twenty_messages_in_five_chats_and_everything_at_once(seed: int, insert_mode: str) -> None:
    """Streams, variants, clicks, undo, deletions, failures, hangs: all ends well, every time."""

    async def main() -> None:
        chance = random.Random(seed)
        life = Life(chance, Watched(chance), insert_mode=insert_mode)
        async with life.illustrator:
            await life.live()
            await life.check()
        for key, sessions in life.sessions.items():
            if key[0] not in life.deleted:
                assert life.store.finals[key] == len(sessions), "not exactly one commit a session"
        assert len(asyncio.all_tasks()) == 1

    run_virtual(main())


@settings(max_examples=share(25), deadline=None, phases=[Phase.explicit, Phase.generate])
@given(
    seed=st.integers(0, 10**9),
    insert_mode=st.sampled_from(["live", "batch"]),
    crashes=st.lists(st.floats(0.1, 30), min_size=1, max_size=3),
)
@example(seed=75578, insert_mode="live", crashes=[9.948293641838267, 0.99999, 11.096875692365819])
@example(seed=891516540, insert_mode="batch", crashes=[2.29, 2.79])
@example(seed=230176267, insert_mode="live", crashes=[5.839, 8.114, 3.605])
def test_a_crash_at_any_instant_loses_no_picture_and_draws_none_twice(
    seed: int, insert_mode: str, crashes: list[float]
) -> None:
    """What was kept when the power went is there afterwards; what was asked for is drawn once."""

    async def main() -> None:
        chance = random.Random(seed)
        store = Watched(chance)
        for seconds_until in crashes:
            life = Life(chance, store, insert_mode=insert_mode)
            others = asyncio.all_tasks()
            await life.illustrator.recover()
            living = asyncio.create_task(life.live())
            await asyncio.wait([living], timeout=seconds_until)
            await crash(life, others)
        await check_recovery(chance, store, insert_mode)

    run_virtual(main())


async def crash(life: Life, others: set[asyncio.Task[Any]]) -> None:
    """Nothing that runs now reaches the store any more, and nothing of it goes on."""
    life.store.dead = True
    while doomed := asyncio.all_tasks() - others:
        for task in doomed:
            task.cancel()
        await asyncio.wait(doomed, timeout=1)
    life.store.dead = False


async def check_recovery(chance: random.Random, store: Watched, insert_mode: str) -> None:
    """Start once more, and compare what there is with what there was."""
    before = {key: message async for key, message in everything(store)}
    wanted = sum(
        len(slot.pending) or (slot.state not in ENDED and not slot.alternatives)
        for message in before.values()
        for slot in message.slots
    )
    life = Life(chance, store, insert_mode=insert_mode)
    async with life.illustrator as illustrator:
        recovered = await illustrator.recover()
        await illustrator.recovered()
        assert set(recovered.cut) == {
            key for key, message in before.items() if message.state is MessageState.WRITING
        }
        assert wanted <= len(life.backend.calls) <= len(recovered.queued)
        await life.check()
        assert (await illustrator.recover()).queued == ()
    async for key, message in everything(store):
        was = before[key]
        assert message.text == was.text
        for old, new in zip(was.slots, message.slots, strict=False):
            replaced = {drawing.replaces for drawing in old.pending}
            kept = [made.id for made in new.alternatives]
            assert all(made.id in kept or made.id in replaced for made in old.alternatives)


async def everything(store: MemoryStore) -> AsyncIterator[tuple[tuple[str, int], Message]]:
    """Every answer of every message."""
    for number in range(MESSAGES):
        for variant in await store.variants(f"m{number}"):
            message = await store.load(f"m{number}", variant)
            assert message is not None
            yield (message.id, variant), message
