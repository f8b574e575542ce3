"""Draws which room imports which, as a Mermaid diagram on a page."""

from __future__ import annotations

import re

from tools.arrows import Arrows, between_files, between_parts, grouped, reachable
from tools.source import Package

BEGIN = "<!-- drawn by `make house` from the imports -->"
END = "<!-- end of the drawing -->"


def mermaid(package: Package, folder: str, leave_out: frozenset[str] = frozenset()) -> str:
    """Return the drawing of what stands directly in a folder; an arrow means "imports".

    An arrow that follows from others is left out: where A imports B, and B imports C, nothing is
    drawn from A to C.
    """
    arrows = grouped(between_parts(between_files(package), folder))
    arrows = {start: ends - leave_out for start, ends in arrows.items() if start not in leave_out}
    lines = [
        f"    {start} --> {end}"
        for start in sorted(arrows)
        for end in sorted(arrows[start] - _implied(arrows, start))
    ]
    return "\n".join(["```mermaid", "flowchart TD", *lines, "```"])


def put(page: str, drawing: str) -> str:
    """Return a page with the drawing between its two marks.

    Raises:
        ValueError: The page lacks the marks.
    """
    between = re.compile(f"{re.escape(BEGIN)}.*?{re.escape(END)}", re.DOTALL)
    if not between.search(page):
        raise ValueError(f"the page has no place for the drawing: {BEGIN} … {END}")
    return between.sub(lambda _: f"{BEGIN}\n\n{drawing}\n\n{END}", page)


def _implied(arrows: Arrows, start: str) -> set[str]:
    return {end for middle in arrows[start] for end in reachable(arrows, middle)}
