r"""Where a tag is only text: fenced code, inline code and reasoning blocks.

The machine reads the text once, from left to right, and never asks for text that has not come
yet: whether a place is hidden depends on what stands before it alone. Markdown's code follows
CommonMark (https://spec.commonmark.org, "Fenced code blocks", "Code spans") as far as that allows:

====================  ==========================================================================
hidden                until
====================  ==========================================================================
fenced code           a line with the same character, at least as often, and nothing else
inline code           a run of exactly as many backticks, or the end of the paragraph: a blank
                      line or a line that opens a fence
reasoning             its closing mark; where its opening mark stands inside a line, as somebody
                      would mention it, the end of the paragraph at most
====================  ==========================================================================

What stands behind an opening mark that begins the text or a line is a block of reasoning, which may
never close. It is not read here: see `limner.prompts.grammar.block_reader`.

A line that opens with three or more backticks is a fence only if no further backtick stands on
it; until that is known the rest of the line is hidden either way. A backtick behind a backslash
is a plain character outside code.
"""

import re
from collections.abc import Callable
from enum import Enum, auto

from limner.prompts.grammar.memoised_find import MemoisedFind
from limner.prompts.grammar.reasoning_mark import USUAL_MARKS, ReasoningMark, ReasoningMarks

DEEP = 4
"""A line that is blank so far, but indented too far for a fence."""
CONTENT = 5
"""A line that holds something already. Smaller numbers count its leading spaces."""
FENCE = 3
"""So many backticks or tildes make a fence; so many spaces may stand before them."""

_BLANKS = re.compile(" +")


class Mode(Enum):
    """The kind of text that is being read: plain, code or reasoning."""

    PROSE = auto()
    INLINE = auto()
    FENCED = auto()
    REASONING = auto()
    BLOCK = auto()


class Verbatim:
    """Follows plain text and knows whether a tag that began here would be hidden.

    Args:
        marks: What marks reasoning.
        mid_line: Whether the text begins in the middle of a line.

    Attributes:
        hidden: Whether the place reached is inside code or reasoning.
        block: The mark of the block of reasoning that begins at the place reached, if one does;
            nothing more is taken then before `leave_block`.
        closed_unopened: Whether a closing mark of reasoning came that nothing had opened.

    >>> verbatim = Verbatim()
    >>> verbatim.consume(MemoisedFind("see `code"), 0, 9), verbatim.hidden
    (5, True)
    """

    __slots__ = (
        "_closer",
        "_closing",
        "_column",
        "_escaped",
        "_fence",
        "_fence_char",
        "_firsts",
        "_inline",
        "_leads",
        "_marks",
        "_mode",
        "_opener",
        "_others",
        "_partial",
        "_partial_leads",
        "_run",
        "_run_char",
        "_run_opens",
        "_trailing",
        "block",
        "closed_unopened",
        "hidden",
    )

    def __init__(self, marks: ReasoningMarks = USUAL_MARKS, *, mid_line: bool = False) -> None:
        self.hidden = False
        self.block: ReasoningMark | None = None
        self.closed_unopened = False
        self._marks = marks
        self._firsts = marks.first
        self._others = frozenset(marks.first).difference("<[")
        self._mode = Mode.PROSE
        self._column = CONTENT if mid_line else 0
        self._escaped = False  # an odd number of backslashes stands just before
        self._run = 0  # backticks or tildes seen of a run that may go on
        self._run_char = ""
        self._run_opens = False  # the run stands where a fence may stand
        self._inline = 0  # backticks that close the inline code
        self._opener = 0  # backticks of a line that is a fence if no further backtick follows
        self._fence = 0
        self._fence_char = ""
        self._closing = 0  # fence characters on a line that may close the fence
        self._trailing = False
        self._leads = False  # nothing but a few spaces stands before on its line
        self._partial = ""  # the beginning of a reasoning mark, in lower case
        self._partial_leads = False
        self._closer = ""

    def passes(self, chunk: str) -> bool:
        """Take the whole of a non-empty `chunk` if that is simple; otherwise take nothing.

        Returns:
            Whether it was taken. If so, nothing in it changes what is hidden, and no tag of the
            default grammar begins in it. This is the fast way for most chunks of a stream.
        """
        if "\n" in chunk or self._column != CONTENT or self._run or self._partial:
            return False
        mode = self._mode
        if mode is Mode.PROSE:
            if "<" in chunk or "`" in chunk or "[" in chunk or chunk[-1] == "\\":
                return False
            if self._others and not self._others.isdisjoint(chunk):
                return False
            self._escaped = False
            return True
        if mode is Mode.INLINE:
            return "`" not in chunk
        return mode is Mode.FENCED or self._closer[0] not in chunk

    def consume(self, marks: MemoisedFind, start: int, end: int) -> int:
        """Take ``marks.text[start:end]`` as plain text, but stop as soon as `hidden` changes.

        Returns:
            The position after the last character taken. It may be `start` when `hidden` changed
            because of what came before.
        """
        text = marks.text
        hidden = self.hidden
        at = start
        while at < end and self.hidden is hidden:
            if self.block is not None:
                break
            if self._run:
                at = self._go_on_with_run(text, at, end)
            elif self._mode is Mode.PROSE:
                at = self._prose(marks, at, end)
            elif self._mode is Mode.INLINE:
                at = self._inline_code(marks, at, end)
            elif self._mode is Mode.FENCED:
                at = self._fenced_code(marks, at, end)
            else:
                at = self._reasoning(marks, at, end)
        return at

    def settle(self, following: str) -> bool:
        """Tell the character that follows, which may end a run of backticks or tildes.

        Returns:
            Whether a tag may begin with that character, as far as runs are concerned: not in the
            middle of a run, and not where `hidden` is now true.
        """
        if self._run and following != self._run_char:
            self._end_run()
        return not (self._run or self.hidden)

    def skip_tag(self, source: str) -> None:
        """Pass over a tag, whose characters open and close nothing."""
        self._run = 0
        self._partial = ""
        self._escaped = False
        last_line = source.rpartition("\n")
        if not last_line[1] or last_line[2].strip(" \t\r"):
            self._column = CONTENT
        elif last_line[2].strip(" "):
            self._column = DEEP
        else:
            self._column = min(len(last_line[2]), DEEP)

    def _prose(self, marks: MemoisedFind, at: int, end: int) -> int:
        if self._partial:
            return self._go_on_with_mark(marks.text[at], at)
        if self._column == DEEP and (blanks := _BLANKS.match(marks.text, at, end)):
            return blanks.end()  # as a line of nothing else may be long
        if self._column != CONTENT:
            return self._line_start(marks.text[at], at)
        leads, self._leads = self._leads, False
        stop = min(marks.find("`", at), marks.find("\n", at), end)
        for first in self._firsts:
            stop = min(stop, marks.find(first, at))
        if stop > at:
            self._count_backslashes(marks.text, at, stop)
        if stop == end:
            return end
        escaped, self._escaped = self._escaped, False
        char = marks.text[stop]
        if char == "\n":
            self._column = 0
        elif char in self._firsts:
            self._partial = char.lower()
            self._partial_leads = leads and stop == at
        elif not escaped:
            self._begin_run("`")
        return stop + 1

    def _inline_code(self, marks: MemoisedFind, at: int, end: int) -> int:
        if self._column != CONTENT:
            return self._line_start(marks.text[at], at)
        stop = min(marks.find("`", at), marks.find("\n", at), end)
        if stop == end:
            return end
        if marks.text[stop] == "\n":
            self._end_line()
        else:
            self._begin_run("`")
        return stop + 1

    def _fenced_code(self, marks: MemoisedFind, at: int, end: int) -> int:
        if self._column == CONTENT:
            newline = marks.find("\n", at)
            if newline >= end:
                return end
            self._begin_fenced_line()
            return newline + 1
        char = marks.text[at]
        if char == "\n":
            if self._closing >= self._fence:
                self._show()
            self._begin_fenced_line()
        elif char == self._fence_char and not self._trailing:
            self._closing += 1
        elif char in " \t\r" and self._closing >= self._fence:
            self._trailing = True
        elif char == " " and not self._closing and self._column < FENCE:
            self._column += 1
        else:
            self._column = CONTENT
        return at + 1

    def _begin_fenced_line(self) -> None:
        self._column = 0
        self._closing = 0
        self._trailing = False

    def _reasoning(self, marks: MemoisedFind, at: int, end: int) -> int:
        char = marks.text[at]
        if self._column != CONTENT:
            if char == "\n":
                self._show()
                self._column = 0
            elif char not in " \t\r":
                self._column = CONTENT
                return at
            return at + 1
        if not self._partial:
            at = min(marks.find(self._closer[0], at), marks.find("\n", at), end)
            if at == end:
                return end
            if marks.text[at] == "\n":
                self._column = 0
            else:
                self._partial = self._closer[0]
            return at + 1
        self._partial = _goes_on(self._partial + char.lower(), self._closer.startswith)
        if not self._partial:
            return at
        if self._partial == self._closer:
            self._show()
        return at + 1

    def _go_on_with_mark(self, char: str, at: int) -> int:
        before, marks = self._partial, self._marks
        self._partial = _goes_on(before + char.lower(), marks.beginnings.__contains__)
        if not self._partial:
            return at
        self._partial_leads = self._partial_leads and len(self._partial) > len(before)
        if self._partial in marks.closings:
            self.closed_unopened = self.closed_unopened or self._partial in marks.named
            self._partial = ""
        elif (mark := marks.by_opening.get(self._partial)) is not None:
            self._partial = ""
            self.hidden = True
            if self._partial_leads:
                self._mode, self.block = Mode.BLOCK, mark
            else:
                self._mode, self._closer = Mode.REASONING, mark.closing
        return at + 1

    def leave_block(self, *, unclosed: bool = False) -> None:
        """Go on behind a block of reasoning.

        Args:
            unclosed: It never closes, so that it is none: go on behind its mark, which will open
                nothing any more.
        """
        if unclosed and self.block is not None:
            self._marks = self._marks.without(self.block)
        self.block = None
        self._show()
        self._column = CONTENT

    def _line_start(self, char: str, at: int) -> int:
        if char == " ":
            self._column = min(self._column + 1, DEEP)
        elif char in "\t\r":
            self._column = DEEP
        elif char == "\n":
            self._end_line()
        elif char == "`" or (char == "~" and self._column <= FENCE):
            self._begin_run(char)
        else:
            self._leads = self._column <= FENCE
            self._column = CONTENT
            return at
        return at + 1

    def _end_line(self) -> None:
        if self._opener:
            self._open_fence("`", self._opener)
        elif self._mode is Mode.INLINE and self._column != CONTENT:
            self._show()
        self._column = 0

    def _begin_run(self, char: str) -> None:
        self._run = 1
        self._run_char = char
        self._run_opens = self._column <= FENCE
        self._column = CONTENT

    def _go_on_with_run(self, text: str, at: int, end: int) -> int:
        first = at
        while at < end and text[at] == self._run_char:
            at += 1
        self._run += at - first
        if at < end:
            self._end_run()
        return at

    def _end_run(self) -> None:
        length, self._run = self._run, 0
        opens = self._run_opens and length >= FENCE
        self._opener = 0
        if self._run_char == "~":
            if opens:
                self._open_fence("~", length)
        elif self._mode is Mode.INLINE and length == self._inline:
            self._show()
        else:
            if self._mode is Mode.PROSE:
                self._mode = Mode.INLINE
                self.hidden = True
                self._inline = length
            self._opener = length if opens else 0

    def _open_fence(self, char: str, length: int) -> None:
        self._mode = Mode.FENCED
        self.hidden = True
        self._fence_char = char
        self._fence = length
        self._opener = 0
        self._column = CONTENT

    def _show(self) -> None:
        self._mode = Mode.PROSE
        self.hidden = False
        self._opener = 0
        self._escaped = False
        self._partial = ""

    def _count_backslashes(self, text: str, start: int, end: int) -> None:
        first = end
        while first > start and text[first - 1] == "\\":
            first -= 1
        odd = (end - first) % 2 == 1
        # Backslashes from before `start` count only if nothing else came since.
        self._escaped = odd is not self._escaped if first == start else odd


def _goes_on(text: str, begins: Callable[[str], bool]) -> str:
    """The longest end of some text with which a mark may begin."""
    while text and not begins(text):
        text = text[1:]
    return text
