"""The commands of a limiter: pause, update, cancel, stop."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, TypeVar

from limner.scheduling.engine.engine import Engine
from limner.scheduling.engine.events import Event, Handlers
from limner.scheduling.jobs.scope import Scope
from limner.scheduling.jobs.work_item import WorkItem
from limner.scheduling.limits.validation import check_seconds

E = TypeVar("E", bound=Event)


class Control:
    """The commands a `limner.scheduling.Limiter` takes.

    Each raises `WrongThread` when it is called from another thread while the limiter's loop runs.
    """

    _engine: Engine

    def _here(self) -> Engine:
        self._engine.check_thread()
        return self._engine

    def pause(self, seconds: float | None = None) -> None:
        """Start no more jobs, for some time or until `resume`. What runs goes on.

        Of several pauses the longest counts.

        Raises:
            TypeError, ValueError: ``seconds`` is not a length of time.
            RuntimeError: ``seconds`` was given outside a running event loop.
        """
        engine = self._here()
        if seconds is not None:
            check_seconds("seconds", seconds)
            engine.core.bind()
        engine.scheduler.pause(seconds)

    def resume(self) -> None:
        """End every pause and start at once what may start."""
        self._here().scheduler.resume()

    def cool_down(self, seconds: float) -> None:
        """Start nothing for some time, and then one job alone: as if a job raised `RetryAfter`.

        What runs goes on. Of several cool-downs the longest counts.

        Raises:
            TypeError, ValueError: ``seconds`` is not a length of time.
            RuntimeError: No event loop is running, or another than the limiter's.

        Examples:
            >>> import asyncio
            >>> from limner.scheduling import Limiter
            >>> async def main():
            ...     limiter = Limiter()
            ...     limiter.cool_down(5)
            ...     return round(limiter.opens_at() - limiter.now)
            >>> asyncio.run(main())
            5
        """
        engine = self._here()
        engine.core.bind()
        engine.scheduler.cool_down(check_seconds("seconds", seconds))
        engine.scheduler.start_waiting(engine.core.now())

    def update(self, **limits: Any) -> None:
        """Change limits: any keyword of `Limiter` but ``name``, ``wall`` and ``shared``.

        It counts at once, for waiting jobs as well: they start now if the new limits let them, and
        fail with `Overweight` if they never could. What runs is left alone. A reservoir that is
        not mentioned goes on filling up as before; one that is begins anew. Rate windows remember
        the starts they knew.

        Raises:
            TypeError: A name that is no limit, or a value of the wrong kind.
            ValueError: A number that makes no sense.

        Examples:
            >>> from limner.scheduling import Limiter
            >>> limiter = Limiter(max_concurrent=1)
            >>> limiter.update(max_concurrent=3, min_interval=0.5)
            >>> limiter.limits.max_concurrent
            3
        """
        self._here().update(limits)

    def cancel(
        self,
        *,
        id: str | None = None,  # noqa: A002 - the option's own name
        tag: str | None = None,
        owner: Hashable = None,
        reason: str | None = None,
    ) -> int:
        """Cancel the jobs with an id, a tag or an owner, waiting and running.

        Args:
            id: One job.
            tag: All jobs that carry it.
            owner: All jobs that run on his behalf.
            reason: Told to those who await them, in `JobCancelled`.

        Returns:
            How many jobs were told. Those that run hold their slots until they have ended.

        Raises:
            TypeError: Not exactly one of ``id``, ``tag`` and ``owner``.
        """
        if sum(what is not None for what in (id, tag, owner)) != 1:
            raise TypeError("say which jobs: exactly one of id=, tag=, owner=")
        engine = self._here()
        if id is not None:
            found = engine.find(id)
            return int(found is not None and engine.cancel(found, reason))
        chosen = [
            item
            for item in engine.living()
            if (tag in _tags(item) if tag is not None else item.options.owner == owner)
        ]
        return sum(engine.cancel(item, reason) for item in chosen)

    def scope(self, tag: str) -> Scope:
        """Return an ``async with`` block that its jobs do not outlive if it fails.

        Every job this limiter receives from code inside the block belongs to it, also from tasks
        started there. Leaving with an error, or ``scope.cancel()``, cancels those that have not
        ended; leaving normally lets them finish.

        Args:
            tag: All its jobs carry it.

        Examples:
            >>> import asyncio
            >>> from limner.scheduling import Limiter
            >>> async def main():
            ...     limiter = Limiter(max_concurrent=1)
            ...     async with limiter.scope("turn-7") as turn:
            ...         jobs = [limiter.submit(asyncio.sleep, 60) for _ in range(3)]
            ...         return turn.cancel()
            >>> asyncio.run(main())
            3
        """
        return Scope(self._here(), tag)

    def chain(self, other: Control | None) -> None:
        """Let every job also take a slot of another limiter before it executes.

        A job that has its slot here waits for one there, with its priority, weight, owner and
        tags, and executes holding both. Its expiration counts that wait. Jobs that already
        execute are not affected.

        Args:
            other: The other limiter, or ``None`` to end it.

        Raises:
            TypeError: Not a limiter.
            ValueError: The chain would come back to this limiter.
        """
        engine = self._here()
        if other is None:
            engine.runner.chained = None
            return
        if not isinstance(other, Control):
            raise TypeError(f"a limiter is chained to a Limiter or None, not to {other!r}")
        link: object = other._engine
        while isinstance(link, Engine):
            if link is engine:
                raise ValueError("the chain would come back to this limiter and wait for itself")
            link = link.runner.chained
        engine.runner.chained = other._engine

    async def increment_reservoir(self, amount: int) -> int:
        """Add to the reservoir, or take from it if negative.

        Returns:
            What it holds then, before those who have waited for it take theirs.

        Raises:
            TypeError: Not an int.
            ValueError: The limiter has no reservoir.
        """
        if type(amount) is not int:
            raise TypeError(f"amount must be an int, not {amount!r}")
        engine = self._here()
        engine.core.bind()
        held = await engine.outlook.refill(amount)
        if held is None:
            raise ValueError("this limiter has no reservoir; update(reservoir=…) gives it one")
        return held

    async def join(self) -> None:
        """Wait until nothing waits and nothing runs.

        Raises:
            WouldDeadlock: Called from inside one of the limiter's own jobs.
        """
        await self._here().join()

    async def stop(self, drop_waiting: bool = True, timeout: float | None = None) -> None:  # noqa: ASYNC109 - it cancels the jobs, not this call
        """Take no more jobs, and return when the last one has ended.

        Later jobs get `LimiterStopped`. A second call waits for the same end.

        Args:
            drop_waiting: Whether waiting jobs get `JobDropped` (strategy ``"stop"``) at once;
                otherwise they are still run.
            timeout: Seconds after which jobs that wait are dropped and jobs that run are
                cancelled; their end is waited for all the same.

        Raises:
            TypeError, ValueError: ``timeout`` is not a length of time.
            WouldDeadlock: Called from inside one of the limiter's own jobs.
        """
        if timeout is not None:
            check_seconds("timeout", timeout)
        await self._here().stop(drop_waiting=drop_waiting, timeout=timeout, strategy="stop")

    def on(self, event: type[E], handler: Callable[[E], object]) -> Callable[[], None]:
        """Call ``handler`` with every event of a kind, from now on.

        It is called at the instant, in the middle of things, and should return soon; it may use
        the limiter. If it raises, that is logged and nothing else happens.

        Args:
            event: An event class; a base class such as `JobEvent` stands for all its kinds.
            handler: A plain function of the event.

        Returns:
            The function that ends it.

        Raises:
            TypeError: Not an event class, or not a plain function.

        Examples:
            >>> from limner.scheduling import Limiter, Paused
            >>> limiter, seen = Limiter(), []
            >>> unsubscribe = limiter.on(Paused, seen.append)
            >>> limiter.pause()
            >>> unsubscribe()
            >>> seen
            [Paused(until=inf)]
        """
        return self._heard().on(event, handler)

    def once(self, event: type[E], handler: Callable[[E], object]) -> Callable[[], None]:
        """Call ``handler`` with the next event of a kind only; otherwise as `on`."""
        return self._heard().once(event, handler)

    def _heard(self) -> Handlers:
        """Return who is told of events, with whose jobs are told of from now on."""
        engine = self._here()
        engine.be_heard()
        return engine.core.handlers


def _tags(item: WorkItem) -> tuple[str, ...]:
    return item.options.tags + tuple(scope.tag for scope in item.scopes)
