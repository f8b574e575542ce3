"""A writer's own comments (``<!-- … -->``), which are not for readers."""

from collections.abc import Iterable, Iterator

from limner.illustration.rendering.fence import Fence
from limner.illustration.rendering.marks import MARK

OPENING, CLOSING = "<!--", "-->"


def without_comments(lines: Iterable[str], closings: int) -> Iterator[str]:
    r"""The lines without comments that begin a line outside of code.

    One inside a line, and one that never closes, stay. A picture asked for in one keeps its place.

    Args:
        lines: Lines with marks in the places of tags.
        closings: How many times comments are closed in them.

    Examples:
        >>> "".join(without_comments(["<!-- to\n", "do -->\n", "\n", "Text <!-- b -->\n"], 2))
        '\n\nText <!-- b -->\n'
    """
    fence = Fence()
    inside = False
    for line in lines:
        rest, left = line, closings
        closings -= line.count(CLOSING)
        if not inside:
            begins = line.lstrip(" ")
            if fence.holds(line) or len(line) - len(begins) > 3 or not begins.startswith(OPENING):
                yield line
                continue
            if not left:
                yield line
                continue
            inside, rest = True, begins[len(OPENING) :]
        yield from _outside(rest)
        if CLOSING in rest:
            inside = False


def _outside(line: str) -> Iterator[str]:
    """What is left of a line inside a comment: its pictures, and what stands behind its end."""
    comment, closing, behind = line.partition(CLOSING)
    yield from (found[0] for found in MARK.finditer(comment))
    if closing:
        yield behind
