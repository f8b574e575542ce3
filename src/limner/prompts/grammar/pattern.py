r"""A user's own tag pattern: a regular expression, checked, and matched without ever hanging.

How a stream is matched. A match must not depend on where the text was cut, so it counts only
once nothing that may still come could change it. The `regex` package finds that out in one
search: the pattern is compiled with ``()(?s:.*+)`` and a character that no text has behind it and
searched with ``partial=True``. The engine follows its paths in its own order and stops at the
first that meets the end of the text. If the empty group took part by then, the pattern itself was
complete before any path that longer text could change: the match is decided. If not, it is open.

Assertions about the end (``$``, ``\Z``, ``\b``, ``\B``) would be answered wrongly at the end of a
text that goes on. In the streaming twin they are written as look-aheads, which meet the end.
"""

import math
import re
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from limner.errors.installation import needing

LONGEST = 1000
"""Characters a pattern may have."""
REPEATS = 100_000
"""What the counts in ``{…}`` of one pattern may multiply to; the engine unrolls them."""
SECONDS = 0.5
"""Time one pattern may spend on one chunk ..."""
SECONDS_PER_CHARACTER = 20e-6
"""... and on top of that for each character of it."""

NOT_IN_TEXT = "\uffff"  # a noncharacter of Unicode
STAND_IN = "\ufffe"  # another one, put in its place should a text hold it after all

TOKEN = re.compile(
    r"\\L<|\\.|\[\^?\]?(?:\\.|\[:\^?\w+:\]|[^\]\\])*\]|\(\*|\(\?<[=!]"
    r"|\(\?(?:R|[+-]?\d+|&\w+|P>\w+)\)|\{[^{}]*\}|\$",
    re.DOTALL,
)
FUZZY = re.compile(r"\{[\d<=,+\s]*[eids][\d<=,+\seids]*(?::.*)?\}", re.DOTALL)
REFUSED = {
    r"\K": r"\K moves the beginning of a match",
    r"\G": r"\G asks where the search began, which means nothing in a stream",
    r"\R": r"\R may need the next character; write \r?\n",
    r"\X": r"\X may need the next character",
    r"\m": r"\m may need the next character; write \b",
    r"\M": r"\M may need the next character; write \b",
    r"\L<": r"named lists (\L) are not available",
    "(*": "control verbs such as (*SKIP) are not available",
    "(?<=": "look-behind is not available: the text before a tag may have been given out",
    "(?<!": "look-behind is not available: the text before a tag may have been given out",
}
STREAMING = {
    r"\b": r"(?:(?<=\w)(?=\W)|(?<!\w)(?=\w))",
    r"\B": r"(?:(?<=\w)(?=\w)|(?<!\w)(?=\W))",
    r"\Z": f"(?={NOT_IN_TEXT})",
    r"\z": f"(?={NOT_IN_TEXT})",
}


@dataclass(frozen=True, slots=True)
class PatternProblem:
    """Why a pattern is not, or no longer, used.

    Attributes:
        pattern: The pattern as it was given.
        reason: What is wrong with it, for the person who wrote it.
    """

    pattern: str
    reason: str


@dataclass(frozen=True, slots=True)
class Found:
    """The first match of a search, complete or possible.

    Attributes:
        start: Where; the end of the searched stretch if there is nothing in it.
        end: The end of the match, or `start` if it is not decided yet.
        prompt: The span of the prompt, or ``None`` if the match is not decided yet.
    """

    start: int
    end: int
    prompt: tuple[int, int] | None


class TooSlow(Exception):
    """A pattern has used up its time for this chunk."""


class TagPattern:
    r"""One usable pattern.

    Raises:
        ValueError: It cannot be used; the message is the reason, for a `PatternProblem`.
        limner.errors.MissingExtra: The package `regex` is not installed.

    >>> pattern = TagPattern(r"\[img:(.*?)\]")
    >>> pattern.allow(20)
    >>> pattern.search("a [img:fox] b", 0, 13)
    Found(start=2, end=11, prompt=(7, 10))
    >>> pattern.search("a [img:f", 0, 8)
    Found(start=2, end=2, prompt=None)
    """

    __slots__ = ("_left", "_stream", "_whole", "pattern")

    def __init__(self, pattern: str) -> None:
        if len(pattern) > LONGEST:
            raise ValueError(f"it has {len(pattern)} characters; {LONGEST} are allowed")
        tokens = TOKEN.findall(pattern)
        _refuse(tokens)
        self.pattern = pattern
        self._left = 0.0
        self._whole: Any = _compiled(pattern)
        _check(self._whole)
        self._stream: Any = _compiled(_streaming(pattern, self._whole.flags))

    def allow(self, characters: int) -> None:
        """Grant the time for a chunk of so many characters."""
        self._left = SECONDS + SECONDS_PER_CHARACTER * characters

    def search(self, text: str, start: int, end: int) -> Found:
        r"""The first place in ``text[start:end]`` where a tag begins, or may begin if more comes.

        A match that is empty or whose prompt is blank is none. One character before `start` is
        looked at, for ``^`` and ``\b``; nothing from `end` on is.

        Raises:
            TooSlow: The time is used up.
        """
        while start < end:
            match = self._timed(self._stream.search, text, start, end, partial=True)
            if match is None or match.start() == end:  # an empty match at the end: nothing there
                break
            if match.start(2) < 0:
                return Found(match.start(), match.start(), None)
            if text[slice(*match.span(1))].strip() and match.start(2) > match.start():
                return Found(match.start(), match.start(2), match.span(1))
            start = match.start() + 1
        return Found(end, end, None)

    def match(self, text: str, start: int, end: int) -> Found | None:
        """The tag that begins at `start` if the text ends at `end`.

        Raises:
            TooSlow: The time is used up.
        """
        match = self._timed(self._whole.match, text, start, end)
        if match is None or not (match[1] or "").strip():
            return None
        return Found(start, match.end(), match.span(1))

    def _timed(self, call: Any, text: str, start: int, end: int, **options: bool) -> Any:
        if self._left <= 0:
            raise TooSlow
        began = time.perf_counter()
        try:
            return call(text, start, end, timeout=self._left, **options)
        except TimeoutError:
            raise TooSlow from None
        finally:
            self._left -= time.perf_counter() - began


def usable_patterns(patterns: Iterable[str]) -> tuple[list[TagPattern], list[PatternProblem]]:
    r"""The patterns that can be used, and what is wrong with the others.

    Raises:
        TypeError: `patterns` is one string instead of several.
        limner.errors.MissingExtra: The package `regex` is not installed.

    >>> patterns, problems = usable_patterns([r"\[img:(.*?)\]", "(", "no group"])
    >>> [pattern.pattern for pattern in patterns]
    ['\\[img:(.*?)\\]']
    >>> problems[1]
    PatternProblem(pattern='no group', reason='it needs one capturing group, for the prompt')
    """
    if isinstance(patterns, str):
        raise TypeError("patterns must be a list of regular expressions, not a single string")
    usable: dict[str, TagPattern] = {}
    problems: list[PatternProblem] = []
    for pattern in patterns:
        if not isinstance(pattern, str):
            problems.append(PatternProblem(repr(pattern), "it is not a string"))
        elif pattern in usable:
            problems.append(PatternProblem(pattern, "it is there twice; once is enough"))
        else:
            try:
                usable[pattern] = TagPattern(pattern)
            except ValueError as error:
                problems.append(PatternProblem(pattern, str(error)))
    return list(usable.values()), problems


def _engine() -> Any:
    """The package `regex`, loaded with the first pattern: all else here does without it."""
    with needing("a tag pattern of one's own"):
        import regex
    return regex


def _compiled(pattern: str) -> Any:
    regex = _engine()
    try:
        return regex.compile(pattern, cache_pattern=False)
    except regex.error as error:
        raise ValueError(f"it is not a valid regular expression: {error}") from error
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error
    except Exception as error:  # whatever a parser does on a strange pattern, it is not usable
        raise ValueError(f"it cannot be compiled: {error}") from error


def _refuse(tokens: list[str]) -> None:
    """Say no to what cannot work in a stream, or could hang before matching even begins."""
    for token in tokens:
        if token in REFUSED:
            raise ValueError(REFUSED[token])
        if token.startswith("(?"):
            raise ValueError(f"recursion, {token}, is not available")
        if FUZZY.fullmatch(token):
            raise ValueError(f"fuzzy matching, {token}, is not available")
    counts = (
        max(map(int, numbers), default=1)
        for token in tokens
        if token.startswith("{") and (numbers := re.findall(r"\d+", token))
    )
    if math.prod(max(count, 1) for count in counts) > REPEATS:
        raise ValueError(f"its counts in {{…}} multiply to more than {REPEATS}")


def _check(compiled: Any) -> None:
    regex = _engine()
    bad = regex.REVERSE | regex.POSIX | regex.BESTMATCH | regex.ENHANCEMATCH | regex.WORD
    if compiled.flags & bad:
        raise ValueError("one of its flags (r, p, b, e, w) is not available")
    if compiled.groups == 0:
        raise ValueError("it needs one capturing group, for the prompt")
    if compiled.groups > 1:
        raise ValueError(
            f"it has {compiled.groups} capturing groups and needs exactly one;"
            " write (?:…) for the others"
        )
    try:
        empty = compiled.match("", timeout=SECONDS)
    except TimeoutError as error:
        raise ValueError("it takes too long") from error
    if empty is not None:
        raise ValueError("it matches empty text")


def _streaming(pattern: str, flags: int) -> str:
    """The twin that says whether a match is decided."""
    regex = _engine()
    line_end = r"(?=\n)" if flags & regex.MULTILINE else rf"(?=\n?{NOT_IN_TEXT})"
    twins = {**STREAMING, "$": line_end}
    twin = TOKEN.sub(lambda token: twins.get(token[0], token[0]), pattern)
    # In verbose mode a comment at the end would swallow what follows.
    close = "\n)" if flags & regex.VERBOSE else ")"
    return rf"(?:{twin}{close}()(?s:.*+){NOT_IN_TEXT}"
