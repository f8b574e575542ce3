"""What of Markdown a text has begun, and a blank line would break. Pure.

A picture stands between blank lines, where every front-end shows it large and clear. In the middle
of a table, a list, a quotation, a heading, emphasis or a link such lines would end what they stand
in, so there the picture stays on the line. What follows the tag has not been written yet: what
stands before it has to tell.
"""

import re

_BLANK = re.compile(r"\n[ \t\r]*\n")
_ITEM = re.compile(r"[ \t]*(?:[-+*]|\d{1,9}[.)])[ \t]")
_QUOTE = re.compile(r" {0,3}>")
_HEADING = re.compile(r" {0,3}#{1,6}[ \t]")
_ROW = re.compile(r"[ \t]*\|")
_DELIMITER = re.compile(r"[ \t]*\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t\r]*")
_INDENTED = re.compile(r"(?: {2,}|\t)")
_MARK = re.compile(r"\\.|\*+|_+|~~|\[|\]", re.DOTALL)


def stays_on_line(before: str) -> bool:
    r"""Whether a picture behind this text has to stay on its line.

    Args:
        before: The text up to the picture, without other tags; its last paragraphs suffice.

    Examples:
        >>> [stays_on_line(text) for text in (
        ...     "| Fox | ", "- one ", "*He looks ", "[the ", "## The ", "> So ", "- a\n\n  b ")]
        [True, True, True, True, True, True, True]
        >>> [stays_on_line(text) for text in (
        ...     "A fox. ", "*He looks.* ", "- one\n\nThen ", "2 * 3 ", "a [b] ", "# One\n", "")]
        [False, False, False, False, False, False, False]
    """
    *above, paragraph = _BLANK.split(before)
    lines = paragraph.split("\n")
    last = lines[-1]
    if _HEADING.match(last) or _ROW.match(last) or ("|" in last and _in_table(lines)):
        return True
    if any(_ITEM.match(line) or _QUOTE.match(line) for line in lines):
        return True
    if _INDENTED.match(lines[0]) and _in_list(above):
        return True
    return _is_open(paragraph)


def _in_table(lines: list[str]) -> bool:
    """Whether a row of dashes stands above."""
    return any("-" in line and "|" in line and _DELIMITER.fullmatch(line) for line in lines[:-1])


def _in_list(paragraphs: list[str]) -> bool:
    """Whether an indented paragraph behind these is part of a list's item."""
    for paragraph in reversed(paragraphs):
        lines = paragraph.split("\n")
        if any(_ITEM.match(line) for line in lines):
            return True
        if not _INDENTED.match(lines[0]):
            return False
    return False


def _is_open(paragraph: str) -> bool:
    """Whether emphasis or the words of a link have begun and not ended."""
    lengths = {"*": 0, "_": 0, "~": 0, "[": 0}
    for found in _MARK.finditer(paragraph):
        mark = found[0]
        if mark[0] == "\\":
            continue
        if mark == "[":
            lengths["["] += 1
        elif mark == "]":
            lengths["["] = max(0, lengths["["] - 1)
        else:
            _take(lengths, mark, paragraph[: found.start()][-1:], paragraph[found.end() :][:1])
    return any(lengths.values())


def _take(lengths: dict[str, int], mark: str, before: str, behind: str) -> None:
    """Open or close emphasis, by what stands on either side of its mark (CommonMark 0.31, 6.2)."""
    kind = mark[0]
    parted = not before or before.isspace()
    if lengths[kind] and not parted:
        lengths[kind] = max(0, lengths[kind] - len(mark))
    elif behind.isspace() or (kind == "_" and not parted and before.isalnum()):
        return
    else:
        lengths[kind] += len(mark)
