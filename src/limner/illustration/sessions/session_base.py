"""What all sessions have: their identity, their lifetime, and how they stand."""

import asyncio
import uuid
from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import ClassVar

from limner.illustration.generation.progress import Progress
from limner.illustration.generation.urgency import Urgency
from limner.illustration.model.slot import SlotId
from limner.illustration.sessions.draft_message import DraftMessage
from limner.illustration.sessions.prompt_queue import PromptQueue
from limner.illustration.sessions.session_request import VariantChoice
from limner.illustration.sessions.status import SessionKind, SessionStatus, WaitsFor


class Lifetime:
    """From when it is made until `end` is called, in seconds on the loop's clock."""

    def __init__(self) -> None:
        self.started_at = asyncio.get_running_loop().time()
        self.ended_at: float | None = None
        self.ended = asyncio.Event()

    @property
    def duration(self) -> float:
        """Seconds it lives already, or has lived."""
        if self.ended_at is not None:
            return self.ended_at - self.started_at
        return asyncio.get_running_loop().time() - self.started_at

    def end(self) -> None:
        """It has ended. Twice is fine."""
        if self.ended_at is None:
            self.ended_at = asyncio.get_running_loop().time()
            self.ended.set()


class Session(ABC):
    """Work on one answer, from its registration to its last commit.

    Args:
        message_id: The message.
        chat_id: Its conversation.
        asked: Which of the message's answers was asked for.

    Attributes:
        id: Its identity.
        message_id: The message.
        chat_id: Its conversation.
        asked: Which of the message's answers was asked for.
        variant: Which one it is; ``None``: that is not known yet.
        kind: Where its pictures come from.
        lifetime: When it began, and when it has ended.
        urgency: Lets the pictures of its text fall behind those of another answer.
        stopped: Whether somebody asked it to stop, or to write no more.
    """

    kind: ClassVar[SessionKind]

    def __init__(self, message_id: str, chat_id: str, asked: VariantChoice) -> None:
        self.id = uuid.uuid4().hex
        self.message_id = message_id
        self.chat_id = chat_id
        self.asked = asked
        self.variant: int | None = None
        self.lifetime = Lifetime()
        self.urgency = Urgency()
        self.stopped = False

    @property
    @abstractmethod
    def cancelled(self) -> bool:
        """Whether it was asked to stop."""

    @abstractmethod
    def cancel(self, reason: str = "cancelled", *, leave: bool = False) -> None:
        """Ask it to stop; returns at once.

        Args:
            reason: Why.
            leave: Let what is not drawn wait instead, to be drawn after the next start.
        """

    @abstractmethod
    def stop_text(self, reason: str) -> bool:
        """Ask it to write no more; its pictures go on. Returns at once.

        Tells whether there was anything to stop.
        """

    @abstractmethod
    def stop_pictures(self, reason: str) -> bool:
        """Ask it to draw no more; its text goes on. Returns at once.

        Tells whether there was anything to stop.
        """

    @abstractmethod
    def progress(self) -> Progress:
        """How far its pictures are."""

    @property
    def ending(self) -> bool:
        """Whether nothing is awaited any more but that what there is comes into the store."""
        return False

    def hand_over(self, slot_id: SlotId) -> bool:
        """Leave one of its slots to others, who may change it then; tells whether it does."""
        return False

    async def wait(self) -> None:
        """Wait until it has ended: everything is committed."""
        await self.lifetime.ended.wait()

    def status(self) -> SessionStatus:
        """How it stands."""
        active = self.lifetime.ended_at is None
        return SessionStatus(
            id=self.id,
            message_id=self.message_id,
            variant=self.variant,
            chat_id=self.chat_id,
            kind=self.kind,
            active=active,
            cancelled=self.cancelled,
            duration=self.lifetime.duration,
            waits_for=tuple(self._waits_for()) if active else (),
        )

    @abstractmethod
    def _waits_for(self) -> Iterable[WaitsFor]:
        """What it needs before it can end, while it is active."""


class LettingGo(Session):
    """A session whose finished slots can be changed while its other pictures are drawn.

    What was told to be finished may be changed at once by whoever was told so. Its last commit
    leaves alone what others have changed meanwhile.
    """

    queue: PromptQueue
    _answer: DraftMessage
    _settling: bool
    _finishing: bool

    @property
    def ending(self) -> bool:
        """Whether it is stopped, or all is drawn: only its last commit is left."""
        return self.cancelled or self._finishing or (self._settling and not self.queue.unfinished)

    def hand_over(self, slot_id: SlotId) -> bool:
        """Leave a slot to others, if the text has ended and it has as well."""
        return self._settling and not self.cancelled and self._answer.hand_over(slot_id)
