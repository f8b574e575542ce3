"""The limiter: how fast, and how many at once."""

from __future__ import annotations

import functools
from asyncio import current_task
from collections.abc import (
    AsyncIterable,
    AsyncIterator,
    Awaitable,
    Callable,
    Coroutine,
    Iterable,
)
from types import TracebackType
from typing import Any, ParamSpec, TypeVar, Unpack, overload

from limner.scheduling.ancestry import INSIDE, nearest
from limner.scheduling.control import Control
from limner.scheduling.engine import Engine
from limner.scheduling.inspection import Inspection
from limner.scheduling.job import EXECUTING, Job
from limner.scheduling.limits import Limits, Overflow
from limner.scheduling.mapping import mapped
from limner.scheduling.options import DEFAULT, JobOptions, options_from
from limner.scheduling.rate import Rate
from limner.scheduling.reservoir import Reservoir
from limner.scheduling.retry import RetryPolicy
from limner.scheduling.slot import Slot
from limner.scheduling.store import LocalStore, Store

P = ParamSpec("P")
T = TypeVar("T")
I = TypeVar("I")  # noqa: E741 - an item


class Limiter(Inspection, Control):
    """Decides which job may run now.

    The caller's own task is the job: waiting for a slot is all the limiter does to it, so its
    cancellation, context and traceback are as without a limiter. Jobs start in the order of
    their priority, first come, first served inside one. The head of that order waits for what it
    needs, and nothing behind it that weighs more than 0 passes it. Which job starts is decided
    at the instant one can start: a more important newcomer, a changed limit and a cancellation
    always count.

    All times are seconds on the event loop's clock. A limiter belongs to the loop it is first
    used in.

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
        store: Where the state is kept; by default in this process.

    The keywords of each job, for `slot`, `run`, `submit`, `wrap` and `map`:

    - ``priority``: 0 (first) to 9 (last), 5 by default.
    - ``weight``: how much of ``max_concurrent`` and of the reservoir it takes; 1 by default.
    - ``id``: no two jobs that have not ended may share one.
    - ``owner``: on whose behalf it runs; any hashable.
    - ``tags``: strings to find it by.
    - ``expiration``: seconds it may run; then it is cancelled, and fails with `JobExpired` when it
      has ended. Counts for each attempt.
    - ``queue_timeout``: seconds it may wait; then it fails with `QueueTimeout`.
    - ``on_duplicate``: if its id is in use: ``"reject"`` (the default) raises `DuplicateJob`;
      ``"join"`` gives the job that is there; ``"replace"`` cancels that one and takes its place.

    A job can fail with any `limner.errors.SchedulingError`; what its own function raises passes
    through as it is.

    Raises:
        TypeError: An option that does not exist, or is of the wrong kind.
        ValueError: A number that makes no sense.

    Example:
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
        store: Store | None = None,
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
        self._engine = Engine(limits, name, store if store is not None else LocalStore())

    def slot(self, **options: Unpack[JobOptions]) -> Slot:
        """Return an ``async with`` block that waits for a slot, holds it, and gives its `Job`.

        Raises:
            TypeError, ValueError: An option that makes no sense.

        Example:
            >>> import asyncio
            >>> async def main():
            ...     limiter = Limiter(max_concurrent=2)
            ...     async with limiter.slot(weight=2, owner="ada") as job:
            ...         return job.owner, await limiter.running()
            >>> asyncio.run(main())
            ('ada', 2)
        """
        return Slot(self._engine, options_from(options))

    async def __aenter__(self) -> Job[None]:
        engine = self._engine
        if engine.chained is not None:
            slot = Slot(engine, DEFAULT)
            job = await slot.__aenter__()
            job._value = slot
            return job
        job = engine.receive(DEFAULT, None, detached=False)
        if job._waiter is not None:
            await engine.admitted(job)
        engine.begin(job)
        job._value = None
        return job

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        engine = self._engine
        job = INSIDE.get()
        if job is not None and (job._engine is not engine or job._state is not EXECUTING):
            job = nearest(engine, job)
        if job is None or job._call is not None or job._task is not current_task(engine.loop):
            raise RuntimeError(
                "this task holds no slot: it was never entered, released twice, or entered in "
                "another task (use slot() for that)"
            )
        if job._value is not None:
            slot: Slot = job._value
            await slot.__aexit__(kind, error, traceback)
        elif error is None:
            engine.succeed(job, None)
        else:
            engine.fail(job, error)

    @overload
    def run(
        self,
        function: Callable[..., Awaitable[T]],
        /,
        *args: Any,
        **options: Unpack[JobOptions],
    ) -> Coroutine[Any, Any, T]: ...

    @overload
    def run(
        self, function: Callable[..., T], /, *args: Any, **options: Unpack[JobOptions]
    ) -> Coroutine[Any, Any, T]: ...

    def run(
        self, function: Callable[..., Any], /, *args: Any, **options: Unpack[JobOptions]
    ) -> Coroutine[Any, Any, Any]:
        """Wait for a slot, call a function in this task, and return its result.

        Args:
            function: Async or plain. Its keyword arguments go through `functools.partial`.
            args: Its positional arguments.
            options: The job's options.

        Cancelling this call cancels the job; the slot is free when the function has really ended.

        Raises:
            SchedulingError: See `Limiter`. What the function raises passes through.
            TypeError, ValueError: An option that makes no sense.

        Example:
            >>> import asyncio
            >>> asyncio.run(Limiter(max_concurrent=1).run(max, 3, 7, priority=2))
            7
        """
        if not callable(function):
            raise TypeError(f"the first argument is the function to run, not {function!r}")
        if not options:
            return self._engine.perform(DEFAULT, function, args)
        chosen = options_from(options)
        if chosen.on_duplicate == "join":
            return self._join(function, args, options)
        return self._engine.perform(chosen, function, args)

    async def _join(
        self, function: Callable[..., Any], args: tuple[Any, ...], options: JobOptions
    ) -> Any:
        return await self.submit(function, *args, **options)

    @overload
    def submit(
        self,
        function: Callable[..., Awaitable[T]],
        /,
        *args: Any,
        **options: Unpack[JobOptions],
    ) -> Job[T]: ...

    @overload
    def submit(
        self, function: Callable[..., T], /, *args: Any, **options: Unpack[JobOptions]
    ) -> Job[T]: ...

    def submit(
        self, function: Callable[..., Any], /, *args: Any, **options: Unpack[JobOptions]
    ) -> Job[Any]:
        """Hand a job over and go on; its task is made when it starts.

        It runs in a copy of the caller's context. Awaiting the `Job` gives its result; cancelling
        somebody who awaits it does not cancel it, unless it was joined.

        Args:
            function: Async or plain. Its keyword arguments go through `functools.partial`.
            args: Its positional arguments.
            options: The job's options.

        Raises:
            LimiterStopped, DuplicateJob, Overweight: It was not taken. (What happens later, a drop
                for instance, is raised where the job is awaited.)
            TypeError, ValueError: An option that makes no sense.
            RuntimeError: No event loop is running, or another than the limiter's.

        Example:
            >>> import asyncio
            >>> async def main():
            ...     job = Limiter(max_concurrent=1).submit(max, 3, 7, id="seven")
            ...     return job.id, await job
            >>> asyncio.run(main())
            ('seven', 7)
        """
        chosen = options_from(options)
        if not callable(function):
            raise TypeError(f"the first argument is the function to run, not {function!r}")
        engine = self._engine
        if chosen.on_duplicate == "join" and chosen.id is not None:
            job = engine.ids.get(chosen.id)
            if job is None:
                job = engine.receive(chosen, (function, args), detached=True)
            job._claims += 1 if job._claims or job._options.on_duplicate == "join" else 2
            return job
        return engine.receive(chosen, (function, args), detached=True)

    @overload
    def wrap(
        self, function: Callable[P, Awaitable[T]], /
    ) -> Callable[P, Coroutine[Any, Any, T]]: ...

    @overload
    def wrap(self, function: Callable[P, T], /) -> Callable[P, Coroutine[Any, Any, T]]: ...

    @overload
    def wrap(
        self, /, **options: Unpack[JobOptions]
    ) -> Callable[[Callable[P, Awaitable[T]]], Callable[P, Coroutine[Any, Any, T]]]: ...

    def wrap(
        self, function: Callable[..., Any] | None = None, /, **options: Unpack[JobOptions]
    ) -> Any:
        """Decorate a function so that each call is a job: ``@limiter.wrap``, with options or bare.

        The decorated function takes the same arguments and is always async.

        Raises:
            TypeError, ValueError: An option that makes no sense.

        Example:
            >>> import asyncio
            >>> limiter = Limiter(max_concurrent=1)
            >>> @limiter.wrap(weight=1)
            ... async def greet(name, *, mark="!"):
            ...     return f"hello {name}{mark}"
            >>> asyncio.run(greet("ada", mark="?"))
            'hello ada?'
        """
        if function is None:
            options_from(options)  # say what is wrong here, not at the first call
            return functools.partial(self._wrap, options)
        return self._wrap(options, function)

    def _wrap(self, options: JobOptions, function: Callable[..., Any]) -> Callable[..., Any]:
        if not callable(function):
            raise TypeError(f"wrap() decorates a function, not {function!r}")

        @functools.wraps(function)
        async def limited(*args: Any, **kwargs: Any) -> Any:
            call = functools.partial(function, *args, **kwargs) if kwargs else function
            return await self.run(call, *(() if kwargs else args), **options)

        return limited

    @overload
    def map(
        self,
        function: Callable[[I], Awaitable[T]],
        items: Iterable[I] | AsyncIterable[I],
        /,
        *,
        prefetch: int | None = None,
        **options: Unpack[JobOptions],
    ) -> AsyncIterator[T]: ...

    @overload
    def map(
        self,
        function: Callable[[I], T],
        items: Iterable[I] | AsyncIterable[I],
        /,
        *,
        prefetch: int | None = None,
        **options: Unpack[JobOptions],
    ) -> AsyncIterator[T]: ...

    def map(
        self,
        function: Callable[[Any], Any],
        items: Iterable[Any] | AsyncIterable[Any],
        /,
        *,
        prefetch: int | None = None,
        **options: Unpack[JobOptions],
    ) -> AsyncIterator[Any]:
        """Call a function with each item as jobs; iterate over the results in the items' order.

        Only ``prefetch`` items are taken ahead of the result that is wanted next, so the items may
        be endless. The first error is raised at its place; then, or when the iteration is closed,
        the jobs ahead are cancelled and waited for.

        Args:
            function: Async or plain, of one item.
            items: Sync or async iterable.
            prefetch: Jobs in the limiter at one time, waiting, running or ready; by default twice
                ``max_concurrent``, or 16 if that has no limit.
            options: The options of each job; ``id`` makes no sense here.

        Raises:
            TypeError, ValueError: An option that makes no sense.

        Example:
            >>> import asyncio
            >>> async def main():
            ...     limiter = Limiter(max_concurrent=2)
            ...     return [square async for square in limiter.map(lambda n: n * n, range(4))]
            >>> asyncio.run(main())
            [0, 1, 4, 9]
        """
        return mapped(self, function, items, prefetch, options)
