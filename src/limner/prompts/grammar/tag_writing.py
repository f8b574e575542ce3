r"""Writing a tag, and rewriting the prompt of one that stands in a text.

A tag is an HTML comment, and to whoever shows the text as it is a comment ends at the first
``-->`` (or ``--!>``), quotation marks or not: what follows would be seen by the reader. The
grammar has no escape that could hide it. So these are never written: a blank is put before their
``>``. No picture backend tells ``-->`` from ``-- >``, reading the tag back gives the prompt with
the blank, and writing that again changes nothing more. Every other prompt comes back exactly.
"""

import re
from collections.abc import Iterable, Iterator

from limner.errors import TagError
from limner.prompts.grammar.open_tag import NAME, NAME_START, OpenTag, unescape
from limner.prompts.grammar.opening import EXACT_COMMENT, Opening, opening_at
from limner.prompts.grammar.pattern import TooSlow, usable_patterns
from limner.prompts.grammar.scanner import find_prompts
from limner.prompts.grammar.tag import PromptTag

_CLOSER = re.compile(r"(--!?)>")


def tag_prompt(prompt: str) -> str:
    """The prompt as a tag holds it: trimmed, and unable to end the comment it stands in.

    >>> tag_prompt(" a sign: --> ")
    'a sign: -- >'
    """
    return _harmless(prompt).strip()


def format_tag(prompt: str, /, **attributes: str | int | None) -> str:
    r"""A tag of the default grammar that asks for this prompt.

    What `find_prompts` reads from it is ``tag_prompt(prompt)``: the prompt itself, trimmed,
    unless it holds the end of a comment. Line breaks inside it are kept.

    Args:
        prompt: What to draw.
        attributes: What else the tag is to say (``size``, ``seed``, ``style``, ...). Those that
            are ``None`` are left out.

    Raises:
        TagError: The prompt is blank, or the name of an attribute cannot be written.

    Examples:
        >>> print(format_tag('a sign, "open"', size="768x512", seed=7, style=None))
        <!--img-prompt="a sign, \"open\"" size="768x512" seed="7"-->
        >>> find_prompts(format_tag('a sign, "open"'))[0].prompt
        'a sign, "open"'
    """
    parts = [f'{EXACT_COMMENT}{_escape(_checked(prompt))}"']
    for name, value in attributes.items():
        if not name or name[0] not in NAME_START or not NAME.issuperset(name):
            raise TagError(
                f"the attribute name {name!r} cannot be written: it takes ASCII letters, digits,"
                " underscores and hyphens, and no digit or hyphen first"
            )
        if value is not None:
            parts.append(f'{name}="{_escape(_harmless(str(value)))}"')
    return " ".join(parts) + "-->"


def rewrite_prompt(
    text: str, start: int, prompt: str, *, patterns: Iterable[str] | None = None
) -> str:
    r"""The text with another prompt in the tag that begins at `start`.

    The tag's wrapper and attributes stay as they are, and so does every other tag. The prompt is
    put in as it is, never as a template.

    Args:
        text: The text.
        start: Where the tag begins: its `PromptTag.start`.
        prompt: What the tag is to ask for from now on; written as ``tag_prompt(prompt)``.
        patterns: The patterns that found the tag, as for `find_prompts`.

    Raises:
        TagError: No tag begins there, the prompt is blank, or the tag's pattern would not find
            this prompt in its place.

    Examples:
        >>> rewrite_prompt('Once <img_prompt="a fox">.', 5, "$& \\1")
        'Once <img_prompt="$& \\\\1">.'
        >>> rewrite_prompt("Once [img: a fox ].", 5, "a hare", patterns=[r"\[img:(.*?)\]"])
        'Once [img: a hare ].'
    """
    known = None if patterns is None else list(patterns)
    tags = find_prompts(text, known)
    ordinal = next((i for i, tag in enumerate(tags) if tag.start == start), None)
    if ordinal is None:
        raise TagError(f"no tag begins at character {start} of the text")
    tag, wanted = tags[ordinal], _checked(prompt)
    ways = _quoted(tag, wanted) if known is None else _matched(text, tag, wanted, known)
    for first, last, body in ways:
        rewritten = text[:first] + body + text[last:]
        if _only_changed(tags, find_prompts(rewritten, known), ordinal, wanted):
            return rewritten
    raise TagError(
        f"the prompt {wanted!r} cannot be written into the tag {tag.source!r}: its pattern would"
        " no longer find it"
    )


def _checked(prompt: str) -> str:
    written = tag_prompt(prompt)
    if not written:
        raise TagError("a tag needs a prompt: this one is blank")
    return written


def _harmless(text: str) -> str:
    return _CLOSER.sub(r"\1 >", text)


def _escape(text: str, closer: str = '"') -> str:
    return text.replace("\\", "\\\\").replace(closer, f"\\{closer}")


def _spellings(prompt: str) -> Iterator[str]:
    """The prompt without escapes if it can be read back so, then with them."""
    if '"' not in prompt and unescape(prompt) == prompt and not prompt.endswith("\\"):
        yield prompt
    yield _escape(prompt)
    if '"' in prompt and unescape(prompt) == prompt:
        yield prompt  # quotation marks mean nothing to many patterns


def _quoted(tag: PromptTag, prompt: str) -> Iterator[tuple[int, int, str]]:
    """What to put where in a tag of the default grammar: in its own quotation marks, or in ours."""
    opening = opening_at(tag.source, 0)
    if isinstance(opening, Opening):
        read = OpenTag(opening)
        read.advance(tag.source, opening.length)
        first, last, closer = read.prompt
        yield tag.start + first, tag.start + last, _escape(prompt, closer)
        yield tag.start + first - 1, tag.start + last + 1, f'"{_escape(prompt)}"'


def _matched(
    text: str, tag: PromptTag, prompt: str, patterns: list[str]
) -> Iterator[tuple[int, int, str]]:
    """What to put where in a tag that a pattern matches; several may."""
    places = list(_bodies(text, tag, patterns))
    return ((first, last, body) for body in _spellings(prompt) for first, last in places)


def _bodies(text: str, tag: PromptTag, patterns: list[str]) -> Iterator[tuple[int, int]]:
    """Where the tag's prompt stands in the text; several places if several patterns match it."""
    for pattern in usable_patterns(patterns)[0]:
        pattern.allow(len(tag.source))
        try:
            found = pattern.match(text, tag.start, tag.end) or pattern.match(
                text, tag.start, len(text)
            )
        except TooSlow:
            continue
        if found and found.end == tag.end and found.prompt:
            body = text[slice(*found.prompt)]
            blanks = len(body) - len(body.lstrip())
            yield found.prompt[0] + blanks, found.prompt[1] - (len(body) - len(body.rstrip()))


def _only_changed(
    before: list[PromptTag], after: list[PromptTag], ordinal: int, prompt: str
) -> bool:
    wanted = [tag.prompt for tag in before]
    wanted[ordinal] = prompt
    kept = [(tag.source, tag.attributes) for tag in before]
    found = [(tag.source, tag.attributes) for tag in after]
    if [tag.prompt for tag in after] != wanted or after[ordinal].start != before[ordinal].start:
        return False
    kept[ordinal] = found[ordinal]
    return kept == found and after[ordinal].attributes == before[ordinal].attributes
