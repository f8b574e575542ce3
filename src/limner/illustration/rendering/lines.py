"""A message's text line by line, with marks where its tags stand."""

import re
from collections.abc import Iterator

from limner.illustration.model.message import Message
from limner.illustration.rendering.dialect.unfinished import told_end
from limner.illustration.rendering.marks import mark, set_aside

LONGEST = 32 * 1024
"""Characters after which a line is given out in parts."""

LINE_END = re.compile(r"\r\n?|\n")
"""What ends a line for a reader of Markdown (CommonMark 0.31, section 2.1)."""

_NEXT_WORD = re.compile(r"\s(?=[^\W\d_])")


def marked_lines(message: Message) -> Iterator[str]:
    r"""The text for readers with marks for tags, in lines with their ends; long lines in parts.

    Concatenated, they are the marked text but for a tag that is not finished (`told_end`).
    Only one line is held in memory.

    Examples:
        >>> list(marked_lines(Message(id="m", text="one\ntwo")))
        ['one\n', 'two']
    """
    held: list[str] = []
    size = 0
    for part in _parts(message):
        held.append(part)
        size += len(part)
        if part.endswith(("\n", "\r")) or size > LONGEST:
            yield "".join(held)
            held.clear()
            size = 0
    if held:
        yield "".join(held)


def _parts(message: Message) -> Iterator[str]:
    at = 0
    for slot in message.in_reading_order():
        yield from _lines(message.text, at, slot.tag.start)
        yield mark(slot.id.ordinal)
        at = slot.tag.end
    yield from _lines(message.text, at, told_end(message))


def _lines(text: str, at: int, end: int) -> Iterator[str]:
    while at < end:
        stop = _line_end(text, at, end)
        if not stop:
            stop = end if end - at <= LONGEST else _word_start(text, at)
        yield set_aside(text[at:stop])
        at = stop


def _line_end(text: str, at: int, end: int) -> int:
    """Where the line that begins here is over, within the longest part; 0 if it goes on there."""
    longest = min(end, at + LONGEST)
    newline = text.find("\n", at, longest)
    # Only as far as the newline: the text is looked through once, whatever its lines end with.
    lone = text.find("\r", at, longest if newline < 0 else newline)
    if lone < 0:
        return newline + 1
    pair = lone + 1 < end and text[lone + 1] == "\n"
    return lone + 1 + pair


def _word_start(text: str, at: int) -> int:
    """Where a word begins that the line can be cut before, or else the longest part's end."""
    found = _NEXT_WORD.search(text, at + LONGEST // 2, at + LONGEST)
    return found.end() if found else at + LONGEST
