"""What can be told of a session at any moment."""

from dataclasses import dataclass
from enum import StrEnum


class SessionKind(StrEnum):
    """Where a session's pictures come from."""

    STREAMED = "streamed"
    """From the tags of an answer that is being written."""
    MANUAL = "manual"
    """They were asked for by hand, or taken up after a start."""


class WaitsFor(StrEnum):
    """What a session needs before it can end."""

    TEXT = "text"
    """The end of the text."""
    PROMPTS = "prompts"
    """The second model of the independent mode, which writes the prompts."""
    PICTURES = "pictures"
    """Pictures that wait or are being drawn."""
    COMMIT = "commit"
    """The store, which keeps what there is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionStatus:
    """A session as it is at one moment.

    Attributes:
        id: Its identity; no two sessions have the same.
        message_id: The message it works on.
        variant: Which of the message's answers; ``None``: that is not known yet.
        chat_id: The message's conversation.
        kind: Where its pictures come from.
        active: Whether it has not ended.
        cancelled: Whether it was asked to stop.
        duration: Seconds since it started, or how many it took.
        waits_for: What it needs before it can end; nothing if it has ended.
    """

    id: str
    message_id: str
    variant: int | None
    chat_id: str
    kind: SessionKind
    active: bool
    cancelled: bool
    duration: float
    waits_for: tuple[WaitsFor, ...] = ()
