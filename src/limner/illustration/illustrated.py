"""An illustrated message: what illustrating gives back."""

import html
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from limner.errors import StorageError
from limner.illustration.model.message import Message, MessageState
from limner.illustration.model.pending import UNFINISHED
from limner.illustration.model.slot import Slot, SlotState


@dataclass(frozen=True, slots=True, kw_only=True)
class Illustrated:
    """A message with its pictures, and how its text ended.

    Attributes:
        message: The message as it was committed.
        error: What stopped the text before its end, if something did.
        cancelled: Whether it was cancelled; the text so far and the finished pictures are here.
        prompt_error: Why the second model of the independent mode wrote no prompts, if it failed.
        given_up: Why pictures were waited for no longer, if they were not; see `waiting`.
        not_kept: Why the store does not have all of it, if it does not; it is all here.
        unkept: How many of its pictures the store does not have, then.
        near_misses: How often the text has something that seems meant to be a tag and is none.
    """

    message: Message
    error: BaseException | None = None
    cancelled: bool = False
    prompt_error: BaseException | None = None
    given_up: BaseException | None = None
    not_kept: StorageError | None = None
    unkept: int = 0
    near_misses: int = 0

    @property
    def text(self) -> str:
        """The raw text, with its tags, exactly as it came."""
        return self.message.text

    @property
    def slots(self) -> tuple[Slot, ...]:
        """One slot for each tag; see `Message.slots` for their order."""
        return self.message.slots

    @property
    def failed(self) -> tuple[Slot, ...]:
        """The slots without a picture, each with its reason."""
        return tuple(slot for slot in self.slots if slot.state is SlotState.FAILED)

    @property
    def waiting(self) -> tuple[Slot, ...]:
        """The slots whose pictures were asked for, and are neither made nor refused.

        They are drawn by `Illustrator.resume`, or by `Illustrator.recover` after a start.
        """
        return tuple(slot for slot in self.slots if slot.state in UNFINISHED)

    @property
    def complete(self) -> bool:
        """Whether the text came to its end and every picture was made."""
        whole = self.message.state is MessageState.COMPLETE
        return whole and not self.failed and not self.waiting

    def render(self, format: str = "html", **options: Any) -> str:  # noqa: A002 - the contract's word
        """The message with its pictures in place, as one string.

        Args:
            format: ``"html"`` (one self-contained page) or ``"markdown"`` (``"md"`` for short;
                pictures as data URIs unless ``link=`` says otherwise).
            **options: The renderer's own; see `limner.illustration.rendering`.

        Raises:
            ValueError: There is no such format.
            limner.errors.MissingExtra: HTML needs ``pip install 'limner[standard]'``.
        """
        return "".join(self.pieces(format, **options))

    def pieces(self, format: str = "html", **options: Any) -> Iterator[str]:  # noqa: A002 - as above
        """The same as `render` in pieces, for results too large to hold as one string."""
        # Imported here because many users never render.
        from limner.illustration.rendering import html_pieces, markdown_pieces

        if format == "html":
            return html_pieces(self.message, **options)
        if format in ("markdown", "md"):
            return markdown_pieces(self.message, **options)
        raise ValueError(f"unknown format {format!r}; known: html, markdown")

    def _repr_html_(self) -> str:
        """What a notebook shows: the page in a frame of its own, in which no script runs."""
        page = html.escape(self.render("html"), quote=True)
        return (
            f'<iframe srcdoc="{page}" sandbox="" loading="lazy" title="An illustrated story"'
            ' style="width:100%;height:40rem;border:0;resize:vertical"></iframe>'
        )

    def epub(self, *, modified: datetime, **options: Any) -> Iterator[bytes]:
        """The message as an EPUB 3.3 book, in pieces of the file.

        Args:
            modified: When the book was made.
            **options: Such as ``title``; see `limner.illustration.rendering.epub_pieces`.

        Raises:
            limner.errors.MissingExtra: It needs ``pip install 'limner[standard]'``.
        """
        from limner.illustration.rendering import epub_pieces

        return epub_pieces(self.message, modified=modified, **options)
