"""One picture of a slot, from the moment it is asked for until its slot is kept."""

import asyncio
import logging
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from typing import NoReturn, Protocol

from limner.errors import JobCancelled
from limner.illustration.generation.drawing import Drawing
from limner.illustration.generation.easel.draw_context import DrawContext
from limner.illustration.generation.easel.picture_spans import PictureSpan
from limner.illustration.generation.progress_board import TrackedPicture
from limner.illustration.generation.single_flight import Watcher
from limner.illustration.model.slot import Alternative, PendingDrawing, Slot
from limner.tracing import Facts
from limner.uninterrupted import uninterrupted

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """Why a drawing is stopped, and what becomes of it.

    Attributes:
        error: What those get who wait for it.
        leave: It stays asked for, and somebody draws it later.
        quiet: Those who wait get ``None`` instead of the error.
    """

    error: Exception
    leave: bool = False
    quiet: bool = False


class CommitStrategy(Protocol):
    """What a drawing does to its slot: the one thing in which streamed and manual ones differ.

    The asynchronous calls are finished even if the drawing is cancelled meanwhile, and at most
    one of `made`, `failed`, `stopped` and `interrupted` is called, once.
    """

    async def ready(self) -> None:
        """Wait until the picture may be drawn."""
        ...

    def started(self) -> None:
        """The limiter let it start. Another attempt inside the limiter is no second start."""
        ...

    def progressed(self, fraction: float, preview: bytes | None) -> None:
        """It is so far."""
        ...

    def sign(self) -> None:
        """There was a sign that it is not dead."""
        ...

    async def made(self, picture: Alternative) -> Slot | None:
        """Keep the picture; gives the slot as kept, or ``None`` if its message is gone."""
        ...

    async def failed(self, error: BaseException) -> None:
        """Keep why there is none."""
        ...

    async def stopped(self, stop: Stop) -> None:
        """Keep that it was stopped."""
        ...

    def counts(self, stop: Stop) -> bool:
        """Whether a picture that was stopped so counts as a failed one."""
        ...

    def interrupted(self) -> None:
        """The program is ending and has cancelled the task."""
        ...


class DrawingTask:
    """Draws one picture and has its slot kept, in a task of its own.

    Args:
        slot: The slot as it was when the picture was asked for.
        pending: Which of its drawings.
        drawing: The way to a picture.
        context: For whom.
        mark: Counts it.
        commit: What it does to its slot.
        kind: What the change is called that it makes and that can be undone; ``None``: it is none.

    Attributes:
        slot: As given.
        pending: As given.
        mark: As given.
        kind: As given.
        outcome: Gives the slot as kept, ``None`` if its message is gone, or the reason why there
            is no picture. Cancelling it does nothing.
        begun: Whether it had its first step; before that it cannot keep anything.
        holders: How many wait for it and may stop it: only the last of them does.
        later: How many changes were made to its message since it was asked for, and not undone.
    """

    def __init__(
        self,
        slot: Slot,
        pending: PendingDrawing,
        *,
        drawing: Drawing,
        context: DrawContext,
        mark: TrackedPicture,
        commit: CommitStrategy,
        kind: str | None = None,
    ) -> None:
        self.slot = slot
        self.pending = pending
        self.mark = mark
        self.kind = kind
        self.outcome: asyncio.Future[Slot | None] = asyncio.get_running_loop().create_future()
        self.task: asyncio.Task[Slot | None]
        self.begun = False
        self.holders = 0
        self.later = 0
        self._drawing = drawing
        self._context = context
        self._commit = commit
        self._stop: Stop | None = None
        self._told: PictureSpan | None = None
        self._started = self._over = False
        self._on_end: Callable[[DrawingTask], None] | None = None

    def begin(self, on_end: Callable[["DrawingTask"], None]) -> None:
        """Start it; ``on_end`` is called with it once, when it has ended or is abandoned."""
        self._on_end = on_end
        self.task = asyncio.create_task(self._work(), name=f"picture {self.slot.id}")
        self.task.add_done_callback(lambda _: self._ended())

    @property
    def stopping(self) -> bool:
        """Whether it was asked to stop."""
        return self._stop is not None

    def stop(self, stop: Stop) -> None:
        """Ask it to stop; returns at once. One whose end is being kept already is let be."""
        if self._stop is None and not self._over:
            self._stop = stop
            self.task.cancel()

    async def abandon(self) -> None:
        """It was stopped and does not end: go on without it. A late picture changes nothing."""
        if self._stop is None or self._over:
            return
        log.warning("%s did not stop when it was cancelled", self.task.get_name())
        await self._stopped(self._stop)
        self._settle(None if self._stop.quiet else self._stop.error)
        self._tell()

    async def _work(self) -> Slot | None:
        self.begun = True
        spans, slot = self._drawing.spans, self.slot
        if spans is None:
            return await self._made()
        prompt = slot.prompts.versions[self.pending.version].text
        facts: Facts = {
            "limner.message": slot.id.message_id,
            "limner.variant": slot.id.variant,
            "limner.ordinal": slot.id.ordinal,
            "limner.drawing": self.pending.attempt,
        }
        with spans.picture(prompt, facts) as self._told:
            return await self._made()

    async def _made(self) -> Slot | None:
        try:
            await self._commit.ready()
            picture = await self._drawing.draw(
                self.slot, self.pending, self._context, self._watcher()
            )
        except asyncio.CancelledError as error:
            await self._cancelled(error)
            return None
        except Exception as error:
            await self._failed(error)
        if self._over:
            return None  # given up meanwhile; a late picture must not come back to life
        self._over = True
        self.mark.end(ready=True)
        self._commit.sign()
        with nullcontext() if self._told is None else self._told.keeping():
            return await uninterrupted(self._commit.made(picture))

    def _watcher(self) -> Watcher:
        watcher = Watcher(
            on_queued=self.mark.queued,
            on_start=self._start,
            on_stop=self.mark.stop,
            on_progress=self._progress,
            on_sign=self._commit.sign,
        )
        return watcher if self._told is None else self._told.beside(watcher)

    def _start(self) -> None:
        if self._over:
            return
        self.mark.start()
        if not self._started:
            self._started = True
            self._commit.started()

    def _progress(self, fraction: float, preview: bytes | None) -> None:
        if not self._over:
            self._commit.progressed(fraction, preview)

    async def _failed(self, error: Exception, reason: BaseException | None = None) -> NoReturn:
        """Keep why it failed, and raise that; ``reason`` is what the slot says, if not the same."""
        if not self._over:
            self._over = True
            self.mark.end(ready=False)
            await uninterrupted(self._commit.failed(reason or error))
        raise error

    async def _cancelled(self, error: asyncio.CancelledError) -> None:
        if self._over:
            return
        if self._stop is not None:
            await self._stopped(self._stop)
            if not self._stop.quiet:
                raise self._stop.error from None
            return
        here = asyncio.current_task()
        if here is not None and here.cancelling():
            self._interrupted()
            raise error
        # Nobody has asked for it: it comes from the backend.
        await self._failed(JobCancelled("the backend cancelled the drawing by itself"), error)

    async def _stopped(self, stop: Stop) -> None:
        self._over = True
        self.mark.end(ready=False if self._commit.counts(stop) else None)
        await uninterrupted(self._commit.stopped(stop))

    def _interrupted(self) -> None:
        self._over = True
        self.mark.end(ready=None)
        self._commit.interrupted()

    def _ended(self) -> None:
        if not self._over:
            # Cancelled before its first step, it never had the chance to say so itself.
            self._interrupted()
        if self.task.cancelled():
            self.outcome.cancel()
        else:
            error = self.task.exception()  # also where nobody waits any more it counts as seen
            if not self.outcome.done():
                self._settle(self.task.result() if error is None else error)
        self._tell()

    def _tell(self) -> None:
        on_end, self._on_end = self._on_end, None
        if on_end is not None:
            on_end(self)

    def _settle(self, end: BaseException | Slot | None) -> None:
        if isinstance(end, BaseException):
            self.outcome.set_exception(end)
            self.outcome.exception()  # those who wait are told; here it counts as seen
        else:
            self.outcome.set_result(end)
