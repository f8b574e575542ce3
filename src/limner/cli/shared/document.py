"""What commands write: an illustrated message or a whole chat, in any of the formats."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol

from limner.cli.story.imprint import Imprint
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
        imprint: What is said of it before what the text says.
        while_written: Whether pictures were drawn while the text was being written.
    """

    message: Message
    title: str | None = None
    imprint: Imprint = field(default_factory=Imprint)
    while_written: bool = False

    def pieces(self, format: str, link: Link | None) -> Iterator[str | bytes]:  # noqa: A002 - as above
        """Its content in a format, in pieces."""
        # Imported here because the renderer's libraries are heavy.
        from limner.illustration.rendering import epub_pieces, html_pieces, markdown_pieces

        if format == "md":
            return markdown_pieces(self.message, link=link)
        edition = self.imprint.edition([self.message], while_written=self.while_written)
        if format == "html":
            return html_pieces(self.message, title=self.title, edition=edition)
        return epub_pieces(self.message, title=self.title, modified=_now(), edition=edition)

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
        imprint: What is said of it, if it holds a single text that a command illustrated.
    """

    chat: "ChatSummary"
    messages: Sequence[Message]
    answers: Sequence[Sequence[Message]] = ()
    embed: bool = False
    imprint: Imprint = field(default_factory=Imprint)

    def pieces(self, format: str, link: Link | None) -> Iterator[str | bytes]:  # noqa: A002 - as above
        """Its content in a format, in pieces."""
        from limner.illustration.rendering import (
            chat_html_pieces,
            chat_markdown_pieces,
            epub_pieces,
            html_pieces,
        )

        match format:
            case "html" if len(self.messages) == 1:
                edition = self.imprint.edition(self.messages)
                return html_pieces(self.messages[0], title=self.chat.title, edition=edition)
            case "html":
                return chat_html_pieces(self.messages, title=self.chat.title)
            case "md":
                return chat_markdown_pieces(self.messages, title=self.chat.title, link=link)
            case "json":
                return self._json()
            case _:
                changed = datetime.fromtimestamp(self.chat.updated_at, UTC)
                return epub_pieces(
                    self.messages,
                    title=self.chat.title,
                    modified=changed,
                    edition=self.imprint.edition(self.messages),
                )

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
