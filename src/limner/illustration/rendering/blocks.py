"""A long text in blocks that can be read as Markdown one by one.

A block ends only where the next line surely begins something new: at a line that follows a blank
one outside a fence, is not indented and does not begin with a list marker. So lists whose items
stand apart, fenced code with blank lines and the like stay whole. What grows past `LARGEST` is cut
all the same, so that no text can make us hold it all.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from limner.illustration.rendering.fence import Fence

LARGEST = 128 * 1024
"""Characters after which a block is cut wherever it is."""

_MARKER = re.compile(r" {0,3}(?:[-+*]|\d{1,9}[.)])(?:\s|$)")
_BLANK = " \t\r\n"


@dataclass(frozen=True, slots=True)
class Block:
    """A stretch of marked text that stands for itself.

    Attributes:
        text: The characters. All blocks' texts concatenated are the text.
        opening: The line that opens the fence in whose middle it was cut off, if it was.
        closing: The line that ends such a fence, if the cut is in its middle.
    """

    text: str
    opening: str = ""
    closing: str = ""

    @property
    def source(self) -> str:
        """What to read as Markdown: the text, with a fence that was cut in two mended."""
        return f"{self.opening}{self.text}{self.closing}"


def blocks(lines: Iterable[str]) -> Iterator[Block]:
    r"""Gather lines into blocks.

    Examples:
        >>> [block.text for block in blocks(["one\n", "\n", "- a\n", "\n", "- b\n", "\n", "two"])]
        ['one\n\n- a\n\n- b\n\n', 'two']
    """
    fence = Fence()
    held: list[str] = []
    size = 0
    opening = ""
    blank = in_list = False
    for line in lines:
        fresh = blank and not fence.opening and _begins_anew(line)
        if held and (fresh or size + len(line) > LARGEST):
            yield Block("".join(held), opening, fence.closing)
            opening = fence.opening
            held.clear()
            size = 0
        in_list = (in_list and not fresh) or _MARKER.match(line) is not None
        fence.holds(line, in_list=in_list)
        held.append(line)
        size += len(line)
        blank = not line.strip(_BLANK)
    if held:
        yield Block("".join(held), opening)


def _begins_anew(line: str) -> bool:
    return line[0] not in _BLANK and not _MARKER.match(line)


def groups(found: Iterable[Block], size: int) -> Iterator[list[Block]]:
    """Gather blocks until they hold at least this many characters."""
    held: list[Block] = []
    room = size
    for block in found:
        held.append(block)
        room -= len(block.text)
        if room <= 0:
            yield held
            held = []
            room = size
    if held:
        yield held
