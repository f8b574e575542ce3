"""Which sessions are active: at most one for a message, side by side or one at a time."""

from collections.abc import Callable
from enum import StrEnum

from limner.illustration.session import StreamingSession


class SessionPolicy(StrEnum):
    """What a new session does to those already running in its chat."""

    PER_MESSAGE = "per_message"
    """Nothing: messages of a chat are illustrated side by side."""
    SINGLE = "single"
    """It cancels them. Other chats are never affected."""


class SessionManager:
    """Keeps the active sessions.

    A session is active from the moment it is registered, before anything is awaited, until its
    commit is done: so many first tokens of one message find one session, and nobody takes a
    message for finished while its pictures are still on their way into it.

    Args:
        policy: What a new session does to those already running in its chat.
    """

    def __init__(self, policy: SessionPolicy = SessionPolicy.PER_MESSAGE) -> None:
        self.policy = SessionPolicy(policy)
        self._sessions: dict[str, StreamingSession] = {}

    def start(
        self, message_id: str, make: Callable[[], StreamingSession]
    ) -> tuple[StreamingSession, bool]:
        """The message's session: the one it has, or a new one.

        Args:
            message_id: The message.
            make: Makes the session if there is none; must not await.

        Returns:
            The session, and whether it is new.
        """
        running = self._sessions.get(message_id)
        if running is not None:
            return running, False
        session = make()
        if self.policy is SessionPolicy.SINGLE:
            self.cancel_chat(session.chat_id, reason="another message started")
        self._sessions[message_id] = session
        return session, True

    def end(self, session: StreamingSession) -> None:
        """Forget a session that has committed, and tell those who wait for it. Twice is fine."""
        if self._sessions.get(session.message_id) is session:
            del self._sessions[session.message_id]
        session.ended.set()

    def current(self, message_id: str) -> StreamingSession | None:
        """The message's active session, if it has one."""
        return self._sessions.get(message_id)

    def active(self, chat_id: str | None = None) -> list[StreamingSession]:
        """The active sessions, of one chat or of all, oldest first."""
        return [s for s in self._sessions.values() if chat_id in (None, s.chat_id)]

    def cancel(self, message_id: str, *, reason: str = "cancelled") -> bool:
        """Ask the message's session to stop; tells whether there was one."""
        session = self._sessions.get(message_id)
        if session is not None:
            session.cancel(reason)
        return session is not None

    def cancel_chat(self, chat_id: str, *, reason: str = "cancelled") -> int:
        """Ask every session of a chat to stop; tells how many there were."""
        sessions = self.active(chat_id)
        for session in sessions:
            session.cancel(reason)
        return len(sessions)
