"""How far all pictures are, streamed and manual, message by message and altogether."""

import logging
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from limner.illustration.generation.progress import Progress
from limner.illustration.generation.retry_policy import SteeredRetry
from limner.illustration.model.slot import SlotState
from limner.scheduling import Limiter

log = logging.getLogger(__name__)

REMEMBERED = 256
"""Finished messages whose last progress can still be asked for."""
FORESEEN = 500
"""Pictures in the limiter's queue up to which it is asked when the last one starts."""


@dataclass(frozen=True, slots=True)
class ProgressChanged:
    """The pictures of a message are further, or are more.

    Attributes:
        message_id: The message.
        progress: How far its pictures are, since it was last without any under way.
        overall: The same for all messages together.
    """

    message_id: str
    progress: Progress
    overall: Progress


@dataclass(slots=True, eq=False)
class _Tally:
    """A run of pictures: it goes on while any is under way or a text is being written."""

    held: int = 0
    live: "dict[TrackedPicture, None]" = field(default_factory=dict)
    ready: int = 0
    failed: int = 0
    durations: deque[float] = field(default_factory=lambda: deque(maxlen=64))

    @property
    def open(self) -> bool:
        return bool(self.held or self.live)

    def begin_anew(self) -> None:
        self.ready = self.failed = 0
        self.durations.clear()


class TrackedPicture:
    """One picture that was asked for, until it has ended.

    Args:
        board: Told about every change.
        message_id: Its message.
        tallies: Where it counts.

    Attributes:
        job_id: The limiter's job that draws it, if there is one yet.
        started_at: When it was begun, on the board's clock; ``None``: it waits.
        ready: Whether it was made; ``None``: it has not ended, or nobody wants it any more.
        seconds: How long it took, if it was made.
    """

    __slots__ = (
        "_board",
        "_ended",
        "_tallies",
        "job_id",
        "message_id",
        "ready",
        "seconds",
        "started_at",
    )

    def __init__(self, board: "ProgressBoard", message_id: str, tallies: tuple[_Tally, ...]):
        self._board = board
        self._tallies = tallies
        self._ended = False
        self.message_id = message_id
        self.job_id: str | None = None
        self.started_at: float | None = None
        self.ready: bool | None = None
        self.seconds: float | None = None

    def queued(self, job_id: str) -> None:
        """It waits in the limiter, as this job."""
        self.job_id = job_id

    def start(self) -> None:
        """It is being drawn."""
        if self.started_at is None and not self._ended:
            self.started_at = self._board.clock()
            self._board.changed(self.message_id)

    def stop(self) -> None:
        """It was tried in vain, and waits to be tried again."""
        if self.started_at is not None and not self._ended:
            self.started_at = None
            self._board.changed(self.message_id)

    def end(self, *, ready: bool | None) -> None:
        """It is made, or not; ``None``: nobody wants it any more. A second end changes nothing."""
        if self._ended:
            return
        self._ended, self.ready = True, ready
        if ready and self.started_at is not None:
            self.seconds = self._board.clock() - self.started_at
        for tally in self._tallies:
            del tally.live[self]
            tally.ready += ready is True
            tally.failed += ready is False
            if self.seconds is not None:
                tally.durations.append(self.seconds)
        self._board.changed(self.message_id)


class ProgressBoard:
    """Counts pictures from the moment they are asked for, exactly, while totals grow.

    A message's count begins with its first picture, so a message without any is not on the board.
    When all its pictures have ended it is kept as it is; the next one begins a new count.

    Args:
        limiter: Foresees when pictures start.
        clock: Gives the current instant, in seconds.
    """

    def __init__(self, limiter: Limiter, clock: Callable[[], float]) -> None:
        self.clock = clock
        self._limiter = limiter
        self._overall = _Tally()
        self._messages: dict[str, _Tally] = {}
        self._handlers: list[Callable[[ProgressChanged], None]] = []

    def hold(self, message_id: str) -> None:
        """A text is being written: its pictures are one run, however far apart they come."""
        tally = self._messages.get(message_id)
        if tally is not None and not tally.open:
            del self._messages[message_id]
            tally = None
        if tally is None:
            tally = self._messages[message_id] = _Tally()
        if not self._overall.open:
            self._overall.begin_anew()
        tally.held += 1
        self._overall.held += 1

    def let_go(self, message_id: str) -> None:
        """The text and its pictures have ended."""
        tally = self._messages[message_id]
        tally.held -= 1
        self._overall.held -= 1
        if not tally.open and not tally.ready and not tally.failed:
            del self._messages[message_id]
        self._forget_old()

    def add(self, message_id: str) -> TrackedPicture:
        """A picture was asked for."""
        tally = self._messages.setdefault(message_id, _Tally())
        for one in (tally, self._overall):
            if not one.open:
                one.begin_anew()
        mark = TrackedPicture(self, message_id, (tally, self._overall))
        tally.live[mark] = self._overall.live[mark] = None
        self.changed(message_id)
        return mark

    def progress(self, message_id: str | None = None) -> Progress:
        """How far the pictures of a message are, or of all; zeros if there are none."""
        tally = self._overall if message_id is None else self._messages.get(message_id)
        return self._progress(tally or _Tally())

    def messages(self) -> list[str]:
        """The messages with pictures on the board."""
        return [key for key, tally in self._messages.items() if tally.live or _any(tally)]

    def on_change(self, handler: Callable[[ProgressChanged], None]) -> Callable[[], None]:
        """Tell a handler about every change; gives a function that ends that."""
        self._handlers.append(handler)

        def unsubscribe() -> None:
            if handler in self._handlers:
                self._handlers.remove(handler)

        return unsubscribe

    def changed(self, message_id: str) -> None:
        """Tell the handlers. One that raises is logged and harms nobody."""
        if not self._handlers:
            return
        event = ProgressChanged(message_id, self.progress(message_id), self.progress())
        for handler in tuple(self._handlers):
            try:
                handler(event)
            except Exception:
                log.exception("a handler of progress failed")

    def _progress(self, tally: _Tally) -> Progress:
        drawing = sum(mark.started_at is not None for mark in tally.live)
        counts = {
            SlotState.READY: tally.ready,
            SlotState.FAILED: tally.failed,
            SlotState.DRAWING: drawing,
            SlotState.QUEUED: len(tally.live) - drawing,
        }
        retry = self._limiter.limits.retry
        wait = retry.wait if tally.live and isinstance(retry, SteeredRetry) else None
        if wait is not None and wait.reason != "picture":
            return Progress.of(counts)  # nobody knows how long the server is away
        starts_in = self._last_start(tally) if tally.durations else None
        return Progress.of(counts, durations=tally.durations, starts_in=starts_in)

    def _last_start(self, tally: _Tally) -> float | None:
        """In how many seconds the limiter will start the last picture that waits."""
        if self._limiter.queued() > FORESEEN:
            return None
        waiting = [mark for mark in tally.live if mark.started_at is None]
        job = self._limiter.job(waiting[-1].job_id) if waiting and waiting[-1].job_id else None
        return None if job is None else job.eta()

    def _forget_old(self) -> None:
        finished = [key for key, tally in self._messages.items() if not tally.open]
        for key in finished[: max(len(finished) - REMEMBERED, 0)]:
            del self._messages[key]


def _any(tally: _Tally) -> bool:
    return bool(tally.ready or tally.failed)
