"""A hub whose events are those of several servers: each is written into a journal, and read there.

So a reader may come to any server, and go on at any other: all know the same events in one order,
under the same ids. What happens within a blink is written together, pieces of text as one.
"""

import asyncio
import logging
import secrets
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from limner.server.events.hub import CLOSING, REMEMBERED, RESET, ROOM, WAITING, EventHub
from limner.server.events.journal import EventJournal
from limner.server.events.subscription import Subscription
from limner.server.events.wire_event import WireEvent, coalesced

log = logging.getLogger(__name__)

GATHERED = 0.02
"""Seconds over which events are gathered before they are written."""
OWN = frozenset({"queue", CLOSING})
"""Kinds of events that are about one server, and for its readers only."""
BETWEEN = "servers."
"""How kinds begin that are said between servers, and to no reader."""
WANTING = f"{BETWEEN}wanting"
WANTED = 45.0
"""Seconds for which other servers are believed that their readers want a kind of event."""
REACHED = 1.0
"""Seconds for which an event is waited for that was seen at another server."""

Handler = Callable[[Mapping[str, Any]], object]


class _Entry(msgspec.Struct, array_like=True):
    kind: str
    chat: str | None
    data: dict[str, Any]


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(_Entry)


class SharedHub(EventHub):
    """Hands every event of every server to every reader of this one.

    While the journal is away its readers go on to get what happens here; when it is back, or if
    anything may be missing, each gets a ``reset``.

    It is a `limner.server.events.journal.JournalReader`.

    Args:
        journal: Where events are written.
        costly: Kinds that are costly to make, and are made only where a reader wants them.
        remembered: How many events can be had again.
        waiting: How many may wait for one reader.
        room: How many bytes either may have.
    """

    def __init__(
        self,
        journal: EventJournal,
        *,
        costly: frozenset[str] = frozenset(),
        remembered: int = REMEMBERED,
        waiting: int = WAITING,
        room: int = ROOM,
    ) -> None:
        super().__init__(now=0.0, remembered=remembered, waiting=waiting, room=room)
        self._journal = journal
        self._costly = costly
        self._pending: list[WireEvent] = []
        self._timer: asyncio.TimerHandle | None = None
        self._alone = secrets.token_hex(4)
        self._newest: str = f"{self._alone}-0"
        self._dropped: int | str = self._newest
        self._handlers: defaultdict[str, list[Handler]] = defaultdict(list)
        self._wanted: dict[str, float] = {}
        self._telling: asyncio.TimerHandle | None = None
        self._moved = asyncio.Event()

    async def begin(self) -> "SharedHub":
        """Read what there is and what comes."""
        await self._journal.begin(self)
        return self

    @property
    def has_others(self) -> bool:
        """Whether there may be other servers that hear of its events."""
        return True

    @property
    def trouble(self) -> str | None:
        """Why nothing is heard of other servers; ``None``: it is."""
        return self._journal.trouble

    @property
    def last_id(self) -> str:
        """The id of the last event."""
        return self._newest

    def on_others(self, kind: str, handler: Handler) -> None:
        """Have a function called with what other servers say of a kind."""
        self._handlers[kind].append(handler)

    def tell_others(self, kind: str, data: Mapping[str, Any]) -> None:
        """Tell other servers something that is none of the readers' business."""
        self._gather(WireEvent(0, BETWEEN + kind, data))

    def publish(self, kind: str, data: Mapping[str, Any], *, chat: str | None = None) -> WireEvent:
        """Give an event to every reader of every server; its id is known when it comes back."""
        event = WireEvent(self._newest, kind, data, chat)
        if kind in OWN:
            self._push(event)
        elif not self.closed:
            self._gather(event)
        return event

    def passes_unheard(self) -> bool:
        """Never: readers of other servers may hear of it."""
        return False

    def close(self) -> None:
        """Tell every reader that this server ends, after all that was published until now."""
        self._write()
        if self._telling is not None:
            self._telling.cancel()
        super().close()

    def wants(self, kind: str) -> bool:
        """Whether there is a reader anywhere who wants events of this kind."""
        return super().wants(kind) or self._wanted.get(kind, 0.0) > _now()

    def subscribe(
        self,
        *,
        after: int | str | None = None,
        chat: str | None = None,
        without: frozenset[str] = frozenset(),
    ) -> Subscription:
        """One more reader; see `EventHub.subscribe`."""
        reader = super().subscribe(after=after, chat=chat, without=without)
        if self._telling is None and not self.closed:
            self._tell_wanting()
        return reader

    async def reach(self, after: str) -> None:
        """Wait until an event is here that was seen at another server, or a while."""
        epoch, _, seen = after.partition("-")
        try:
            wanted = _place(seen)
        except ValueError:
            return  # no id of a journal
        try:
            async with asyncio.timeout(REACHED):
                while self._newest.partition("-")[0] == epoch:
                    if _place(self._newest.partition("-")[2]) >= wanted:
                        return
                    self._moved.clear()
                    await self._moved.wait()
        except TimeoutError:
            return

    def heard(self, entry_id: str, entry: bytes, *, own: bool) -> None:
        """An entry of the journal; one that cannot be read is another version's, and left out."""
        self._newest = entry_id
        try:
            said = _decoder.decode(entry)
        except msgspec.DecodeError:
            log.warning("another server has said something that cannot be read")
            return
        if not said.kind.startswith(BETWEEN):
            self._arrived(WireEvent(entry_id, said.kind, said.data, said.chat))
        if not own:
            self._follow(said)
        self._moved.set()

    def refused(self, entries: Sequence[bytes]) -> None:
        """Give what nobody else hears to the readers that are here."""
        for entry in entries:
            said = _decoder.decode(entry)
            self._give(WireEvent(0, said.kind, said.data, said.chat))

    def begins(self, entry_id: str) -> None:
        """This is the last entry of the journal there was."""
        if not self._kept:
            self._dropped = entry_id
        self._newest = entry_id

    def gap(self, entry_id: str) -> None:
        """Have every reader load anew what it shows."""
        self._kept.clear()
        self._size = 0
        self._newest = self._dropped = entry_id
        self._push(WireEvent(self._newest, RESET, {}))

    def _gather(self, event: WireEvent) -> None:
        self._pending.append(event)
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(GATHERED, self._write)

    def _write(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        pending, self._pending = self._pending, []
        for event in coalesced(pending):
            data = msgspec.Raw(event.json)
            if not self._journal.add(_encoder.encode((event.kind, event.chat, data))):
                self._give(event)

    def _give(self, event: WireEvent) -> None:
        """An event that only the readers here get, in an order of its own."""
        if event.kind.startswith(BETWEEN):
            return
        epoch, _, number = self._newest.partition("-")
        count = int(number) + 1 if epoch == self._alone else 1
        self._newest = f"{self._alone}-{count}"
        self._arrived(WireEvent(self._newest, event.kind, event.data, event.chat))

    def _arrived(self, event: WireEvent) -> None:
        self._keep(event)
        self._push(event)

    def _follow(self, said: _Entry) -> None:
        kind = said.kind.removeprefix(BETWEEN)
        if said.kind == WANTING:
            until = _now() + WANTED
            self._wanted.update(dict.fromkeys(said.data.get("kinds", ()), until))
        for handler in tuple(self._handlers[kind]):
            try:
                handler(said.data)
            except Exception:
                log.exception("what another server said could not be followed")

    def _tell_wanting(self) -> None:
        """Say which costly kinds are wanted here, for as long as they are."""
        kinds = [kind for kind in self._costly if super(SharedHub, self).wants(kind)]
        self._telling = None
        if kinds and not self.closed:
            self.tell_others(WANTING.removeprefix(BETWEEN), {"kinds": kinds})
            loop = asyncio.get_running_loop()
            self._telling = loop.call_later(WANTED / 3, self._tell_wanting)

    def _is_remembered(self) -> bool:
        """What is read at other servers is remembered here: its readers may come to this one."""
        return True

    def _forget(self, event: WireEvent) -> None:
        super()._forget(event)
        self._dropped = event.id

    def _since(self, after: int | str) -> list[WireEvent] | None:
        """What came after an event; ``None`` if that is not known."""
        if after == self._newest:
            return []
        kept = list(self._kept)
        if after == self._dropped:
            return kept
        places = [at for at, event in enumerate(kept) if event.id == after]
        return kept[places[0] + 1 :] if places else None


def _place(number: str) -> tuple[int, int]:
    first, _, second = number.partition("-")
    return int(first), int(second or 0)


def _now() -> float:
    return asyncio.get_running_loop().time()
