"""The hub: every event goes to every reader, in order.

Nothing here waits or knows of networks: events are published, readers take them. What a reader has
missed it gets again, as long as the hub remembers it.
"""

import time
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

from limner.server.events.subscription import End, Subscription
from limner.server.events.wire_event import WireEvent

REMEMBERED = 10_000
"""Events that can be had again."""
WAITING = 5_000
"""Events that may wait for one reader."""
ROOM = 16 << 20
"""Bytes of either."""
RETURNS = 300.0
"""Seconds within which a reader that has left comes back for what it missed."""

RESET, HELLO, CLOSING = "reset", "hello", "closing"


class EventHub:
    """Hands every event to every reader, in order, and to each once.

    A reader that comes back and tells the last id it saw gets all that came since, or, when that
    is not remembered any more (or the id is none of ours), one ``reset``: it has to load anew what
    it shows. Otherwise the first it gets is a ``hello``. A reader that does not keep up is given up
    alone; nobody waits for it. Before the first reader nothing is remembered, nor long after the
    last: nobody comes back.

    It must be used in one event loop.

    Args:
        now: Seconds since the epoch. Ids count from its microseconds, so that those of a restarted
            server are higher than any from before, unless somebody set the clock back.
        remembered: How many events can be had again.
        waiting: How many may wait for one reader.
        room: How many bytes either may have.
        returns: For how many seconds events are remembered while nobody reads.
        clock: Seconds from any instant on.

    Examples:
        >>> hub = EventHub(now=0.000009)
        >>> reader = hub.subscribe()
        >>> _ = hub.publish("queue", {"running": 1}), hub.publish("chat.changed", {"chat": "tale"})
        >>> [(event.id, event.kind) for event in reader.take()]
        [(9, 'hello'), (10, 'queue'), (11, 'chat.changed')]
        >>> [event.kind for event in hub.subscribe(after=10).take()]
        ['hello', 'chat.changed']
        >>> [event.kind for event in hub.subscribe(after=3).take()]
        ['reset']
    """

    def __init__(
        self,
        *,
        now: float,
        remembered: int = REMEMBERED,
        waiting: int = WAITING,
        room: int = ROOM,
        returns: float = RETURNS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._last = int(now * 1e6 + 0.5)
        self._kept: deque[WireEvent] = deque()
        self._size = 0
        self._remembered = remembered
        self._waiting = waiting
        self._room = room
        self._readers: dict[Subscription, None] = {}
        self._closing: WireEvent | None = None
        self._returns = returns
        self._clock = clock
        self._left_at: float | None = None
        """When the last reader left who may come back; none while there are readers."""

    @property
    def readers(self) -> int:
        """How many read."""
        return len(self._readers)

    @property
    def has_others(self) -> bool:
        """Whether there may be other servers that hear of its events."""
        return False

    @property
    def trouble(self) -> str | None:
        """Why nothing is heard of other servers; ``None``: it is, or there are none."""
        return None

    @property
    def closed(self) -> bool:
        """Whether it is closed."""
        return self._closing is not None

    @property
    def last_id(self) -> int | str:
        """The id of the last event."""
        return self._last

    def publish(self, kind: str, data: Mapping[str, Any], *, chat: str | None = None) -> WireEvent:
        """Give an event to every reader. After `close` nobody gets it.

        Args:
            kind: What it is about.
            data: What there is to say, as JSON values.
            chat: The conversation it belongs to; ``None``: to all, or nobody knows to which.
        """
        self._last += 1
        event = WireEvent(self._last, kind, data, chat)
        if self._is_remembered():
            self._keep(event)
            self._push(event)
        return event

    def passes_unheard(self) -> bool:
        """Count an event that nobody reads, nor will; ``False``: it is to be published.

        For what every stream tells ten times a second, and need not be made for nobody. A reader
        that begins with an id from before is told, as of any other event, that it missed some.
        """
        if self._readers or self._is_remembered():
            return False
        self._last += 1
        return True

    def _push(self, event: WireEvent) -> None:
        for reader in tuple(self._readers):
            reader.push(event)
            if reader.end is not None:
                self._remove(reader)

    def wants(self, kind: str) -> bool:
        """Whether there is a reader who wants events of this kind."""
        return any(kind not in reader.without for reader in self._readers)

    def on_others(self, kind: str, handler: Callable[[Mapping[str, Any]], object]) -> None:
        """Have a function called with what other servers say of a kind. There are none."""

    def tell_others(self, kind: str, data: Mapping[str, Any]) -> None:
        """Tell other servers something that is none of the readers' business. There are none."""

    async def reach(self, after: str) -> None:
        """Wait until an event is here that was seen at another server. There is none."""

    def subscribe(
        self,
        *,
        after: int | str | None = None,
        chat: str | None = None,
        without: frozenset[str] = frozenset(),
    ) -> Subscription:
        """One more reader.

        Args:
            after: The id of the last event it saw; ``None``: it has seen none, and wants only what
                comes from now on.
            chat: Leaves out what belongs to other conversations.
            without: Leaves out these kinds of events.
        """
        self._is_remembered()
        reader = Subscription(chat, self._waiting, self._room, without=without)
        missed = [] if after is None else self._since(after)
        if missed is None:
            reader.begin([WireEvent(self.last_id, RESET, {})])
        else:
            since = self.last_id if after is None else after
            reader.begin([WireEvent(since, HELLO, {"resumed": after is not None}), *missed])
        if self._closing is not None:
            reader.finish(End.CLOSING, self._closing)
        else:
            self._readers[reader] = None
            self._left_at = None
        return reader

    def leave(self, reader: Subscription) -> None:
        """Remove a reader. Twice is fine."""
        self._remove(reader)
        reader.finish(End.LEFT)

    def forget(self) -> None:
        """Forget what nobody comes back for."""
        self._is_remembered()

    def close(self) -> None:
        """Tell every reader, now and to come, that the server ends. Twice is fine."""
        if self._closing is not None:
            return
        self._closing = self.publish(CLOSING, {})
        for reader in tuple(self._readers):
            reader.finish(End.CLOSING)
        self._readers.clear()

    def _remove(self, reader: Subscription) -> None:
        if reader in self._readers:
            del self._readers[reader]
            if not self._readers:
                self._left_at = self._clock()

    def _is_remembered(self) -> bool:
        """Whether somebody reads, or may come back; if nobody does, all is forgotten."""
        if self._readers:
            return True
        if self._left_at is not None and self._clock() - self._left_at < self._returns:
            return True
        self._left_at = None
        self._kept.clear()
        self._size = 0
        return False

    def _keep(self, event: WireEvent) -> None:
        self._kept.append(event)
        self._size += len(event.frame)
        while len(self._kept) > self._remembered or self._size > self._room:
            self._forget(self._kept.popleft())

    def _forget(self, event: WireEvent) -> None:
        self._size -= len(event.frame)

    def _since(self, after: int | str) -> list[WireEvent] | None:
        """What came after an event; ``None`` if that is not known."""
        seen = _number(after)
        missed = self._last - seen
        if not 0 <= missed <= len(self._kept):
            return None
        return list(self._kept)[len(self._kept) - missed :]


def _number(seen: int | str) -> int:
    """The id; one that is none of ours is as if it were forgotten.

    Examples:
        >>> _number(12), _number("12"), _number("x12")
        (12, 12, -1)
    """
    if isinstance(seen, int):
        return seen
    return int(seen) if seen.isascii() and seen.isdigit() and len(seen) <= 18 else -1
