r"""One tag of the default grammar while its characters are still coming.

::

    tag       = opening quoted closer { blanks attribute } [ blanks ] end
    attribute = name [ blanks ] '=' [ blanks ] quote quoted closer
    quoted    = any characters; a backslash takes the next one along, so \" does not close
    name      = letter or underscore, then letters, digits, underscores, hyphens (ASCII)
    blanks    = ASCII white space
    end       = '-->' of a comment, '>' or '/>' of an element

An opening, a quotation mark and its closer are as `limner.prompts.grammar.opening` tells. Between
letters an apostrophe closes nothing; where the two differ, a second opening mark is no part of what
is quoted. After an exact opening quotation marks are ``"``, there are no
blanks round ``=``, and an element has no attributes and ends with ``>``.
"""

import string
from collections.abc import Mapping
from enum import Enum, auto
from types import MappingProxyType

from limner.prompts.grammar.opening import CLOSERS, Opening
from limner.prompts.grammar.tag import NO_ATTRIBUTES, PromptTag

BLANKS = frozenset(string.whitespace)
NAME_START = frozenset(string.ascii_letters + "_")
NAME = NAME_START | frozenset(string.digits + "-")
APOSTROPHES = frozenset("'\u2019")


class Progress(Enum):
    """What has become of a tag."""

    OPEN = auto()
    COMPLETE = auto()
    FAILED = auto()


class Part(Enum):
    """Which part of the tag comes next."""

    QUOTED = auto()
    AFTER_QUOTE = auto()
    NAME = auto()
    AFTER_NAME = auto()
    EQUALS = auto()
    TERMINATOR = auto()


def unescape(quoted: str, closer: str = '"') -> str:
    r"""Undo the escapes of the closing quotation mark and of the backslash; others stay.

    >>> print(unescape(r"a \"red\" fox \\ C:\new"))
    a "red" fox \ C:\new
    """
    # Splitting at pairs first keeps the second backslash of a pair from escaping a quote.
    return "\\".join(piece.replace(f"\\{closer}", closer) for piece in quoted.split("\\\\"))


class OpenTag:
    """Reads a tag whose opening has been seen; its source is kept by the caller.

    Attributes:
        progress: Whether the tag is complete, can still become so, or never will.
        length: How many characters of the tag have been read, opening included.

    >>> tag = OpenTag(Opening(len('<img_prompt="'), is_comment=False))
    >>> tag.advance('fox">.', 0), tag.progress
    (5, <Progress.COMPLETE: 2>)
    >>> tag.result('<img_prompt="fox">', 0).prompt
    'fox'
    """

    __slots__ = (
        "_apostrophe",
        "_blank",
        "_closer",
        "_escape",
        "_last",
        "_matched",
        "_name_start",
        "_names",
        "_opening",
        "_part",
        "_quote",
        "_quote_start",
        "_quotes",
        "_spaced",
        "_terminator",
        "length",
        "progress",
    )

    def __init__(self, opening: Opening) -> None:
        self.progress = Progress.OPEN
        self.length = opening.length
        self._opening = opening
        self._quote = opening.quote  # which opened what is being read, and what closes it
        self._closer = CLOSERS[opening.quote]
        self._terminator = "-->" if opening.is_comment else ">"
        self._part = Part.QUOTED
        self._blank = True  # the prompt has nothing but white space so far
        self._escape = False  # the last character read was a backslash that takes the next
        self._last = ""  # the last character read inside quotation marks
        self._apostrophe = False  # the quotation mark just read stands behind a letter
        self._spaced = False  # blanks stand between the last quotation mark and here
        self._matched = 0  # characters of the terminator
        # Positions are counted from the beginning of the tag.
        self._name_start = 0
        self._quote_start = opening.length
        self._names: list[tuple[int, int]] = []
        self._quotes: list[tuple[int, int, str]] = []

    def advance(self, text: str, start: int) -> int:
        """Read on in `text` from `start`; the position after what was read.

        It is the text's length, unless the tag is complete or has failed before. The character
        that made it fail is counted as read.
        """
        before = self.length - start
        at = start
        while at < len(text) and self.progress is Progress.OPEN:
            if self._part is Part.QUOTED:
                at = self._quoted(text, at, before)
            else:
                self._unquoted(text[at], at + before)
                at += 1
        self.length = at + before
        return at

    @property
    def prompt(self) -> tuple[int, int, str]:
        """Where the complete tag's prompt begins and ends in it, and the mark that closes it."""
        return self._quotes[0]

    def result(self, source: str, start: int) -> PromptTag:
        """The complete tag, which is `source` and stands at `start` of the whole text."""
        (first, last, closer), *values = self._quotes
        attributes: Mapping[str, str] = NO_ATTRIBUTES
        if values:
            attributes = MappingProxyType(
                {
                    source[slice(*name)]: unescape(source[begin:end], mark)
                    for name, (begin, end, mark) in zip(self._names, values, strict=True)
                }
            )
        prompt = unescape(source[first:last].strip(), closer)
        return PromptTag(prompt, source, start, start + len(source), attributes)

    def _quoted(self, text: str, at: int, before: int) -> int:
        if self._escape:
            self._escape, self._last = False, text[at]
            if text[at] == self._quote != self._closer:
                self.progress = Progress.FAILED
            return at + 1
        first = at
        quote = _find(text, self._closer, at)
        while (slash := text.find("\\", at, quote)) >= 0:
            at = slash + 2
            if at > quote:  # the backslash stands just before the quotation mark or the end
                self._escape = slash + 1 == len(text)
                quote = _find(text, self._closer, at)
        if self._quote != self._closer and (again := text.find(self._quote, first, quote)) >= 0:
            self.progress = Progress.FAILED  # so a tag that begins inside another ends that
            return again + 1
        if self._blank and first < quote and not text[first:quote].isspace():
            self._blank = False
        last = text[quote - 1] if first < quote else self._last
        if quote == len(text):
            self._last = last
            return quote
        self._quotes.append((self._quote_start, quote + before, self._closer))
        self._apostrophe = self._closer in APOSTROPHES and last.isalnum()
        self._part = Part.AFTER_QUOTE
        self._spaced = False
        if self._blank:
            self.progress = Progress.FAILED
        return quote + 1

    def _unquoted(self, char: str, at: int) -> None:
        if self._part is Part.AFTER_QUOTE:
            self._after_quote(char, at)
        elif self._part is Part.TERMINATOR:
            self._terminate(char)
        elif self._part is Part.NAME:
            self._named(char, at)
        elif self._part is Part.AFTER_NAME and char == "=":
            self._part = Part.EQUALS
        elif char not in BLANKS or self._opening.exact:
            self._open_value(char, at)

    def _after_quote(self, char: str, at: int) -> None:
        if self._apostrophe and char.isalnum():
            self._quotes.pop()
            self._part, self._last = Part.QUOTED, char
        elif char in BLANKS:
            self._spaced = True
        elif char == self._terminator[0]:
            self._terminate(char)
        elif char == "/" and not self._opening.exact and not self._opening.is_comment:
            self._part = Part.TERMINATOR
        else:
            bare = self._opening.exact and not self._opening.is_comment
            self._name_start = at
            self._go_on(Part.NAME, self._spaced and not bare and char in NAME_START)
        self._apostrophe = False

    def _named(self, char: str, at: int) -> None:
        if char in NAME:
            return
        self._names.append((self._name_start, at))
        if char == "=":
            self._part = Part.EQUALS
        else:
            self._go_on(Part.AFTER_NAME, char in BLANKS and not self._opening.exact)

    def _open_value(self, char: str, at: int) -> None:
        self._quote_start, self._last = at + 1, ""
        self._quote, self._closer = char, CLOSERS.get(char, char)
        fits = char == '"' or (char in CLOSERS and not self._opening.exact)
        self._go_on(Part.QUOTED, fits and self._part is Part.EQUALS)

    def _terminate(self, char: str) -> None:
        self._go_on(Part.TERMINATOR, char == self._terminator[self._matched])
        self._matched += 1
        if self._matched == len(self._terminator) and self.progress is Progress.OPEN:
            self.progress = Progress.COMPLETE

    def _go_on(self, part: Part, fits: bool) -> None:
        self._part = part
        if not fits:
            self.progress = Progress.FAILED


def _find(text: str, char: str, start: int) -> int:
    at = text.find(char, start)
    return len(text) if at < 0 else at
