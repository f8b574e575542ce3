"""A conversation as one page, or as one Markdown text."""

from collections.abc import Callable, Iterable, Iterator, Sequence

from limner.illustration.model.message import Message, MessageState
from limner.illustration.model.slot import Slot
from limner.illustration.rendering.chapter import chapters
from limner.illustration.rendering.edition.edition import PLAIN, Edition
from limner.illustration.rendering.edition.initial import with_initial
from limner.illustration.rendering.fence import Fence
from limner.illustration.rendering.figure import CUT, literal, plate
from limner.illustration.rendering.language import guess_language
from limner.illustration.rendering.markdown import markdown_pieces, one_line
from limner.illustration.rendering.missing import missing_in, missing_note
from limner.illustration.rendering.page import page_foot, page_head
from limner.illustration.rendering.story import story

UNTITLED = "An illustrated conversation"


def chat_html_pieces(messages: Sequence[Message], *, title: str | None = None) -> Iterator[str]:
    """A conversation as a self-contained page, in pieces, as `html_pieces` makes it of a message.

    What people asked for stands before the answers as quotations; what the system said to the
    model is left out.

    Args:
        messages: The conversation, each message in whatever state it is.
        title: What to call the page.

    Examples:
        >>> page = "".join(chat_html_pieces([Message(id="m", text="Once…")], title="Tales"))
        >>> "<title>Tales</title>" in page
        True
    """
    found = list(chapters(messages))
    answers = [chapter.answer for chapter in found if chapter.answer is not None]
    first = answers[0] if answers else None
    language = guess_language(first.text[:8192]) if first else None
    yield page_head(title or UNTITLED, language=language)
    yield f"<h1>{literal(title or UNTITLED)}</h1>\n"
    said: list[Message] = []
    for chapter in found:
        if chapter.number > 1:
            yield "<hr>\n"
        for message in chapter.messages:
            is_asked = message is not chapter.answer
            yield '<blockquote class="asked">\n' if is_asked else ""
            told = story(message, plate, f"{len(said)}-")
            yield from with_initial(told) if message is first else told
            said.append(message)
            yield "</blockquote>\n" if is_asked else ""
            if message.state is MessageState.CUT:
                yield f'<p class="note" lang="en">{literal(CUT)}</p>\n'
    yield page_foot(slot for answer in answers for slot in answer.slots)


def chat_markdown_pieces(
    messages: Sequence[Message],
    *,
    title: str | None = None,
    link: Callable[[Slot], str] | None = None,
    edition: Edition = PLAIN,
) -> Iterator[str]:
    r"""A conversation as Markdown, in pieces, as `markdown_pieces` makes it of a message.

    Args:
        messages: The conversation, each message in whatever state it is.
        title: What to call it.
        link: Gives the address of a slot's picture; by default the picture as a ``data:`` URI.
        edition: Says whether quotes are made curly, and in what language.

    Examples:
        >>> from limner.illustration import Role
        >>> asked = Message(id="q", text="A tale!", role=Role.USER)
        >>> "".join(chat_markdown_pieces([asked, Message(id="m", text="Once…")], title="Tales"))
        '# Tales\n\n> A tale!\n\nOnce…\n'
    """
    yield f"# {one_line(title or UNTITLED)}\n"
    for chapter in chapters(messages):
        yield "\n---\n" if chapter.number > 1 else ""
        for message in chapter.messages:
            yield "\n"
            lines = _whole_lines(markdown_pieces(message, link=link, edition=edition))
            if message is chapter.answer:
                yield from lines
            else:
                yield from (f"> {line}" if line.strip() else f">{line}" for line in lines)
    if missing := sum(missing_in(message.slots) for message in messages):
        yield f"\n*{missing_note(missing)}*\n"


def _whole_lines(pieces: Iterable[str]) -> Iterator[str]:
    """The text line by line, with a newline at its end, and no fence left open."""
    fence = Fence()
    held = ""
    for piece in pieces:
        *whole, held = f"{held}{piece}".split("\n")
        for line in whole:
            fence.holds(f"{line}\n")
            yield f"{line}\n"
    if held:
        fence.holds(held)
        yield f"{held}\n"
    if fence.closing:
        yield fence.closing.lstrip("\n")
