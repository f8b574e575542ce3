"""What is to be said: each message once, in order, however often a line breaks. Pure."""

from collections import deque
from collections.abc import Iterable

from limner.cluster.limits.wire import Message

BATCH = 200
"""Messages that travel together at most."""
OF_JOBS = frozenset({"ask", "withdraw", "give_back", "hold"})
"""Messages about what a client asks for and holds; a new client says that anew."""


class Outbox:
    """Numbers batches, and keeps each until it has arrived.

    Examples:
        >>> box = Outbox()
        >>> box.add(("pause", None))
        >>> box.batch(), box.number
        ([('pause', None)], 1)
        >>> box.add(("resume",))
        >>> box.batch(), box.number  # not known to have arrived
        ([('pause', None)], 1)
        >>> box.arrived()
        >>> box.batch(), box.number
        ([('resume',)], 2)

    Where nothing but asks waits, leases that are given back go before them: else a slot would be
    idle until everybody has asked.

        >>> box = Outbox()
        >>> box.add(("ask", 7, 1, None, 5))
        >>> box.add(("give_back", 900, True))
        >>> box.batch()
        [('give_back', 900, True), ('ask', 7, 1, None, 5)]
    """

    def __init__(self) -> None:
        self.number = 0
        self._back: deque[Message] = deque()
        self._waiting: deque[Message] = deque()
        self._others = 0
        self._batch: list[Message] | None = None

    @property
    def filled(self) -> bool:
        """Whether there is anything to be said."""
        return bool(self._back or self._waiting or self._batch)

    def add(self, message: Message) -> None:
        """Say something with the next batch."""
        if message[0] == "give_back" and not self._others:
            self._back.append(message)
            return
        self._others += _is_other(message)
        self._waiting.append(message)

    def batch(self) -> list[Message]:
        """What is to be sent now: the same again, unless it has arrived."""
        if self._batch is None:
            self._batch = []
            for lane in (self._back, self._waiting):
                count = min(len(lane), BATCH - len(self._batch))
                self._batch += [lane.popleft() for _ in range(count)]
            self._others -= sum(_is_other(one) for one in self._batch)
            self.number += 1
        return self._batch

    def arrived(self) -> None:
        """The batch has arrived."""
        self._batch = None

    def begin_anew(self, about_jobs: Iterable[Message]) -> None:
        """Speak as somebody new: number from 1, and say all about jobs once more."""
        kept = [*(self._batch or ()), *self._waiting]
        self.number, self._batch, self._others = 0, None, 0
        self._back.clear()
        self._waiting.clear()
        for one in (*about_jobs, *(one for one in kept if one[0] not in OF_JOBS)):
            self.add(one)


def _is_other(message: Message) -> bool:
    """Whether it has to be said before leases are given back that are given back later."""
    return message[0] not in ("ask", "give_back")
