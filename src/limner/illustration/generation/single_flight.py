"""Work that several ask for at the same time, done once."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from limner.illustration.model.image import ProgressSink
from limner.uninterrupted import ended

T = TypeVar("T")


@dataclass(eq=False, slots=True)
class Watcher:
    """Somebody who waits for a picture.

    Attributes:
        on_start: Called when the work starts, or at once if it has.
        on_progress: Told how far it is.
        on_queued: Called with the id of the job that does the work, when the limiter has it.
        on_stop: Called when it was tried and waits to be tried again.
        on_sign: Called at every sign that the work is not dead, progress or not.
    """

    on_start: Callable[[], None] | None = None
    on_progress: ProgressSink | None = None
    on_queued: Callable[[str], None] | None = None
    on_stop: Callable[[], None] | None = None
    on_sign: Callable[[], None] | None = None


@dataclass(eq=False, slots=True)
class Flight:
    """One work and those who wait for it; what the work tells reaches all of them."""

    watchers: list[Watcher] = field(default_factory=list)
    job_id: str | None = None
    started: bool = False

    def join(self, watcher: Watcher) -> None:
        """Somebody more waits."""
        self.watchers.append(watcher)
        if self.job_id is not None and watcher.on_queued is not None:
            watcher.on_queued(self.job_id)
        if self.started and watcher.on_start is not None:
            watcher.on_start()

    def queued(self, job_id: str) -> None:
        """Tell which job does the work."""
        self.job_id = job_id
        for watcher in tuple(self.watchers):
            if watcher.on_queued is not None:
                watcher.on_queued(job_id)

    def start(self) -> None:
        """Tell that the work starts."""
        self.started = True
        for watcher in tuple(self.watchers):
            if watcher.on_start is not None:
                watcher.on_start()

    def stop(self) -> None:
        """Tell that an attempt was in vain."""
        self.started = False
        for watcher in tuple(self.watchers):
            if watcher.on_stop is not None:
                watcher.on_stop()

    def sign(self) -> None:
        """Tell that it is not dead."""
        for watcher in tuple(self.watchers):
            if watcher.on_sign is not None:
                watcher.on_sign()

    def progress(self, fraction: float, preview: bytes | None = None) -> None:
        """Tell how far it is, with a fraction that is brought between 0 and 1."""
        for watcher in tuple(self.watchers):
            if watcher.on_progress is not None:
                watcher.on_progress(min(max(fraction, 0.0), 1.0), preview)


class SingleFlight(Generic[T]):
    """Runs one work for each key at a time; whoever asks meanwhile joins.

    The work is cancelled when the last one who waits for it is, and that one's wait ends when the
    work has really stopped.

    Examples:
        >>> from limner.testing import run_virtual
        >>> async def main():
        ...     flights, calls = SingleFlight(), []
        ...     async def work(flight):
        ...         calls.append(1)
        ...         await asyncio.sleep(1)
        ...         return "a picture"
        ...     both = await asyncio.gather(
        ...         *(flights.run("key", work, Watcher(), Flight()) for _ in range(2))
        ...     )
        ...     return both, len(calls)
        >>> run_virtual(main())
        (['a picture', 'a picture'], 1)
    """

    def __init__(self) -> None:
        self._flights: dict[str, tuple[Flight, asyncio.Task[T]]] = {}

    async def run(
        self,
        key: str,
        work: Callable[[Flight], Awaitable[T]],
        watcher: Watcher,
        flight: Flight,
    ) -> T:
        """The result of the work for this key: of the one under way, or of a new one.

        Args:
            key: What makes two works the same.
            work: Does it; used if none is under way.
            watcher: Who waits.
            flight: What is used if none is under way.
        """
        if key not in self._flights:
            self._depart(key, work, flight)
        flight, task = self._flights[key]
        flight.join(watcher)
        try:
            return await asyncio.shield(task)
        finally:
            flight.watchers.remove(watcher)
            if not flight.watchers and not task.done():
                self._forget(key, task)  # whoever comes now must not join what is ending
                task.cancel()
                await ended(task)

    def _depart(self, key: str, work: Callable[[Flight], Awaitable[T]], flight: Flight) -> None:
        async def fly() -> T:
            return await work(flight)

        task = asyncio.create_task(fly(), name=f"drawing {key[:12]}")
        self._flights[key] = flight, task
        task.add_done_callback(lambda task: self._landed(key, task))

    def _landed(self, key: str, task: "asyncio.Task[T]") -> None:
        self._forget(key, task)
        if not task.cancelled():
            task.exception()  # everybody who waits is told; nobody may be left who does

    def _forget(self, key: str, task: "asyncio.Task[T]") -> None:
        if key in self._flights and self._flights[key][1] is task:
            del self._flights[key]
