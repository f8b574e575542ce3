"""Finding picture requests in a text while it is being written."""

import re
from collections.abc import Iterable

from limner.prompts.grammar.block_reader import BlockReader, MakeGrammar
from limner.prompts.grammar.default_grammar import TELLING, DefaultGrammar
from limner.prompts.grammar.pattern import PatternProblem, TagPattern, usable_patterns
from limner.prompts.grammar.pattern_grammar import PatternGrammar
from limner.prompts.grammar.reasoning_mark import ReasoningMarks, marks_with
from limner.prompts.grammar.tag import PromptTag, Text
from limner.prompts.grammar.tag_grammar import TagGrammar

LONGEST_OPEN = 2000
"""Characters of a tag that was left open at the end of a text."""
_BLANK_LINE = re.compile(r"\n[ \t\r]*\n")
_STEP = 64 * 1024
"""Characters of a whole text that are read at a time, so that it is never there twice."""


class PromptScanner:
    r"""Takes a text in chunks and gives it back as plain text and picture requests.

    Guarantees:

    - The sources of what comes out, concatenated, are exactly what went in.
    - Which tags come out does not depend on where the text was cut.
    - Text that cannot be part of a tag is given out at once; only what may be the beginning of a
      tag is held back. An unclosed tag comes out as text in `finish`. In a story it seldom lasts
      that long: the next quotation mark ends the prompt, and if no tag can follow from there, the
      text goes on.
    - Tags in fenced code, inline code and blocks of reasoning are text
      (`limner.prompts.grammar.verbatim`). A block of reasoning that never closes is none: from the
      first tag in an open one on, text is held back until that is certain
      (`limner.prompts.grammar.block_reader`).
    - The time it takes grows with the length of the text and not faster. With `patterns`, the
      time on each chunk is bounded, and at most 20 000 characters are held back.

    Args:
        patterns: Regular expressions to be used instead of the default grammar, each with exactly
            one capturing group, the prompt (the rules: `limner.prompts.grammar.pattern_grammar`).
            ``None``: the default grammar (`limner.prompts.grammar.open_tag`). Bad ones are left out
            and reported in `problems`.
        strict: Whether the default grammar reads exact tags only, and not what models make of them.
        reasoning: Pairs of opening and closing marks of reasoning, besides those in use
            (`limner.prompts.grammar.reasoning_mark`).
        begins_in_reasoning: Whether the text begins inside reasoning, as that of models does whose
            opening mark stands in what they are asked.
        most_held: Characters that are held back at most behind the first tag in an open block of
            reasoning; beyond that it is reasoning, whether it closes or not. ``None``: all.

    Raises:
        TypeError: `patterns` is a single string.
        ValueError: Something cannot mark reasoning.
        limner.errors.MissingExtra: There are patterns, and the package `regex` is not installed.

    Examples:
        >>> scanner = PromptScanner()
        >>> [piece.source for piece in scanner.feed('A fox. <!--img-prompt="a red')]
        ['A fox. ']
        >>> scanner.feed(' fox" size="512x512"-->')[0].attributes["size"]
        '512x512'
        >>> scanner.feed("The end <") + scanner.finish()
        [Text(text='The end ', start=51), Text(text='<', start=59)]
    """

    __slots__ = ("_finished", "_reader", "_switched_off", "_unusable")

    def __init__(
        self,
        patterns: Iterable[str] | None = None,
        *,
        strict: bool = False,
        reasoning: Iterable[tuple[str, str]] = (),
        begins_in_reasoning: bool = False,
        most_held: int | None = None,
    ) -> None:
        self._finished = False
        usable: list[TagPattern] | None = None
        self._unusable: list[PatternProblem] = []
        self._switched_off: list[PatternProblem] = []
        if patterns is not None:
            usable, self._unusable = usable_patterns(patterns)
        make = _maker(usable, strict=strict, problems=self._switched_off)
        self._reader = BlockReader(make, marks_with(reasoning), most_held=most_held)
        if begins_in_reasoning:
            self._reader.begin_inside()

    @property
    def problems(self) -> list[PatternProblem]:
        """The patterns that were left out or switched off so far, and why."""
        return self._unusable + self._switched_off

    @property
    def near_misses(self) -> int:
        """How often something was meant to be a tag, as it seems, and is none.

        Examples:
            >>> scanner = PromptScanner()
            >>> _ = scanner.feed('<!-- image prompt: a fox --> <!--img-prompt="a fox"')
            >>> _ = scanner.finish()
            >>> scanner.near_misses
            2
        """
        return self._reader.near_misses

    @property
    def open_tag(self) -> str:
        """The tag that is open where the text has got to, as far as it has come; else ``""``.

        One that is longer than `LONGEST_OPEN` or goes on behind a blank line counts as none: that
        is a story whose model forgot to close its tag. Of tags that patterns describe it is not
        known.

        Examples:
            >>> scanner = PromptScanner()
            >>> _ = scanner.feed('A fox. <!--img-prompt="a r')
            >>> scanner.open_tag
            '<!--img-prompt="a r'
        """
        tag = self._reader.open_tag
        return tag if len(tag) <= LONGEST_OPEN and not _BLANK_LINE.search(tag) else ""

    @property
    def in_reasoning(self) -> bool:
        """Whether a block of reasoning is open where the text has got to."""
        return self._reader.in_reasoning

    @property
    def closed_unopened(self) -> bool:
        """Whether reasoning was closed that nothing had opened: the text began inside it."""
        return self._reader.closed_unopened

    def feed(self, chunk: str) -> list[Text | PromptTag]:
        """Take the next piece of the text, of any length.

        Returns:
            What is certain now, in order. Plain text may come in several pieces.

        Raises:
            RuntimeError: The scanner has been finished.
            TypeError: `chunk` is not a string.
        """
        if not isinstance(chunk, str):
            raise TypeError(f"feed() takes text (str), not {type(chunk).__name__}")
        if self._finished:
            raise RuntimeError("the scanner has been finished; use a new one for another text")
        return self._reader.feed(chunk) if chunk else []

    def passes(self, chunk: str) -> bool:
        """Take a piece that is plain text for certain, tags or not before it; else take nothing.

        It is what `feed` does with most pieces, for who needs them no more.

        Examples:
            >>> scanner = PromptScanner()
            >>> _ = scanner.feed("A fox ")
            >>> scanner.passes("ran. "), scanner.passes("Then <"), scanner.feed("It <")[0].start
            (True, False, 11)
        """
        if self._finished or not chunk:
            return False
        return self._reader.passes(chunk)

    def finish(self) -> list[Text | PromptTag]:
        """The text has ended: give out what was held back. A second call has nothing to add."""
        if self._finished:
            return []
        self._finished = True
        return self._reader.finish()


def open_tag(text: str, patterns: Iterable[str] | None = None, start: int = 0) -> str:
    """The tag that a whole text leaves open at its end; ``""`` if it does not.

    Args:
        text: The text.
        patterns: As for `PromptScanner`.
        start: Where such a tag begins at the earliest, for whoever knows; the text before it tells
            whether that is inside of code, and is read only if something looks like a tag.

    Examples:
        >>> open_tag('A fox. <!--img-prompt="a r'), open_tag("A fox.")
        ('<!--img-prompt="a r', '')
    """
    if not TELLING.search(text, max(start, len(text) - LONGEST_OPEN)):
        return ""
    scanner = PromptScanner(patterns)
    for at in range(0, len(text), _STEP):
        scanner.feed(text[at : at + _STEP])
    tag = scanner.open_tag
    begins = len(text) - len(tag)
    holds_another = any(
        isinstance(piece, PromptTag) and piece.end > begins for piece in scanner.finish()
    )
    return "" if holds_another or begins < start else tag


def find_prompts(
    text: str, patterns: Iterable[str] | None = None, *, strict: bool = False
) -> list[PromptTag]:
    r"""The picture requests in a whole text: what a `PromptScanner` finds in it.

    Args:
        text: The text.
        patterns: As for `PromptScanner`. Bad ones are left out silently; make a scanner to see
            what is wrong with them.
        strict: As for `PromptScanner`.

    Raises:
        TypeError: `text` is not a string, or `patterns` is a single one.
        limner.errors.MissingExtra: As for `PromptScanner`.

    Examples:
        >>> [tag.prompt for tag in find_prompts('<img_prompt="a fox"> and `<img_prompt="code">`')]
        ['a fox']
        >>> find_prompts("[img: a fox ]", [r"\[img:(.*?)\]"])[0].prompt
        'a fox'
    """
    scanner = PromptScanner(patterns, strict=strict)
    pieces = scanner.feed(text) + scanner.finish()
    return [piece for piece in pieces if isinstance(piece, PromptTag)]


def _maker(
    patterns: list[TagPattern] | None, *, strict: bool, problems: list[PatternProblem]
) -> MakeGrammar:
    """What makes the grammars of one text. It knows no scanner, which so goes when it is let go."""

    def make(marks: ReasoningMarks, start: int, mid_line: bool) -> TagGrammar:
        if patterns is None:
            return DefaultGrammar(marks, start, mid_line, strict=strict)
        return PatternGrammar(patterns, marks, start, mid_line, problems=problems)

    return make
