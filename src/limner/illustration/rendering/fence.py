"""Following code fences line by line."""

import re

_FENCE = re.compile(r"( {0,3})(`{3,}|~{3,})(.*)", re.DOTALL)


class Fence:
    r"""Tells of each line whether it belongs to fenced code (CommonMark 0.31, section 4.5).

    Examples:
        >>> fence = Fence()
        >>> [fence.holds(line) for line in ("a\n", "```py\n", "b\n", "```\n", "c\n")]
        [False, True, True, True, False]
    """

    def __init__(self) -> None:
        self._opening = ""
        self._ticks = ""

    @property
    def opening(self) -> str:
        """The line that opened the fence we are in, or nothing."""
        return self._opening

    @property
    def closing(self) -> str:
        """The line that would close it, or nothing."""
        return f"\n{self._ticks}\n" if self._ticks else ""

    def holds(self, line: str, *, item: int = 0) -> bool:
        """Read the next line; tell whether it is inside a fence or is a fence's own line.

        Args:
            line: The line.
            item: Columns a line must be indented to belong to the list item we are in, or 0.
                The item's own fences are left alone: they end with it.
        """
        found = _FENCE.match(line) if line.lstrip(" ")[:1] in ("`", "~") else None
        if self._ticks:
            if found and self._closes(found[2], found[3]):
                self._opening = self._ticks = ""
            return True
        if found is None or 0 < item <= len(found[1]) or (found[2][0] == "`" and "`" in found[3]):
            return False
        self._ticks = found[2]
        self._opening = f"{found[2]}\n"
        return True

    def _closes(self, ticks: str, rest: str) -> bool:
        return not rest.strip(" \t\r\n") and ticks.startswith(self._ticks)
