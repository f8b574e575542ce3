"""Which sessions are active: at most one for an answer, side by side or one at a time."""

from collections.abc import Callable
from enum import StrEnum

from limner.errors import MessageBusy
from limner.illustration.sessions.opening import VariantChoice
from limner.illustration.sessions.session import StreamingSession


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
    message for finished while its pictures are still on their way into it. Several answers of one
    message may be written at the same time, each in its session.

    Args:
        policy: What a new session does to those already running in its chat.
    """

    def __init__(self, policy: SessionPolicy = SessionPolicy.PER_MESSAGE) -> None:
        self.policy = SessionPolicy(policy)
        self._sessions: list[StreamingSession] = []

    def start(
        self,
        message_id: str,
        make: Callable[[], StreamingSession],
        *,
        variant: VariantChoice = None,
    ) -> tuple[StreamingSession, bool]:
        """The answer's session: the one it has, or a new one.

        Args:
            message_id: The message.
            make: Makes the session if there is none; must not await.
            variant: Which of the message's answers; ``"new"`` is always another one.

        Returns:
            The session, and whether it is new.
        """
        running = self._running(message_id, variant)
        if running is not None:
            return running, False
        session = make()
        if self.policy is SessionPolicy.SINGLE:
            self.cancel_chat(session.chat_id, reason="another message started")
        self._sessions.append(session)
        return session, True

    def _running(self, message_id: str, variant: VariantChoice) -> StreamingSession | None:
        if variant == "new":
            return None
        for session in self._sessions:
            if session.message_id != message_id:
                continue
            if session.asked == variant or (variant is not None and session.variant == variant):
                return session
        return None

    def check(self, session: StreamingSession) -> None:
        """Make sure that a session, now that its answer is known, is the only one that writes it.

        Raises:
            MessageBusy: Another one does.
        """
        mine = session.message_id, session.variant
        for other in self._sessions:
            if other is not session and (other.message_id, other.variant) == mine:
                raise MessageBusy(session.message_id)

    def taken(self, message_id: str) -> set[int]:
        """The numbers of the message's answers that are being written."""
        return {
            session.variant
            for session in self._sessions
            if session.message_id == message_id and session.variant is not None
        }

    def end(self, session: StreamingSession) -> None:
        """Forget a session that has committed, and tell those who wait for it. Twice is fine."""
        if session in self._sessions:
            self._sessions.remove(session)
        session.ended.set()

    def current(self, message_id: str, variant: int | None = None) -> StreamingSession | None:
        """The active session of a message, or of one of its answers, if there is one."""
        for session in self._sessions:
            if session.message_id == message_id and (
                variant is None or session.variant in (None, variant)
            ):
                return session
        return None

    def active(self, chat_id: str | None = None) -> list[StreamingSession]:
        """The active sessions, of one chat or of all, oldest first."""
        return [s for s in self._sessions if chat_id in (None, s.chat_id)]

    def cancel(self, message_id: str, *, reason: str = "cancelled") -> bool:
        """Ask the sessions of a message to stop; tells whether there was one."""
        sessions = [s for s in self._sessions if s.message_id == message_id]
        for session in sessions:
            session.cancel(reason)
        return bool(sessions)

    def cancel_chat(self, chat_id: str, *, reason: str = "cancelled") -> int:
        """Ask every session of a chat to stop; tells how many there were."""
        sessions = self.active(chat_id)
        for session in sessions:
            session.cancel(reason)
        return len(sessions)
