"""One serial line per message: whoever wants to change a message waits for their turn."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from contextvars import ContextVar
from typing import TypeVar

from limner.errors import SlotOvertaken

T = TypeVar("T")

OVERTAKINGS = 20
"""How often in a row an operation is begun anew, because another process was quicker."""


class _Turn:
    """Somebody's turn at a message, seen by everything that runs inside it."""

    def __init__(self, lock: "KeyedLock", message_id: str) -> None:
        self.lock = lock
        self.message_id = message_id
        self.open = True
        self.inner = asyncio.Lock()


class _Line:
    """Those who want to change one message."""

    __slots__ = ("count", "lock")

    def __init__(self) -> None:
        self.lock = asyncio.Lock()  # first come, first served
        self.count = 0


_turns: ContextVar[tuple[_Turn, ...]] = ContextVar("limner_message_turns", default=())


class KeyedLock:
    """Runs the operations on one message one after the other, those on others side by side.

    An operation may call another on the same message: that one runs inside the first one's turn
    instead of waiting behind it for ever. Several such inner operations take turns as well, and
    the outer turn ends only when they have ended.

    Other processes have lines of their own. An operation that meets what one of them did meanwhile
    (`limner.errors.SlotOvertaken`) is begun anew, so it has to read what it changes.

    A message that nobody works on is forgotten.

    Examples:
        >>> from limner.testing import run_virtual
        >>> async def main():
        ...     lock, order = KeyedLock(), []
        ...     async def write(word, seconds):
        ...         await asyncio.sleep(seconds)
        ...         order.append(word)
        ...     await asyncio.gather(
        ...         lock.perform("a", lambda: write("slow", 2)),
        ...         lock.perform("a", lambda: write("quick", 1)),
        ...     )
        ...     return order
        >>> run_virtual(main())
        ['slow', 'quick']
    """

    def __init__(self) -> None:
        self._lines: dict[str, _Line] = {}

    async def perform(self, message_id: str, operation: Callable[[], Awaitable[T]]) -> T:
        """Run an operation in its turn and give what it returns, or raise what it raises.

        A failing or cancelled operation gives its turn to the next one.
        """
        while (outer := self._outer_turn(message_id)) is not None:
            async with outer.inner:
                if outer.open:
                    return await self._take_turn(message_id, operation)
        line = self._lines.get(message_id)
        if line is None:
            line = self._lines[message_id] = _Line()
        line.count += 1
        try:
            async with line.lock:
                return await self._take_turn(message_id, operation)
        finally:
            line.count -= 1
            if not line.count:
                del self._lines[message_id]

    def inside(self, message_id: str) -> bool:
        """Whether whoever asks runs inside of somebody's turn at this message."""
        return self._outer_turn(message_id) is not None

    def waiting(self, message_id: str) -> int:
        """How many operations wait for their turn. Asking never creates anything."""
        line = self._lines.get(message_id)
        return 0 if line is None else line.count - line.lock.locked()

    def _outer_turn(self, message_id: str) -> _Turn | None:
        for turn in reversed(_turns.get()):
            if turn.lock is self and turn.message_id == message_id and turn.open:
                return turn
        return None

    async def _take_turn(self, message_id: str, operation: Callable[[], Awaitable[T]]) -> T:
        turn = _Turn(self, message_id)
        token = _turns.set((*_turns.get(), turn))
        try:
            for _ in range(OVERTAKINGS):
                with suppress(SlotOvertaken):
                    return await operation()
            return await operation()
        finally:
            _turns.reset(token)
            if turn.inner.locked():
                # An inner operation was started and not waited for: it still changes the message.
                async with turn.inner:
                    turn.open = False
            turn.open = False
