"""Putting the pictures a second model suggested into the text it suggested them for."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from limner.errors import TagError
from limner.prompts.composition.character import joined
from limner.prompts.composition.snippet import LONGEST_SNIPPET, ComparableText
from limner.prompts.composition.suggestion import Suggestion
from limner.prompts.grammar.prose import Prose
from limner.prompts.grammar.reasoning_mark import USUAL_MARKS
from limner.prompts.grammar.scanner import find_prompts
from limner.prompts.grammar.tag_writing import format_tag

TELLING = 8
"""Visible characters a snippet needs to show a place all by itself."""
TRIES = 5
"""Hits of one snippet that are looked at more closely."""


@dataclass(frozen=True, slots=True)
class Inserted:
    """A text with tags put in.

    Attributes:
        text: The text.
        placed: The suggestions that have their place, in the order of the text.
        appended: Those whose place was not found; their tags stand at the end.
    """

    text: str
    placed: tuple[Suggestion, ...] = ()
    appended: tuple[Suggestion, ...] = ()


@dataclass(frozen=True, slots=True)
class _Put:
    """Something to put into the text: a tag with what parts it from the words around it."""

    place: int
    written: str
    suggestion: Suggestion


def insert_prompts(
    text: str,
    suggestions: Sequence[Suggestion],
    *,
    write: Callable[[str], str] = format_tag,
    patterns: Iterable[str] | None = None,
) -> Inserted:
    r"""Put a tag for each suggestion where its snippets say.

    The place is the first one where `Suggestion.after` is directly followed by
    `Suggestion.before`, in any case; if there is none, also with other white space, quotation
    marks and dashes than in the text. If the two are nowhere next to each other, one of them
    alone shows the place, `after` before `before`, provided it cannot mislead: it has at least
    eight visible characters and stands only once in the text, as whole words. What has no place
    goes to the end of the text, or in front of a code or reasoning block that the text ends in.

    A tag gets a blank on each side; one at the beginning of a line gets a paragraph of its own.
    No place is inside code, reasoning or another tag, every tag put in is found again, and the
    tags that were there stay as they are.

    Args:
        text: The text.
        suggestions: What to put in; the order does not matter.
        write: Writes the tag for a prompt.
        patterns: The patterns that find tags, as for `find_prompts`.

    Raises:
        TagError: A prompt is blank, or the patterns do not find what `write` writes.

    Examples:
        >>> insert_prompts("The fox\nstopped. It ran.", [
        ...     Suggestion("a fox", "the fox stopped.", "It ran.")]).text
        'The fox\nstopped. <!--img-prompt="a fox"-->  It ran.'
    """
    known = None if patterns is None else list(patterns)
    written = [_written(suggestion, write, known) for suggestion in suggestions]
    page = _Page(text, known)
    puts: list[_Put] = []
    lost: list[tuple[Suggestion, str]] = []
    for suggestion, tag in zip(suggestions, written, strict=True):
        put = page.put_by_snippets(suggestion, tag)
        if put is None:
            lost.append((suggestion, tag))
        else:
            puts.append(put)
    puts.sort(key=lambda put: put.place)
    while puts and not page.takes(puts):
        last = puts.pop()
        lost.append((last.suggestion, written[suggestions.index(last.suggestion)]))
    placed = tuple(put.suggestion for put in puts)
    puts += [page.put_at_end(suggestion, tag) for suggestion, tag in lost]
    puts.sort(key=lambda put: put.place)
    return Inserted(page.with_all(puts), placed, tuple(suggestion for suggestion, _ in lost))


def _written(
    suggestion: Suggestion, write: Callable[[str], str], patterns: list[str] | None
) -> str:
    tag = write(suggestion.prompt)
    if [found.source for found in find_prompts(tag, patterns)] != [tag]:
        raise TagError(f"the patterns do not find the tag {tag!r}")
    return tag


class _Page:
    """One text while places in it are looked for."""

    def __init__(self, text: str, patterns: list[str] | None) -> None:
        self._text = text
        self._patterns = patterns
        self._tags = find_prompts(text, patterns)
        self._prose = Prose(text, self._tags)
        self._views = (ComparableText(text, loose=False), ComparableText(text, loose=True))
        self._end: int | None = None

    def put_by_snippets(self, suggestion: Suggestion, tag: str) -> _Put | None:
        """Where the snippets say, if they say anything."""
        after = suggestion.after.strip()[-LONGEST_SNIPPET:].strip()
        before = suggestion.before.strip()[:LONGEST_SNIPPET].strip()
        if not after or not before:
            return self._by_one(after, before, suggestion, tag)
        for view in self._views:
            first, second = view.fold(after), view.fold(before)
            for between in ("", " "):
                needle = first + between + second
                for _, place in zip(
                    range(TRIES), view.gaps(needle, len(first), self._prose), strict=False
                ):
                    put = self._put(place, suggestion, tag)
                    if self.takes([put]):
                        return put
        return self._by_one(after, before, suggestion, tag)

    def put_at_end(self, suggestion: Suggestion, tag: str) -> _Put:
        """At the end, or before the block of code or reasoning that the text ends in."""
        text = self._text
        if self._end is None:
            ends = [len(text), self._last_open_line(), 0]
            fits = (end for end in ends if self.takes([self._put_below(end, suggestion, tag)]))
            self._end = next(fits, len(text))
        return self._put_below(self._end, suggestion, tag)

    def takes(self, puts: list[_Put]) -> bool:
        """Whether all that is put in is found there, and all else as before."""
        if any(_splits_markup(self._text, put.place) for put in puts):
            return False
        wanted = [(put.place, put.written.strip()) for put in puts]
        wanted += [(tag.start, tag.source) for tag in self._tags]
        wanted.sort(key=lambda tag: tag[0])  # of equal places, what is put in comes first
        found = find_prompts(self.with_all(puts), self._patterns)
        return [tag.source for tag in found] == [source for _, source in wanted]

    def with_all(self, puts: list[_Put]) -> str:
        """The text with everything put in, in the order of the places."""
        made: list[str] = []
        at = 0
        for put in puts:
            made += [self._text[at : put.place], put.written]
            at = put.place
        return "".join([*made, self._text[at:]])

    def _by_one(self, after: str, before: str, suggestion: Suggestion, tag: str) -> _Put | None:
        """Where one snippet alone says."""
        for snippet, behind in ((after, True), (before, False)):
            if sum(not char.isspace() for char in snippet) < TELLING:
                continue
            view = self._views[1]
            needle = view.fold(snippet)
            first = view.text.find(needle)
            if first < 0 or view.text.find(needle, first + 1) >= 0:
                continue
            place = next(view.gaps(needle, len(needle) if behind else 0, self._prose), None)
            if place is None or joined(self._text, place):
                continue
            put = self._put(place, suggestion, tag)
            if self.takes([put]):
                return put
        return None

    def _put(self, place: int, suggestion: Suggestion, tag: str) -> _Put:
        line = self._text.rfind("\n", 0, place) + 1
        if self._text[line:place].strip(" \t"):
            return _Put(place, f" {tag} ", suggestion)
        return _Put(line, f"{tag}\n\n", suggestion)

    def _put_below(self, place: int, suggestion: Suggestion, tag: str) -> _Put:
        if place < len(self._text):
            return _Put(place, f"{tag}\n\n", suggestion)
        breaks = len(self._text) - len(self._text.rstrip("\n"))
        parting = "\n" * max(0, 2 - breaks) if self._text else ""
        return _Put(place, f"{parting}{tag}", suggestion)

    def _last_open_line(self) -> int:
        """The beginning of the line on which the text's last prose ends."""
        last = self._prose.spans[-1][1] if self._prose.spans else 0
        return self._text.rfind("\n", 0, last) + 1


def _splits_markup(text: str, place: int) -> bool:
    """Whether something put there would change what opens code or reasoning."""
    before, after = text[place - 1 : place], text[place : place + 1]
    if before == "\\" or (before == after and before in ("`", "~")):
        return True
    longest = max(map(len, USUAL_MARKS.by_opening))
    return any(
        found.start() < place < found.end()
        for found in USUAL_MARKS.opening.finditer(text, max(0, place - longest), place + longest)
    )
