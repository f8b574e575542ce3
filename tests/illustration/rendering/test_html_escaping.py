"""Text, prompts and reasons are hostile: they come out as words, never as markup."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.examples import share
from tests.illustration.rendering.pages import STORY, Page, illustrated, tag, without_picture

from limner.illustration import SlotState
from limner.illustration.rendering import html_pieces

HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "</figcaption></figure></article><script>",
    "<svg/onload=alert(1)>",
    "&lt;script&gt; &amp; &#x3c;b&#x3e;",
    "$& $1 \\1 \\g<0> {0} %s",
    "<!-- --!> ]]> <![CDATA[ <?php",
    "</style></script></title>",
    "\x00\x0b\x1b[31m\u202e\ufeff",
]
ATTRIBUTES = {
    "a": {"href", "rel"},
    "ol": {"start"},
    "th": {"align"},
    "td": {"align"},
    "img": {"src", "alt", "width", "height", "data-name"},
    "figure": {"class"},
    "figcaption": {"class", "dir"},
    "span": {"class", "dir"},
    "details": {"class"},
    "summary": {"lang"},
    "p": {"class"},
}
OWN_CLASSES = {None, "initial", "verse"}
"""Of paragraphs: what a book begins with, and poems."""


def check(html: str) -> Page:
    """Read the page; refuse every element and attribute that a story has no use for."""
    page = Page(html)
    for element in page.story:
        assert element.name in STORY
        assert set(element.attributes) <= ATTRIBUTES.get(element.name, set()), element
        assert element.name != "p" or element.attributes.get("class") in OWN_CLASSES
        assert re.match(r"https?://|mailto:|$", element.attributes.get("href") or "")
        if element.name == "img":
            assert (element.attributes["src"] or "").startswith("data:image/")
    assert [element.name for element in page.elements].count("script") == 1
    assert [element.name for element in page.elements].count("style") == 1
    return page


@pytest.mark.parametrize("words", HOSTILE)
def test_hostile_text_is_shown_as_words(words: str) -> None:
    """No element, attribute or script of the text's own gets onto the page."""
    page = check("".join(html_pieces(illustrated(f"One {words} two\n\n{words}\n\n> {words}"))))
    assert "".join(page.text.split()).count("One") == 1


@pytest.mark.parametrize("words", [word for word in HOSTILE if "\x00" not in word])
def test_hostile_prompts_and_reasons_come_out_literally(words: str) -> None:
    """A prompt is its picture's alternative text and caption, character for character."""
    message = illustrated(f"One {tag(words)} two.\n\n{tag(words)}")
    page = check("".join(html_pieces(message)))
    assert [image.attributes["alt"] for image in page.images] == [words, words]
    assert page.plate_text == words * 2
    failed = illustrated(tag("x"), lambda s: without_picture(s, SlotState.FAILED, words))
    assert words in check("".join(html_pieces(failed))).plate_text


@pytest.mark.parametrize("words", HOSTILE)
def test_hostile_titles_and_notes_come_out_literally(words: str) -> None:
    """Title and note are escaped, whether given or taken from the text."""
    check("".join(html_pieces(illustrated("One."), title=words, note=words)))
    check("".join(html_pieces(illustrated(f"# {words}\n\nOne."))))


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "java&#115;cript:alert(1)",
        "data:text/html,<script>alert(1)</script>",
        "data:image/png;base64,AAAA",
        "vbscript:x",
        "file:///etc/passwd",
        "//evil.example/x",
        "\\\\evil\\share",
        "x.html",
    ],
)
def test_links_lead_to_web_pages_only(url: str) -> None:
    """Other schemes, relative addresses and shares are not linked, in no spelling."""
    text = f"[a]({url}) <{url}> ![b]({url}) [c]\n\n[c]: {url}\n"
    page = check("".join(html_pieces(illustrated(text))))
    assert [element for element in page.story if element.name == "a"] == []


def test_a_web_link_tells_the_other_side_nothing() -> None:
    """Links carry `rel` values that keep the page apart from where they lead."""
    page = check("".join(html_pieces(illustrated("[a](https://example.com/?q=1&r=2)"))))
    (link,) = [element for element in page.story if element.name == "a"]
    assert link.attributes == {
        "href": "https://example.com/?q=1&r=2",
        "rel": "noopener noreferrer nofollow",
    }


def test_remote_pictures_become_links() -> None:
    """A kept page loads nothing: a picture that the text points to is a plain link."""
    text = "![a *fox*](https://example.com/f.png) ![](https://example.com/g.png)"
    page = check("".join(html_pieces(illustrated(text))))
    assert page.images == []
    assert page.text.split() == ["a", "fox", "https://example.com/g.png"]


@settings(max_examples=share(200), deadline=None)
@given(st.lists(st.one_of(st.sampled_from(HOSTILE), st.text(max_size=6)), max_size=8))
def test_no_mixture_of_hostile_pieces_gets_through(pieces: list[str]) -> None:
    """Nor does any mixture of hostile pieces and arbitrary characters."""
    text = "".join(pieces)
    check("".join(html_pieces(illustrated(f"{text}{tag(text.strip() or 'x')}{text}"))))
