"""`--redraw`: which pictures of a story that was illustrated before are drawn again."""

import re
from typing import Annotated

import typer

RedrawOption = Annotated[
    str,
    typer.Option(
        "--redraw",
        metavar="all|failed|N,M",
        help="Of a story that is in the library: draw these again, and what has changed.",
    ),
]
ALL = "all"


def parse_redraw(wish: str, *, hint: str = "--redraw") -> frozenset[int] | None:
    """The ordinals of the pictures to draw again, from 0; ``None``: all of them.

    Those that failed are drawn again in any case.

    Args:
        wish: As it was given.
        hint: The option it was given for.

    Examples:
        >>> parse_redraw("failed"), sorted(parse_redraw("3, 1")), parse_redraw("all")
        (frozenset(), [0, 2], None)
    """
    if wish == ALL:
        return None
    if wish == "failed":
        return frozenset()
    if not re.fullmatch(r"\s*[1-9]\d{0,5}(\s*,\s*[1-9]\d{0,5})*\s*", wish):
        raise typer.BadParameter(
            f"{wish!r} is none of all, failed, or numbers such as 2,5", param_hint=hint
        )
    return frozenset(int(number) - 1 for number in wish.split(","))
