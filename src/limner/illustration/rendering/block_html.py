"""A message's text as pieces of HTML that can be shown, and exchanged, one by one.

For whoever shows a text while it grows: what stands before the last piece does not change any
more, and a picture is only a place in it, which the reader's program fills.
"""

from collections.abc import Iterator
from itertools import groupby

from limner.illustration.model.message import Message
from limner.illustration.rendering.block_hoisting import lift
from limner.illustration.rendering.blocks import Block
from limner.illustration.rendering.dialect.anchors import Anchors
from limner.illustration.rendering.marks import MARK
from limner.illustration.rendering.reasoning import Reasoning
from limner.illustration.rendering.story import (
    complete,
    definitions,
    markup_with,
    parts,
    reasoning,
    with_plates,
)

REMEMBERED = 2000
"""Blocks whose HTML is remembered."""


class BlockHtml:
    r"""Renders one answer again and again while it grows; a block that stays costs nothing.

    Args:
        prefix: Begins the names of places, for pages of several texts.

    Examples:
        >>> growing = BlockHtml()
        >>> growing.render(Message(id="m", text="A *red* fox.\n\nIt sle"))
        ['<p>A <em>red</em> fox.</p>\n', '<p>It sle</p>\n']
    """

    def __init__(self, prefix: str = "") -> None:
        self._prefix = prefix
        self._defined: list[str] | None = None
        self._made: dict[tuple[str, str, str], str] = {}

    def render(self, message: Message) -> list[str]:
        """The text in pieces of clean HTML, each of whole elements.

        The place of a picture is an empty ``figure`` or ``span`` whose ``data-slot`` is the
        ordinal of its slot. A piece is changed by more text only if it is the last one.

        Raises:
            limner.errors.MissingExtra: The packages that read Markdown are not installed.
        """
        self._learn(message)
        anchors = Anchors(message.text, self._prefix)
        found = [*self._blocks(message)]
        if notes := self._markup.notes():
            found.append(lift(notes))
        made = ("".join(with_plates(anchors.named(html), _place)) for html in found)
        return [html for html in made if html.strip()]

    def _learn(self, message: Message) -> None:
        """Take in the definitions that all blocks may refer to."""
        blocks = list(definitions(message))
        defined = [block.source for block in blocks]
        if defined != self._defined or len(self._made) > REMEMBERED:
            self._defined = defined
            self._markup = markup_with(blocks, self._prefix)
            self._made.clear()

    def _blocks(self, message: Message) -> Iterator[str]:
        for is_reasoning, run in groupby(parts(message), key=_is_reasoning):
            if is_reasoning:
                yield from _wholes(part for part in run if isinstance(part, Reasoning))
                continue
            for part in run:
                yield from map(self._html, part if isinstance(part, Iterator) else ())

    def _html(self, block: Block) -> str:
        key = block.opening, block.text, block.closing
        if key not in self._made:
            self._made[key] = lift(complete([block], self._markup.html))
        return self._made[key]


def _is_reasoning(part: Reasoning | Iterator[Block]) -> bool:
    return isinstance(part, Reasoning)


def _wholes(found: Iterator[Reasoning]) -> Iterator[str]:
    """Each block of reasoning as one piece of HTML; pictures stand behind it."""
    held: list[str] = []
    for part in found:
        held.append(reasoning(part))
        if part.ends:
            html = "".join(held)
            marks = "".join(f"<figure>{n}</figure>" for n in MARK.findall(html))
            yield MARK.sub("", html) + marks
            held.clear()


def _place(ordinal: int, block: bool) -> str:
    name = "figure" if block else "span"
    return f'<{name} data-slot="{ordinal}"></{name}>'
