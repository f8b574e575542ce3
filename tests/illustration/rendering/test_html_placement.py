"""Where pictures stand on the page, and what they leave unharmed around them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.examples import share
from tests.illustration.rendering.pages import Page, illustrated, tag, without_picture

from limner.illustration import SlotState
from limner.illustration.rendering import html_pieces


def page(text: str) -> Page:
    """The page of a text in which each @ stands for a tag."""
    return Page("".join(html_pieces(illustrated(text.replace("@", tag("a fox"))))))


@pytest.mark.parametrize(
    ("text", "outline"),
    [
        ("@", "F"),
        ("@@", "FF"),
        ("@\n\n@", "FF"),
        ("one\n\n@\n\ntwo", "<p>one</p>F<p>two</p>"),
        ("one\n@\ntwo", "<p>one</p>F<p>two</p>"),
        ("one  \n@  \ntwo", "<p>one</p>F<p>two</p>"),
        ("one @\ntwo", "<p>one S\ntwo</p>"),
        ("one.@", "<p>one.</p>F"),
        ("@ one", "F<p>one</p>"),
        ("The fox @ slept.", "<p>The fox S slept.</p>"),
        ("The fox @@ slept.", "<p>The fox SS slept.</p>"),
        ("one\n@\n@\ntwo", "<p>one</p>FF<p>two</p>"),
        ("*one @ two*", "<p><em>one S two</em></p>"),
        ("*one\n@\ntwo*", "<p><em>one\nS\ntwo</em></p>"),
        ("**@**", "<p><strong>S</strong></p>"),
        ("_The fox._@", "<p><em>The fox.</em></p>F"),
        ("*“No.”*@ *“Yes.”*", "<p><em>“No.”</em>S <em>“Yes.”</em></p>"),
        ("a*@b*c", "<p>a*Sb*c</p>"),
        ("- one @ two\n- three", "<ul><li>one S two</li><li>three</li></ul>"),
        ("- one\n  @\n- two", "<ul><li>one\nS</li><li>two</li></ul>"),
        ("1. one\n\n   @\n\n2. two", "<ol><li><p>one</p>F</li><li><p>two</p></li></ol>"),
        ("@\n2. two", 'F<ol start="2"><li>two</li></ol>'),
        ("> one\n> @\n> two", "<blockquote><p>one</p>F<p>two</p></blockquote>"),
        ("> @", "<blockquote>F</blockquote>"),
        (
            "|a|b|\n|-|-:|\n|x @|y|",
            '<table><thead><tr><th>a</th><th align="right">b</th></tr></thead>'
            '<tbody><tr><td>x S</td><td align="right">y</td></tr></tbody></table>',
        ),
        ("# The Fox @\none", "<h1>The Fox</h1>F<p>one</p>"),
        ("# The Fox\n@\none", "<h1>The Fox</h1>F<p>one</p>"),
        ("## The @ Fox", "<h2>The S Fox</h2>"),
        ("@\n# The Fox", "F<h1>The Fox</h1>"),
        ("one\n@\n---\ntwo", "<p>one</p>F<hr><p>two</p>"),
        ("one\n\n    @\n\ntwo", "<p>one</p>F<p>two</p>"),
        ("`one`@`two`", "<p><code>one</code>S<code>two</code></p>"),
        ("one\r\n\r\n@\r\n\r\ntwo\r\n", "<p>one</p>F<p>two</p>"),
    ],
)
def test_a_picture_stands_where_its_tag_stands(text: str, outline: str) -> None:
    """The Markdown around a tag comes out as if the tag were not there, with a picture in it."""
    assert page(text).outline == outline


@pytest.mark.parametrize(
    "text",
    [
        "[l](http://example.com/@) z",
        "[l](http://example.com/ '@') z",
        "[r]: http://example.com '@'\n\n[r]",
        "|a|\n|-|\n|x|@|\n",
        "one `@` two",
        "<http://example.com/@>",
        "![@](http://example.com/@)",
        "\\@ \\\\@",
        "[a @ b](http://example.com)",
    ],
)
def test_a_tag_in_a_place_that_shows_nothing_still_gets_its_picture(text: str) -> None:
    """No tag loses its picture, wherever a model put it, and none shows its inside."""
    message = illustrated(text.replace("@", tag("a fox")))
    found = Page("".join(html_pieces(message)))
    assert found.ordinals == list(range(len(message.slots)))
    assert ("img-prompt" in found.text) == ("`" in text)


def test_a_picture_in_a_link_stands_behind_it() -> None:
    """A picture can be clicked, so it never stands inside a link."""
    assert 'rel="noopener noreferrer nofollow">one two</a>S' in page(
        "x [one @two](http://example.com) y"
    ).outline.replace("  ", " ")


def test_the_plain_words_of_a_mark_are_not_taken_for_one() -> None:
    """Characters that the renderer uses inwardly come out as they went in."""
    text = "a \ue000 b \uee00 c ,\uee000\uee01, d \uee01\uee00a\uee01 @ e"
    found = page(text)
    assert found.text.strip() == text.replace("@", "")
    assert found.ordinals == [0]


def test_half_a_surrogate_pair_becomes_a_replacement_character() -> None:
    """What no file can hold does not stop the page from being written."""
    found = page("one \ud83d two")
    assert found.text.strip() == "one � two"
    found.html.encode()


PIECES = [
    *("fox", "Snow", " ", " ", "\n", "\n\n", "\n\n", "@", "@", "@", "*", "**", "_", "`", "```\n"),
    *("- ", "1. ", "> ", "  ", "    ", "# ", "---\n", "===\n", "|", "|-|\n", "[", "](", ")", "!["),
    *("[r]: http://x\n", "<", ">", "&", "\\", "<b>", "<!--", "-->", "http://x.y/", "“", ".", ","),
    *(
        "\t",
        "\r",
        "\r\n",
        "é",
        "狐",
        "\uee00",
        "\uee01",
        "<think>",
        "</think>",
        "~~~\n",
        "3",
        "~~",
        "!",
    ),
]
TEXTS = st.lists(st.sampled_from(PIECES), max_size=40).map("".join)


@settings(max_examples=share(200), deadline=None)
@given(TEXTS)
def test_every_picture_appears_once_and_in_order(text: str) -> None:
    """Whatever Markdown surrounds the tags: each picture once, in order, in well-formed HTML."""
    message = illustrated(text.replace("@", tag("a fox")))
    assert Page("".join(html_pieces(message))).ordinals == list(range(len(message.slots)))


@settings(max_examples=share(100), deadline=None)
@given(TEXTS)
def test_pictures_take_no_text_away(text: str) -> None:
    """The text is the same whether the pictures are there or were deleted."""
    source = text.replace("@", tag("a fox"))
    pictured = Page("".join(html_pieces(illustrated(source))))
    plain = Page(
        "".join(html_pieces(illustrated(source, lambda s: without_picture(s, SlotState.DELETED))))
    )
    assert pictured.text.split() == plain.text.split() or (
        "".join(pictured.text.split()) == "".join(plain.text.split())
    )
    assert plain.images == []


WORDS = st.lists(
    st.sampled_from(["fox", "snow.", "@", "\n@\n", "\n\n", "\n", "*a*", "- x", "> q", "# t"]),
    max_size=30,
)


@settings(max_examples=share(100), deadline=None)
@given(WORDS)
def test_no_word_of_the_text_is_lost(words: list[str]) -> None:
    """Every letter outside the tags is on the page, in order."""
    text = " ".join(words)
    letters = [char for char in text if char.isalpha()]
    assert [char for char in page(text).text if char.isalpha()] == letters
