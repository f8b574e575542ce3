"""Long texts are rendered in parts that together are the same as the whole."""

import tracemalloc
from itertools import cycle, pairwise
from unittest.mock import patch

import nh3
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from tests.examples import share
from tests.illustration.rendering.pages import Page, illustrated, tag

from limner.illustration import Message
from limner.illustration.rendering import blocks as block_cutting
from limner.illustration.rendering import html_pieces, lines, markdown_pieces, story
from limner.illustration.rendering.blocks import Block, blocks
from limner.illustration.rendering.lines import LINE_END, marked_lines
from limner.illustration.rendering.marks import MARK, restore
from limner.illustration.rendering.markup import Markup

PARTS = [
    "The fox slept. It was cold, and “nobody” came.",
    "Two lines of it\nwithout anything special: 7 + 8 = 15.",
    "*Starred* words and `code`",
    "- one\n- two",
    "- one\n\n- two\n\n  more of two\n\n      code in two",
    "1. one\n2. two",
    "10) ten",
    "> quoted\n> more",
    "> quoted\nlazy",
    "```\nfenced\n\nwith a blank line\n```",
    "~~~ info\n```\nfenced\n\n# no heading\n~~~~",
    "  ```\nindented fence\n\nblank\n  ```",
    "```never closed",
    "- ```\n  fence in a list\n\n  more\n  ```",
    "# Heading",
    "Underlined\n---",
    "***",
    "    indented code\n\n    and more",
    "|a|b|\n|-|-|\n|1|2|",
    "Hard  \nbreak\\\nbreak",
    "& < > \" ' &amp; &copy;",
    "[link](http://example.com) <http://example.com>",
    "\u3000全角の空白\u3000",
    "a\u00a0b\u2028c",
    "-",
    "3",
    "",
]
TEXTS = st.lists(st.sampled_from(PARTS), max_size=8).map("\n\n".join)
ENDS = st.lists(st.sampled_from(["\n", "\r\n", "\r"]), min_size=1, max_size=5)


def whole(text: str) -> str:
    """What Markdown makes of the text when it is read in one go."""
    return Markup().html([Block(text)])


def with_ends(text: str, ends: list[str]) -> str:
    """The text with its lines ended by these, in turn."""
    return "".join(line + end for line, end in zip(text.split("\n"), cycle(ends), strict=False))


@settings(max_examples=share(200), deadline=None)
@given(TEXTS, ENDS)
@example("a\n```\nb\n\nc\n```\n\nd", ["\r", "\n"])
@example("```\na\n\n```\n\n- b\n\n  c", ["\r"])
@example(
    "- a\n\n  ```\nb\n  ```\n\nc", ["\n"]
)  # the item's code ends with it; the next is the text's
@example("- a\n\n      b\nc\n\n  ```\nd\n\ne\n  ```\n\nf", ["\n"])  # nothing goes on with code
def test_blocks_rendered_one_by_one_are_the_whole(text: str, ends: list[str]) -> None:
    """Cutting a text into blocks changes nothing about what it says, whatever ends its lines."""
    text = with_ends(text, ends)
    markup = Markup()
    found = list(blocks(marked_lines(Message(id="m", text=text))))
    assert "".join(block.text for block in found) == text
    assert "".join(markup.html([block]) for block in found) == whole(text)


PLAIN = st.text(
    st.sampled_from(
        "aZé狐 .,:;!?'\"“”-+=#3()%$@^/\n\n\t\r\r{}~\u00a0\u3000\u0301\x0b\x0c\x1c\x85\u2028\u2029"
    ),
    max_size=30,
)


@settings(max_examples=share(400), deadline=None)
@given(PLAIN)
@example("3\r\r\n3")  # two line ends, and so two paragraphs
@example("a\r\n\ra")
@example("a\n\ra")
@example("a\ra\r\ra")
@example("a\r-")  # a heading
@example("a\r\r")
@example("a\r \ra")
@example("a\x0b\r\r\nb")
@example("a\x0c\nb\n\x0c\nc")  # a form feed ends no line, and makes none blank
@example("a\x0b\nb\x1c\nc\x85\nd\u2028\ne\u2029\nf")
@example("a\u2028b\x85c\u2029d\x0be\x0cf")
@example("\u2028\r\r\na")
def test_the_short_cut_for_plain_paragraphs_changes_nothing(text: str) -> None:
    """A paragraph that Markdown would leave alone comes out as Markdown would write it."""
    markdown = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
    found = blocks(marked_lines(Message(id="m", text=text)))
    assert Markup().html(found) == nh3.clean(markdown.render(text))


@settings(max_examples=share(100), deadline=None)
@given(TEXTS, st.integers(1, 400))
def test_the_size_of_the_parts_does_not_show(text: str, size: int) -> None:
    """The page is the same however the text is divided."""
    source = f"{text}\n\n{tag('fox')}\n\n[a]\n\n{text}\n\n[a]: http://example.com\n"
    message = illustrated(source)
    page = "".join(html_pieces(message))
    with patch.object(story, "GROUP", size):
        assert "".join(html_pieces(message)) == page


@settings(max_examples=share(100), deadline=None)
@given(st.lists(st.sampled_from(["fox ", "\n", "\r", "\r\n", "@", "a" * 30, "é"]), max_size=30))
@example(["a" * 24, "\r\n", "fox"])  # the longest part ends in the middle of a line's end
def test_lines_together_are_the_text(pieces: list[str]) -> None:
    """Lines, also those that are cut because they are long, lose and add nothing."""
    text = "".join(pieces)
    message = illustrated(text.replace("@", tag("fox")))
    with patch.object(lines, "LONGEST", 25):
        found = list(marked_lines(message))
    assert restore(MARK.sub("@", "".join(found))) == text
    assert all(len(line) < 120 for line in found)
    assert all(not LINE_END.search(line.removesuffix("\n").removesuffix("\r")) for line in found)
    assert not any(a.endswith("\r") and b.startswith("\n") for a, b in pairwise(found))


@pytest.mark.parametrize(
    ("start", "unit"),
    [
        ("", "word "),
        ("", "x"),
        ("", "A line of a paragraph.\n"),
        ("", "- item\n\n"),
        ("", "> quoted\n"),
        ("", "# h\n"),
        ("```\n", "code\n\n"),
        ("<think>", "hm\n"),
    ],
)
def test_no_shape_of_text_is_held_as_a_whole(start: str, unit: str) -> None:
    """A text comes out in pieces, in whatever shape it comes."""
    text = start + unit * (60_000 // len(unit))
    words = len("".join(text.split())) - text.count(">") - text.count("#") - text.count("- ")
    with (
        patch.object(story, "GROUP", 2048),
        patch.object(block_cutting, "LARGEST", 4096),
        patch.object(lines, "LONGEST", 1024),
    ):
        for pieces in (html_pieces, markdown_pieces):
            found = list(pieces(Message(id="m", text=text)))
            found = found[1:] if pieces is html_pieces else found
            assert max(map(len, found)) < 30_000
            assert sum(map(len, found)) >= words


def test_a_fence_cut_in_two_stays_code() -> None:
    """Code longer than a part is code to its end, and only to its end."""
    text = "```py\n" + "*no* emphasis\n\n" * 10_000 + "```\n\n*emphasis*\n"
    page = Page("".join(html_pieces(Message(id="m", text=text))))
    assert [e.name for e in page.story].count("em") == 1
    assert page.text.count("*no* emphasis") == 10_000


def test_pictures_in_a_long_text_stand_in_their_places() -> None:
    """Also in lines and paragraphs that are cut."""
    text = "".join(f"word {n} {tag('fox')} " + "and so on " * 2000 for n in range(12))
    assert Page("".join(html_pieces(illustrated(text)))).ordinals == list(range(12))


def test_rendering_needs_little_memory() -> None:
    """Four million characters and many pictures need a few megabytes beyond the message."""
    paragraph = "The ferryman had not slept, “nobody comes,” he said. " * 8
    text = f"{paragraph}\n\n{tag('fox')}\n\n" + f"{paragraph}\n\n" * (4_000_000 // len(paragraph))
    message = illustrated(text)
    tracemalloc.start()
    try:
        for pieces in (html_pieces, markdown_pieces):
            for _ in pieces(message):
                pass
        assert tracemalloc.get_traced_memory()[1] < 3_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    "unit",
    ["[", "![a](", "*a ", "> ", "- ", "1. ", "`a``b ", "[a][", "<a:", "|", "_", "~~a", "&", "\\"],
)
def test_text_that_is_hard_to_read_is_read(unit: str) -> None:
    """Deep nesting and thousands of unclosed brackets neither fail nor lose the picture."""
    page = Page("".join(html_pieces(illustrated(unit * 2000 + tag("fox") + unit * 2000))))
    assert len(page.ordinals) == (0 if "`" in unit else 1)
