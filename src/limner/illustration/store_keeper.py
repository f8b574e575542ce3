"""Having things kept by a store that fails for a while: the one place where it is asked again."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from limner.errors import StorageError
from limner.illustration.endurance import Endurance, Outage, after_failure

T = TypeVar("T")
Handler = Callable[[Outage | None], None]


class StoreKeeper:
    """Does things with a store again and again, as long as its failures may pass.

    While the store fails one of all who wait asks it, at growing distances, and the others hear
    what comes of it: a store that is locked or down is not stormed. Errors that do not pass
    (`limner.errors.StorageError.passing`) are raised at once.

    Args:
        endurance: How long, and how often.

    Examples:
        >>> from limner.errors import StorageBusy
        >>> from limner.testing import run_virtual
        >>> async def main():
        ...     answers = [StorageBusy("locked", place="here"), StorageBusy("locked", place="here")]
        ...     async def save():
        ...         if answers:
        ...             raise answers.pop()
        ...         return "kept"
        ...     return await StoreKeeper().keep(save)
        >>> run_virtual(main())
        'kept'
    """

    def __init__(self, endurance: Endurance = Endurance()) -> None:  # noqa: B008 - it is frozen
        self.endurance = endurance
        self._outage: Outage | None = None
        self._asking = False
        self._news: asyncio.Future[None] | None = None
        self._end: float | None = None
        self._held = 0
        self._handlers: list[Handler] = []

    @property
    def outage(self) -> Outage | None:
        """How the store fails at present, as far as is known; ``None``: it does not."""
        return self._outage

    def on_change(self, handler: Handler) -> Callable[[], None]:
        """Have a function called when an outage begins or is over; gives what ends that."""
        self._handlers.append(handler)
        return lambda: self._handlers.remove(handler)

    async def keep(self, work: Callable[[], Awaitable[T]], *, for_ever: bool = False) -> T:
        """Do something with the store until it is done.

        Args:
            work: May be called several times, also if a former call was done after all.
            for_ever: Whether it is not given up; whoever waits ends it.

        Raises:
            StorageError: It failed for too long, or for good.
        """
        tries, until = 0, None
        if self._outage is not None:
            until = self._bound(for_ever)
            await self._wait(_now(), until)
        while True:
            last = self._is_over(until)
            try:
                done = await self._ask(work)
            except StorageError as error:
                if not error.passing or last:
                    raise
                tries, until = tries + 1, until or self._bound(for_ever)
                await self._wait(_now() + self.endurance.pause(tries), until)
            else:
                self._works()
                return done

    async def tried(self, work: Callable[[], Awaitable[object]]) -> bool:
        """Do something once, and not at all before the time if the store is known to fail.

        Returns:
            Whether it was done; if not, it is the caller's to `keep` it.

        Raises:
            StorageError: It failed for good.
        """
        if self._outage is not None and (self._asking or _now() < self._outage.again_at):
            return False
        try:
            await self._ask(work)
        except StorageError as error:
            if not error.passing:
                raise
            return False
        self._works()
        return True

    def failed(self, error: StorageError) -> None:
        """Somebody met a failure that may pass: the store is asked again at distances."""
        begun = self._outage is None
        self._outage = after_failure(self._outage, error, _now(), self.endurance)
        if begun:
            self._changed()

    def hurry(self, seconds: float = 0.0) -> None:
        """The program is ending: from so many seconds on, nothing is tried more than once."""
        self._end = _now() + seconds
        self._tell()

    @contextmanager
    def holding(self, size: int) -> Iterator[None]:
        """So many bytes of pictures are held in memory while the block runs."""
        self.hold(size)
        try:
            yield
        finally:
            self.hold(-size)

    def hold(self, size: int) -> None:
        """So many more bytes of pictures are held in memory until they are kept."""
        self._held += size
        if size < 0:
            self._tell()

    async def room(self) -> None:
        """Wait until there is room in memory for one more picture, or the store takes it."""
        while self._outage is not None and self._held >= self.endurance.room:
            await asyncio.wait((self._listen(),))

    async def _ask(self, work: Callable[[], Awaitable[T]]) -> T:
        mine = not self._asking
        self._asking = True
        try:
            return await work()
        except StorageError as error:
            if error.passing:
                self.failed(error)
            raise
        finally:
            if mine:
                self._asking = False
                self._tell()

    async def _wait(self, own: float, until: float | None) -> None:
        """Until the store works again and the own pause is over, or it is time to ask it."""
        while not self._is_over(until):
            outage, now = self._outage, _now()
            at = own if outage is None else max(own, outage.again_at)
            if now >= at and not (outage is not None and self._asking):
                return
            times = [t for t in (until, self._end, at if now < at else None) if t is not None]
            pause = None if not times else max(min(times) - now, 0.0)
            await asyncio.wait((self._listen(),), timeout=pause)

    def _bound(self, for_ever: bool) -> float | None:
        timeout = self.endurance.timeout
        return None if for_ever or timeout is None else _now() + timeout

    def _is_over(self, until: float | None) -> bool:
        ends = [end for end in (until, self._end) if end is not None]
        return bool(ends) and _now() >= min(ends)

    def _works(self) -> None:
        if self._outage is not None:
            self._outage = None
            self._tell()
            self._changed()

    def _changed(self) -> None:
        for handler in tuple(self._handlers):
            handler(self._outage)

    def _listen(self) -> "asyncio.Future[None]":
        if self._news is None or self._news.done():
            self._news = asyncio.get_running_loop().create_future()
        return self._news

    def _tell(self) -> None:
        if self._news is not None and not self._news.done():
            self._news.set_result(None)


def _now() -> float:
    return asyncio.get_running_loop().time()
