"""What a picture does to its slot that was asked for outside of a stream."""

from collections.abc import Callable
from dataclasses import dataclass

from limner.errors import JobCancelled
from limner.illustration.generation.drawing_task import Stop
from limner.illustration.generation.easel.draw_context import DrawContext
from limner.illustration.generation.failure import describe
from limner.illustration.model.change import Change
from limner.illustration.model.pending import awaits, given_up, made
from limner.illustration.model.slot import Alternative, Failure, PendingDrawing, Slot
from limner.illustration.sessions.events import (
    Event,
    ImageFailed,
    ImageProgress,
    ImageReady,
    ImageStarted,
)
from limner.illustration.shared_context import SharedContext


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedDrawing:
    """One picture that was asked for and is in the store as a pending drawing.

    Attributes:
        slot: The slot as it was when the picture was asked for.
        pending: Which of its drawings.
        chat_id: The conversation.
        kind: What the change is called that can be undone; ``None``: it is no such change.
        context: For whom.
    """

    slot: Slot
    pending: PendingDrawing
    chat_id: str
    kind: str | None = None
    context: DrawContext


class ManualPicture:
    """Changes the slot as it is kept then, in its message's turn, and tells of it.

    A `limner.illustration.generation.drawing_task.CommitStrategy`.

    Args:
        asked: What was asked for.
        shared: Store and lines.
        emit: Gets the events.
        sign: Called at every sign that the picture is not dead.
        changed: Called when a change is kept that can be undone.
    """

    def __init__(
        self,
        asked: AskedDrawing,
        shared: SharedContext,
        *,
        emit: Callable[[Event], None],
        sign: Callable[[], None],
        changed: Callable[[], None],
    ) -> None:
        self._asked = asked
        self._shared = shared
        self._emit = emit
        self.sign = sign
        self._changed = changed

    async def ready(self) -> None:
        """It is, as soon as there is room for it: it was kept before it was begun."""
        await self._shared.keeper.room()

    def started(self) -> None:
        """Tell that it is begun."""
        self._emit(ImageStarted(self._asked.slot))

    def progressed(self, fraction: float, preview: bytes | None) -> None:
        """Tell how far it is."""
        self._emit(ImageProgress(self._asked.slot, fraction, preview))

    async def made(self, picture: Alternative) -> Slot | None:
        """Keep the picture, then tell that it is there."""
        pending = self._asked.pending
        with self._shared.keeper.holding(len(picture.image.data)):
            slot = await self._change(lambda now: made(now, pending, picture), self._asked.kind)
        if slot is not None:
            self._emit(ImageReady(slot, picture.image))
        return slot

    async def failed(self, error: BaseException) -> None:
        """A slot without a picture keeps the reason; one that has a picture keeps that."""
        await self._give_up(describe(error), error)

    async def stopped(self, stop: Stop) -> None:
        """By hand, a slot is as before then; of one that waited for its first it is the reason."""
        if not stop.leave:
            failure = None if self._asked.kind is not None else describe(stop.error)
            await self._give_up(failure, stop.error, quiet=stop.quiet)

    def counts(self, stop: Stop) -> bool:
        """It does, unless somebody has called it off."""
        return not stop.leave and not isinstance(stop.error, JobCancelled)

    def interrupted(self) -> None:
        """It is in the store, and drawn after the next start."""

    async def _give_up(
        self, failure: Failure | None, error: BaseException, *, quiet: bool = False
    ) -> None:
        pending = self._asked.pending
        slot = await self._change(lambda now: given_up(now, pending, failure), None)
        if slot is not None and not quiet:
            self._emit(ImageFailed(slot, error))

    async def _change(self, change: Callable[[Slot], Slot], kind: str | None) -> Slot | None:
        slot_id, store = self._asked.slot.id, self._shared.store

        async def commit() -> Slot | None:
            message = await store.load(slot_id.message_id, slot_id.variant)
            if message is None or slot_id.ordinal >= len(message.slots):
                return None
            before = message.slots[slot_id.ordinal]
            if not awaits(before, self._asked.pending):
                return None
            after = change(before)
            done = Change(kind=kind, before=(before,), after=(after,)) if kind else None
            if not await store.save_slots(after, change=done):
                return None
            if done is not None:
                self._changed()
            return after

        try:
            # Nobody else has to wait for their turn while the store fails for a while.
            return await self._shared.keeper.keep(
                lambda: self._shared.lock.perform(slot_id.message_id, commit)
            )
        except Exception as error:
            self._emit(ImageFailed(self._asked.slot, error))
            raise
