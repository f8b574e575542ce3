"""The ways to have something done through a limiter."""

from __future__ import annotations

import asyncio
import concurrent.futures
import functools
import inspect
from collections.abc import (
    AsyncGenerator,
    AsyncIterable,
    Awaitable,
    Callable,
    Coroutine,
    Iterable,
)
from contextvars import copy_context
from typing import Any, ParamSpec, Protocol, TypeVar, TypeVarTuple, Unpack, overload

from limner.scheduling.engine.engine import Engine
from limner.scheduling.engine.stream import limited_stream
from limner.scheduling.jobs.generators import refuse_generator_function, yields
from limner.scheduling.jobs.job import Job, item_of, job_of
from limner.scheduling.limits.options import DEFAULT, JobOptions, Options, options_from
from limner.scheduling.limits.validation import check_count
from limner.scheduling.ordered_map import as_ended, in_order, iterate

P = ParamSpec("P")
T = TypeVar("T")
S = TypeVar("S")
Ts = TypeVarTuple("Ts")
I = TypeVar("I")  # noqa: E741 - an item


class Submission:
    """The ways to have something done through a `limner.scheduling.Limiter`."""

    _engine: Engine

    # The first overload that fits counts: what a generator function returns is also a plain value.
    @overload
    def run(  # type: ignore[overload-overlap]  # see above
        self,
        function: Callable[[*Ts], AsyncGenerator[T, S]],
        /,
        *args: *Ts,
        **options: Unpack[JobOptions],
    ) -> AsyncGenerator[T, S]: ...

    @overload
    def run(
        self,
        function: Callable[[*Ts], Awaitable[T]],
        /,
        *args: *Ts,
        **options: Unpack[JobOptions],
    ) -> Coroutine[Any, Any, T]: ...

    @overload
    def run(
        self, function: Callable[[*Ts], T], /, *args: *Ts, **options: Unpack[JobOptions]
    ) -> Coroutine[Any, Any, T]: ...

    def run(
        self, function: Callable[[*Ts], Any], /, *args: *Ts, **options: Unpack[JobOptions]
    ) -> Any:
        """Wait for a slot, call a function in this task, and return its result.

        Args:
            function: Async or plain. Its keyword arguments go through `functools.partial`. An async
                generator function gives an async iterator to go through, which has its slot from
                the first item to the close; told to stop between two items, it hears so where it
                goes on.
            args: Its positional arguments.
            options: The job's options.

        Cancelling this call cancels the job; the slot is free when the function has really ended.

        Raises:
            SchedulingError: See `Limiter`. What the function raises passes through.
            TypeError, ValueError: An option that makes no sense, or a generator function.

        Examples:
            >>> import asyncio
            >>> from limner.scheduling import Limiter
            >>> asyncio.run(Limiter(max_concurrent=1).run(max, 3, 7, priority=2))
            7
        """
        kind = yields(function)
        if not options and not kind:
            return self._engine.runner.perform(DEFAULT, function, args)
        chosen = options_from(options)
        if kind == inspect.CO_ASYNC_GENERATOR:
            return self._stream(chosen, functools.partial(function, *args))
        refuse_generator_function(kind, function)
        if chosen.on_duplicate == "join":
            return self._join(function, args, options)
        return self._engine.runner.perform(chosen, function, args)

    def _stream(
        self, options: Options, make: Callable[[], AsyncGenerator[T, S]]
    ) -> AsyncGenerator[T, S]:
        return limited_stream(self._engine.slot(options), make)

    async def _join(
        self, function: Callable[..., Any], args: tuple[Any, ...], options: JobOptions
    ) -> Any:
        return await self.submit(function, *args, **options)

    @overload
    def submit(
        self,
        function: Callable[[*Ts], Awaitable[T]],
        /,
        *args: *Ts,
        **options: Unpack[JobOptions],
    ) -> Job[T]: ...

    @overload
    def submit(
        self, function: Callable[[*Ts], T], /, *args: *Ts, **options: Unpack[JobOptions]
    ) -> Job[T]: ...

    def submit(
        self, function: Callable[[*Ts], Any], /, *args: *Ts, **options: Unpack[JobOptions]
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
            TypeError, ValueError: An option that makes no sense, or a generator function.
            WrongLoop: The limiter has jobs in another event loop.
            RuntimeError: No event loop is running in this thread.

        Examples:
            >>> import asyncio
            >>> from limner.scheduling import Limiter
            >>> async def main():
            ...     job = Limiter(max_concurrent=1).submit(max, 3, 7, id="seven")
            ...     return job.id, await job
            >>> asyncio.run(main())
            ('seven', 7)
        """
        chosen = options_from(options)
        refuse_generator_function(yields(function), function)
        engine, call = self._engine, (function, args)
        if chosen.on_duplicate != "join" or chosen.id is None:
            return job_of(engine.runner.intake.receive(chosen, call, copy_context()))
        engine.core.bind()
        item = engine.core.ids.get(chosen.id)
        if item is None:
            item = engine.runner.intake.receive(chosen, call, copy_context())
        engine.claim(item)
        return job_of(item)

    def submit_threadsafe(
        self, function: Callable[..., Any], /, *args: Any, **options: Unpack[JobOptions]
    ) -> concurrent.futures.Future[Any]:
        """Hand a job over from another thread than the limiter's.

        Args:
            function: As for `submit`; it runs in the limiter's loop and thread.
            args: Its positional arguments.
            options: The job's options.

        Returns:
            A future of `concurrent.futures`: ``future.result()`` waits in the calling thread;
            cancelling it cancels the job. What would be raised by `run` is raised there.

        Raises:
            RuntimeError: The limiter has no running loop, or it is this thread's own.
            TypeError, ValueError: An option that makes no sense, or a generator function.

        Examples:
            >>> import asyncio
            >>> from limner.scheduling import Limiter
            >>> async def main():
            ...     limiter = Limiter(max_concurrent=1)
            ...     await limiter.run(max, 1, 2)
            ...     def elsewhere():
            ...         return limiter.submit_threadsafe(max, 3, 7).result()
            ...     return await asyncio.to_thread(elsewhere)
            >>> asyncio.run(main())
            7
        """
        chosen = options_from(options)
        refuse_generator_function(yields(function), function)
        loop = self._engine.core.loop_elsewhere()
        if chosen.on_duplicate == "join":
            work: Coroutine[Any, Any, Any] = self._join(function, args, options)
        else:
            work = self._engine.runner.perform(chosen, function, args)
        return asyncio.run_coroutine_threadsafe(work, loop)

    def run_threadsafe(
        self, function: Callable[..., Any], /, *args: Any, **options: Unpack[JobOptions]
    ) -> Any:
        """Run a job from another thread than the limiter's, and wait there for its result.

        As `submit_threadsafe`, with ``.result()``. If the wait is interrupted, the job is
        cancelled.
        """
        future = self.submit_threadsafe(function, *args, **options)
        try:
            return future.result()
        except BaseException:
            future.cancel()
            raise

    @overload
    def wrap(  # type: ignore[overload-overlap]  # as for `run`
        self, function: Callable[P, AsyncGenerator[T, S]], /
    ) -> Callable[P, AsyncGenerator[T, S]]: ...

    @overload
    def wrap(
        self, function: Callable[P, Awaitable[T]], /
    ) -> Callable[P, Coroutine[Any, Any, T]]: ...

    @overload
    def wrap(self, function: Callable[P, T], /) -> Callable[P, Coroutine[Any, Any, T]]: ...

    @overload
    def wrap(self, /, **options: Unpack[JobOptions]) -> Wrapper: ...

    def wrap(
        self, function: Callable[..., Any] | None = None, /, **options: Unpack[JobOptions]
    ) -> Any:
        """Decorate a function so that each call is a job: ``@limiter.wrap``, with options or bare.

        The decorated function takes the same arguments and is always async; an async generator
        function stays one, and each iteration has its slot from the first item to the close.

        Raises:
            TypeError, ValueError: An option that makes no sense, or a generator function.

        Examples:
            >>> import asyncio
            >>> from limner.scheduling import Limiter
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
        kind = yields(function)
        if kind == inspect.CO_ASYNC_GENERATOR:

            @functools.wraps(function)
            def streamed(*args: Any, **kwargs: Any) -> AsyncGenerator[Any, Any]:
                make = functools.partial(function, *args, **kwargs)
                return self._stream(options_from(options), make)

            return streamed
        refuse_generator_function(kind, function)

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
        ordered: bool = True,
        **options: Unpack[JobOptions],
    ) -> AsyncGenerator[T, None]: ...

    @overload
    def map(
        self,
        function: Callable[[I], T],
        items: Iterable[I] | AsyncIterable[I],
        /,
        *,
        prefetch: int | None = None,
        ordered: bool = True,
        **options: Unpack[JobOptions],
    ) -> AsyncGenerator[T, None]: ...

    def map(
        self,
        function: Callable[[Any], Any],
        items: Iterable[Any] | AsyncIterable[Any],
        /,
        *,
        prefetch: int | None = None,
        ordered: bool = True,
        **options: Unpack[JobOptions],
    ) -> AsyncGenerator[Any, None]:
        """Call a function with each item as jobs; iterate over the results.

        Only ``prefetch`` items are taken ahead of the result that is wanted next, so the items may
        be endless. A result comes as soon as it is there, however slowly the items do. The first
        error, of a job or of the items themselves, is raised at its place, after the results before
        it; then, or when the iteration is closed, the jobs ahead are cancelled and waited for.

        Args:
            function: Async or plain, of one item.
            items: Sync or async iterable. It is iterated over in a task of its own.
            prefetch: Jobs in the limiter at one time, waiting, running or ready; by default twice
                ``max_concurrent``, or 16 if that has no limit.
            ordered: Whether results come in the order of the items, or else as they end.
            options: The options of each job; ``id`` makes no sense here.

        Raises:
            TypeError, ValueError: An option that makes no sense, or a generator function.

        Examples:
            >>> import asyncio
            >>> from limner.scheduling import Limiter
            >>> async def main():
            ...     limiter = Limiter(max_concurrent=2)
            ...     return [square async for square in limiter.map(lambda n: n * n, range(4))]
            >>> asyncio.run(main())
            [0, 1, 4, 9]
        """
        refuse_generator_function(yields(function), function)
        if options_from(options).id is not None:
            raise ValueError("map() makes many jobs: they cannot share one id")
        if prefetch is None:
            width = self._engine.scheduler.limits.max_concurrent
            prefetch = max(2 * width, 1) if width else 16
        check_count("prefetch", prefetch, minimum=1)
        source = iterate(items)

        def submit(item: Any) -> Job[Any]:
            return self.submit(function, item, **options)

        def may_wait(job: Job[Any]) -> None:
            self._engine.refuse_deadlock(item_of(job))

        return (in_order if ordered else as_ended)(submit, may_wait, source, prefetch)


class Wrapper(Protocol):
    """What `Submission.wrap` returns for options alone, as type checkers see it: a decorator."""

    @overload
    def __call__(  # type: ignore[overload-overlap]  # as for `run`
        self, function: Callable[P, AsyncGenerator[T, S]], /
    ) -> Callable[P, AsyncGenerator[T, S]]: ...

    @overload
    def __call__(
        self, function: Callable[P, Awaitable[T]], /
    ) -> Callable[P, Coroutine[Any, Any, T]]: ...

    @overload
    def __call__(self, function: Callable[P, T], /) -> Callable[P, Coroutine[Any, Any, T]]: ...

    def __call__(self, function: Any, /) -> Any:
        """Decorate a function."""
