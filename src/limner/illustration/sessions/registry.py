"""Which sessions are active: who writes an answer, and who draws its pictures apart from that."""

from collections.abc import Callable
from enum import StrEnum

from limner.illustration.generation.urgency import Urgency
from limner.illustration.sessions.session_base import Session
from limner.illustration.sessions.session_request import VariantChoice
from limner.illustration.sessions.status import SessionKind, SessionStatus


class SessionPolicy(StrEnum):
    """What a new session does to those already running in its chat."""

    PER_MESSAGE = "per_message"
    """Nothing: messages of a chat are illustrated side by side."""
    SINGLE = "single"
    """It cancels those that write. Other chats are never affected."""


class StopWhat(StrEnum):
    """What of a session is to stop."""

    ALL = "all"
    """Text and pictures; what there is, is committed."""
    TEXT = "text"
    """The writing: pictures that were found are drawn to their end."""
    PICTURES = "pictures"
    """The drawing: the text goes on, and none of its pictures is drawn any more."""


class SessionManager:
    """Keeps the active sessions.

    A session is active from the moment it is registered, before anything is awaited, until its
    commit is done: so many first tokens of one message find one session, and nobody takes a
    message for finished while its pictures are still on their way into it. Several answers of one
    message may be written at the same time, each in its session. Pictures that are drawn by hand
    have sessions too, of the kind `SessionKind.MANUAL`, so that whoever looks or stops meets all.

    Args:
        policy: What a new session does to those already running in its chat.
    """

    def __init__(self, policy: SessionPolicy = SessionPolicy.PER_MESSAGE) -> None:
        self.policy = SessionPolicy(policy)
        self._sessions: list[Session] = []
        self._taken_up: dict[tuple[str, int], Urgency] = {}
        self._watchers: list[Callable[[Session], None]] = []

    def on_end(self, watcher: Callable[[Session], None]) -> None:
        """Have a function called with each session that has ended, and committed what it had."""
        self._watchers.append(watcher)

    def start(
        self, message_id: str, make: Callable[[], Session], *, variant: VariantChoice = None
    ) -> tuple[Session, bool]:
        """The session that writes an answer: the one there is, or a new one.

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
            for other in self._writing():
                if other.chat_id == session.chat_id:
                    other.cancel("another message started")
        self.register(session)
        return session, True

    def register(self, session: Session) -> None:
        """A session has begun that needs nobody's leave: one that writes nothing."""
        self._sessions.append(session)

    def _writing(self) -> list[Session]:
        return [one for one in self._sessions if one.kind is SessionKind.STREAMED]

    def _running(self, message_id: str, variant: VariantChoice) -> Session | None:
        if variant == "new":
            return None
        for session in self._writing():
            if session.message_id != message_id:
                continue
            if session.asked == variant or (variant is not None and session.variant == variant):
                return session
        return None

    def rival(self, session: Session) -> Session | None:
        """Another session that writes the same answer, now that it is known which one that is."""
        mine = session.message_id, session.variant
        for other in self._writing():
            if other is not session and (other.message_id, other.variant) == mine:
                return other
        return None

    def put_first(self, message_id: str, variant: int | None) -> None:
        """This answer of a message is on screen: pictures of its others wait behind all others.

        They are not cancelled, as the reader may go back to them.
        """
        for session in self._writing():
            if session.message_id == message_id:
                session.urgency.fall_behind(session.variant != variant)
        for (message, number), urgency in self._taken_up.items():
            if message == message_id:
                urgency.fall_behind(number != variant)

    def taken_up(self, message_id: str, variant: int) -> Urgency:
        """How urgent the pictures of an answer are that a former process left undrawn."""
        return self._taken_up.setdefault((message_id, variant), Urgency())

    def drawn(self, message_id: str, variant: int) -> None:
        """Nothing of an answer that was taken up is to be drawn any more. Twice is fine."""
        self._taken_up.pop((message_id, variant), None)

    def taken(self, message_id: str) -> set[int]:
        """The numbers of the message's answers that are being written."""
        return {
            session.variant
            for session in self._writing()
            if session.message_id == message_id and session.variant is not None
        }

    def end(self, session: Session) -> None:
        """Forget a session that has committed, and tell those who wait for it. Twice is fine."""
        if session in self._sessions:
            self._sessions.remove(session)
            for watcher in self._watchers:
                watcher(session)
        session.lifetime.end()

    def current(self, message_id: str, variant: int | None = None) -> Session | None:
        """The session that writes a message, or one of its answers, if there is one."""
        for session in self._writing():
            if session.message_id == message_id and (
                variant is None or session.variant in (None, variant)
            ):
                return session
        return None

    def active(self, chat_id: str | None = None, *, message_id: str | None = None) -> list[Session]:
        """The active sessions of both kinds, of a chat, of a message or of all, oldest first."""
        return [
            session
            for session in self._sessions
            if chat_id in (None, session.chat_id) and message_id in (None, session.message_id)
        ]

    def status(
        self, chat_id: str | None = None, *, message_id: str | None = None
    ) -> tuple[SessionStatus, ...]:
        """How the active sessions stand, of a chat, of a message or of all, oldest first."""
        return tuple(one.status() for one in self.active(chat_id, message_id=message_id))

    def cancel(
        self, message_id: str, *, reason: str = "cancelled", what: StopWhat | str = StopWhat.ALL
    ) -> bool:
        """Ask the sessions of a message to stop; tells whether there was one."""
        return _stop(self.active(message_id=message_id), reason, StopWhat(what)) > 0

    def cancel_chat(
        self, chat_id: str, *, reason: str = "cancelled", what: StopWhat | str = StopWhat.ALL
    ) -> int:
        """Ask every session of a chat to stop; tells how many there were."""
        return _stop(self.active(chat_id), reason, StopWhat(what))

    def cancel_all(self, *, reason: str = "cancelled", what: StopWhat | str = StopWhat.ALL) -> int:
        """Ask every session there is to stop; tells how many there were."""
        return _stop(self.active(), reason, StopWhat(what))


def _stop(sessions: list[Session], reason: str, what: StopWhat) -> int:
    if what is StopWhat.TEXT:
        return sum([session.stop_text(reason) for session in sessions])
    if what is StopWhat.PICTURES:
        return sum([session.stop_pictures(reason) for session in sessions])
    for session in sessions:
        session.cancel(reason)
    return len(sessions)
