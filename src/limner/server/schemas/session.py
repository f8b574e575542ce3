"""A session as programs see it."""

from typing import Self

from pydantic import Field

from limner.illustration import Session, SessionKind, WaitsFor
from limner.server.schemas.progress import ProgressView
from limner.server.schemas.schema import Schema


class SessionView(Schema):
    """Work on one answer: it is being written, or pictures of it are drawn by hand."""

    id: str
    message: str
    variant: int | None = Field(description="Which of its answers; null: not known yet.")
    chat: str
    kind: SessionKind = Field(
        description="streamed: from the tags of an answer that is written; manual: by hand."
    )
    active: bool = Field(description="Whether it has not ended.")
    cancelled: bool = Field(description="Whether it was asked to stop.")
    duration: float = Field(description="Seconds since it began.")
    waits_for: list[WaitsFor] = Field(description="What it needs before it can end.")
    progress: ProgressView = Field(description="How far its pictures are.")

    @classmethod
    def of(cls, session: Session) -> Self:
        """The view of a session."""
        status = session.status()
        return cls(
            id=status.id,
            message=status.message_id,
            variant=status.variant,
            chat=status.chat_id,
            kind=status.kind,
            active=status.active,
            cancelled=status.cancelled,
            duration=status.duration,
            waits_for=list(status.waits_for),
            progress=ProgressView.of(session.progress()),
        )
