"""A conversation as programs see it."""

from typing import Self

from pydantic import Field

from limner.server.schemas.schema import ReadableText, Schema
from limner.storage import ChatSummary


class ChatView(Schema):
    """A conversation, as a list of conversations shows it."""

    id: str
    title: ReadableText | None
    created_at: float = Field(description="Seconds since the epoch.")
    updated_at: float
    messages: int
    pictures: int = Field(description="How many there are, all alternatives counted.")
    failed: int = Field(description="How many slots have none because drawing it failed.")
    writing: int = Field(description="How many answers are still being written.")

    @classmethod
    def of(cls, chat: ChatSummary) -> Self:
        """The view of a conversation."""
        return cls(
            id=chat.id,
            title=chat.title,
            created_at=chat.created_at,
            updated_at=chat.updated_at,
            messages=chat.messages,
            pictures=chat.pictures,
            failed=chat.failed,
            writing=chat.writing,
        )
