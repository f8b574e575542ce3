"""Headings as places that links inside a text can lead to, named as everywhere on the web."""

import re
from collections import Counter
from html import escape, unescape
from urllib.parse import unquote

from limner.illustration.rendering.marks import MARK, restore

_HEADING = re.compile(r"<(h[1-6])>(.*?)</\1>", re.DOTALL)
_ELEMENT = re.compile(r"<[^>]*>")
_LINK = re.compile(r"(?:\]\(|\]:[ \t]*)<?#([^\s)>]+)")
_UNNAMED = re.compile(r"[^\w\- ]")


class Anchors:
    """Names those headings of one text that it has links to.

    Args:
        text: The text.
        prefix: Begins every name, for pages of several texts.

    Examples:
        >>> Anchors("[1](#chapter-1-the-fox)").named("<h2>Chapter <em>1</em>: The Fox!</h2>")
        '<h2 id="chapter-1-the-fox">Chapter <em>1</em>: The Fox!</h2>'
    """

    def __init__(self, text: str, prefix: str = "") -> None:
        self._wanted = {unquote(found[1]) for found in _LINK.finditer(text)}
        self._prefix = prefix
        self._used: Counter[str] = Counter()

    def named(self, html: str) -> str:
        """Clean HTML with a name at each heading."""
        return _HEADING.sub(self._named, html) if self._wanted else html

    def _named(self, heading: re.Match[str]) -> str:
        name = slug(restore(unescape(_ELEMENT.sub("", MARK.sub("", heading[2])))))
        again = self._used[name]
        self._used[name] += 1
        unique = f"{name}-{again}" if again else name
        if unique not in self._wanted:
            return heading[0]
        return f'<{heading[1]} id="{escape(self._prefix + unique)}">{heading[2]}</{heading[1]}>'


def slug(words: str) -> str:
    """The name of a heading: lower case, hyphens for blanks, nothing but letters and digits.

    Examples:
        >>> slug(" Chapter 1: The Fox ")
        'chapter-1-the-fox'
    """
    return _UNNAMED.sub("", words.strip().lower()).replace(" ", "-")
