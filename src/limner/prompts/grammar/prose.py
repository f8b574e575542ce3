"""Where in a whole text a tag would count: outside of code, reasoning and other tags."""

import sys
from bisect import bisect_right
from collections.abc import Iterable

from limner.prompts.grammar.memoised_find import MemoisedFind
from limner.prompts.grammar.reasoning_mark import block_end
from limner.prompts.grammar.tag import PromptTag
from limner.prompts.grammar.verbatim import Verbatim


class Prose:
    """The stretches of a text that are neither code nor reasoning nor a tag.

    Args:
        text: The text.
        tags: The tags in it, as `find_prompts` gives them.

    Attributes:
        spans: The stretches, in order.

    Examples:
        >>> Prose("see `code` here", ()).spans
        [(0, 5), (10, 15)]
        >>> Prose("see `code` here", ()).holds(7)
        False
    """

    __slots__ = ("_gaps", "_starts", "spans")

    def __init__(self, text: str, tags: Iterable[PromptTag]) -> None:
        verbatim, marks = Verbatim(), MemoisedFind(text)
        self.spans: list[tuple[int, int]] = []
        self._gaps: list[tuple[int, int]] = []  # both ends are places between characters
        at = 0
        for tag in tags:
            at = self._read(verbatim, marks, at, tag.start)
            verbatim.settle(text[tag.start])
            verbatim.skip_tag(tag.source)
            at = tag.end
        self._read(verbatim, marks, at, len(text))
        self._starts = [first for first, _ in self._gaps]

    def _read(self, verbatim: Verbatim, marks: MemoisedFind, at: int, end: int) -> int:
        while at < end:
            hidden = verbatim.hidden
            next_at = verbatim.consume(marks, at, end)
            if not hidden and at < next_at:
                self.spans.append((at, next_at))
                self._gaps.append((at, next_at - 1))
            at = next_at
            if verbatim.block is not None:
                behind = block_end(marks.text, at, verbatim.block)
                verbatim.leave_block(unclosed=behind < 0)
                at = max(at, behind)
        if not verbatim.hidden:
            self._gaps.append((end, end))
        return at

    def holds(self, place: int) -> bool:
        """Whether the character at a place is prose."""
        i = bisect_right(self.spans, (place, sys.maxsize)) - 1
        return i >= 0 and place < self.spans[i][1]

    def next_gap(self, place: int) -> int | None:
        """The first place at or after `place` where a tag may be put; ``None`` if there is none.

        Between two characters of code, of reasoning or of a tag there is no such place.
        """
        i = bisect_right(self._starts, place) - 1
        if i >= 0 and place <= self._gaps[i][1]:
            return place
        return self._starts[i + 1] if i + 1 < len(self._starts) else None
