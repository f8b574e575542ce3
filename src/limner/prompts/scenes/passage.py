"""A text cut into its paragraphs, with what stands between them: headings, breaks of scene."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from limner.prompts.grammar.prose import Prose
from limner.prompts.grammar.scanner import find_prompts

_BREAK = re.compile(r"[ \t]*(?:(?:[*•⁂#~+=–—_-][ \t]*){1,12}|\.{3}|…|⁂|❦|[⸻]+)[ \t]*")
_NUMBERED = re.compile(
    r"[ \t]*(?:chapter|chapitre|kapitel|cap[ií]tulo|capitolo|part|teil|book|canto|act|scene|"
    r"prologue|epilogue|letter|acte?|acto|atto|akt|aufzug|auftritt|sc[eè]n[ea]|szene|escena|hoofdstuk|"
    r"rozdział|глава|часть)\b.{0,70}|[ \t]*[ivxlcdm]{1,7}\.?[ \t]*|[ \t]*\d{1,3}\.?[ \t]*"
    r"|[ \t]*第.{1,8}[章回节節卷].{0,40}",
    re.IGNORECASE,
)
_MARKED = re.compile(r" {0,3}#{1,6}(?:[ \t]|$)")
_UNDERLINE = re.compile(r" {0,3}(?:=+|-+)[ \t]*")
_NO_PROSE = re.compile(
    r" {0,3}(?:[-+*][ \t]|\d{1,9}[.)][ \t]|\||<(?!(?:a|i|em|b|strong|u|s|q|small)[ >])"
    r"|\[[^\]]+\]:|!\[)"
)
_FRONT = re.compile(r"\A---[ \t]*\r?\n.*?\n(?:---|\.\.\.)[ \t]*(?:\r?\n|\Z)", re.DOTALL)
_LINE = re.compile(r"[^\r\n]*(?:\r\n?|\n|\Z)")
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_IDEOGRAPH = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]")

_ENDED = re.compile(r"[.!?…][\"'”’)]*[ \t]*[\r\n]*\Z")
_LONG_POEM = 30
"""Lines from which a poem without stanzas has places for pictures in it."""
_PART_OF_POEM = 100
"""Words between two such places at least."""

_LONG_LINE = 30
"""Words from which a line is a paragraph for itself, in a text without blank lines."""


@dataclass(frozen=True, slots=True)
class Passage:
    """A paragraph.

    Attributes:
        start: Where it begins.
        end: Where its last line ends, without the line's end.
        text: Its characters.
        words: How many words it has; two ideographs count as one.
        opens: Whether a heading, a break of scene or nothing at all stands before it.
        closes: Whether such a break follows it.
        prose: Whether it is told: no list, no table, no code.
    """

    start: int
    end: int
    text: str
    words: int
    opens: bool = False
    closes: bool = False
    prose: bool = True


def passages(text: str) -> list[Passage]:
    r"""The paragraphs of a text, Markdown or plain, in order.

    Front matter, headings and lines that only part scenes are none; what stands in code or in a
    model's reasoning is no prose.

    Examples:
        >>> [(p.text, p.opens) for p in passages("# One\n\nA fox ran.\nFast.\n\nIt slept.\n")]
        [('A fox ran.\nFast.', True), ('It slept.', False)]
    """
    front = _FRONT.match(text)
    tags = find_prompts(text)
    prose = Prose(text, tags)
    opens, found = True, list[Passage]()
    for start, end in _stretches(text, front.end() if front else 0):
        stretch = text[start:end]
        if _parts(stretch):
            opens = True
            if found:
                found[-1] = _closing(found[-1])
            continue
        told = not _NO_PROSE.match(stretch) and prose.next_gap(end) == end and prose.holds(end - 1)
        for first, last in _verses(stretch):
            part, at = stretch[first:last], (start + first, start + last)
            found.append(Passage(*at, part, count_words(part), opens, prose=told))
            opens = False
    return [*found[:-1], _closing(found[-1])] if found else []


def count_words(text: str) -> int:
    """How many words a text has; two ideographs count as one.

    Examples:
        >>> count_words("The fox's den."), count_words("狐狸在雪地里走")
        (3, 3)
    """
    ideographs = len(_IDEOGRAPH.findall(text))
    return ideographs // 2 + len(_WORD.findall(_IDEOGRAPH.sub(" ", text) if ideographs else text))


def _closing(passage: Passage) -> Passage:
    return Passage(
        passage.start,
        passage.end,
        passage.text,
        passage.words,
        passage.opens,
        closes=True,
        prose=passage.prose,
    )


def _parts(stretch: str) -> bool:
    """Whether a stretch is a heading or a break of scene."""
    lines = stretch.splitlines()
    if _MARKED.match(stretch) or (_BREAK.fullmatch(lines[0]) and len(lines) == 1):
        return True
    if len(lines) == 2 and _UNDERLINE.fullmatch(lines[1]):
        return True
    if len(lines) > 2 or len(stretch) > 90:
        return False
    letters = [char for char in stretch if char.isalpha()]
    shouted = len(letters) > 2 and all(c.isupper() for c in letters) and stretch[-1] not in "!?"
    return shouted or (_NUMBERED.fullmatch(lines[0]) is not None and stretch[-1] not in '!?"”»,;')


def _verses(stretch: str) -> Iterator[tuple[int, int]]:
    """The parts of a long poem without stanzas, each ended where a sentence ends with its line."""
    lines = [(found.start(), found.end()) for found in _LINE.finditer(stretch) if found[0]]
    begun = words = 0
    if len(lines) > _LONG_POEM and _is_verse(stretch):
        for first, last in lines[:-1]:
            words += count_words(stretch[first:last])
            if words >= _PART_OF_POEM and _ENDED.search(stretch, first, last):
                yield begun, first + len(stretch[first:last].rstrip())
                begun, words = last, 0
    yield begun, len(stretch)


def _is_verse(stretch: str) -> bool:
    lines = [line.strip() for line in stretch.splitlines() if line.strip()]
    capital = sum(line[:1].isupper() or not line[:1].isalpha() for line in lines)
    return capital > 0.8 * len(lines) and sum(map(len, lines)) < 65 * len(lines)


def _stretches(text: str, start: int) -> Iterator[tuple[int, int]]:
    """Where the lines stand that no blank one parts; headings for themselves."""
    lines = [
        (found.start(), found.start() + len(found[0].rstrip()))
        for found in _LINE.finditer(text, start)
    ]
    alone = _lines_are_paragraphs(text, lines)
    begun = ended = -1
    for first, last in lines:
        line = text[first:last]
        heading = bool(_MARKED.match(line))
        if begun >= 0 and (not line.strip() or heading or alone):
            yield begun, ended
            begun = -1
        if not line.strip():
            continue
        begun, ended = first if begun < 0 else begun, last
        if heading:
            yield begun, ended
            begun = -1
    if begun >= 0:
        yield begun, ended


def _lines_are_paragraphs(text: str, lines: list[tuple[int, int]]) -> bool:
    """Whether a text has no blank lines, and lines too long to be broken by hand."""
    full = [(first, last) for first, last in lines if first < last]
    if len(full) < 2 or (len(lines) - len(full) - 1) * 8 > len(full):
        return False
    words = sum(count_words(text[first:last]) for first, last in full)
    return words > _LONG_LINE * len(full) / 2 or bool(_IDEOGRAPH.search(text[:2000]))
