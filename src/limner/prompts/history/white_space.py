"""White space: what limner puts around a picture, and what remains where something goes away."""

import re

_SPACE = re.compile(r"\s*+")


def space_end(text: str, start: int) -> int:
    """Where the white space that begins at `start` ends."""
    space = _SPACE.match(text, start)
    return space.end() if space else start


def leading(text: str) -> str:
    """The leading white space of a text."""
    return text[: len(text) - len(text.lstrip())]


def trailing(text: str) -> str:
    """The trailing white space of a text."""
    return text[len(text.rstrip()) :]


def without_leading_breaks(gap: str) -> str:
    """The text without up to two leading line breaks, and the blanks before each."""
    for _ in range(2):
        rest = gap.lstrip(" \t\r")
        if not rest.startswith("\n"):
            break
        gap = rest[1:]
    return gap


def without_trailing_breaks(gap: str) -> str:
    """The text without up to two trailing line breaks, and the blanks behind each."""
    for _ in range(2):
        rest = gap.rstrip(" \t")
        if not rest.endswith("\n"):
            break
        gap = rest[:-1].removesuffix("\r")
    return gap


def closed(before: str, after: str) -> str:
    r"""What is left of the white space on both sides of a gap: enough to part what is around it.

    Examples:
        >>> closed(" ", "\n\n"), closed(" ", " "), closed("", "")
        ('\n\n', ' ', '')
    """
    breaks = min(2, max(before.count("\n"), after.count("\n")))
    if not breaks:
        return " " if before or after else ""
    _, newline, indent = after.rpartition("\n")
    return "\n" * breaks + (indent if newline else "")
