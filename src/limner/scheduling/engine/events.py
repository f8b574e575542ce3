"""What a limiter tells those who listen: one frozen object for each thing that happens.

The classes are the event types. Listening to a base class (`JobEvent`, `Event`) hears all of its
kinds. A handler is a plain function that gets the event; one that raises is logged and changes
nothing. With nobody listening, nothing is even built.
"""

from __future__ import annotations

import functools
import inspect
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from limner.scheduling.jobs.job import Job

logger = logging.getLogger("limner.scheduling")

E = TypeVar("E", bound="Event")


@dataclass(frozen=True, slots=True)
class Event:
    """Base of all events."""


@dataclass(frozen=True, slots=True)
class JobEvent(Event):
    """Base of the events of one job.

    Attributes:
        job: The job.
    """

    job: Job[Any]


@dataclass(frozen=True, slots=True)
class Received(JobEvent):
    """A job has come in."""


@dataclass(frozen=True, slots=True)
class Queued(JobEvent):
    """A job has its place in the queue, be it only for an instant."""


@dataclass(frozen=True, slots=True)
class Scheduled(JobEvent):
    """A job was granted its slot."""


@dataclass(frozen=True, slots=True)
class Executing(JobEvent):
    """A job's function is about to be called."""


@dataclass(frozen=True, slots=True)
class Failed(JobEvent):
    """A job, or one attempt of it, ended with an error; so did one that expired or timed out.

    Attributes:
        error: The error.
    """

    error: BaseException


@dataclass(frozen=True, slots=True)
class Retried(JobEvent):
    """A failed job has given its slot back and will come again.

    Attributes:
        error: Why.
        delay: Seconds until it stands in the queue again.
    """

    error: BaseException
    delay: float


@dataclass(frozen=True, slots=True)
class Dropped(JobEvent):
    """A waiting job, or a newcomer, was shed.

    Attributes:
        strategy: By what, as in `JobDropped`.
    """

    strategy: str


@dataclass(frozen=True, slots=True)
class Cancelled(JobEvent):
    """A job was cancelled, waiting or running.

    Attributes:
        reason: What the canceller said, or ``None``.
    """

    reason: str | None


@dataclass(frozen=True, slots=True)
class Done(JobEvent):
    """A job has ended, however: the last event of every job, and there is exactly one."""


@dataclass(frozen=True, slots=True)
class Empty(Event):
    """A start has left nobody waiting."""


@dataclass(frozen=True, slots=True)
class Idle(Event):
    """Nothing waits and nothing runs any more."""


@dataclass(frozen=True, slots=True)
class Depleted(Event):
    """A start has taken the last of the reservoir.

    Attributes:
        empty: Whether nobody waits for its refill.
    """

    empty: bool


@dataclass(frozen=True, slots=True)
class Paused(Event):
    """Nothing starts for now.

    Attributes:
        until: The instant on the loop's clock at which that ends; infinity if `resume` must end it.
    """

    until: float


@dataclass(frozen=True, slots=True)
class Resumed(Event):
    """Jobs may start again after a pause."""


Handler = Callable[[Any], object]


class Handlers:
    """The registered event handlers."""

    __slots__ = ("_by_type", "listening")

    def __init__(self) -> None:
        self._by_type: dict[type[Event], tuple[Handler, ...]] = {}
        self.listening = False
        """Whether there is anybody; asked before an event is even made."""

    @property
    def registered(self) -> tuple[Handler, ...]:
        """Everybody who listens."""
        return tuple(handler for handlers in self._by_type.values() for handler in handlers)

    def on(self, kind: type[E], handler: Callable[[E], object]) -> Callable[[], None]:
        """Call ``handler`` with each event of a kind; the answer is the function that ends it.

        Raises:
            TypeError: ``kind`` is no event class, or ``handler`` no plain callable.
        """
        _check(kind, handler)
        entry = functools.partial(handler)  # an identity of its own: one may listen twice
        self._by_type[kind] = (*self._by_type.get(kind, ()), entry)
        self.listening = True

        def unsubscribe() -> None:
            left = tuple(h for h in self._by_type.get(kind, ()) if h is not entry)
            if left:
                self._by_type[kind] = left
            else:
                self._by_type.pop(kind, None)
                self.listening = bool(self._by_type)

        return unsubscribe

    def once(self, kind: type[E], handler: Callable[[E], object]) -> Callable[[], None]:
        """Call ``handler`` with the next event of a kind, and then no more.

        Raises:
            TypeError: As for `on`.
        """
        _check(kind, handler)

        def first(event: E) -> object:
            unsubscribe()
            return handler(event)

        unsubscribe = self.on(kind, first)
        return unsubscribe

    def emit(self, event: Event) -> None:
        """Call everybody who listens to this kind of event."""
        for kind in type(event).__mro__:
            for handler in self._by_type.get(kind, ()):
                try:
                    handler(event)
                except Exception:
                    logger.exception("a handler of %s raised", type(event).__name__)


def _check(kind: object, handler: object) -> None:
    if not (isinstance(kind, type) and issubclass(kind, Event)):
        raise TypeError(f"listen to an event class such as Done, not to {kind!r}")
    if not callable(handler):
        raise TypeError(f"a handler must be callable, not {handler!r}")
    if inspect.iscoroutinefunction(handler):
        raise TypeError("a handler must be a plain function; let it start a task if it waits")
