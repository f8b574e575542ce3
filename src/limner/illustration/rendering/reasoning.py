"""Setting a model's reasoning (``<think>…</think>`` and its kin) apart from its story."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from limner.illustration.rendering.fence import Fence
from limner.illustration.rendering.marks import MARK
from limner.prompts.grammar.reasoning_mark import (
    USUAL_MARKS,
    FoundMark,
    block_end,
    opening_mark,
)

_DEEPEST = 3
"""Spaces that may stand before a mark that begins its line."""


@dataclass(frozen=True, slots=True)
class Reasoning:
    """A part of a reasoning block.

    Attributes:
        text: Its characters, without the tags around the block.
        begins: Whether this is the block's first part.
        ends: Whether this is its last.
    """

    text: str
    begins: bool = False
    ends: bool = False


def set_reasoning_apart(
    lines: Iterable[str], text: str, pictures: int = 0
) -> Iterator[str | Reasoning]:
    r"""Pass lines on, with those of reasoning outside code as `Reasoning`.

    As for the tags (`limner.prompts.grammar.block_reader`), a mark that begins a line opens a block
    if that closes, wherever; one inside a line is only mentioned there, unless it closes in it. The
    end of a text that breaks off in its reasoning is reasoning, unless a picture stands in it.

    Args:
        lines: The lines.
        text: The text they come from.
        pictures: How many marks for pictures stand in the lines.

    Examples:
        >>> list(set_reasoning_apart(["<think>Hm.</think>Once"], "<think>Hm.</think>Once"))
        [Reasoning(text='Hm.', begins=True, ends=True), 'Once']
    """
    if opening_mark(text, 0, USUAL_MARKS) is None:
        yield from lines
        return
    rest = _Rest(text, pictures)
    fence, mark, begins = Fence(), None, False
    for whole in lines:
        line = whole
        rest.passes(whole)
        while line:
            if mark is not None:
                end = block_end(line, 0, mark)
                inside = line if end < 0 else line[: end - len(mark.closing)]
                yield Reasoning(inside, begins, end >= 0)
                begins = False
                mark, line = (mark, "") if end < 0 else (None, line[end:])
            elif (found := _beginning(line, fence, rest, whole=line is whole)) is None:
                yield line
                break
            else:
                mark, begins = found.mark, True
                if found.start:
                    yield line[: found.start]
                line = _behind(line, found)
                if not line:
                    yield Reasoning("", begins=True)
                    begins = False
    if mark is not None:
        yield Reasoning("", begins, ends=True)


class _Rest:
    """What is still to come behind a line."""

    def __init__(self, text: str, pictures: int) -> None:
        self._closings = _closings(text)
        self._pictures = pictures

    def passes(self, line: str) -> None:
        """The next line is being read."""
        self._closings -= _closings(line)
        self._pictures -= len(MARK.findall(line))

    def is_reasoning(self, line: str, found: FoundMark) -> bool:
        """Whether what stands behind a mark that begins its line is."""
        if self._closings[found.mark.closing] > 0:
            return True
        return not self._pictures and MARK.search(line, found.end) is None


def _closings(text: str) -> Counter[str]:
    return Counter(found[0].lower() for found in USUAL_MARKS.closing.finditer(text))


def _behind(line: str, found: FoundMark) -> str:
    """What stands behind an opening mark, and behind the rest of its element."""
    rest = line[found.end :]
    return rest if found.mark.opening[-1] in ">]" else rest.partition(">")[2]


def _beginning(line: str, fence: Fence, rest: _Rest, *, whole: bool) -> FoundMark | None:
    """Where reasoning begins in a line, unless the line or the place in it is code."""
    if whole and fence.holds(line):
        return None
    at = 0
    while (found := opening_mark(line, at, USUAL_MARKS)) is not None:
        before = line[: found.start]
        leads = whole and not before.strip(" ") and len(before) <= _DEEPEST
        if before.count("`") % 2 == 0:
            if block_end(line, found.end, found.mark) >= 0:
                return found
            if leads and rest.is_reasoning(line, found):
                return found
        at = found.end
    return None
