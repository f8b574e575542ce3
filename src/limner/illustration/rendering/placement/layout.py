"""Where a picture goes in Markdown: on lines of its own, as far as the text around it allows."""

import re
from collections.abc import Sequence

from limner.illustration.rendering.blocks import Block
from limner.illustration.rendering.fence import Fence
from limner.illustration.rendering.lines import LINE_END
from limner.illustration.rendering.marks import MARK, OPEN, mark
from limner.illustration.rendering.placement.visible import all_visible

_PREFIX = re.compile(r"(?: {0,3}>[ \t]?| {0,3}(?:[-+*]|\d{1,9}[.)])(?:[ \t]+|(?=,)))*[ \t]*")
_NOT_QUOTE = re.compile(r"[^>\s]")
_HEADING = re.compile(r"#{1,6}[ \t]")
_DELIMITER = re.compile(r"[ \t]*\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t:|-]*)?")
_EMPHASIS = re.compile(r"(?<!\\)(?:\*+|_+|~~|`+)")
_FENCE = re.compile("(?=```|~~~)")
_UNDERLINE = re.compile(r" {0,3}(?:=+|-+)[ \t\r]*")
_NOTE = re.compile(r" {0,3}\[\^[^\]\s]+\]:[ \t]*[^\s\"'(,]")
_MEANS = re.compile(r" {0,3}:[ \t]")
_ELEMENT = re.compile(
    r"<(/?)(?:i|em|b|strong|u|s|del|ins|sub|sup|small|mark|q|cite|kbd|abbr)>", re.IGNORECASE
)
_QUIET = " \t\r>"

_HTML = re.compile(
    r"^( {0,3})(?=<(?:(?P<script>script|pre|style|textarea)\b|(?P<comment>!--)|(?P<order>\?)"
    r"|(?P<data>!\[CDATA\[)|(?P<declaration>![a-z])))",
    re.IGNORECASE | re.MULTILINE,
)
_ENDS = {
    "script": re.compile(r"</(?:script|pre|style|textarea)>", re.IGNORECASE),
    "comment": re.compile("-->"),
    "order": re.compile(r"\?>"),
    "data": re.compile(r"\]\]>"),
    "declaration": re.compile(">"),
}


def lay_out(block: Block, pictures: set[str], gone: set[str]) -> str:
    r"""The block's marked text with each mark on lines of its own where that can be.

    Where Markdown might not find every picture then (a tag in the middle of a link's address,
    say), the text is cut in two there.

    Args:
        block: The block.
        pictures: The ordinals that stand for pictures.
        gone: The ordinals that leave nothing behind.

    Examples:
        >>> from limner.illustration.rendering.marks import mark
        >>> lay_out(Block(f"A fox.{mark(0)} It slept."), {"0"}, set()) == (
        ...     f"A fox.\n\n{mark(0)}\n\nIt slept."
        ... )
        True
    """
    text = _without(block.text, gone)
    text = text if _in_fence(block) else _harmless(text)
    if OPEN not in text:
        return text
    nice = _Lines(text).laid_out()
    if not _in_fence(block) and all_visible(nice, pictures):
        return nice
    # Only now: what followed a tag may begin a line, and with it raw HTML.
    return _harmless(_cut(text, block.opening), every=True)


def _cut(text: str, opening: str) -> str:
    """The text cut in two at each mark, also out of a fence if Markdown sees one there."""
    fence = Fence()
    if opening:
        fence.holds(opening)
    made: list[str] = []
    at = 0
    for found in MARK.finditer(text):
        before = text[at : found.start()]
        if made:
            before = _behind(before, fence)
        for line in LINE_END.split(before):
            fence.holds(line)
        made += [before, fence.closing, "\n\n", found[0], "\n\n", fence.opening]
        at = found.end()
    return "".join([*made, _behind(text[at:], fence)])


def _behind(text: str, fence: Fence) -> str:
    """What stood behind a mark and begins a line now, without a fence that was none before."""
    begun = text.lstrip(" \t")
    return "\\" + begun if _FENCE.match(begun) and not fence.opening else text


def _without(text: str, gone: set[str]) -> str:
    """The text without the marks of gone slots, and without lines that held nothing else."""
    if not gone or OPEN not in text:
        return text
    kept = []
    for line in text.splitlines(keepends=True):
        rest = MARK.sub(lambda found: "" if found[1] in gone else found[0], line)
        if rest == line or rest.strip():
            kept.append(rest)
    return "".join(kept)


def _in_fence(block: Block) -> bool:
    return bool(block.opening) or Fence().holds(LINE_END.split(block.text, maxsplit=1)[0])


def _harmless(text: str, *, every: bool = False) -> str:
    """Escape what begins raw HTML that would swallow the text below it.

    Args:
        text: The text.
        every: Escape also what is properly closed.
    """

    def escaped(found: re.Match[str]) -> str:
        closed = _ENDS[found.lastgroup or ""].search(text, found.end())
        return found[1] if closed and not every else f"{found[1]}\\"

    return _HTML.sub(escaped, text)


class _Lines:
    """Lays the marks of a block out, line by line."""

    def __init__(self, text: str) -> None:
        self._lines = text.split("\n")
        self._table = any("|" in line and _DELIMITER.fullmatch(line) for line in self._lines)
        self._out: list[str] = []
        self._blank_due: str | None = None
        self._brackets = self._delimiters = self._elements = 0

    def laid_out(self) -> str:
        for line, next_line in zip(self._lines, [*self._lines[1:], ""], strict=True):
            if self._blank_due is not None and line.strip(_QUIET):
                self._blank(self._blank_due)
            self._blank_due = None
            if not line.strip(_QUIET):
                self._brackets = self._delimiters = self._elements = 0
            if OPEN in line and not (self._table and "|" in line):
                self._spread(line, underlined=_UNDERLINE.fullmatch(next_line) is not None)
            else:
                self._out.append(line)
            self._brackets += _brackets(line)
            self._delimiters += _delimiters(line)
            self._elements = max(0, self._elements + _elements(line))
        return "\n".join(self._out)

    def _spread(self, line: str, *, underlined: bool) -> None:
        """Write a line that holds marks; one that is underlined is a heading."""
        found = _PREFIX.match(line)
        prefix = found[0] if found else ""
        below = _NOT_QUOTE.sub(" ", prefix)
        parts = MARK.split(line)
        texts, ordinals = parts[::2], parts[1::2]
        whole = _stays_whole(line, len(prefix), texts, underlined=underlined)
        held = texts[0]
        for ordinal, text in zip(ordinals, texts[1:], strict=True):
            if whole or self._is_open(held):
                held += mark(int(ordinal)) + text
                continue
            self._own_line(held, mark(int(ordinal)), prefix, below)
            prefix = below
            held = below + _FENCE.sub(r"\\\g<0>", text.lstrip(" \t"))
        if held.strip(_QUIET):
            if self._blank_due is not None:
                self._blank(self._blank_due)
                self._blank_due = None
            self._out.append(held)

    def _own_line(self, before: str, picture: str, prefix: str, below: str) -> None:
        """Write what stands before a picture, and below it the picture."""
        begins_item = before == prefix != below
        if begins_item:
            self._out.append(prefix + picture)
        else:
            if before.strip(_QUIET):
                self._out.append(before.rstrip(" \t"))
            self._blank(below)
            self._out.append(below + picture)
        self._blank_due = below

    def _blank(self, below: str) -> None:
        if self._out and self._out[-1].strip(_QUIET):
            self._out.append(below.rstrip())

    def _is_open(self, before: str) -> bool:
        """Whether a link, an element or emphasis that began in this paragraph has not ended yet."""
        return (
            self._brackets + _brackets(before) > 0
            or (self._delimiters + _delimiters(before)) % 2 == 1
            or self._elements + _elements(before) > 0
        )


def _stays_whole(line: str, prefix: int, texts: Sequence[str], *, underlined: bool) -> bool:
    """Whether a line's pictures stay on it: a heading with other words, a note, a definition."""
    if underlined:
        return any(text.strip(_QUIET) for text in texts)
    if _HEADING.match(line, prefix) is not None:
        return any(map(str.strip, texts[1:]))
    return (_NOTE.match(line) or _MEANS.match(line)) is not None


def _brackets(text: str) -> int:
    return text.count("[") - text.count("]")


def _delimiters(text: str) -> int:
    return len(_EMPHASIS.findall(text))


def _elements(text: str) -> int:
    """How many more elements are opened than closed."""
    return sum(-1 if found[1] else 1 for found in _ELEMENT.finditer(text))
