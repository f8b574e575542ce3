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

_MARKER = re.compile(r"( {0,3}(?:[-+*]|\d{1,9}[.)]))(?=\s|$)( *)")
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
    fence, item = Fence(), _ListItem()
    held: list[str] = []
    size = indent = 0
    opening = ""
    blank = False
    for line in lines:
        fresh = blank and not fence.opening and _begins_anew(line)
        if held and (fresh or size + len(line) > LARGEST):
            yield Block("".join(held), opening, fence.closing)
            opening = fence.opening
            held.clear()
            size = 0
        if not fence.opening:
            indent = item.reads(line, after_blank=blank)
        if fence.holds(line, item=indent):
            item, indent = _ListItem(), 0
        held.append(line)
        size += len(line)
        blank = not line.strip(_BLANK)
    if held:
        yield Block("".join(held), opening)


def _begins_anew(line: str) -> bool:
    # A colon begins what a term of the paragraph before means. Of a tag nothing may be left.
    return line[:1] not in f"{_BLANK}:" and not _MARKER.match(line)


class _ListItem:
    """Follows the outermost list item that a text is in."""

    def __init__(self) -> None:
        self._begins(0)

    def _begins(self, offset: int) -> None:
        self._offset = offset
        self._code = Fence()
        self._indented = self._nests = False

    def reads(self, line: str, *, after_blank: bool) -> int:
        """Read the next line; return how far the item's lines are indented, 0 outside lists.

        An item that begins with an empty line may be over with it; it counts as none.

        Args:
            line: The line.
            after_blank: Whether the line before it was blank. If not, a line that is not indented
                so far goes on with the item's last paragraph, unless code came last.
        """
        indent = len(line) - len(line.lstrip(" "))
        if not self._offset or indent < self._offset:
            self._enters(line, over=after_blank or bool(self._code.opening) or self._indented)
        if self._offset:
            self._code.holds(line[self._offset :])
            self._nests = self._nests or bool(_MARKER.match(line[self._offset :].lstrip(" ")))
            code = indent >= self._offset + 4 and not self._nests
            self._indented = code and (after_blank or self._indented)
        return self._offset

    def _enters(self, line: str, *, over: bool) -> None:
        """Read a line that is not indented so far: another item may begin, or none go on."""
        if (found := _MARKER.match(line)) and line[found.end() :].strip(_BLANK):
            spaces = len(found[2])
            self._begins(len(found[1]) + (spaces if 1 <= spaces <= 4 else 1))
        elif over and line.strip(_BLANK):
            self._begins(0)


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
