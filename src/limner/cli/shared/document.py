"""What commands write: an illustrated message or a whole chat, in any of the formats."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol

from limner.illustration import Message, Slot

if TYPE_CHECKING:  # a library is only loaded where there is one
    from limner.storage import ChatSummary

Link = Callable[[Slot], str]


class Document(Protocol):
    """Something that can be written."""

    def pieces(self, format: str, link: Link | None) -> Iterator[str | bytes]:  # noqa: A002 - the contract's word
        """Its content in a format, in pieces.

        Args:
            format: ``"html"``, ``"md"``, ``"epub"`` or, where there is one, ``"json"``.
            link: Gives the address of a slot's picture in Markdown; ``None`` embeds pictures.
        """
        ...

    def picture_name(self, slot: Slot) -> str:
        """A file name for a slot's picture, unlike all others of the document."""
        ...


@dataclass(frozen=True, slots=True)
class MessageDocument:
    """One message.

    Attributes:
        message: The message.
        title: What to call it if its text has no heading.
        while_written: Whether pictures were drawn while the text was being written.
    """

    message: Message
    title: str | None = None
    while_written: bool = False

    def pieces(self, format: str, link: Link | None) -> Iterator[str | bytes]:  # noqa: A002 - as above
        """Its content in a format, in pieces."""
        # Imported here because the renderer's libraries are heavy.
        from limner.illustration.rendering import epub_pieces, html_pieces, markdown_pieces
        from limner.illustration.rendering.edition import Edition

        match format:
            case "html":
                edition = Edition(while_written=self.while_written)
                return html_pieces(self.message, title=self.title, edition=edition)
            case "md":
                return markdown_pieces(self.message, link=link)
            case _:
                return epub_pieces(self.message, title=self.title, modified=_now())

    def picture_name(self, slot: Slot) -> str:
        """The ordinal and the beginning of the prompt."""
        from limner.illustration.rendering import picture_name

        return picture_name(slot)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatDocument:
    """A whole chat.

    Attributes:
        chat: What is known of it.
        messages: Its messages in order, each with the answer that is selected.
        answers: All answers of each message, for JSON.
        embed: Whether JSON holds the pictures themselves.
    """

    chat: "ChatSummary"
    messages: Sequence[Message]
    answers: Sequence[Sequence[Message]] = ()
    embed: bool = False

    def pieces(self, format: str, link: Link | None) -> Iterator[str | bytes]:  # noqa: A002 - as above
        """Its content in a format, in pieces."""
        from limner.illustration.rendering import (
            chat_html_pieces,
            chat_markdown_pieces,
            epub_pieces,
        )

        match format:
            case "html":
                return chat_html_pieces(self.messages, title=self.chat.title)
            case "md":
                return chat_markdown_pieces(self.messages, title=self.chat.title, link=link)
            case "json":
                return self._json()
            case _:
                changed = datetime.fromtimestamp(self.chat.updated_at, UTC)
                return epub_pieces(self.messages, title=self.chat.title, modified=changed)

    def picture_name(self, slot: Slot) -> str:
        """The message's place, the slot's, and the beginning of the prompt."""
        from limner.illustration.rendering import picture_name

        number = 1 + [message.id for message in self.messages].index(slot.id.message_id)
        return f"{number:03d}-{picture_name(slot)}"

    def _json(self) -> Iterator[str]:
        from limner.illustration.rendering import json_pieces

        chat = {
            "id": self.chat.id,
            "title": self.chat.title,
            "created_at": self.chat.created_at,
            "updated_at": self.chat.updated_at,
        }
        selected = {message.id: message.variant for message in self.messages}
        return json_pieces(self.answers, chat=chat, selected=selected, embed=self.embed)


def _now() -> datetime:
    return datetime.now(UTC)
