"""What is told of a Markdown text without reading it, beside a reader of Markdown."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from tests.examples import share

from limner.illustration.rendering.marks import MARK, mark
from limner.illustration.rendering.placement.visible import all_visible

PIECES = st.sampled_from(
    [
        *("@", "@", "@", "a", "word", " ", "  ", "    ", "\n", "\n", "\n\n", "\t", "\r\n", "\r"),
        *("- ", "* ", "+ ", "1. ", "2) ", "12. ", "> ", ">", "# ", "---\n", "===\n", "* * *\n"),
        *("\n- b\n", "\n  - c\n", "\n    - d\n", "|", "|-|\n", "|-|-|\n", "|a|b|\n"),
        *("`", "``", "```", "~~~", "`c`", "*", "**", "_", "\\", "!", "&lt;", "$"),
        *("[", "]", "![", "](http://x)", "[a](http://x)", "]: /u", "(", ")", "'", '"', ":"),
        *("<", ">", "<b>", "</b>", "<div>", "<a href='", "'>", "<!--", "-->", "<script>", "<?"),
    ]
)
TEXTS = st.lists(PIECES, max_size=20).map("".join)


def marked(text: str) -> str:
    """The text with a mark of its own for each ``@``."""
    first, *rest = text.split("@")
    return first + "".join(mark(number) + part for number, part in enumerate(rest))


def found(text: str) -> list[str]:
    """The ordinals of the marks that a reader of Markdown finds as pictures, in order."""
    read = MarkdownIt("commonmark").enable("table")
    return [
        str(child.attrGet("src")).removeprefix("limner:")
        for token in read.parse(MARK.sub(r"![x](limner:\1)", text))
        for child in token.children or ()
        if child.type == "image" and str(child.attrGet("src")).startswith("limner:")
    ]


@settings(max_examples=share(1000), deadline=None)
@given(TEXTS)
@example("`a\n[@b`@")  # the code span swallows the first
@example("- b\n >\n\n    @")  # the quotation has ended the list
@example("</b>\n>\n> @")  # raw HTML ends with a line that is really blank
@example("<div>\n-    a\n\n     @")  # what looks like an item there is none
@example(">     @")
@example("-      @")
@example("one\n12. two\n\n    @")  # no list: a paragraph can only be interrupted by "1."
@example("|a|\n|-|\n|b|@|")
@example(">" * 30 + "@")
@example("- " * 30 + "@")
def test_what_is_said_to_be_visible_is(text: str) -> None:
    """A reader of Markdown finds every one of the pictures, once and in order."""
    text = marked(text)
    ordinals = MARK.findall(text)
    if all_visible(text, set(ordinals)):
        assert found(text) == ordinals


@pytest.mark.parametrize(
    "text",
    [
        "one *two @ three*",
        "# [one](http://x) `two` @ three",
        "[one @](http://x)",
        "> - one\n>\n>   @",
        "12. one\n\n    @",
        "1. one\n2. two\n\n   @",
        "- one\n  - two\n    - three\n\n      @\n\n    four",
        "|a|b|\n|-|-|\n|c|d @|\n|e @|f|",
        "one @ `two` <b> [x] \\",
    ],
)
def test_pictures_in_usual_places_are_said_to_be_visible(text: str) -> None:
    """Otherwise every list and every emphasis would be torn at its pictures."""
    text = marked(text)
    assert all_visible(text, set(MARK.findall(text)))


def test_only_marks_that_stand_for_pictures_count() -> None:
    """Another may stand in a place where a picture would be lost."""
    text = marked("`a @ b\n\n@")
    assert not all_visible(text, {"0", "1"})
    assert all_visible(text, {"1"})
