"""One piece of work, as its caller sees it, from the moment a limiter hears of it to its end."""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Callable, Generator, Hashable, Mapping
from typing import Any, Generic, Self, TypeVar

from limner.scheduling.jobs.job_state import CANCELLED, DONE, JobOutcome, JobState
from limner.scheduling.jobs.unretrieved import retrieved
from limner.scheduling.jobs.work_item import WorkItem
from limner.scheduling.limits.options import CONCURRENCY, Weight

T_co = TypeVar("T_co", covariant=True)


class Job(Generic[T_co]):
    """A job of a limiter: what it is, how it stands, and, when awaited, its result.

    Made by `Limiter.submit` and the other ways to run something; never by hand. Cancelling
    somebody who awaits a job does not cancel the job (a job joined by ``on_duplicate="join"`` is
    cancelled with its last awaiter); `cancel` does. It has what `asyncio.wait` and
    `asyncio.as_completed` ask of a future.
    """

    __slots__ = ("__weakref__", "_item")

    _item: WorkItem

    @property
    def id(self) -> str:
        """The id it was given, or ``"#7"`` for the seventh job of its limiter."""
        return _id(self._item)

    @property
    def state(self) -> JobState:
        """Where it is on its way."""
        return self._item.state

    @property
    def outcome(self) -> JobOutcome | None:
        """How it ended; ``None`` before it has."""
        return self._item.outcome if self._item.state is DONE else None

    @property
    def error(self) -> BaseException | None:
        """What it ended with, if it did not succeed."""
        return self._item.error if self._item.state is DONE else None

    @property
    def priority(self) -> int:
        """From 0 (first) to 9 (last).

        Set while the job waits, it moves to the back of its new priority; set later, it has no
        effect on this run, but counts for the queue after a retry.

        Raises:
            TypeError: On setting something that is not an int.
            ValueError: On setting something below 0 or above 9.
            WrongThread: On setting it in another thread than the limiter's.
        """
        return self._item.priority

    @priority.setter
    def priority(self, priority: int) -> None:
        self._item.engine.check_thread()
        self._item.engine.reprioritize(self._item, priority)

    @property
    def weight(self) -> int:
        """How much of the limiter's concurrency it takes."""
        return self._item.weight

    @property
    def weights(self) -> Mapping[str, int]:
        """What it weighs to each limit it was given a weight for, ``"concurrency"`` included."""
        return {CONCURRENCY: self._item.weight, **self._item.options.named}

    @property
    def owner(self) -> Hashable:
        """On whose behalf it runs."""
        return self._item.options.owner

    @property
    def tags(self) -> tuple[str, ...]:
        """The tags it was given, and those of the scopes it was started in."""
        return self._item.options.tags + tuple(scope.tag for scope in self._item.scopes)

    @property
    def attempt(self) -> int:
        """How often it has started: 0 while it waits for the first time."""
        return self._item.attempt

    @property
    def position(self) -> int | None:
        """How many jobs will start before it as things stand; ``None`` if it is not in the queue.

        Counts the queue: linear in its length. With limits that are shared with other processes,
        those of this process are counted.
        """
        self._item.engine.check_thread()
        return self._item.engine.position(self._item)

    def eta(self) -> float | None:
        """Estimate the seconds from now until it starts.

        Runs the limits forward over everybody who is before it, taking each job to last as long
        as jobs of this limiter did so far. 0 if it has started.

        Returns:
            Seconds, or ``None`` if nobody can know: the limiter is paused for good, the start
            depends on how long jobs take and none has ended yet, or the limits are shared with
            other processes.
        """
        self._item.engine.check_thread()
        return self._item.engine.eta(self._item)

    @property
    def received_at(self) -> float:
        """When the limiter heard of it, on the loop's clock."""
        return self._item.received_at

    @property
    def started_at(self) -> float | None:
        """When its latest attempt was granted its slot, on the loop's clock."""
        return self._item.started_at if self._item.attempt else None

    @property
    def ended_at(self) -> float | None:
        """When it ended, on the loop's clock."""
        return self._item.ended_at if self._item.state is DONE else None

    def cancel(self, reason: str | None = None) -> bool:
        """Cancel the job, waiting or running.

        A waiting job leaves the queue at once. In a running one, `asyncio.CancelledError` is
        raised at its current await; its slot is held until it has really ended. Either way those
        who await it get `JobCancelled`.

        Args:
            reason: Told to everybody concerned.

        Returns:
            Whether there was something to cancel: ``False`` for a job that has ended or has
            already been told to.

        Raises:
            WrongThread: Called from another thread than the limiter's.
        """
        self._item.engine.check_thread()
        return self._item.engine.cancel(self._item, reason)

    def settle(self, weight: Weight) -> None:
        """Say what the job has really cost, when that is known only afterwards.

        The difference to what it was charged goes back to the limiter's reservoir, or is taken
        from it (which may make it owe). A number counts for what has no name; settled at 0, the
        job has cost nothing, and its start is also taken out of the rate windows. A mapping counts
        for the limits it names: ``settle({"tokens": 1210})``. The slot itself is not affected. May
        be called during the job or after it, also several times; the last word counts.

        Args:
            weight: The real cost of its latest attempt, at least 0.

        Raises:
            TypeError, ValueError: Not such a number.
            RuntimeError: The job has not started.
            WrongThread: Called from another thread than the limiter's.
        """
        self._item.engine.check_thread()
        self._item.engine.settle(self._item, weight)

    # What asyncio asks of a future

    def done(self) -> bool:
        """Whether it has ended."""
        return self._item.state is DONE

    def cancelled(self) -> bool:
        """Whether it was cancelled."""
        return self._item.state is DONE and self._item.outcome is CANCELLED

    def exception(self) -> BaseException | None:
        """Return what it ended with; ``None`` if it succeeded.

        Raises:
            asyncio.InvalidStateError: It has not ended.
        """
        if self._item.state is not DONE:
            raise asyncio.InvalidStateError(f"{self!r} has not ended")
        retrieved(self._item)
        return self._item.error  # type: ignore[no-any-return]  # an exception or None

    def result(self) -> T_co:
        """Return what its function returned, or raise what it ended with.

        Raises:
            asyncio.InvalidStateError: It has not ended.
        """
        if (error := self.exception()) is not None:
            raise error
        return self._item.value  # type: ignore[no-any-return]  # what its own function returned

    def add_done_callback(
        self, callback: Callable[[Self], object], *, context: contextvars.Context | None = None
    ) -> None:
        """Have ``callback(job)`` called soon after the job has ended; at once if it has.

        As with a future: in a later turn of the loop, in order, and in ``context`` or a copy of
        the present one. What it raises goes to the loop's exception handler.
        """
        self._item.engine.check_thread()
        self._item.engine.when_done(
            self._item,
            _Callback(callback, self),
            context if context is not None else contextvars.copy_context(),
        )

    def remove_done_callback(self, callback: Callable[[Self], object]) -> int:
        """Forget a callback; return how often it was there."""
        self._item.engine.check_thread()
        before = self._item.awaiters or []
        mine = _Callback(callback, self)
        kept = [each for each in before if not (isinstance(each, tuple) and each[0] == mine)]
        if self._item.awaiters is not None:
            self._item.awaiters = kept
        return len(before) - len(kept)

    def __await__(self) -> Generator[Any, None, T_co]:
        if self._item.state is not DONE:
            yield from self._item.engine.wait_for(self._item).__await__()
        return self.result()

    def __repr__(self) -> str:
        return f"<{name_of(self._item)}>"


class _Callback:
    """Calls a function with a job. Two of the same function are equal."""

    __slots__ = ("_function", "_job")

    def __init__(self, function: Callable[[Any], object], job: Job[Any]) -> None:
        self._function = function
        self._job = job

    def __call__(self) -> object:
        return self._function(self._job)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Callback) and self._function == other._function

    def __hash__(self) -> int:
        return hash(self._function)


def name_of(item: WorkItem, ends: JobOutcome | None = None) -> str:
    """Return what a job is called in messages; ``ends``: when it will have ended like that."""
    state = ends or (item.outcome if item.state is DONE else item.state)
    return f"Job {_id(item)!r} {state.value}, priority {item.priority}, weight {item.weight}"


def _id(item: WorkItem) -> str:
    return item.options.id if item.options.id is not None else f"#{item.number}"


def job_of(item: WorkItem) -> Job[Any]:
    """Return the handle of a job: one and the same for as long as the job lives."""
    if item.handle is None:
        job: Job[Any] = Job()  # with no Python constructor: this is the inner loop
        job._item = item
        item.handle = job
    return item.handle  # type: ignore[no-any-return]  # set here alone


def item_of(job: Job[Any]) -> WorkItem:
    """Return the record behind a handle."""
    return job._item
