"""A book cut into parts that a model reads one after the other."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from limner.prompts.scenes.passage import Passage, passages

WORDS = 1200
"""Words of a part, about."""

Looks: TypeAlias = dict[str, str]
"""How the characters of a book look, by their names."""

_LAST = re.compile(r".{0,600}\Z", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Batch:
    """A part of a book: whole paragraphs.

    Attributes:
        start: Where it begins in the book.
        text: Its characters.
        words: How many words it has.
        before: The last words before it.
    """

    start: int
    text: str
    words: int
    before: str


def batches(text: str, *, words: int = WORDS) -> Iterator[Batch]:
    r"""The parts of a book, in order, ended where a scene ends if one ends near by.

    Examples:
        >>> [batch.text for batch in batches("One two.\n\nThree four.\n\nFive.", words=3)]
        ['One two.\n\nThree four.', 'Five.']
    """
    held: list[Passage] = []
    for passage in passages(text):
        held.append(passage)
        size = sum(one.words for one in held)
        if size >= words or (passage.closes and size >= words * 2 / 3):
            yield _batch(text, held)
            held = []
    if held:
        yield _batch(text, held)


def _batch(text: str, held: list[Passage]) -> Batch:
    start, end = held[0].start, held[-1].end
    last = _LAST.search(text, max(0, start - 600), start)
    before = last[0].strip() if last else ""
    return Batch(start, text[start:end], sum(one.words for one in held), before)
