"""A message as one self-contained page."""

import re
from collections.abc import Callable, Iterator
from itertools import groupby, islice

from limner.illustration.message import Message, MessageState
from limner.illustration.rendering.blocks import Block, blocks, groups
from limner.illustration.rendering.language import guess_language
from limner.illustration.rendering.lifting import BLOCK_MARK, lift
from limner.illustration.rendering.lines import marked_lines
from limner.illustration.rendering.marks import MARK, restore
from limner.illustration.rendering.markup import Markup
from limner.illustration.rendering.page import page_foot, page_head
from limner.illustration.rendering.plate import CUT, literal, plate
from limner.illustration.rendering.reasoning import Reasoning, set_reasoning_apart
from limner.illustration.slot import SlotState

GROUP = 64 * 1024
"""Characters of text that are rendered in one go."""

_DEFINITION = re.compile(r" {0,3}\[[^\]]+\]:")
_ANY_MARK = re.compile(rf"{MARK.pattern}|{BLOCK_MARK.pattern}")


def html_pieces(
    message: Message, *, title: str | None = None, note: str | None = None
) -> Iterator[str]:
    r"""The message as a self-contained HTML page, in pieces, with its pictures in their places.

    The page makes no request to anywhere. Everything the text, the prompts and the reasons say
    comes out as words: no markup of theirs gets through. The same message gives the same page.
    Neither the text's size nor the number of pictures sets the memory this needs: pieces are made
    as they are asked for.

    Args:
        message: What to render, in whatever state it is.
        title: The title, unless the text begins with a first-level heading.
        note: A line below the text; by default one is there only if the text was cut off.

    Yields:
        Pieces of the page, in order.

    Examples:
        >>> page = "".join(html_pieces(Message(id="m", text="# The Fox\n\nOnce…")))
        >>> "<title>The Fox</title>" in page
        True
    """
    found = _heading(message)
    yield page_head(
        found or title or "An illustrated story", language=guess_language(message.text[:8192])
    )
    if title and not found:
        yield f"<h1>{literal(title)}</h1>\n"
    yield from _story(message)
    if note is None and message.state is MessageState.CUT:
        note = CUT
    yield page_foot(message, note=note)


def _heading(message: Message) -> str | None:
    """The words of the heading that the text begins with."""
    for part in _parts(message):
        for block in part if isinstance(part, Iterator) else ():
            if MARK.sub("", block.text).strip():
                found = Markup().title(block)
                return restore(found) if found else None
    return None


def _story(message: Message) -> Iterator[str]:
    """The text with its pictures."""
    markup = Markup(_definitions(message))
    gone = {i for i, slot in enumerate(message.slots) if slot.state is SlotState.DELETED}
    for part in _parts(message):
        if isinstance(part, Reasoning):
            yield from _with_plates(_reasoning(part), message)
            continue
        for group in groups(part, GROUP):
            yield from _with_plates(lift(_complete(group, markup.html), gone), message)


def _parts(message: Message) -> Iterator[Reasoning | Iterator[Block]]:
    """The text in reading order: parts of reasoning, and the blocks of the story between them."""
    lines = set_reasoning_apart(marked_lines(message))
    for is_reasoning, run in groupby(lines, key=lambda line: isinstance(line, Reasoning)):
        if is_reasoning:
            yield from (part for part in run if isinstance(part, Reasoning))
        else:
            yield blocks(line for line in run if isinstance(line, str))


def _definitions(message: Message) -> Iterator[Block]:
    """The blocks with link definitions, which all of the text may refer to; a thousand at most."""
    found = (
        block
        for part in (_parts(message) if "]:" in message.text else ())
        if isinstance(part, Iterator)
        for block in part
        if _DEFINITION.match(block.text)
    )
    return islice(found, 1000)


def _complete(group: list[Block], html: Callable[[list[Block]], str]) -> str:
    """The group as HTML in which every mark of its text is there once, in order.

    Some places have none to show a picture in, such as a link's address. A text is then cut in
    two at that tag, and its picture stands between the halves.
    """
    made = html(group)
    source = "".join(block.text for block in group)
    expected = MARK.findall(source)
    if not expected:
        return made
    shown = MARK.findall(made)
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
    return _complete([Block(source)], html) if source.strip() else ""


def _with_plates(html: str, message: Message) -> Iterator[str]:
    at = 0
    for found in _ANY_MARK.finditer(html):
        yield restore(html[at : found.start()])
        yield plate(message.slots[int(found[1] or found[2])], block=found[1] is None)
        at = found.end()
    yield restore(html[at:])


def _reasoning(part: Reasoning) -> str:
    opening = '<details class="reasoning"><summary lang="en">Reasoning</summary>\n<div>'
    return (
        f"{opening if part.begins else ''}{literal(part.text)}"
        f"{'</div></details>' + chr(10) if part.ends else ''}"
    )
