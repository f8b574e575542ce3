"""A message as Markdown with its pictures as links."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import islice

from limner.errors.installation import needing
from limner.illustration.model.message import Message, MessageState
from limner.illustration.model.slot import Slot, SlotState
from limner.illustration.rendering.blocks import Block, blocks
from limner.illustration.rendering.dialect.front_matter import front_matter
from limner.illustration.rendering.edition.edition import PLAIN, Edition
from limner.illustration.rendering.figure import CUT, why
from limner.illustration.rendering.language import language_of
from limner.illustration.rendering.lines import marked_lines
from limner.illustration.rendering.marks import MARK, restore, set_aside
from limner.illustration.rendering.picture import data_uri
from limner.illustration.rendering.placement.layout import lay_out

_MEANING = re.compile(r"[\\`*_\[\]<>&|~!$]")
_LONE = re.compile(r"(?<!\r)\n")
_UNSAFE = re.compile(r"[\s()<>`\"'\\|\x00-\x1f\x7f]")


def markdown_pieces(
    message: Message,
    *,
    link: Callable[[Slot], str] | None = None,
    note: str | None = None,
    edition: Edition = PLAIN,
) -> Iterator[str]:
    r"""The message as Markdown: its raw text, with a picture in the place of each tag.

    A picture stands on lines of its own wherever the text around it allows that: not in a table
    or in the middle of a link, of a heading or of emphasised words, where it stays on the line.
    Lines end as those of the text do.

    Args:
        message: What to render, in whatever state it is.
        link: Gives the address of a slot's picture (it is escaped here as Markdown needs it); by
            default the picture itself as a ``data:`` URI.
        note: A line below the text; by default one is there only if the text was cut off.
        edition: Says whether quotes are made curly, and in what language.

    Yields:
        Pieces of the text, in order.

    Examples:
        >>> "".join(markdown_pieces(Message(id="m", text="# The Fox\n\nOnce…\n")))
        '# The Fox\n\nOnce…\n'
    """
    pieces = _pieces(message, link or _embedded, note, edition)
    yield from _with_returns(pieces) if _has_returns(message.text) else pieces


def _has_returns(text: str) -> bool:
    """Whether all lines of a text end as on Windows."""
    return "\r\n" in text and text.count("\r\n") == text.count("\n")


def _with_returns(pieces: Iterator[str]) -> Iterator[str]:
    return (_LONE.sub("\r\n", piece) for piece in pieces)


def _pieces(
    message: Message, link: Callable[[Slot], str], note: str | None, edition: Edition
) -> Iterator[str]:
    there = {i: slot for i, slot in enumerate(message.slots) if slot.state is not SlotState.DELETED}
    gone = {str(i) for i in range(len(message.slots)) if i not in there}
    pictures = {str(i) for i, slot in there.items() if slot.image is not None}
    for block in _smart_blocks(message, edition) if edition.smart else _blocks(message):
        laid_out = lay_out(block, pictures, gone) if message.slots else block.text
        at = 0
        for found in MARK.finditer(laid_out):
            yield restore(laid_out[at : found.start()])
            yield _place(there[int(found[1])], link)
            at = found.end()
        yield restore(laid_out[at:])
    if note is None and message.state is MessageState.CUT:
        note = CUT
    if note:
        yield f"\n\n*{one_line(note)}*\n"


def _blocks(message: Message) -> Iterator[Block]:
    return blocks(marked_lines(message))


def _smart_blocks(message: Message, edition: Edition) -> Iterator[Block]:
    """The text's blocks with curly quotes; what it says of itself in front matter stays."""
    with needing("curly quotes"):
        from limner.illustration.rendering.edition.smart_markdown import SmartMarkdown
    lines = marked_lines(message)
    yield from blocks(islice(lines, message.text[: front_matter(message.text).end].count("\n")))
    smart = SmartMarkdown(edition.language or language_of(message.text))
    for block in blocks(lines):
        yield replace(block, text=smart.block(block))


def _embedded(slot: Slot) -> str:
    return data_uri(slot.image) if slot.image else ""


def _place(slot: Slot, link: Callable[[Slot], str]) -> str:
    """What stands in the slot's place."""
    if slot.shown is not None:
        return f"![{one_line(slot.shown.prompt)}]({_address(link(slot))})"
    reason = one_line(why(slot)).rstrip(".")
    return f"*({reason}. Prompt: {one_line(slot.prompt)})*"


def one_line(text: str) -> str:
    r"""The text on one line, so that Markdown shows just that.

    Examples:
        >>> print(one_line("a *red*\nfox"))
        a \*red\* fox
    """
    words = " ".join(restore(set_aside(text)).split())
    return _MEANING.sub(r"\\\g<0>", words)


def _address(link: str) -> str:
    """The link with what could end it percent-encoded (RFC 3986); what is encoded stays so."""
    safe = restore(set_aside(link))
    return _UNSAFE.sub(lambda found: "".join(f"%{b:02X}" for b in found[0].encode()), safe)
