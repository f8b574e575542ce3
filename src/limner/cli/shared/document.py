"""What commands write: an illustrated message or a whole chat, in any of the formats."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Protocol
from urllib.parse import unquote

from limner.cli.story.imprint import Imprint
from limner.illustration import Image, Message, Slot

if TYPE_CHECKING:  # a library is only loaded where there is one
    from limner.illustration.rendering.edition import OwnPictures
    from limner.storage import ChatSummary

Link = Callable[[Slot], str]
OwnLink = Callable[["Image", int], str]
"""Writes a picture that the text brings along, by its number, and gives its address."""


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

    def markdown_with_own(
        self, pieces: Iterator[str | bytes], folder: Path, link: OwnLink
    ) -> Iterator[str | bytes]:
        """Its Markdown, with the pictures that the text brings along where they can be found.

        Args:
            pieces: The Markdown.
            folder: Where it is written.
            link: Writes a picture that is not found from there.
        """
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

        edition = self.imprint.edition([self.message], while_written=self.while_written)
        if format == "md":
            return markdown_pieces(self.message, link=link, edition=edition)
        if format == "html":
            return html_pieces(self.message, title=self.title, edition=edition)
        return epub_pieces(self.message, title=self.title, modified=_now(), edition=edition)

    def markdown_with_own(
        self, pieces: Iterator[str | bytes], folder: Path, link: OwnLink
    ) -> Iterator[str | bytes]:
        """Its Markdown, with its own pictures."""
        return with_own(pieces, self.imprint, folder, link)

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
                edition = self.imprint.edition(self.messages)
                return chat_markdown_pieces(
                    self.messages, title=self.chat.title, link=link, edition=edition
                )
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

    def markdown_with_own(
        self, pieces: Iterator[str | bytes], folder: Path, link: OwnLink
    ) -> Iterator[str | bytes]:
        """Its Markdown, with the own pictures of a single text."""
        return with_own(pieces, self.imprint, folder, link)

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


_OWN = re.compile(r"(!\[[^\]\n]{0,500}\]\()<?([^()<>\s]{1,1000})>?(?=[)\s])")


def with_own(
    pieces: Iterator[str | bytes], imprint: Imprint, folder: Path, link: OwnLink
) -> Iterator[str | bytes]:
    """Markdown whose links to pictures of the text's own lead there from another folder, too."""
    own: list[OwnPictures | None] = []  # looked for only where there is such a link
    known: dict[str, str] = {}

    def found(match: re.Match[str]) -> str:
        address = match[2]
        if address not in known:
            known[address] = address
            beside = "\0" not in address and (folder / unquote(address)).is_file()
            own[:] = own or [imprint.edition().own]
            image = own[0].picture(address) if own[0] is not None and not beside else None
            if image is not None:
                known[address] = link(image, len(known))
        return f"{match[1]}{known[address]}"

    for piece in pieces:
        has_pictures = imprint.files and isinstance(piece, str) and "![" in piece
        yield _OWN.sub(found, str(piece)) if has_pictures else piece


def _now() -> datetime:
    return datetime.now(UTC)
