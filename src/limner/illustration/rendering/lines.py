"""A message's text line by line, with marks where its tags stand."""

import re
from collections.abc import Iterator

from limner.illustration.model.message import Message
from limner.illustration.rendering.marks import mark, set_aside

LONGEST = 32 * 1024
"""Characters after which a line is given out in parts."""

_NEXT_WORD = re.compile(r"\s(?=[^\W\d_])")


def marked_lines(message: Message) -> Iterator[str]:
    r"""The text with marks for tags, in lines with their newlines; very long lines in parts.

    Concatenated, they are the whole marked text. Only one line is held in memory.

    Examples:
        >>> list(marked_lines(Message(id="m", text="one\ntwo")))
        ['one\n', 'two']
    """
    held: list[str] = []
    size = 0
    for part in _parts(message):
        held.append(part)
        size += len(part)
        if part.endswith("\n") or size > LONGEST:
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
    yield from _lines(message.text, at, len(message.text))


def _lines(text: str, at: int, end: int) -> Iterator[str]:
    while at < end:
        stop = text.find("\n", at, min(end, at + LONGEST)) + 1
        if not stop:
            stop = end if end - at <= LONGEST else _word_start(text, at)
        yield set_aside(text[at:stop])
        at = stop


def _word_start(text: str, at: int) -> int:
    """Where a word begins that the line can be cut before, or else the longest part's end."""
    found = _NEXT_WORD.search(text, at + LONGEST // 2, at + LONGEST)
    return found.end() if found else at + LONGEST
