"""A message's text as HTML, without the page around it: what every kind of page is made from."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby, islice
from typing import TYPE_CHECKING

from limner.errors.installation import needing
from limner.illustration.model.message import Message
from limner.illustration.model.slot import Slot, SlotState
from limner.illustration.rendering.block_hoisting import BLOCK_MARK, lift
from limner.illustration.rendering.blocks import Block, blocks, groups
from limner.illustration.rendering.dialect.anchors import Anchors
from limner.illustration.rendering.dialect.comments import CLOSING, OPENING, without_comments
from limner.illustration.rendering.dialect.front_matter import without_front_matter
from limner.illustration.rendering.edition import Edition, OwnPicture
from limner.illustration.rendering.edition.edition import PLAIN
from limner.illustration.rendering.edition.own_pictures import FIRST, placed
from limner.illustration.rendering.figure import literal
from limner.illustration.rendering.lines import marked_lines
from limner.illustration.rendering.marks import MARK, restore
from limner.illustration.rendering.reasoning import Reasoning, set_reasoning_apart

if TYPE_CHECKING:
    from limner.illustration.rendering.markup import Markup

GROUP = 64 * 1024
"""Characters of text that are rendered in one go."""

_DEFINITION = re.compile(r" {0,3}\[[^\]]+\]:")
_ANY_MARK = re.compile(rf"{MARK.pattern}|{BLOCK_MARK.pattern}")


@dataclass(frozen=True, slots=True)
class Fragment:
    """A stretch of clean HTML with marks where pictures go.

    Attributes:
        html: The elements, whole ones, unless they are of a model's reasoning.
        whole: Whether what follows begins outside all elements.
        own: The pictures that the text brings along, by the ordinals of their marks.
    """

    html: str
    whole: bool = True
    own: Mapping[int, OwnPicture] = field(default_factory=dict)


def heading(message: Message) -> str | None:
    r"""The words of the heading that the text begins with.

    Raises:
        limner.errors.MissingExtra: The packages that read Markdown are not installed.

    Examples:
        >>> heading(Message(id="m", text="# The *Fox*\n\nOnce…"))
        'The Fox'
    """
    for part in parts(message):
        for block in part if isinstance(part, Iterator) else ():
            if MARK.sub("", block.text).strip():
                found = markup_with().title(block)
                return restore(found) if found else None
    return None


def same_words(one: str | None, other: str | None) -> bool:
    """Whether two titles say the same.

    Examples:
        >>> same_words("The Fox", "THE  FOX"), same_words("The Fox", None)
        (True, False)
    """
    return (one or "").casefold().split() == (other or "").casefold().split()


def fragments(
    message: Message, prefix: str = "", edition: Edition = PLAIN, language: str | None = None
) -> Iterator[Fragment]:
    """The text in reading order, with marks, and its notes at the end; see `with_plates`.

    Args:
        message: What to render.
        prefix: Begins the names of places, for pages of several texts.
        edition: How its writer wants it.
        language: The text's, as a BCP 47 tag, for curly quotes.

    Raises:
        limner.errors.MissingExtra: The packages that read Markdown are not installed.
    """
    markup = markup_with(definitions(message), prefix, edition, language)
    gone = {i for i, slot in enumerate(message.slots) if slot.state is SlotState.DELETED}
    for part in parts(message):
        if isinstance(part, Reasoning):
            yield Fragment(reasoning(part), part.ends)
            continue
        for group in groups(part, GROUP):
            yield Fragment(lift(complete(group, markup.html), gone), own=markup.own)
    if notes := markup.notes():
        yield Fragment(lift(notes, gone), own=markup.own)


def ordinals(html: str) -> list[int]:
    """The ordinals of the slots whose marks are in the HTML, in order."""
    return [int(found[1] or found[2]) for found in _ANY_MARK.finditer(html)]


def with_plates(html: str, plate: Callable[[int, bool], str]) -> Iterator[str]:
    """The HTML in pieces, with what stands in the place of each mark.

    Args:
        html: As `fragments` gives it.
        plate: Gives what stands in the place of the slot with this ordinal; it is told whether
            that is between paragraphs or inside one.
    """
    at = 0
    for found in _ANY_MARK.finditer(html):
        yield restore(html[at : found.start()])
        yield plate(int(found[1] or found[2]), found[1] is None)
        at = found.end()
    yield restore(html[at:])


def story(
    message: Message,
    plate: Callable[[Slot, bool], str],
    prefix: str = "",
    edition: Edition = PLAIN,
    language: str | None = None,
) -> Iterator[str]:
    """The text with its pictures, in pieces.

    Args:
        message: What to render, in whatever state it is.
        plate: As for `with_plates`.
        prefix: Begins the names of places, for pages of several texts.
        edition: How its writer wants it.
        language: The text's, as a BCP 47 tag, for curly quotes.
    """

    def of_slot(ordinal: int, block: bool) -> str:
        return plate(message.slots[ordinal], block)

    anchors = Anchors(message.text, prefix)
    for fragment in fragments(message, prefix, edition, language):
        yield from with_plates(anchors.named(fragment.html), placed(of_slot, fragment.own))


def markup_with(
    definitions: Iterable[Block] = (),
    prefix: str = "",
    edition: Edition = PLAIN,
    language: str | None = None,
) -> "Markup":
    """What reads Markdown that may refer to these blocks.

    Raises:
        limner.errors.MissingExtra: The packages that read Markdown are not installed.
    """
    # Markdown output, and whoever renders nothing, shall not need a parser and a sanitiser.
    with needing("rendering to HTML or EPUB"):
        from limner.illustration.rendering.markup import Markup
    return Markup(definitions, prefix, edition, language)


def parts(message: Message) -> Iterator[Reasoning | Iterator[Block]]:
    """The text in reading order: parts of reasoning, and the blocks of the story between them."""
    lines = set_reasoning_apart(_told_lines(message), message.text, len(message.slots))
    for is_reasoning, run in groupby(lines, key=lambda line: isinstance(line, Reasoning)):
        if is_reasoning:
            yield from (part for part in run if isinstance(part, Reasoning))
        else:
            yield blocks(line for line in run if isinstance(line, str))


def _told_lines(message: Message) -> Iterator[str]:
    """The lines that are for readers: no front matter, and no comments of the writer's own."""
    lines = without_front_matter(marked_lines(message), message.text)
    if OPENING not in message.text:
        return lines
    return without_comments(lines, sum(line.count(CLOSING) for line in marked_lines(message)))


def definitions(message: Message) -> Iterator[Block]:
    """The blocks with link definitions, which all of the text may refer to; a thousand at most."""
    found = (
        block
        for part in (parts(message) if "]:" in message.text else ())
        if isinstance(part, Iterator)
        for block in part
        if _DEFINITION.match(block.text)
    )
    return islice(found, 1000)


def complete(group: list[Block], html: Callable[[list[Block]], str]) -> str:
    """The group as HTML in which every mark of its text is there once, in order.

    Some places have none to show a picture in, such as a link's address. A text is then cut in
    two at that tag, and its picture stands between the halves.
    """
    made = html(group)
    source = "".join(block.text for block in group)
    expected = MARK.findall(source)
    if not expected:
        return made
    shown = [ordinal for ordinal in MARK.findall(made) if int(ordinal) < FIRST]
    if shown == expected:
        return made
    lost = set(expected) - set(shown) or set(expected)
    pieces: list[str] = []
    at = 0
    for found in MARK.finditer(source):
        if found[1] in lost:
            pieces += [_half(source[at : found.start()], html), f"<p>{found[0]}</p>\n"]
            at = found.end()
    return "".join([*pieces, _half(source[at:], html)])


def _half(source: str, html: Callable[[list[Block]], str]) -> str:
    return complete([Block(source)], html) if source.strip() else ""


def reasoning(part: Reasoning) -> str:
    """A part of a block of reasoning as HTML: its first opens the element, its last closes it."""
    opening = '<details class="reasoning"><summary lang="en">Reasoning</summary>\n<div>'
    return (
        f"{opening if part.begins else ''}{literal(part.text)}"
        f"{'</div></details>' + chr(10) if part.ends else ''}"
    )
