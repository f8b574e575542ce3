"""Marks between which a model thinks before it answers."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

_UNFIT = " \t\r\n\f\v`~\\"
"""What no mark begins with: it would be taken for something else."""


@dataclass(frozen=True, slots=True)
class ReasoningMark:
    """How a stretch of reasoning begins and ends in the text of an answer.

    Attributes:
        opening: Its beginning, in lower case; what follows it up to the reasoning itself, such as
            the rest of an element with attributes, is taken for reasoning.
        closing: Its end, in lower case.

    Raises:
        ValueError: One of them is shorter than two characters, begins with a letter, a digit, a
            blank or a sign that opens code, or holds a line break.
    """

    opening: str
    closing: str

    def __post_init__(self) -> None:
        for mark in (self.opening, self.closing):
            unfit = mark[:1] in _UNFIT or mark[:1].isalnum()
            if len(mark) < 2 or unfit or "\n" in mark:
                raise ValueError(
                    f"{mark!r} cannot mark reasoning: it takes two characters or more in one line, "
                    "with a sign such as < or [ first"
                )
        object.__setattr__(self, "opening", self.opening.lower())
        object.__setattr__(self, "closing", self.closing.lower())


REASONING_MARKS = (
    *(
        ReasoningMark(f"<{name}>", f"</{name}>")
        for name in ("think", "thinking", "reasoning", "thought", "analysis", "seed:think")
    ),
    ReasoningMark("[think]", "[/think]"),
    ReasoningMark("<|channel|>analysis<|message|>", "<|end|>"),
    ReasoningMark('<details type="reasoning"', "</details>"),
)
"""Those in use: of DeepSeek, Qwen, Gemini, Seed, Magistral, gpt-oss (Harmony) and Open WebUI."""


class ReasoningMarks:
    """Several marks, ready to be looked for.

    Attributes:
        marks: They.
        by_opening: They, by their opening.
        closings: How they end.
        opening: Finds an opening.
        closing: Finds a closing.
        named: The closings that say what they close, as ``</think>`` does.
        beginnings: Everything with which one of their openings or closings begins.
        first: The characters with which these begin, one after the other.
    """

    __slots__ = (
        "beginnings",
        "by_opening",
        "closing",
        "closings",
        "first",
        "marks",
        "named",
        "opening",
    )

    def __init__(self, marks: Iterable[ReasoningMark]) -> None:
        self.marks = tuple(marks)
        self.by_opening = {mark.opening: mark for mark in self.marks}
        self.closings = frozenset(mark.closing for mark in self.marks)
        self.opening = _any_of(self.by_opening)
        self.closing = _any_of(self.closings)
        self.named = frozenset(
            mark.closing for mark in self.marks if mark.closing.replace("/", "") == mark.opening
        )
        words = [*self.by_opening, *self.closings]
        self.beginnings = frozenset(word[:n] for word in words for n in range(1, len(word) + 1))
        self.first = "".join(sorted({word[0] for word in words}))

    def without(self, mark: ReasoningMark) -> "ReasoningMarks":
        """All but one."""
        return ReasoningMarks(each for each in self.marks if each != mark)


def _any_of(words: Iterable[str]) -> re.Pattern[str]:
    longest_first = sorted(words, key=len, reverse=True)
    return re.compile("|".join(map(re.escape, longest_first)) or "(?!)", re.IGNORECASE | re.ASCII)


USUAL_MARKS = ReasoningMarks(REASONING_MARKS)
"""`REASONING_MARKS`, ready to be looked for."""


def marks_with(more: Iterable[tuple[str, str]]) -> ReasoningMarks:
    """The marks in use and some more.

    Args:
        more: Pairs of an opening and a closing mark; capitals do not matter.

    Raises:
        ValueError: One cannot mark reasoning.

    >>> marks_with([("<Hmm>", "</Hmm>")]).marks[-1]
    ReasoningMark(opening='<hmm>', closing='</hmm>')
    """
    own = [ReasoningMark(opening, closing) for opening, closing in more]
    return ReasoningMarks((*REASONING_MARKS, *own)) if own else USUAL_MARKS


@dataclass(frozen=True, slots=True)
class FoundMark:
    """An opening mark in a text: where it begins and ends."""

    start: int
    end: int
    mark: ReasoningMark


def opening_mark(text: str, start: int, marks: ReasoningMarks) -> FoundMark | None:
    """The first opening mark that stands at `start` or later, if any does.

    >>> opening_mark("A <Think>fox", 0, USUAL_MARKS).start
    2
    """
    found = marks.opening.search(text, start)
    if found is None:
        return None
    return FoundMark(found.start(), found.end(), marks.by_opening[found[0].lower()])


def block_end(text: str, start: int, mark: ReasoningMark) -> int:
    """Where the block ends whose reasoning begins at `start`; -1 if it never closes.

    >>> block_end("<think>Hm.</Think> A fox.", 7, REASONING_MARKS[0])
    18
    """
    found = _any_of((mark.closing,)).search(text, start)
    return -1 if found is None else found.end()


class ClosingMark:
    """Looks for the end of reasoning in text that comes piece by piece.

    Args:
        closings: Any of these ends it.

    >>> mark = ClosingMark(["</think>"])
    >>> mark.find("A tale.</thi"), mark.find("nk> Once")
    (-1, 3)
    """

    __slots__ = ("_before", "_longest", "_pattern")

    def __init__(self, closings: Iterable[str]) -> None:
        known = tuple(closings)
        self._pattern = _any_of(known)
        self._longest = max(map(len, known)) - 1
        self._before = ""

    def find(self, piece: str) -> int:
        """Where in this piece the closing mark ends; -1 if it has not come."""
        text = self._before + piece
        found = self._pattern.search(text)
        if found is not None:
            return found.end() - len(self._before)
        self._before = text[-self._longest :]
        return -1
