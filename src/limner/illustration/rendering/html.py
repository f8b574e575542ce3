"""A message as one self-contained page."""

from collections.abc import Iterator

from limner.illustration.model.message import Message, MessageState
from limner.illustration.rendering.dialect.front_matter import front_matter
from limner.illustration.rendering.edition.edition import PLAIN, Edition
from limner.illustration.rendering.edition.initial import with_initial
from limner.illustration.rendering.figure import CUT, literal, plate
from limner.illustration.rendering.language import language_of
from limner.illustration.rendering.page import page_foot, page_head
from limner.illustration.rendering.story import heading, same_words, story


def html_pieces(
    message: Message,
    *,
    title: str | None = None,
    note: str | None = None,
    edition: Edition = PLAIN,
) -> Iterator[str]:
    r"""The message as a self-contained HTML page, in pieces, with its pictures in their places.

    The page makes no request to anywhere. Everything the text, the prompts and the reasons say
    comes out as words: no markup of theirs gets through. The same message gives the same page.
    Neither the text's size nor the number of pictures sets the memory this needs: pieces are made
    as they are asked for.

    Args:
        message: What to render, in whatever state it is.
        title: The title, unless the text has one: in its front matter, or a first-level heading
            it begins with.
        note: A line below the text; by default one is there only if the text was cut off.
        edition: What its writer says of it, which goes before what the text says.

    Yields:
        Pieces of the page, in order.

    Examples:
        >>> page = "".join(html_pieces(Message(id="m", text="# The Fox\n\nOnce…")))
        >>> "<title>The Fox</title>" in page
        True
    """
    found, said = heading(message), front_matter(message.text)
    name = edition.title or said.title or found or title
    author = edition.author or said.author
    language = edition.language or language_of(message.text)
    yield page_head(name or "An illustrated story", language=language, author=author)
    by = f'<div class="author">{literal(author)}</div>\n' if author else ""
    pieces = with_initial(story(message, plate, edition=edition, language=language))
    if name and not same_words(name, found):
        yield f"<h1>{literal(name)}</h1>\n{by}"
        yield from pieces
    else:
        yield from _below_heading(pieces, by) if by else pieces
    if note is None and message.state is MessageState.CUT:
        note = CUT
    yield page_foot(message.slots, note=note, while_written=edition.while_written)


def _below_heading(pieces: Iterator[str], words: str) -> Iterator[str]:
    """The text with something below its first heading."""
    for piece in pieces:
        head, end, rest = piece.partition("</h1>\n")
        if end:
            yield f"{head}{end}{words}{rest}"
            break
        yield piece
    yield from pieces
