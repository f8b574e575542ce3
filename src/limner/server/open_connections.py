"""The open connections of a server, and which of them has to go when there are too many."""

from collections import Counter
from collections.abc import Callable


class OpenConnections:
    """Knows who holds how many connections, and for which of them nothing is being done.

    One that is idle costs its holder nothing, and everybody else a place. So where there are too
    many, the one that has been idle longest goes, of whoever has most of those; what is being
    answered stays.

    Args:
        most: How many there may be.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._open: dict[object, str] = {}
        self._idle: dict[object, Callable[[], None]] = {}
        self._idle_of: Counter[str] = Counter()

    def begin(self, connection: object, client: str, close: Callable[[], None]) -> None:
        """Somebody has connected; somebody who is idle may have to go for it.

        Args:
            connection: The new one.
            client: Whose it is.
            close: Closes it at once.
        """
        self._open[connection] = client
        if len(self._open) > self._most:
            self._make_room()
        self.idle(connection, close)

    def end(self, connection: object) -> None:
        """One was closed. Twice is fine."""
        self.busy(connection)
        self._open.pop(connection, None)

    def busy(self, connection: object) -> None:
        """It has sent a request."""
        if self._idle.pop(connection, None) is not None:
            client = self._open[connection]
            self._idle_of[client] -= 1
            if not self._idle_of[client]:
                del self._idle_of[client]

    def idle(self, connection: object, close: Callable[[], None]) -> None:
        """Nothing is being done for it."""
        if connection in self._open and connection not in self._idle:
            self._idle[connection] = close
            self._idle_of[self._open[connection]] += 1

    @property
    def too_many(self) -> bool:
        """Whether there are more than there may be, and all are busy."""
        return len(self._open) > self._most

    def _make_room(self) -> None:
        if not self._idle_of:
            return
        ((holder, _),) = self._idle_of.most_common(1)
        oldest = next(one for one in self._idle if self._open[one] == holder)
        close = self._idle[oldest]
        self.end(oldest)
        close()
