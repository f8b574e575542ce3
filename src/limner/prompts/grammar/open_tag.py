r"""One tag of the default grammar while its characters are still coming.

::

    tag       = '<!--img-prompt="' quoted '"' { blanks attribute } [ blanks ] '-->'
              | '<img_prompt="' quoted '"' [ blanks ] '>'
    attribute = name '="' quoted '"'
    quoted    = any characters; a backslash takes the next one along, so \" does not close
    name      = letter or underscore, then letters, digits, underscores, hyphens (ASCII)
    blanks    = ASCII white space
"""

import string
from collections.abc import Mapping
from enum import Enum, auto
from types import MappingProxyType

from limner.prompts.grammar.tag import NO_ATTRIBUTES, PromptTag

COMMENT = '<!--img-prompt="'
LEGACY = '<img_prompt="'
OPENINGS = (COMMENT, LEGACY)
TERMINATORS = {COMMENT: "-->", LEGACY: ">"}

BLANKS = frozenset(string.whitespace)
NAME_START = frozenset(string.ascii_letters + "_")
NAME = NAME_START | frozenset(string.digits + "-")


class Progress(Enum):
    """Whether a tag is open, complete or no tag."""

    OPEN = auto()
    COMPLETE = auto()
    FAILED = auto()


class Part(Enum):
    """Which part of the tag comes next."""

    QUOTED = auto()
    AFTER_QUOTE = auto()
    NAME = auto()
    EQUALS = auto()
    TERMINATOR = auto()


def opening_at(text: str, start: int) -> str | None:
    """The opening that stands at `start`: complete, or ``""`` if the text ends inside one.

    >>> opening_at('<img_prompt="a', 0), opening_at("<im", 0), opening_at("<b>", 0)
    ('<img_prompt="', '', None)
    """
    for opening in OPENINGS:
        if text.startswith(opening, start):
            return opening
    rest = text[start : start + len(COMMENT)]
    return "" if any(opening.startswith(rest) for opening in OPENINGS) else None


def unescape(quoted: str) -> str:
    r"""Undo the escapes ``\"`` and ``\\``; every other backslash stays.

    >>> print(unescape(r"a \"red\" fox \\ C:\new"))
    a "red" fox \ C:\new
    """
    # Splitting at pairs first keeps the second backslash of a pair from escaping a quote.
    return "\\".join(piece.replace('\\"', '"') for piece in quoted.split("\\\\"))


class OpenTag:
    """Reads a tag whose opening has been seen; its source is kept by the caller.

    Attributes:
        progress: Whether the tag is complete, can still become so, or never will.
        length: How many characters of the tag have been read, opening included.

    >>> tag = OpenTag(LEGACY)
    >>> tag.advance('fox">.', 0), tag.progress
    (5, <Progress.COMPLETE: 2>)
    >>> tag.result('<img_prompt="fox">', 0).prompt
    'fox'
    """

    __slots__ = (
        "_blank",
        "_escape",
        "_legacy",
        "_matched",
        "_name_start",
        "_names",
        "_part",
        "_quote_start",
        "_quotes",
        "_spaced",
        "_terminator",
        "length",
        "progress",
    )

    def __init__(self, opening: str) -> None:
        self.progress = Progress.OPEN
        self.length = len(opening)
        self._legacy = opening == LEGACY
        self._terminator = TERMINATORS[opening]
        self._part = Part.QUOTED
        self._blank = True  # the prompt has nothing but white space so far
        self._escape = False  # the last character read was a backslash that takes the next
        self._spaced = False  # blanks stand between the last quotation mark and here
        self._matched = 0  # characters of the terminator
        # Positions are counted from the beginning of the tag.
        self._name_start = 0
        self._quote_start = len(opening)
        self._names: list[tuple[int, int]] = []
        self._quotes: list[tuple[int, int]] = []

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

    def result(self, source: str, start: int) -> PromptTag:
        """The complete tag, which is `source` and stands at `start` of the whole text."""
        (first, last), *values = self._quotes
        attributes: Mapping[str, str] = NO_ATTRIBUTES
        if values:
            attributes = MappingProxyType(
                {
                    source[slice(*name)]: unescape(source[slice(*value)])
                    for name, value in zip(self._names, values, strict=True)
                }
            )
        prompt = unescape(source[first:last].strip())
        return PromptTag(prompt, source, start, start + len(source), attributes)

    def _quoted(self, text: str, at: int, before: int) -> int:
        if self._escape:
            self._escape = False
            return at + 1
        first = at
        quote = _find(text, '"', at)
        while (slash := text.find("\\", at, quote)) >= 0:
            at = slash + 2
            if at > quote:  # the backslash stands just before the quotation mark or the end
                self._escape = slash + 1 == len(text)
                quote = _find(text, '"', at)
        if self._blank and first < quote and not text[first:quote].isspace():
            self._blank = False
        if quote == len(text):
            return quote
        self._quotes.append((self._quote_start, quote + before))
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
        elif self._part is Part.EQUALS:
            self._quote_start = at + 1
            self._go_on(Part.QUOTED, char == '"')
        elif char == "=":
            self._names.append((self._name_start, at))
            self._part = Part.EQUALS
        else:
            self._go_on(Part.NAME, char in NAME)

    def _after_quote(self, char: str, at: int) -> None:
        if char in BLANKS:
            self._spaced = True
        elif char == self._terminator[0]:
            self._terminate(char)
        else:
            self._name_start = at
            self._go_on(Part.NAME, self._spaced and not self._legacy and char in NAME_START)

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
