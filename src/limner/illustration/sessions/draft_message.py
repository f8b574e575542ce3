"""One answer while it is being written: its text and slots, and how they come into the store."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator
from dataclasses import replace
from functools import partial
from typing import TypeVar

from limner.errors import StorageError
from limner.illustration.model.message import Message, MessageState, Role
from limner.illustration.model.pending import hidden
from limner.illustration.model.slot import Slot, SlotId, SlotState
from limner.illustration.rendering.dialect.unfinished import told_end
from limner.illustration.sessions.prompt_queue import ENDED, PromptQueue
from limner.illustration.sessions.session_request import InsertMode, SessionOptions, SessionRequest
from limner.illustration.sessions.text.monitor import StreamingMonitor
from limner.illustration.sessions.text.scanned import Scanned
from limner.illustration.sessions.text.text_writer import TextWriter
from limner.illustration.shared_context import SharedContext
from limner.prompts import PromptTag, Text

T = TypeVar("T")


class DraftMessage:
    """Keeps an answer in the store as it grows, in an order that a crash cannot hurt.

    The message is kept with what has come by then, text before the slots of its tags, a slot
    before its picture is asked for, a picture as soon as it is made, and all of it together in
    one commit at the end. What others change meanwhile (pictures of slots that were there
    before) is never written over.

    While the store fails for a while, all of it goes on in memory, and is kept as a whole as soon
    as the store takes it.

    Args:
        request: What is to be written.
        shared: Store and lines.
        options: See `SessionOptions`.
        first: The answer as it is before anything new is written.
        on_error: Told if the store fails while text is written.
    """

    def __init__(
        self,
        request: SessionRequest,
        shared: SharedContext,
        options: SessionOptions,
        first: Message,
        *,
        on_error: Callable[[Exception], None],
    ) -> None:
        self.variant = first.variant
        self.monitor = StreamingMonitor(
            options.patterns if request.illustrated else (), as_it_is=first.role is Role.USER
        )
        self.shown = len(first.text)
        self.seen = told_end(first) if first.text else 0
        self._scanned = request.scanned
        self._paced = request.scanned is not None and request.scanned.paced
        if request.scanned is None:
            self.monitor.feed(first.text)
        else:
            before = _standing_in(first.text, request.scanned.before)
            self.monitor.go_on(first.text, before, self.seen)
        self.queue = PromptQueue(
            first.id,
            variant=first.variant,
            clock=asyncio.get_running_loop().time,
            earlier=first.slots,
        )
        self._first = first
        self._shared = shared
        self._batch = options.insert is InsertMode.BATCH
        self._continuing = request.continuing
        self._state = MessageState.WRITING
        self._is_there = False
        self._held = 0
        self._stood: dict[int, PromptTag] = {}  # tags as they stand in the text that is kept
        self._pictures: set[str] = set()
        self._writer = TextWriter(
            shared.store,
            shared.keeper,
            first.id,
            first.variant,
            beat=shared.beat,
            save=self._save_growing,
            on_error=on_error,
        )

    @classmethod
    async def opened(
        cls,
        request: SessionRequest,
        shared: SharedContext,
        options: SessionOptions,
        *,
        taken: Callable[[], Iterable[int]],
        on_error: Callable[[Exception], None],
    ) -> "DraftMessage":
        """Find out which answer is meant, and what there is of it if it goes on.

        Args:
            request: What is to be written.
            shared: Store and lines.
            options: See `SessionOptions`.
            taken: Numbers of answers that others write and that may not be in the store yet.
            on_error: Told if the store fails while text is written.
        """
        store = shared.store
        if request.variant == "new":
            known = await store.variants(request.message_id)
            first = request.message(max((*known, *taken()), default=-1) + 1)
        elif request.variant is not None and not request.continuing:
            first = request.message(request.variant)  # whatever it was before
        else:
            there = await store.load(request.message_id, request.variant)
            first = request.message(there.variant if there else request.variant or 0)
            if there is not None and request.continuing:
                first = request.goes_on(there)
        return cls(request, shared, options, first, on_error=on_error)

    async def begin(self) -> None:
        """Keep the message with what it has, or later if the store fails for a while.

        Raises:
            StorageError: It fails for good.
        """
        if not await self._shared.keeper.tried(self._save_growing):
            self._writer.late()

    def text(self, piece: str) -> None:
        """More text has come."""
        self._writer.text(piece)

    def add(self, tag: PromptTag) -> "tuple[Slot, asyncio.Future[None]]":
        """A new slot, and what tells when it is kept."""
        slot = self.queue.add(tag, at=self._shared.clock())
        return slot, self._writer.slot(slot)

    def take(self, piece: Scanned, *, first: bool = False) -> list[Text | PromptTag]:
        """More of a text that comes with its tags, which have slots with the given ordinals.

        Args:
            piece: What has come.
            first: Whether the message is not begun yet, and is kept with this; it has no tags then.
        """
        moved = self.shown - self._scanned.start if self._scanned is not None else 0
        if moved:  # its source knows another text before it, longer or shorter
            tags = {n: _moved(tag, moved, self.shown) for n, tag in piece.tags.items()}
            piece = replace(piece, tags=tags)
        if not first:
            at_beat = self._paced and not piece.tags
            (self._writer.at_beat if at_beat else self._writer.text)(piece.text)
        if piece.tags:
            for skipped in self.queue.skip_to(min(piece.tags), place=self.shown):
                self._writer.slot(skipped)
        return self.monitor.take(piece)

    def overlooked(self) -> list[PromptTag]:
        """Tags of a text that goes on which have no slot: it was cut before they got one."""
        known = {slot.tag.start for slot in self._first.slots}
        return [tag for tag in self.heeded() if tag.start not in known]

    def heeded(self) -> list[PromptTag]:
        """The tags of the text, without those that were passed over on purpose."""
        known = {slot.tag.start for slot in self._first.slots}
        return [
            tag
            for tag in self.monitor.tags
            if tag.start in known or not self._first.passed_over(tag.start)
        ]

    def new_to_the_reader(self, parts: list[Text | PromptTag]) -> Iterator[Text | PromptTag]:
        """Without what was there before the answer went on."""
        for part in parts:
            if isinstance(part, PromptTag) or part.start >= self.seen:
                yield part
            elif part.end > self.seen:
                yield Text(part.text[self.seen - part.start :], self.seen)

    def readable(self) -> Message:
        """The answer as far as readers may see it: without a tag that has only begun."""
        text = self.monitor.text[: self.monitor.released]
        return replace(self._first, text=text, slots=self.queue.slots, state=self._state)

    def standing(self) -> list[Slot]:
        """The slots whose tags stand in the text, in reading order."""
        slots = [slot for slot in self.queue.slots if slot.tag.end > slot.tag.start]
        return sorted(slots, key=lambda slot: slot.tag.start)

    def move(self, slot: Slot, tag: PromptTag) -> None:
        """The slot's tag stands somewhere else now."""
        self._stood.setdefault(slot.id.ordinal, slot.tag)
        self.queue.move(slot.id, tag)

    def take_back(self, slot: Slot) -> Slot:
        """The slot's tag is gone."""
        self._stood.setdefault(slot.id.ordinal, slot.tag)
        return self.queue.take_back(slot.id, self._place(slot.tag.start))

    def rewritten(self) -> None:
        """The text and the places of its tags are others than before."""
        for slot in self.queue.slots:
            if slot.tag.end == slot.tag.start:
                place = self._place(slot.tag.start)
                self.queue.move(slot.id, replace(slot.tag, start=place, end=place))
        self._writer.rewritten()

    def _place(self, place: int) -> int:
        """The next place in the text that is not inside of a tag."""
        place = min(place, self.monitor.released)
        inside = (tag.end for tag in self.monitor.tags if tag.start < place < tag.end)
        return next(inside, place)

    def hand_over(self, slot_id: SlotId) -> bool:
        """Let others change a slot, if it is kept as it ended and nothing hides it any more."""
        if self._batch or self._writer.behind or self._state is not MessageState.COMPLETE:
            return False
        if slot_id.variant != self.variant or slot_id.ordinal >= len(self.queue.slots):
            return False
        slot = self.queue.slot(slot_id)
        if slot.state not in ENDED or not _ids([slot]) <= self._pictures:
            return False
        self.queue.hand_over(slot_id)
        return True

    async def commit_slot(self, slot: Slot) -> None:
        """Keep a slot that has ended; in insert mode ``batch`` its picture is not shown yet.

        If the store fails for a while, it is kept later, with everything else.

        Raises:
            StorageError: It fails for good.
        """

        async def save() -> None:
            if self._writer.behind:
                return  # it has fallen behind while others had their turn
            if self._writer.missing or self._writer.error is not None:
                await self._save(hide=self._batch)  # its text may not be there
            else:
                await self._save_slot(slot)

        tried = not self._writer.behind and await self._shared.keeper.tried(
            partial(self._in_turn, save)
        )
        if not tried or self._writer.behind:
            self._hold(self.queue.slot(slot.id))
            self._writer.late()

    def _hold(self, slot: Slot) -> None:
        """Its pictures are only in memory until everything is kept."""
        try:
            size = sum(len(made.image.data) for made in slot.alternatives)
        except StorageError:
            size = 0  # it is a kept one, and not in memory
        self._held += size
        self._shared.keeper.hold(size)

    def _let_go(self) -> None:
        held, self._held = self._held, 0
        self._shared.keeper.hold(-held)

    def unkept(self) -> int:
        """How many of its pictures the store does not have."""
        return len(_ids(self.queue.slots) - self._pictures)

    async def _save_slot(self, slot: Slot) -> None:
        slot = self.queue.slot(slot.id)
        if slot.state is SlotState.DELETED:
            return  # its tag still stands in the text that is kept; the next one is kept with it
        if self._batch:
            # Failures are shown with everything else.
            if slot.state is not SlotState.READY:
                return
            slot = hidden(slot)
        # The text may be another by now, which is kept as a whole, with all its slots, next.
        slot = replace(slot, tag=self._stood.get(slot.id.ordinal, slot.tag))
        if await self._shared.store.save_slots(slot):
            self._pictures |= _ids([slot])
        else:
            self._writer.missing = True

    async def commit_text(self, *, whole: bool) -> None:
        """The text has ended and pictures are still being made: a crash must not cut it."""
        if not whole:
            await self._writer.flush()
            return
        await self._writer.settle()
        self._state = MessageState.COMPLETE
        save = partial(self._in_turn, self._save_text)
        if self._writer.behind or not await self._shared.keeper.tried(save):
            self._writer.late()

    async def _save_text(self) -> None:
        # If all has ended the last commit says so, and one is enough.
        if self.queue.unfinished:
            await self._save(hide=self._batch)

    async def commit(self, *, whole: bool) -> Message:
        """Keep everything, as it is to stay.

        Args:
            whole: Whether the text came to its end.

        Raises:
            StorageError: It cannot be kept; see `as_it_ends`.
        """
        await self._writer.end()
        self._state = MessageState.COMPLETE if whole else MessageState.CUT
        try:
            return await self._shared.keeper.keep(partial(self._in_turn, self._save))
        finally:
            self._let_go()

    def as_it_ends(self) -> Message:
        """The message as it was to be kept, where it could not be."""
        return self._message(None)

    async def _save_growing(self) -> None:
        await self._in_turn(partial(self._save, hide=self._batch))

    async def _save(self, *, hide: bool = False) -> Message:
        there, gone = await self._stored()
        if self.queue.slots and not self._is_there and not self._continuing:
            # Slots of an earlier text are no former selves of these, nor is what was done to them.
            await self._shared.store.save(replace(self._first, state=MessageState.WRITING))
        self._writer.taken()
        self._stood.clear()
        held, pictures = self._held, _ids(self.queue.slots)
        message = self._message(there, hide=hide)
        # A message that is gone was deleted meanwhile: then there is nothing to commit to.
        if not gone:
            await self._shared.store.save(message)
            self._is_there, self._writer.missing = True, False
        self._held -= held
        self._shared.keeper.hold(-held)
        self._pictures = pictures
        return message

    async def _stored(self) -> tuple[Message | None, bool]:
        """What is kept of slots that others draw, and whether the message was deleted."""
        store = self._shared.store
        if self.queue.is_shared or (self._continuing and not self._is_there):
            there = await store.load(self._first.id, self.variant)
            return there, there is None and self._is_there
        if not self._is_there:
            return None, False
        # Without slots of others there is nothing to read, and the text may be large.
        return None, self.variant not in await store.variants(self._first.id)

    def _message(self, there: Message | None, *, hide: bool = False) -> Message:
        slots = [
            hidden(slot) if hide and self.queue.draws(slot.id) else slot
            for slot in self.queue.slots
        ]
        for earlier in there.slots if there is not None else ():
            if not self.queue.draws(earlier.id):
                # Only where its tag stands is for us to say; its pictures are others' work.
                moved = slots[earlier.id.ordinal].tag
                slots[earlier.id.ordinal] = replace(earlier, tag=moved)
        return replace(self._first, text=self.monitor.text, slots=tuple(slots), state=self._state)

    async def _in_turn(self, operation: Callable[[], Awaitable[T]]) -> T:
        return await self._shared.lock.perform(self._first.id, operation)


def _ids(slots: Iterable[Slot]) -> set[str]:
    """Which pictures these slots have."""
    return {made.id for slot in slots for made in slot.alternatives}


def _standing_in(text: str, tags: Iterable[PromptTag]) -> list[PromptTag]:
    """Those of the tags that stand in the text where they say."""
    return [tag for tag in tags if text.startswith(tag.source, tag.start)]


def _moved(tag: PromptTag, by: int, least: int) -> PromptTag:
    """The tag elsewhere in the text, not before a place."""
    return replace(tag, start=max(tag.start + by, least), end=max(tag.end + by, least))
