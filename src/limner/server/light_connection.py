"""Parts of a connection that weigh little while nothing happens on it, in place of uvicorn's.

An empty `collections.deque` takes 0.7 KB, and uvicorn has three for each connection: one itself and
two in events of `asyncio`. Of connections that wait for a picture there may be many hundreds.
"""

import asyncio
from typing import Any, Literal

from uvicorn.protocols.http.flow_control import FlowControl


class FewRequests(list[Any]):
    """Requests that were sent before the one ahead of them was answered; hardly ever any.

    Examples:
        >>> waiting = FewRequests()
        >>> waiting.appendleft("first"), waiting.appendleft("second"), waiting.pop()
        (None, None, 'first')
    """

    __slots__ = ()

    def appendleft(self, one: Any) -> None:
        """One more, behind the others."""
        self.insert(0, one)


class LightEvent:
    """An `asyncio.Event` that keeps a list of who waits only while somebody does.

    Examples:
        >>> async def main():
        ...     event = LightEvent()
        ...     waiting = asyncio.create_task(event.wait())
        ...     await asyncio.sleep(0)
        ...     event.set()
        ...     return await waiting, event.is_set()
        >>> asyncio.run(main())
        (True, True)
    """

    __slots__ = ("_is_set", "_waiting")

    def __init__(self) -> None:
        self._is_set = False
        self._waiting: tuple[asyncio.Future[None], ...] = ()

    def is_set(self) -> bool:
        """Whether it has happened."""
        return self._is_set

    def set(self) -> None:
        """It has happened."""
        self._is_set = True
        for one in self._waiting:
            if not one.done():
                one.set_result(None)

    def clear(self) -> None:
        """It is to happen once more."""
        self._is_set = False

    async def wait(self) -> Literal[True]:
        """Wait until it has happened."""
        if not self._is_set:
            here: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiting += (here,)
            try:
                await here
            finally:
                self._waiting = tuple(one for one in self._waiting if one is not here)
        return True


class LightFlow(FlowControl):
    """Holds up who writes while the client does not read.

    Args:
        transport: The connection.
    """

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self.read_paused = self.write_paused = False
        self._is_writable_event = LightEvent()  # type: ignore[assignment] # it has what is used
        self._is_writable_event.set()
