"""Where a picture goes in Markdown: on lines of its own, as far as the text around it allows."""

import re

from markdown_it import MarkdownIt
from markdown_it.token import Token

from limner.illustration.rendering.blocks import Block
from limner.illustration.rendering.fence import Fence
from limner.illustration.rendering.marks import MARK, OPEN

_PREFIX = re.compile(r"(?: {0,3}>[ \t]?| {0,3}(?:[-+*]|\d{1,9}[.)])(?:[ \t]+|(?=,)))*[ \t]*")
_HEADING = re.compile(r"#{1,6}[ \t]")
_DELIMITER = re.compile(r"[ \t]*\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t:|-]*)?")
_EMPHASIS = re.compile(r"(?<!\\)(?:\*+|_+|~~|`+)")
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

    Whether Markdown then really finds every picture is checked by reading the result; where it
    does not (a tag in the middle of a link's address, say), the text is cut in two there.

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
    expected = [ordinal for ordinal in MARK.findall(text) if ordinal in pictures]
    if _found(f"{block.opening}{nice}", pictures) == expected:
        return nice
    return MARK.sub(lambda found: f"\n\n{found[0]}\n\n", _harmless(text, every=True))


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
    return bool(block.opening) or Fence().holds(block.text.partition("\n")[0])


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


def _found(text: str, pictures: set[str]) -> list[str]:
    """The ordinals of those marks that Markdown finds when they are pictures, in order."""
    marked = MARK.sub(
        lambda found: f"![x](limner:{found[1]})" if found[1] in pictures else "x", text
    )
    tokens = MarkdownIt("commonmark").enable("table").parse(marked)
    return [
        url.removeprefix("limner:")
        for token in tokens
        for child in token.children or ()
        if child.type == "image" and (url := _address(child)).startswith("limner:")
    ]


def _address(image: Token) -> str:
    return str(image.attrGet("src") or "")


class _Lines:
    """Lays the marks of a block out, line by line."""

    def __init__(self, text: str) -> None:
        self._lines = text.split("\n")
        self._table = any("|" in line and _DELIMITER.fullmatch(line) for line in self._lines)
        self._out: list[str] = []
        self._blank_due: str | None = None
        self._brackets = self._delimiters = 0

    def laid_out(self) -> str:
        for line in self._lines:
            if self._blank_due is not None and line.strip(_QUIET):
                self._blank(self._blank_due)
            self._blank_due = None
            if not line.strip(_QUIET):
                self._brackets = self._delimiters = 0
            if OPEN in line and not (self._table and "|" in line):
                self._spread(line)
            else:
                self._out.append(line)
            self._brackets += _brackets(line)
            self._delimiters += _delimiters(line)
        return "\n".join(self._out)

    def _spread(self, line: str) -> None:
        """Write a line that holds marks."""
        found = _PREFIX.match(line)
        prefix = found[0] if found else ""
        below = re.sub(r"[^>\s]", " ", prefix)
        held = prefix
        heading = _HEADING.match(line, len(prefix)) is not None
        parts = MARK.split(line[len(prefix) :])
        held += parts[0]
        for at in range(1, len(parts), 2):
            mark = f",{OPEN}{parts[at]}\uee01,"
            rest = parts[at + 1 :: 2]
            if self._is_open(held) or (heading and any(part.strip() for part in rest)):
                held += mark + parts[at + 1]
                continue
            if held.strip(_QUIET) and held != prefix:
                self._out.append(held.rstrip(" \t"))
            held = self._own_line(mark, prefix if held == prefix else below, below)
            self._out.append(held)
            self._blank_due = below
            held = below + parts[at + 1].lstrip(" \t")
            if held.strip(_QUIET):
                self._blank(below)
                self._blank_due = None
            prefix = below
        if held.strip(_QUIET):
            self._out.append(held)

    def _own_line(self, mark: str, prefix: str, below: str) -> str:
        if prefix == below:
            self._blank(below)
        return prefix + mark

    def _blank(self, below: str) -> None:
        if self._out and self._out[-1].strip(_QUIET):
            self._out.append(below.rstrip())

    def _is_open(self, before: str) -> bool:
        """Whether a link or emphasis that began in this paragraph has not ended yet."""
        return (
            self._brackets + _brackets(before) > 0
            or (self._delimiters + _delimiters(before)) % 2 == 1
        )


def _brackets(text: str) -> int:
    return text.count("[") - text.count("]")


def _delimiters(text: str) -> int:
    return len(_EMPHASIS.findall(text))
