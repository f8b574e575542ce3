r"""Tags described by the user's own patterns, found while the text is coming.

The rules, which do not depend on how the text is cut into chunks:

- Tags are found from left to right and do not overlap. Where several patterns match at the same
  place, the earlier one in the list wins.
- A match counts only when no further text could change it, or when the text has ended. So a
  greedy pattern such as ``\[img:(.*)\]`` waits for the end of the line, while ``\[img:(.*?)\]`` is
  done at the first bracket.
- A tag has at most `LONGEST_TAG` characters. Where one begins that is still open after so many,
  the pattern is matched once more as if the text ended there, and then the text goes on.
- In the middle of a run of backticks no tag begins.
"""

from limner.prompts.grammar.memoised_find import MemoisedFind
from limner.prompts.grammar.open_tag import unescape
from limner.prompts.grammar.pattern import (
    NOT_IN_TEXT,
    STAND_IN,
    Found,
    PatternProblem,
    TagPattern,
    TooSlow,
)
from limner.prompts.grammar.reasoning_mark import USUAL_MARKS, ReasoningMarks
from limner.prompts.grammar.tag import PromptTag, Text
from limner.prompts.grammar.tag_grammar import TagGrammar

LONGEST_TAG = 20_000
"""Characters a tag found by a user's pattern may have, and with it what can be held back."""


class Search:
    """How far one pattern has got in the text at hand.

    Attributes:
        pattern: The pattern.
        found: The first place, not before the one last searched from, where a tag begins or may
            begin. Nothing begins before it.
    """

    __slots__ = ("_seen", "found", "pattern")

    def __init__(self, pattern: TagPattern) -> None:
        self.pattern = pattern
        self.found = Found(-1, -1, None)
        self._seen = -1  # the end of the stretch last searched

    def settle(self, text: str, at: int, *, final: bool) -> bool:
        """Find out whether a tag begins at `at`, or where the next one begins.

        Returns:
            Whether that is known; if not, the text must be held back from `at` on.

        Raises:
            TooSlow: The pattern has used up its time.
        """
        while self.found.start < at or (self.found.start == at and not self.found.prompt):
            end = min(len(text), at + LONGEST_TAG)
            if self.found.start < at or self._seen < end:
                self._search(text, at, end)
            elif final or end - at == LONGEST_TAG:
                self.found = self.pattern.match(text, at, end) or self.found
                if not self.found.prompt:
                    self._search(text, at + 1, end)
            else:
                return False
        return True

    def _search(self, text: str, start: int, end: int) -> None:
        self.found = self.pattern.search(text, start, end)
        self._seen = end


class PatternGrammar(TagGrammar):
    r"""Finds what `patterns` describe.

    Args:
        patterns: The patterns; one that takes too long is taken out of the list.
        marks: What marks reasoning.
        start: Where the text begins, in characters from the start of the whole text.
        mid_line: Whether it begins inside a line.
        problems: Gets what was switched off.

    Attributes:
        problems: Patterns that were switched off on the way because they took too long.

    >>> grammar = PatternGrammar([TagPattern(r"\[img:(.*?)\]")])
    >>> [piece.source for piece in grammar.feed("A [img:fox] and [im")]
    ['A ', '[img:fox]', ' and ']
    >>> grammar.finish()
    [Text(text='[im', start=16)]
    """

    __slots__ = ("_before", "_held", "_patterns", "problems")

    def __init__(
        self,
        patterns: list[TagPattern],
        marks: ReasoningMarks = USUAL_MARKS,
        start: int = 0,
        mid_line: bool = False,
        *,
        problems: list[PatternProblem] | None = None,
    ) -> None:
        super().__init__(marks, start, mid_line)
        self.problems: list[PatternProblem] = [] if problems is None else problems
        self._patterns = patterns
        self._before = ""  # the last character given out: `^` and `\b` look at it
        self._held = ""

    def feed(self, chunk: str) -> list[Text | PromptTag]:
        """Take the next piece of text, not empty; what is certain now."""
        for pattern in self._patterns:
            pattern.allow(len(chunk))
        found: list[Text | PromptTag] = []
        # Pieces keep the text at hand short, whatever comes in one chunk.
        for start in range(0, len(chunk), LONGEST_TAG):
            self._held += chunk[start : start + LONGEST_TAG]
            found += self._scan(final=False)
            if self.block is not None:
                self.unread += chunk[start + LONGEST_TAG :]
                break
        return found

    def finish(self) -> list[Text | PromptTag]:
        """The text has ended: what was held back is decided as it stands."""
        for pattern in self._patterns:
            pattern.allow(len(self._held))
        return self._scan(final=True)

    def _scan(self, *, final: bool) -> list[Text | PromptTag]:
        text = self._before + self._held
        view = text.replace(NOT_IN_TEXT, STAND_IN)
        searches = [Search(pattern) for pattern in self._patterns]
        marks = MemoisedFind(text)
        found: list[Text | PromptTag] = []
        at = given = len(self._before)
        offset = self.offset - at
        while at < len(text):
            if self.verbatim.settle(text[at]):
                first = self._first(searches, view, at, final=final)
                if first is None:
                    break
                stop = first.start
            else:  # hidden, or in a run, which is taken one character at a time
                first = None
                stop = len(text) if self.verbatim.hidden else at + 1
            if first is None or at < stop:
                at = self.verbatim.consume(marks, at, stop)
                if self.verbatim.block is not None:
                    break
                continue
            if given < at:
                found.append(Text(text[given:at], offset + given))
            tag = _tag(text, first, offset)
            found.append(tag)
            self.verbatim.skip_tag(tag.source)
            at = given = first.end
        if given < at:
            found.append(Text(text[given:at], offset + given))
        self.offset = offset + at
        self._before = text[at - 1 : at] if at else ""
        self._held = text[at:]
        if self.verbatim.block is not None:
            self.block = self.verbatim.block
            self.unread, self._held = self._held, ""
        return found

    def _first(self, searches: list[Search], view: str, at: int, *, final: bool) -> Found | None:
        """The next place where a tag begins or may begin; ``None`` if `at` cannot be decided."""
        while searches:
            # Of equal places the earlier pattern's: `min` takes the first.
            search = min(searches, key=lambda search: search.found.start)
            if search.found.start > at or (search.found.start == at and search.found.prompt):
                return search.found
            try:
                if not search.settle(view, at, final=final):
                    return None
            except TooSlow:
                self._switch_off(search)
                searches.remove(search)
        return Found(len(view), len(view), None)

    def _switch_off(self, search: Search) -> None:
        self._patterns.remove(search.pattern)
        reason = "it takes too long on this text and was switched off for the rest of it"
        self.problems.append(PatternProblem(search.pattern.pattern, reason))


def _tag(text: str, found: Found, offset: int) -> PromptTag:
    first, last = found.prompt or (0, 0)
    return PromptTag(
        unescape(text[first:last].strip()),
        text[found.start : found.end],
        offset + found.start,
        offset + found.end,
    )
