"""Who is told of what happens in all sessions."""

import logging
from collections.abc import Callable

from limner.illustration.sessions.events import Event
from limner.illustration.sessions.session_base import Session

log = logging.getLogger(__name__)

Listener = Callable[[Session, Event], None]


class SessionListeners:
    """Tells every listener the events it wants, in the order in which they happen."""

    def __init__(self) -> None:
        self._listeners: list[tuple[Listener, frozenset[type[Event]]]] = []
        self._of_kind: dict[type[Event], tuple[Listener, ...]] = {}

    def add(self, listener: Listener, *kinds: type[Event]) -> Callable[[], None]:
        """Have a function called with these events of every session; gives what ends that.

        Args:
            listener: The function.
            *kinds: The classes of the events; none: all.
        """
        entry = listener, frozenset(kinds)
        self._listeners.append(entry)
        self._of_kind.clear()

        def unsubscribe() -> None:
            if entry in self._listeners:
                self._listeners.remove(entry)
                self._of_kind.clear()

        return unsubscribe

    def _who_wants(self, kind: type[Event]) -> tuple[Listener, ...]:
        wanting = tuple(one for one, kinds in self._listeners if not kinds or kind in kinds)
        self._of_kind[kind] = wanting
        return wanting

    def tell(self, session: Session, event: Event) -> None:
        """Tell of an event. A listener that raises is logged and harms nobody."""
        kind = type(event)
        known = self._of_kind.get(kind)
        for listener in self._who_wants(kind) if known is None else known:
            try:
                listener(session, event)
            except Exception:
                log.exception("a listener to sessions failed")
