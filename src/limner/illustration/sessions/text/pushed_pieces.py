"""Pieces of a scanned text that go to its session the instant they are given."""

import asyncio
from collections.abc import Callable

from limner.illustration.sessions.text.scanned import Scanned
from limner.uninterrupted import done


class PushedPieces:
    """Takes pieces, and has the session that reads them take each at once: no task wakes for one.

    Before a session reads they wait here, and what comes when it does no more.

    Args:
        on_left: Called when the session reads no more.

    Examples:
        >>> from limner.testing import run_virtual
        >>> async def main():
        ...     pieces, taken = PushedPieces(), []
        ...     pieces.put(Scanned("Once "))
        ...     reading = asyncio.create_task(pieces.drain(taken.append))
        ...     await asyncio.sleep(0)
        ...     pieces.put(Scanned("more."))
        ...     said = [piece.text for piece in taken]
        ...     pieces.end()
        ...     await reading
        ...     return said
        >>> run_virtual(main())
        ['Once ', 'more.']
    """

    def __init__(self, *, on_left: Callable[[], None] = lambda: None) -> None:
        self._on_left = on_left
        self._waiting: list[Scanned | Callable[[], object]] = []
        self._take: Callable[[Scanned], None] | None = None
        self._ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def put(self, piece: Scanned) -> None:
        """One more."""
        if self._take is None:
            self._waiting.append(piece)
        elif not self._ended.done():
            try:
                self._take(piece)
            except Exception as error:  # it is the session's, and ends its reading
                self._ended.set_exception(error)

    def when_taken(self, call: Callable[[], object]) -> None:
        """Call a function when all that was put so far is with the session."""
        if self._take is None:
            self._waiting.append(call)
        else:
            call()

    def rest(self) -> list[Scanned]:
        """What waits and no session has taken; it is given once."""
        waiting, self._waiting = self._waiting, []
        return [piece for piece in waiting if isinstance(piece, Scanned)]

    def ahead(self) -> list[Scanned]:
        """What waits before the first piece that closes a tag; it is given once."""
        count = 0
        for one in self._waiting:
            if not isinstance(one, Scanned) or one.tags:
                break
            count += 1
        ahead, self._waiting = self._waiting[:count], self._waiting[count:]
        return [piece for piece in ahead if isinstance(piece, Scanned)]

    @property
    def over(self) -> bool:
        """Whether no piece is to come, and none waits."""
        waits = any(isinstance(one, Scanned) for one in self._waiting)
        return self._ended.done() and not waits

    def end(self, error: Exception | None = None) -> None:
        """There are no more, or none will come because of an error. Twice is as once."""
        if not self._ended.done():
            if error is None:
                self._ended.set_result(None)
            else:
                self._ended.set_exception(error)
                self._ended.exception()  # who drains is told, and perhaps nobody does

    async def drain(self, take: Callable[[Scanned], None]) -> None:
        """Have every piece taken until the end.

        Raises:
            Exception: That with which they ended, or what taking one raised.
        """
        waiting, self._waiting, self._take = self._waiting, [], take
        try:
            for piece in waiting:
                if isinstance(piece, Scanned):
                    take(piece)
                else:
                    piece()
            await done(self._ended)
            self._ended.result()
        finally:
            self._take = None
            left, self._on_left = self._on_left, _nobody  # who is told knows it
            left()


def _nobody() -> None:
    """There is nobody to be told."""
