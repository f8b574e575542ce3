"""Those who want to be told of a change, and are waited for."""

import logging
from collections.abc import Awaitable, Callable
from typing import Generic, ParamSpec

log = logging.getLogger(__name__)

P = ParamSpec("P")


class Listeners(Generic[P]):
    """Functions that are called after a change, one after the other.

    Args:
        what: What changes, for the log.
    """

    def __init__(self, what: str) -> None:
        self._what = what
        self._handlers: list[Callable[P, Awaitable[None]]] = []

    def add(self, handler: Callable[P, Awaitable[None]]) -> Callable[[], None]:
        """One more; gives a function that ends it."""
        self._handlers.append(handler)

        def unsubscribe() -> None:
            if handler in self._handlers:
                self._handlers.remove(handler)

        return unsubscribe

    async def tell(self, *args: P.args, **kwargs: P.kwargs) -> None:
        """Call each and wait for it. What it raises is logged, and keeps no other from being told.

        Examples:
            >>> import asyncio
            >>> async def main():
            ...     seen, listeners = [], Listeners("the weather")
            ...     async def listen(what):
            ...         seen.append(what)
            ...     leave = listeners.add(listen)
            ...     await listeners.tell("rain")
            ...     leave()
            ...     await listeners.tell("snow")
            ...     return seen
            >>> asyncio.run(main())
            ['rain']
        """
        for handler in tuple(self._handlers):
            try:
                await handler(*args, **kwargs)
            except Exception:
                log.exception("somebody cannot follow %s", self._what)
