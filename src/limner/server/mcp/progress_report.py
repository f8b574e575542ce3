"""Tells whoever waits for pictures how far they are, and what they wait for."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import ExitStack, asynccontextmanager

from limner.illustration import (
    Event,
    Illustrator,
    ImageFailed,
    ImageProgress,
    ImageReady,
    Progress,
    Session,
    SlotId,
)
from limner.illustration.generation.wait import spoken
from limner.illustration.generation.waiting import waiting_for
from limner.scheduling import JobEvent, JobState, Limiter, Paused, Resumed

log = logging.getLogger(__name__)

Send = Callable[[float, float | None, str], Awaitable[None]]
"""Sends how much is done, of how much, and the same in words."""

PACE = 0.25
"""Seconds between two reports at least."""
HEARTBEAT = 10.0
"""Seconds after which the same is said again: clients give up on who says nothing."""
STEP = 1e-6
"""What one report has more than the last one where nothing more is done: it must always be more."""


class ProgressReport:
    """Reports on the pictures of one message, as long as somebody waits for them.

    Reports follow one another as fast as they are taken: what changes meanwhile is in the next one.

    Args:
        illustrator: Draws the pictures.
        send: Sends a report; ``None``: nobody wants any.
    """

    def __init__(self, illustrator: Illustrator, send: Send | None) -> None:
        self._illustrator = illustrator
        self._limiter = illustrator.limiter
        self._send = send
        self._last = 0.0
        self._changed = asyncio.Event()
        self._fractions: dict[SlotId, float] = {}

    async def say(self, words: str) -> None:
        """Send some words about what is being done before anything is drawn."""
        if self._send is not None:
            await self._send(self._more(0.0), None, words)

    @asynccontextmanager
    async def about(self, message_id: str) -> AsyncIterator[None]:
        """Report on a message's pictures for the time of the block."""
        if self._send is None:
            yield
            return
        with self._listening(message_id):
            telling = asyncio.create_task(
                self._tell(message_id, self._send), name=f"progress of {message_id}"
            )
            try:
                yield
            finally:
                telling.cancel()
                await asyncio.wait([telling])
                if not telling.cancelled() and (error := telling.exception()) is not None:
                    log.warning("the progress of %s could not be told: %r", message_id, error)

    def _listening(self, message_id: str) -> ExitStack:
        def happened(session: Session, event: Event) -> None:
            if session.message_id != message_id:
                return
            if isinstance(event, ImageProgress):
                self._fractions[event.slot.id] = event.fraction
            elif isinstance(event, ImageReady | ImageFailed):
                self._fractions.pop(event.slot.id, None)
            self._changed.set()

        stack = ExitStack()
        stack.callback(self._illustrator.on_event(happened))
        stack.callback(self._illustrator.on_progress(lambda _: self._changed.set()))
        for kind in (JobEvent, Paused, Resumed):
            stack.callback(self._limiter.on(kind, lambda _: self._changed.set()))
        return stack

    async def _tell(self, message_id: str, send: Send) -> None:
        said = ""
        while True:
            progress = self._illustrator.progress(message_id)
            waiting = self._waits(message_id) if progress.queued else ""
            # A picture that has just ended may still have its fraction.
            fractions = sorted(self._fractions.values())[: progress.drawing]
            words = told(progress, fractions, waiting)
            if words != said or not self._changed.is_set():
                said = words
                done = progress.ended + sum(fractions)
                await send(self._more(done), progress.total or None, words)
            self._changed.clear()
            await asyncio.sleep(PACE)
            try:
                async with asyncio.timeout(HEARTBEAT):
                    await self._changed.wait()
            except TimeoutError:
                pass

    def _more(self, done: float) -> float:
        self._last = max(done, self._last + STEP)
        return self._last

    def _waits(self, message_id: str) -> str:
        """What its first picture that has not begun waits for, in words."""
        return waits(self._limiter, lambda job_id: self._is_of(job_id, message_id))

    def _is_of(self, job_id: str, message_id: str) -> bool:
        slot_id = self._illustrator.slot_of(job_id)
        return slot_id is not None and slot_id.message_id == message_id


def waits(limiter: Limiter, mine: Callable[[str], bool]) -> str:
    """Where in the queue the first of one's jobs is, and what all wait for; nothing: none waits.

    Args:
        limiter: Which.
        mine: Whether a job, by its id, is one's own.
    """
    job = next((job for job in limiter.jobs(JobState.QUEUED) if mine(job.id)), None)
    if job is None:
        return ""
    before, eta, wait = limiter.explain(job).position, job.eta(), waiting_for(limiter)
    parts = [
        *([f"{before} before it"] if before else []),
        *([f"about {spoken(eta)}"] if eta else []),
        *([wait.told(limiter.now)] if wait is not None else []),
    ]
    return "; ".join(parts)


def told(progress: Progress, fractions: Iterable[float], waiting: str) -> str:
    """How far pictures are, in words.

    Examples:
        >>> progress = Progress(total=3, ready=1, failed=0, drawing=1, queued=1)
        >>> told(progress, [0.4], "2 before it; about 30 s")
        '1 of 3 pictures ready, 1 being drawn (40 %), 1 waiting (2 before it; about 30 s)'
        >>> told(Progress(total=0, ready=0, failed=0, drawing=0, queued=0), [], "")
        'reading the text'
    """
    if not progress.total:
        return "reading the text"
    known = ", ".join(f"{100 * fraction:.0f} %" for fraction in fractions)
    noun = "picture" if progress.total == 1 else "pictures"
    parts = [f"{progress.ready} of {progress.total} {noun} ready"]
    if progress.failed:
        parts.append(f"{progress.failed} failed")
    if progress.drawing:
        parts.append(f"{progress.drawing} being drawn" + (f" ({known})" if known else ""))
    if progress.queued:
        parts.append(f"{progress.queued} waiting" + (f" ({waiting})" if waiting else ""))
    return ", ".join(parts)
