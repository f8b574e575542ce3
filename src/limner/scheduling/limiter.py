"""The limiter: how fast, and how many at once."""

from __future__ import annotations

import sys
import time
from asyncio import current_task
from collections.abc import Callable, Iterable
from dataclasses import fields
from inspect import CO_ASYNC_GENERATOR
from types import TracebackType
from typing import NoReturn, Unpack

from limner.scheduling.control import Control
from limner.scheduling.engine.engine import Engine
from limner.scheduling.engine.shared_limits import SharedLimits
from limner.scheduling.engine.slot import Slot
from limner.scheduling.inspection import Inspection
from limner.scheduling.jobs.current_job import executing_in, innermost, step_into
from limner.scheduling.jobs.job import Job, job_of
from limner.scheduling.jobs.job_state import EXECUTING, QUEUED, SUCCEEDED
from limner.scheduling.jobs.work_item import WorkItem
from limner.scheduling.limits.limits import Limits
from limner.scheduling.limits.options import DEFAULT, JobOptions, options_from
from limner.scheduling.limits.overflow import Overflow
from limner.scheduling.limits.rate import Rate
from limner.scheduling.limits.reservoir import Reservoir
from limner.scheduling.limits.retry import RetryPolicy
from limner.scheduling.submission import Submission


class Limiter(Submission, Inspection, Control):
    """Decides which job may run now.

    The caller's own task is the job: waiting for a slot is all the limiter does to it, so its
    cancellation, context and traceback are as without a limiter. Jobs start in the order of
    their priority, first come, first served inside one. The head of that order waits for what it
    needs, and nothing behind it that weighs more than 0 passes it. Which job starts is decided
    at the instant one can start: a more important newcomer, a changed limit and a cancellation
    always count.

    All times are seconds on the event loop's clock. A limiter belongs to the loop and the thread
    that use it; once no job is left, another loop may.

    Args:
        max_concurrent: The total weight of all jobs that hold a slot at one time.
        min_interval: Seconds from one start to the next.
        rates: `Rate` objects: so many starts in any stretch of so many seconds, or in each
            period of the calendar. All must agree.
        reservoir: A stock of weight that starts take from: an int, or a `Reservoir` that fills up.
        high_water: How many may wait; see ``overflow``. 0: nobody, a job starts now or is dropped.
        overflow: Who goes when one more would wait: see `Overflow`.
        penalty: For `Overflow.BLOCK`: for how many seconds all are turned away after it struck, and
            again after each that was. By default 15 intervals, or 5 s without an interval.
        retry: A `Retry`, or a function ``(error, attempt) -> seconds | None``.
        aging: Seconds of waiting that count as one priority higher.
        fair: Whether the owners of jobs take turns inside a priority.
        name: For messages.
        wall: Returns the seconds since 1970 (UTC). It is asked at each decision that depends on the
            calendar, see `Rate`: the loop's clock stands still while a machine sleeps.
        shared: Who decides together with other processes, if limits are shared: see `SharedLimits`.
            Then no job starts within the call that hands it over, ``position`` counts this
            process, ``eta`` is ``None``, and ``Idle``, ``Empty`` and `join` are this process's.

    The keywords of each job, for `slot`, `run`, `submit`, `wrap` and `map`:

    - ``priority``: 0 (first) to 9 (last), 5 by default.
    - ``weight``: how much of ``max_concurrent`` and of a reservoir without a name it takes; 1 by
      default. Or a mapping, ``{"tokens": 1500}``, of what it takes of the rates and the reservoir
      that have those names; ``"concurrency"`` in it is what a plain weight would be.
    - ``id``: no two jobs that have not ended may share one.
    - ``owner``: on whose behalf it runs; any hashable.
    - ``tags``: strings to find it by.
    - ``expiration``: seconds it may run; then it is cancelled, and fails with `JobExpired` when it
      has ended. Counts for each attempt.
    - ``queue_timeout``: seconds it may wait; then it fails with `QueueTimeout`. Counts for each
      attempt, the pause before a retry included.
    - ``timeout``: seconds it may take in all, waits and attempts together; then it is cancelled,
      and fails with `JobTimeout` when it has ended.
    - ``on_duplicate``: if its id is in use: ``"reject"`` (the default) raises `DuplicateJob`;
      ``"join"`` gives the job that is there; ``"replace"`` cancels that one and takes its place.

    A job can fail with any `limner.errors.SchedulingError`; what its own function raises passes
    through as it is.

    Raises:
        TypeError: An option that does not exist, or is of the wrong kind.
        ValueError: A number that makes no sense.

    Examples:
        >>> import asyncio
        >>> from limner.scheduling import Limiter
        >>> async def double(n):
        ...     await asyncio.sleep(0.001)
        ...     return 2 * n
        >>> async def main():
        ...     limiter = Limiter(max_concurrent=2)
        ...     return await asyncio.gather(*(limiter.run(double, n) for n in range(5)))
        >>> asyncio.run(main())
        [0, 2, 4, 6, 8]
    """

    def __init__(
        self,
        *,
        max_concurrent: int | None = None,
        min_interval: float = 0.0,
        rates: Iterable[Rate] = (),
        reservoir: int | Reservoir | None = None,
        high_water: int | None = None,
        overflow: Overflow = Overflow.LEAK,
        penalty: float | None = None,
        retry: RetryPolicy | None = None,
        aging: float | None = None,
        fair: bool = False,
        name: str | None = None,
        wall: Callable[[], float] = time.time,
        shared: SharedLimits | None = None,
    ) -> None:
        if name is not None and not isinstance(name, str):
            raise TypeError(f"name must be a str, not {name!r}")
        limits = Limits(
            max_concurrent=max_concurrent,
            min_interval=min_interval,
            rates=rates,  # type: ignore[arg-type]  # `Limits` makes it a tuple
            reservoir=reservoir,  # type: ignore[arg-type]  # and this a Reservoir
            high_water=high_water,
            overflow=overflow,
            penalty=penalty,
            retry=retry,
            aging=aging,
            fair=fair,
        )
        if not callable(wall):
            raise TypeError(f"wall must be a function that returns seconds, not {wall!r}")
        if shared is not None and not isinstance(shared, SharedLimits):
            raise TypeError(f"shared must be a SharedLimits, not {shared!r}")
        self._engine = Engine(limits, name, wall, shared)
        self._shared = shared

    @property
    def shared(self) -> SharedLimits | None:
        """Who decides together with other processes; ``None``: this limiter alone."""
        return self._shared

    def slot(self, **options: Unpack[JobOptions]) -> Slot:
        """Return an ``async with`` block that waits for a slot, holds it, and gives its `Job`.

        Raises:
            TypeError, ValueError: An option that makes no sense.

        Examples:
            >>> import asyncio
            >>> async def main():
            ...     limiter = Limiter(max_concurrent=2)
            ...     async with limiter.slot(weight=2, owner="ada") as job:
            ...         return job.owner, await limiter.running()
            >>> asyncio.run(main())
            ('ada', 2)
        """
        return self._engine.slot(options_from(options))

    async def __aenter__(self) -> Job[None]:
        runner = self._engine.runner
        if runner.chained is not None:
            slot = self._engine.slot(DEFAULT)
            await slot.__aenter__()
            item = slot.held()
            item.block = slot
        else:
            item = runner.intake.receive(DEFAULT, None, None)
            if item.state is QUEUED:
                await runner.enter(item)
            else:
                runner.begin(item)
        frame = sys._getframe(1)
        if frame.f_code.co_flags & CO_ASYNC_GENERATOR:  # see `is_generator`
            step_into(item.parent)
            self._engine.core.generators.setdefault(frame, []).append(item)
        return job_of(item)

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        item, runner = self._held(), self._engine.runner
        if item.rare is not None and item.block is not None:
            slot: Slot = item.block
            item.block = None
            await slot.__aexit__(kind, error, traceback)
        elif error is None:
            runner.conclude(item, SUCCEEDED, None)
        else:
            runner.fail(item, error)

    def _held(self) -> WorkItem:
        """Return the job whose block is being left."""
        engine = self._engine
        if engine.core.generators:
            frame = sys._getframe(2)
            held = engine.core.generators.get(frame)
            if held is not None:
                latest = held.pop()
                if not held:
                    del engine.core.generators[frame]
                return latest
        item = innermost()
        if item is not None and (item.engine is not engine or item.state is not EXECUTING):
            item = next(executing_in(engine, item), None)
        if item is None or item.call is not None or item.task is not current_task(engine.core.loop):
            raise RuntimeError(
                "this task holds no slot: it was never entered, released twice, or entered in "
                "another task (use slot() for that)"
            )
        return item

    def __repr__(self) -> str:
        core, scheduler = self._engine.core, self._engine.scheduler
        name = f" {core.name!r}" if core.name is not None else ""
        state = f"{len(core.active)} running, {core.alive - len(core.active)} waiting"
        return f"<Limiter{name} {_limits(scheduler.limits)}: {state}>"

    def __reduce__(self) -> NoReturn:
        raise TypeError(
            "a Limiter cannot be pickled or copied: its jobs live in this process; make another "
            "with the same limits, Limiter(...)"
        )


def engine_of(limiter: Limiter) -> Engine:
    """Return what a limiter is made of, for the tools of this package."""
    return limiter._engine


def _limits(limits: Limits) -> str:
    """Write down what was said about limits: every field that is not as by default."""
    usual = Limits()
    said = [
        f"{field.name}={getattr(limits, field.name)!r}"
        for field in fields(limits)
        if field.init and getattr(limits, field.name) != getattr(usual, field.name)
    ]
    return ", ".join(said) or "without limits"
