"""The initial that a story begins with, as old books have it."""

import re
from collections.abc import Iterator
from html import unescape

SHORTEST = 240
"""Characters of a paragraph that an initial of three lines fits into, on the widest page."""

_BLOCK = re.compile(r"<(/?)(p|blockquote|ul|ol|dl|details)\b")
_TOLD = re.compile(r"<p>(?P<words>.*?)(?:</p>|\Z)", re.DOTALL)
_ELEMENT = re.compile(r"<[^>]*>")
_WIDE = re.compile(r"[\u2e80-\ua4cf\uac00-\ud7af\uf900-\ufaff\uff00-\uffef]")


def with_initial(pieces: Iterator[str]) -> Iterator[str]:
    """The story with its first paragraph marked, if that is long enough for an initial.

    A line such as “As told at the inn” is not, and verse has lines of its own.

    Args:
        pieces: Clean HTML.

    Examples:
        >>> "".join(with_initial(iter(["<h1>A</h1>", "<p>Once.</p>"])))
        '<h1>A</h1><p>Once.</p>'
        >>> "".join(with_initial(iter(["<p>" + "Once. " * 60 + "</p>"])))[:24]
        '<p class="initial">Once.'
    """
    depth = 0
    for piece in pieces:
        for found in _BLOCK.finditer(piece):
            if found[2] != "p":
                depth += -1 if found[1] else 1
            elif not depth:
                yield _marked(piece, found.start())
                yield from pieces
                return
        yield piece


def _marked(piece: str, at: int) -> str:
    """The piece, in which the first paragraph begins here."""
    told = _TOLD.match(piece, at)
    if told is None or "<br" in told["words"] or _room(told["words"]) < SHORTEST:
        return piece
    return f'{piece[:at]}<p class="initial">{piece[told.start("words") :]}'


def _room(html: str) -> int:
    """The characters that words take; those of wide scripts count twice."""
    words = unescape(_ELEMENT.sub("", html))
    return len(words) + len(_WIDE.findall(words))
