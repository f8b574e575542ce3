"""Feeding a text in pieces, and comparing what comes out."""

import itertools

from limner.prompts import PromptScanner, PromptTag, Text


def cut(text: str, places: list[int]) -> list[str]:
    """The text in pieces, cut at the places (taken modulo its length)."""
    marks = sorted({place % (len(text) + 1) for place in places} | {0, len(text)})
    return [text[a:b] for a, b in itertools.pairwise(marks)]


def merged(pieces: list[Text | PromptTag]) -> list[Text | PromptTag]:
    """The same events with neighbouring texts made one."""
    result: list[Text | PromptTag] = []
    for piece in pieces:
        last = result[-1] if result else None
        if isinstance(piece, Text) and isinstance(last, Text):
            result[-1] = Text(last.text + piece.text, last.start)
        else:
            result.append(piece)
    return result


def scan(chunks: list[str], patterns: list[str] | None = None) -> list[Text | PromptTag]:
    """Everything a scanner gives for the chunks, merged."""
    scanner = PromptScanner(patterns)
    pieces = [piece for chunk in chunks for piece in scanner.feed(chunk)]
    return merged(pieces + scanner.finish())
