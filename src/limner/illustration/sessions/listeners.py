"""Who is told of what happens in all sessions."""

import logging
from collections.abc import Callable

from limner.illustration.sessions.events import Event
from limner.illustration.sessions.session_base import Session

log = logging.getLogger(__name__)

Listener = Callable[[Session, Event], None]


class SessionListeners:
    """Tells every listener every event, in the order in which it happens."""

    def __init__(self) -> None:
        self._listeners: list[Listener] = []

    def add(self, listener: Listener) -> Callable[[], None]:
        """Have a function called with every event of every session; gives what ends that."""
        self._listeners.append(listener)

        def unsubscribe() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)

        return unsubscribe

    def tell(self, session: Session, event: Event) -> None:
        """Tell of an event. A listener that raises is logged and harms nobody."""
        for listener in tuple(self._listeners):
            try:
                listener(session, event)
            except Exception:
                log.exception("a listener to sessions failed")
