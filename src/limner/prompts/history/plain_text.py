"""A text without its pictures, as a model or a reader of words alone gets it."""

from collections.abc import Iterable

from limner.prompts.grammar.prose import Prose
from limner.prompts.grammar.scanner import find_prompts
from limner.prompts.history.pictures import MARKER, find_pictures
from limner.prompts.history.white_space import closed, space_end


def plain_text(text: str, *, patterns: Iterable[str] | None = None, keep_tags: bool = False) -> str:
    r"""A text without pictures, markers and, unless they are to stay, tags.

    Examples:
        >>> plain_text('A <img src="fox.png">fox.\n\n<img_prompt="a fox">')
        'A fox.'
    """
    if "<" not in text and "![" not in text and patterns is None:
        return text
    tags = find_prompts(text, patterns)
    prose = Prose(text, tags)
    spans = [(one.start, one.end) for one in find_pictures(text) if prose.holds(one.start)]
    spans += [match.span() for match in MARKER.finditer(text) if prose.holds(match.start())]
    spans += [] if keep_tags else [(tag.start, tag.end) for tag in tags]
    return _without(text, sorted(spans))


def _without(text: str, spans: list[tuple[int, int]]) -> str:
    """The text without the spans; those with only white space between them go as one."""
    made: list[str] = []
    at = i = 0
    while i < len(spans):
        first, last = spans[i]
        i += 1
        while i < len(spans) and not text[last : spans[i][0]].strip():
            last = max(last, spans[i][1])
            i += 1
        before = text[at:first]
        kept = before.rstrip()
        after = space_end(text, last)
        made += [kept, closed(before[len(kept) :], text[last:after]) if kept or made else ""]
        at = after
    made.append(text[at:])
    return "".join(made) if text[at:] else "".join(made).rstrip()
