"""Of all that happens, what somebody may hear of who has their conversations to themselves."""

from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence

from limner.server.events.hub import CLOSING, HELLO, RESET
from limner.server.events.wire_event import WireEvent

EVERYBODYS = frozenset({HELLO, RESET, CLOSING, "queue", "settings", "presets", "references"})
"""Kinds that tell nothing of a conversation, and nothing that a user could not ask for."""
KNOWN = 4096
"""Conversations whose owner is remembered."""

Owners = Callable[[Sequence[str]], Awaitable[Mapping[str, str | None]]]
"""Whose conversations are; those that are not there are left out."""


class OwnEvents:
    """Picks the events of somebody's own conversations, and those that are everybody's.

    What is of no conversation, or of one that is not there, is of nobody: it is left out.

    Args:
        owners: Knows whose conversations are. That never changes, so each is asked for once.
        shown: Makes of an event what somebody may hear of it.

    Examples:
        >>> import asyncio
        >>> async def owners(ids):
        ...     return {"tale": "anna"}
        >>> said = [WireEvent(1, "message.changed", {}, chat=chat) for chat in ("tale", "x", None)]
        >>> picked = asyncio.run(OwnEvents(owners).of("anna", [*said, WireEvent(2, "queue", {})]))
        >>> [(event.kind, event.chat) for event in picked]
        [('message.changed', 'tale'), ('queue', None)]
    """

    def __init__(
        self,
        owners: Owners,
        shown: Callable[[str, WireEvent], WireEvent] = lambda owner, event: event,
    ) -> None:
        self._owners = owners
        self._shown = shown
        self._known: OrderedDict[str, str | None] = OrderedDict()

    async def of(self, owner: str, events: Iterable[WireEvent]) -> list[WireEvent]:
        """Those that an owner may hear of, in their order.

        Raises:
            limner.errors.StorageError: The library cannot be read.
        """
        placed = [(event, _chat(event)) for event in events]
        chats = {chat for event, chat in placed if chat and event.kind not in EVERYBODYS}
        known = {chat: self._known[chat] for chat in chats if chat in self._known}
        if unknown := sorted(chats - known.keys()):
            found = await self._owners(unknown)
            known |= found
            self._remember(found)
        return [
            self._shown(owner, event)
            for event, chat in placed
            if event.kind in EVERYBODYS or (chat is not None and known.get(chat) == owner)
        ]

    def _remember(self, found: Mapping[str, str | None]) -> None:
        self._known.update(found)
        while len(self._known) > KNOWN:
            self._known.popitem(last=False)


def _chat(event: WireEvent) -> str | None:
    """The conversation an event is about; lists of them hear of all, so there it is said inside."""
    said = event.chat if event.chat is not None else event.data.get("chat")
    return said if isinstance(said, str) else None
