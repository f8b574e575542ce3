"""A message as programs see it."""

from collections.abc import Sequence
from typing import Self

from pydantic import Field

from limner.illustration import Message
from limner.illustration.rendering import told_pieces
from limner.server.schemas.schema import ReadableText, Schema
from limner.server.schemas.slot import SlotView


class TextPiece(Schema):
    """A stretch of an answer: either words, or the place of a picture."""

    text: ReadableText | None = Field(None, description="Words, without tags.")
    slot: int | None = Field(None, description="The ordinal of the slot that stands here.")


class MessageView(Schema):
    """One answer of a message, with its pictures."""

    id: str
    chat: str
    variant: int = Field(description="Which of the message's answers this is.")
    variants: list[int] = Field(description="All its answers.")
    role: str = Field(description="assistant, user or system.")
    state: str = Field(description="writing, complete or cut.")
    text: ReadableText = Field(description="The raw text with its tags.")
    pieces: list[TextPiece] = Field(
        description="The same as readers see it, in reading order: without tags, and without one "
        "that was left unfinished at the end."
    )
    slots: list[SlotView] = Field(description="By ordinal.")
    owner: str | None
    busy: bool = Field(description="Whether it is being written, or its pictures are on their way.")
    blocks: list[str] | None = Field(
        None,
        description="The text as safe HTML, where that was asked for. Of a picture there is its "
        "place: an empty element with the attribute data-slot, the ordinal of its slot.",
    )

    @classmethod
    def of(cls, message: Message, *, variants: Sequence[int] = (), busy: bool = False) -> Self:
        """The view of a message.

        Examples:
            >>> view = MessageView.of(Message(id="m", text="Once upon a time"))
            >>> [piece.text for piece in view.pieces], view.variants
            (['Once upon a time'], [0])
        """
        return cls(
            id=message.id,
            chat=message.chat_id,
            variant=message.variant,
            variants=list(variants) or [message.variant],
            role=message.role.value,
            state=message.state.value,
            text=message.text,
            pieces=[
                TextPiece(text=piece)
                if isinstance(piece, str)
                else TextPiece(slot=piece.id.ordinal)
                for piece in told_pieces(message)
            ],
            slots=[SlotView.of(slot) for slot in message.slots],
            owner=message.owner,
            busy=busy,
        )
