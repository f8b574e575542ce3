"""Pictures that were asked for outside of a stream: by hand, or by a start that found them."""

import asyncio
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass

from limner.errors import JobCancelled
from limner.illustration.generation.drawing import DrawContext
from limner.illustration.generation.failure import describe
from limner.illustration.generation.progress_board import Mark
from limner.illustration.generation.single_flight import Watcher
from limner.illustration.generation.uninterrupted import ended, uninterrupted
from limner.illustration.model.change import Change
from limner.illustration.model.pending import awaits, given_up, made
from limner.illustration.model.slot import Failure, PendingDrawing, Slot, SlotId
from limner.illustration.shared_context import SharedContext


@dataclass(frozen=True, slots=True, kw_only=True)
class Commission:
    """One picture that was asked for and is in the store as a pending drawing.

    Attributes:
        slot: The slot as it was when the picture was asked for.
        drawing: Which of its drawings.
        kind: What the change is called that can be undone; ``None``: it is no such change.
        context: For whom.
    """

    slot: Slot
    drawing: PendingDrawing
    kind: str | None = None
    context: DrawContext


class UnderWay:
    """A commission that is being carried out.

    Attributes:
        commission: What is to be made.
        task: Gives the slot as committed, or ``None`` if its message is gone.
    """

    def __init__(self, commission: Commission) -> None:
        self.commission = commission
        self.task: asyncio.Task[Slot | None]
        self.mark: Mark
        self.begun = False
        self.failed: Exception | None = None
        self.reason: str | None = None
        self.leave = self.quiet = self.stopped = False


class Commissions:
    """Carries commissions out, outside of their message's line, and commits them inside it.

    Each runs in a task of its own that is known here until it has ended, so that a message can be
    stopped, a start waited for, and everything be closed.

    Args:
        shared: Store, lines, way to a picture.
    """

    def __init__(self, shared: SharedContext) -> None:
        self._shared = shared
        self._under_way: dict[tuple[SlotId, int], UnderWay] = {}
        self._listeners: list[tuple[str, Callable[[], None]]] = []

    def begin(self, commission: Commission) -> UnderWay:
        """Have the picture made."""
        key = commission.slot.id, commission.drawing.attempt
        mark = self._shared.board.add(commission.slot.id.message_id)
        known = self._under_way[key] = UnderWay(commission)
        known.mark = mark
        known.task = asyncio.create_task(self._carry_out(known, mark), name=f"picture {key[0]}")
        known.task.add_done_callback(lambda _: self._over(known, mark))
        return known

    def _over(self, known: UnderWay, mark: Mark) -> None:
        commission, task = known.commission, known.task
        del self._under_way[commission.slot.id, commission.drawing.attempt]
        mark.end(ready=None)  # unless it has ended already
        if not task.cancelled():
            task.exception()  # those who wait are told; here it counts as seen

    async def _carry_out(self, known: UnderWay, mark: Mark) -> Slot | None:
        known.begun = True
        commission = known.commission
        watcher = Watcher(
            on_queued=mark.queued,
            on_start=mark.start,
            on_sign=lambda: self._sign(commission.slot.id.message_id),
        )
        try:
            picture = await self._shared.drawing.draw(
                commission.slot, commission.drawing, commission.context, watcher
            )
        except asyncio.CancelledError:
            mark.end(ready=None)
            here = asyncio.current_task()
            if not known.stopped and here is not None and here.cancelling():
                raise  # the program is ending: it is drawn after the next start
            if not known.leave or known.failed is not None:
                await uninterrupted(self._give_up(commission, _why(known)))
            if known.quiet:
                return None
            if known.failed is not None:
                raise known.failed from None
            if known.reason is not None:
                raise JobCancelled(known.reason) from None
            raise
        except Exception as error:
            mark.end(ready=False)
            await uninterrupted(self._give_up(commission, describe(error)))
            raise
        mark.end(ready=True)
        return await uninterrupted(
            self._change(
                commission,
                lambda now: made(now, commission.drawing, picture),
                commission.kind,
            )
        )

    async def _give_up(self, commission: Commission, failure: Failure | None) -> None:
        await self._change(commission, lambda now: given_up(now, commission.drawing, failure), None)

    async def _change(
        self, commission: Commission, change: Callable[[Slot], Slot], kind: str | None
    ) -> Slot | None:
        slot_id, store = commission.slot.id, self._shared.store

        async def commit() -> Slot | None:
            message = await store.load(slot_id.message_id, slot_id.variant)
            if message is None or slot_id.ordinal >= len(message.slots):
                return None
            before = message.slots[slot_id.ordinal]
            if not awaits(before, commission.drawing):
                return None
            after = change(before)
            done = Change(kind=kind, before=(before,), after=(after,)) if kind else None
            return after if await store.save_slots(after, change=done) else None

        return await self._shared.lock.perform(slot_id.message_id, commit)

    async def result(self, known: UnderWay) -> Slot | None:
        """Wait for a picture; if the waiting is cancelled, so is the picture.

        Raises:
            limner.errors.LimnerError: Why there is none.
        """
        try:
            return await asyncio.shield(known.task)
        except asyncio.CancelledError:
            if not known.task.done():
                await uninterrupted(self._stop([known]))
            raise

    def of(self, message_id: str, variant: int | None = None) -> list[UnderWay]:
        """What is under way for a message, or for one of its answers."""
        return [
            known
            for (slot_id, _), known in self._under_way.items()
            if slot_id.message_id == message_id and variant in (None, slot_id.variant)
        ]

    def jobs(self, message_id: str) -> Iterator[str]:
        """The limiter's jobs for what is under way for a message."""
        for known in self.of(message_id):
            if known.mark.job_id is not None:
                yield known.mark.job_id

    def on_sign(self, message_id: str, handler: Callable[[], None]) -> Callable[[], None]:
        """Have a function called at each sign of a message's pictures; gives what ends that."""
        self._listeners.append((message_id, handler))
        return lambda: self._listeners.remove((message_id, handler))

    def _sign(self, message_id: str) -> None:
        for wanted, handler in tuple(self._listeners):
            if wanted == message_id:
                handler()

    async def give_up(self, message_id: str, error: Exception, tried: Collection[str]) -> None:
        """Stop what is under way for a message: what was not tried has not failed.

        Args:
            message_id: The message.
            error: Why those fail that were tried.
            tried: Their jobs. The others stay pending.
        """
        everything = self.of(message_id)
        for known in everything:
            if known.mark.job_id in tried:
                known.failed = error
        await self._stop(everything, str(error), leave=True)

    def drawing(self, slot_id: SlotId) -> UnderWay | None:
        """What is under way for a slot, if anything is; the first of several."""
        return next((known for (key, _), known in self._under_way.items() if key == slot_id), None)

    def is_under_way(self, slot_id: SlotId, drawing: PendingDrawing) -> bool:
        """Whether this drawing is being made."""
        return (slot_id, drawing.attempt) in self._under_way

    async def cancel(
        self, message_id: str, variant: int | None = None, *, reason: str, quiet: bool = False
    ) -> None:
        """Stop what is under way for a message, or for one of its answers.

        Args:
            message_id: The message.
            variant: The answer; ``None``: all.
            reason: Why; those who wait get it as `JobCancelled`.
            quiet: They get ``None`` instead.
        """
        await self._stop(self.of(message_id, variant), reason, quiet=quiet)

    async def aclose(self, *, leave: bool) -> None:
        """Stop everything.

        Args:
            leave: Let the drawings stay pending, for the next start.
        """
        everything = list(self._under_way.values())
        await self._stop(everything, "the illustrator was closed", leave=leave)

    async def _stop(
        self,
        several: list[UnderWay],
        reason: str | None = None,
        *,
        leave: bool = False,
        quiet: bool = False,
    ) -> None:
        if not all(known.begun for known in several):
            # A task that is cancelled before its first step could not give its drawing up.
            await asyncio.sleep(0)
        for known in several:
            known.reason, known.leave, known.quiet = reason, leave, quiet
            known.stopped = True
            known.task.cancel()
        for known in several:
            await ended(known.task)


def _why(known: UnderWay) -> Failure | None:
    """Why a slot that waited for its first picture has none now; by hand, it is as before."""
    if known.commission.kind is not None:
        return None
    if known.failed is not None:
        return describe(known.failed)
    return describe(JobCancelled(known.reason or "cancelled"))
