"""Whether a Markdown reader surely finds every picture of a text.

CommonMark need not be read in full for that, and is not: what is told here errs to one side only.
A picture is found if nothing that began before it can swallow it. What a blank line does not end is
looked for in the whole text before it (fenced code, raw HTML), what one does end only in its own
lines (code spans, tags, links' addresses, tables). Then only indentation can still make code of it:
it must be less than four columns, behind quotes and list items that surely are such.
"""

import re
from collections.abc import Iterator

from limner.illustration.rendering.marks import MARK, OPEN

DEEPEST = 5
"""Quotations or items inside one another; parsers have a bound, of 20 and more."""

_LASTING = re.compile(r"```|~~~|\t|<(?:script|pre|style|textarea|[!?])|\r(?!\n)", re.IGNORECASE)
_SWALLOWS = re.compile(r"[`<\\]|\]\(|!\[|\]:")
_DEFINES = re.compile(r"\]:")
_NOTE = re.compile(r" {0,3}\[\^[^\]\s]+\](?=:[ \t]*[^\s\"'(,])")
"""A footnote that begins with a word: what follows is no title, so the line defines no link."""
_INLINE = r"</?(?:i|em|b|strong|u|s|del|ins|sub|sup|small|mark|q|cite|kbd|abbr)>"
"""Elements that hold words; one that has a line for itself would begin raw HTML."""

_COMPLETE = re.compile(
    rf"(?<!`)`[^`{OPEN}]+`(?!`)|\[[^\[\]`<\\{OPEN}]*\]\([^()\s`<\\{OPEN}]*\)"
    rf"|(?<=\S){_INLINE}|{_INLINE}(?=[ \t]*\S)"
)
_MARKER = r"(?:[-+*]|\d{1,9}[.)])"
_STEP = rf"(?:> ?+|{_MARKER} {{1,4}}+(?! ))"
_LEAD = re.compile(rf"(?: {{0,3}}+{_STEP})*+ {{0,3}}+(?! |{_MARKER} )")
_ITEM = re.compile(r"( {0,3})([-+*]|(\d{1,9})[.)])( {1,4})(?=[^\s])")
_RULE = re.compile(r"[ ]*(?:(?:\*[ ]*){3,}|(?:-[ ]*){3,}|(?:_[ ]*){3,})")
_DELIMITER = re.compile(r"[ ]*\|?[ ]*:?-+:?[ ]*(?:\|[ |:-]*)?")
_BLANK = re.compile(r"(?: {0,3}>)*[ \r]*")


def all_visible(text: str, pictures: set[str]) -> bool:
    r"""Whether every mark that stands for a picture is surely found as one.

    Args:
        text: Marked text, outside fenced code at its beginning.
        pictures: The ordinals that stand for pictures.

    Examples:
        >>> from limner.illustration.rendering.marks import mark
        >>> [
        ...     all_visible(text.replace("@", mark(0)), {"0"})
        ...     for text in ("One *two @ three*", "One\n\n    @", "- one\n\n  @", "`one @ two`")
        ... ]
        [True, False, True, False]
    """
    last = max((f.start() for f in MARK.finditer(text) if f[1] in pictures), default=-1)
    if last >= 0 and _LASTING.search(text, 0, last):
        return False
    items = _Items()
    for paragraph in _paragraphs(text):
        items.blank()
        for line in paragraph:
            if not items.reads_words(line) and _holds_picture(line, pictures):
                return False
        if not _all_in(paragraph, pictures):
            return False
    return True


def _paragraphs(text: str) -> Iterator[list[str]]:
    """The lines that no blank line parts; a quotation's empty line parts, except in raw HTML."""
    held: list[str] = []
    raw = False
    for line in text.split("\n"):
        if (raw or not _BLANK.fullmatch(line)) and line.strip(" \r"):
            held.append(line)
            raw = raw or "<" in line
            continue
        yield held
        held, raw = [], False
        if ">" in line:
            yield [line]
    yield held


def _holds_picture(line: str, pictures: set[str]) -> bool:
    return any(found[1] in pictures for found in MARK.finditer(line))


class _Items:
    """Follows the list items a text is in: those that surely are."""

    def __init__(self) -> None:
        self._offsets: list[int] = []
        self._blank = True
        self._raw = False
        self._numbered_at = -1  # the indentation of a numbered item that the line before was

    def blank(self) -> None:
        """There was a blank line."""
        self._blank, self._raw = True, False

    def reads_words(self, line: str) -> bool:
        """Read the next line; tell whether its words are words, and not indented code."""
        blank, self._blank = self._blank, False
        indent = len(line) - len(line.lstrip(" "))
        while self._offsets and indent < self._offsets[-1]:
            self._offsets.pop()
        inner = self._offsets[-1] if self._offsets else 0
        lead = _LEAD.match(line, inner)
        words = lead is not None and len(re.findall(_STEP, lead[0])) <= DEEPEST
        self._raw = self._raw or "<" in line
        if not self._raw:
            self._enter(line, inner, after_blank=blank)
        return words

    def _enter(self, line: str, inner: int, *, after_blank: bool) -> None:
        """Note the items that begin on this line."""
        numbered_at, self._numbered_at = self._numbered_at, -1
        begins = after_blank
        while (found := _ITEM.match(line, inner)) and not _RULE.fullmatch(line, inner):
            number, at = found[3], inner + len(found[1])
            # In the middle of a paragraph only "1." begins a list (CommonMark 0.31, section 5.3).
            if number and not (begins or number == "1" or numbered_at == at):
                return
            if number:
                self._numbered_at = at
            inner = found.end()
            self._offsets.append(inner)
            begins = True


def _all_in(paragraph: list[str], pictures: set[str]) -> bool:
    """Whether all pictures in lines without a blank one are found, if their words are words."""
    text = "\n".join(_NOTE.sub(_blanks, line, count=1) for line in paragraph)
    found = [mark.start() for mark in MARK.finditer(text) if mark[1] in pictures]
    if not found:
        return True
    before = _COMPLETE.sub("", text[: found[-1] + 1])[:-1]  # what stands before a mark counts
    if _SWALLOWS.search(before) or _DEFINES.search(text):
        return False
    return _no_cell_too_many(paragraph, pictures)


def _blanks(found: re.Match[str]) -> str:
    return " " * len(found[0])


def _no_cell_too_many(paragraph: list[str], pictures: set[str]) -> bool:
    """Whether no picture stands behind the last column of a table."""
    if not any("|" in line for line in paragraph):
        return True
    delimiters = [n for n, line in enumerate(paragraph) if _DELIMITER.fullmatch(line.rstrip("\r"))]
    if not delimiters:
        return True
    columns = paragraph[delimiters[0]].strip(" \r").strip("|").count("|") + 1
    for line in paragraph[delimiters[0] + 1 :] if len(delimiters) == 1 else paragraph:
        for mark in MARK.finditer(line):
            cells = line[: mark.start()].lstrip(" ").removeprefix("|").count("|") + 1
            if mark[1] in pictures and (cells > columns or len(delimiters) > 1):
                return False
    return True
