"""A tag that the model did not finish, as when a limit of tokens stopped it, is not for readers."""

import io
import tracemalloc
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from tests.illustration.rendering.pages import illustrated, tag

from limner.illustration import Message, MessageState, Role, Slot
from limner.illustration.rendering import (
    BlockHtml,
    chat_html_pieces,
    chat_markdown_pieces,
    epub_pieces,
    html_pieces,
    markdown_pieces,
    told_pieces,
)

TOLD = "It was cold, and the fox and the owl were asleep in the wood. "
HALVES = [
    '<!--img-prompt="a red',
    '<img_prompt="a red" size="5',
    "<!-- img-pro",
    '<img-prompt="a\nr',
]


def book(message: Message) -> str:
    """The pages of a book, which its archive holds packed."""
    data = b"".join(epub_pieces(message, modified=datetime(2026, 1, 2, tzinfo=UTC)))
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        names = [name for name in packed.namelist() if name.endswith(".xhtml")]
        return "".join(packed.read(name).decode() for name in names)


def words(message: Message) -> str:
    """What the pieces for readers say."""
    return "".join(piece for piece in told_pieces(message) if isinstance(piece, str))


RENDERED: dict[str, Callable[[Message], str]] = {
    "page": lambda message: "".join(html_pieces(message)),
    "text": lambda message: "".join(markdown_pieces(message, link=lambda slot: "a.png")),
    "pages of a chat": lambda message: "".join(chat_html_pieces([message])),
    "text of a chat": lambda message: "".join(chat_markdown_pieces([message])),
    "blocks": lambda message: "".join(BlockHtml().render(message)),
    "book": book,
    "pieces": words,
}


@pytest.mark.parametrize("state", [MessageState.COMPLETE, MessageState.CUT, MessageState.WRITING])
@pytest.mark.parametrize("half", HALVES)
@pytest.mark.parametrize("kind", RENDERED)
def test_half_a_tag_at_the_end_is_not_shown(kind: str, half: str, state: MessageState) -> None:
    """In whatever an answer is shown, and whatever state it is in."""
    whole = replace(illustrated(f"An owl. {tag('owl')} {TOLD}"), state=state)
    cut = replace(whole, text=whole.text + half)
    assert RENDERED[kind](cut) == RENDERED[kind](whole)


@pytest.mark.parametrize("kind", RENDERED)
def test_half_a_tag_alone_leaves_nothing(kind: str) -> None:
    """A model that was stopped in its first tag has said nothing."""
    assert "a red" not in RENDERED[kind](Message(id="m", text=HALVES[0]))


@pytest.mark.parametrize("kind", RENDERED)
@pytest.mark.parametrize("start", ["```\n", "`", "<think>\n```\n"])
def test_half_a_tag_in_code_is_text(start: str, kind: str) -> None:
    """As a whole one would be."""
    assert "img-prompt=" in RENDERED[kind](Message(id="m", text=f"{start}{HALVES[0]}"))


@pytest.mark.parametrize(
    "text",
    [
        f"{HALVES[0]} fox is all I ask.\n\nBut the fox is not asked.",
        f"{HALVES[0]}{' fox' * 600}",
        "I < img, and <im",
        '<!--img-prompt=""',
    ],
)
def test_what_is_no_tag_any_more_is_text(text: str) -> None:
    """A story whose model forgot to close a tag is not lost behind it."""
    assert words(Message(id="m", text=text)) == text


def test_what_a_person_wrote_is_shown() -> None:
    """Only models are stopped in the middle of a word."""
    assert words(Message(id="m", text=HALVES[0], role=Role.USER)) == HALVES[0]


def test_the_message_itself_keeps_all_of_its_text() -> None:
    """So that the answer can go on where it was stopped."""
    message = Message(id="m", text=TOLD + HALVES[0])
    assert list(message.pieces()) == [message.text]


def test_a_picture_stands_where_its_tag_is_gone() -> None:
    """The end of the last tag in reading order is what a half one may begin behind."""
    text = f"{tag('owl')}{TOLD}"

    def gone(slot: Slot) -> Slot:
        return replace(slot, tag=replace(slot.tag, start=len(text), end=len(text)))

    message = illustrated(text, gone)
    assert told_pieces(message)[-1] == message.slots[0]


def test_half_a_tag_is_found_in_little_memory() -> None:
    """Behind four million characters, whether it is in code or not."""
    for start in ("", "```\n", "<think>"):
        paragraph = f"{start}The ferryman had not slept. " + "“nobody comes,” he said. " * 16
        text = f"{paragraph}\n\n" * (4_000_000 // len(paragraph)) + HALVES[0]
        message = Message(id="m", text=text)
        tracemalloc.start()
        try:
            for piece in markdown_pieces(message):
                assert start == "```\n" or "img-prompt" not in piece
            assert tracemalloc.get_traced_memory()[1] < 3_000_000
        finally:
            tracemalloc.stop()
