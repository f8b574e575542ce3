"""The page as a whole: title, notes, states, reasoning, and that it needs nothing else."""

import re
from base64 import b64encode
from dataclasses import replace
from hashlib import sha256
from html import escape

import pytest
from tests.illustration.rendering.pages import Page, illustrated, tag, without_picture

from limner.illustration import Alternative, Image, MessageState, Slot, SlotState
from limner.illustration.rendering import data_uri, html_pieces


def title_of(html: str) -> str:
    """The document's title, as written."""
    found = re.search("<title>(.*?)</title>", html, re.DOTALL)
    assert found
    return found[1]


@pytest.mark.parametrize(
    ("text", "given", "title", "headings"),
    [
        ("# The *Fox* & `I`\n\nOne.", "other", "The Fox &amp; I", 1),
        ("The Fox\n=======\n\nOne.", None, "The Fox", 1),
        (f"{tag('x')}\n\n# The Fox\n", None, "The Fox", 1),
        (f"# The {tag('x')} Fox\n", None, "The   Fox", 1),
        ("<think># No</think># The Fox\n", None, "The Fox", 1),
        ("One.\n\n# Not this", "Given", "Given", 2),
        ("## One", "Given", "Given", 1),
        ("One.", None, "An illustrated story", 0),
        ("", None, "An illustrated story", 0),
    ],
)
def test_the_title_is_the_first_heading_or_the_given_one(
    text: str, given: str | None, title: str, headings: int
) -> None:
    """A text that begins with a first-level heading names itself."""
    html = "".join(html_pieces(illustrated(text), title=given))
    assert title_of(html) == title
    assert [e.name for e in Page(html).story].count("h1") == headings


def test_the_policy_allows_exactly_the_pages_own_style_and_script() -> None:
    """The content security policy names the hashes of what is inline, and nothing from outside."""
    html = "".join(html_pieces(illustrated(f"One. {tag('x')}")))
    (policy,) = re.findall(r'Content-Security-Policy" content="([^"]*)"', html)
    for name in ("style", "script"):
        (source,) = re.findall(f"<{name}>(.*?)</{name}>", html, re.DOTALL)
        digest = b64encode(sha256(source.encode()).digest()).decode()
        assert f"{name}-src 'sha256-{digest}'" in policy
    assert policy.startswith("default-src 'none'; img-src data:;")
    assert "unsafe" not in policy
    assert "http:" not in policy
    assert "style=" not in html.split("</head>")[1]


def test_a_failed_picture_leaves_its_reason_and_its_prompt() -> None:
    """In its place stands a small placeholder."""
    message = illustrated(
        f"One.\n\n{tag('a <fox>')}\n\nTwo {tag('b')} three.",
        lambda slot: without_picture(slot, SlotState.FAILED, "the server said no."),
    )
    page = Page("".join(html_pieces(message)))
    assert page.plate_text == (
        "No picture: the server said no. a <fox>No picture: the server said no. b"
    )
    assert page.images == []
    assert "0 pictures" in page.html


@pytest.mark.parametrize("state", [SlotState.QUEUED, SlotState.DRAWING])
def test_a_picture_that_was_not_drawn_says_so(state: SlotState) -> None:
    """After an interrupted run the place of each open picture is still marked."""
    page = Page("".join(html_pieces(illustrated(tag("a"), lambda s: without_picture(s, state)))))
    assert page.plate_text == "Not drawn. a"


def test_a_deleted_picture_leaves_nothing() -> None:
    """Not even an empty paragraph."""
    page = Page(
        "".join(
            html_pieces(
                illustrated(
                    f"One.\n\n{tag('a')}\n\nTwo\n{tag('b')}\nthree.",
                    lambda slot: replace(slot, state=SlotState.DELETED),
                )
            )
        )
    )
    assert page.outline.replace("\n\n", "\n") == "<p>One.</p><p>Two\nthree.</p>"


def test_the_selected_alternative_is_shown_with_its_own_prompt() -> None:
    """Also while, or after, a further attempt failed."""

    def change(slot: Slot) -> Slot:
        others = [
            Alternative(Image(data=data, media_type="image/webp", width=64, height=64), prompt)
            for data, prompt in ((b"7", "seven"), (b"8", "eight"))
        ]
        return replace(slot, alternatives=tuple(others), selected=1, state=SlotState.FAILED)

    page = Page("".join(html_pieces(illustrated(tag("a"), change))))
    assert page.ordinals == [8]
    assert page.images[0].attributes["alt"] == "eight"
    assert page.images[0].attributes["data-name"] == "01-eight.webp"


def test_a_cut_text_ends_with_a_note() -> None:
    """Unless the caller has better words for it."""
    cut = illustrated("One", state=MessageState.CUT)
    html = "".join(html_pieces(cut))
    assert '<p class="note" lang="en">The text ends here: it was cut off.</p>' in html
    other = "".join(html_pieces(cut, note="Interrupted."))
    assert ">Interrupted.</p>" in other
    assert "cut off" not in other
    assert "note" not in "".join(html_pieces(illustrated("One"))).split("</head>")[1]


def test_reasoning_is_folded_away() -> None:
    """What a model thought aloud is not part of the story, but it is not lost either."""
    text = "<think>Hm <b>\n\n*what*\n</think>\nOnce *upon* a time.\n\n<THINKING>x"
    page = Page("".join(html_pieces(illustrated(text))))
    folded = [e for e in page.story if e.name == "details"]
    assert len(folded) == 2
    assert "Hm <b>\n\n*what*\n" in page.text
    assert "<p>Once <em>upon</em> a time.</p>" in page.html
    assert "&lt;think" not in page.html


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("[THINK]Hm.[/THINK]Once.", "Hm."),
        ('<details type="reasoning" done="true">\nHm.\n</details>\nOnce.', "Hm."),
        ("Once. <thought>Hm.</thought> End.", "Hm."),
        ("<think>\n<analysis>Hm.</think>Once.", "<analysis>Hm."),
        ("He wrote <think> and left.\n\nNext day </think>.", ""),
        (f"<think>\nOnce {tag('a')} it never closed.", ""),
        ("<think>\nHm `x`.</think>\nOnce.", "Hm `x`."),
    ],
)
def test_what_hides_tags_is_folded_away_and_nothing_else(text: str, folded: str) -> None:
    """A mark that somebody mentions, or a block with a picture in it, belongs to the story."""
    html = "".join(html_pieces(illustrated(text)))
    assert ('<details class="reasoning">' in html) is bool(folded)
    if folded:
        assert escape(folded) in html.split("<details")[1].split("</details>")[0]
    else:
        assert "&lt;think&gt;" in html.split("<article")[1]


def test_reasoning_tags_in_code_are_code() -> None:
    """A story about prompts can speak of them."""
    text = "See `<think>` here.\n\n```\n<think>\n```\n\nEnd."
    page = Page("".join(html_pieces(illustrated(text))))
    assert "details" not in [element.name for element in page.story]
    assert page.text.count("<think>") == 2


def test_the_colophon_counts_the_pictures() -> None:
    """One picture is not several."""
    assert "limner · 1 picture<" in "".join(html_pieces(illustrated(tag("a"))))
    assert "limner · 2 pictures<" in "".join(html_pieces(illustrated(tag("a") * 2)))


def test_the_page_says_in_which_language_it_is_if_that_is_clear() -> None:
    """So that it is hyphenated and read aloud correctly."""
    english = "It was the last day of the year, and the fox had nothing to eat in his house."
    assert '<html lang="en">' in "".join(html_pieces(illustrated(english)))
    german = "Es war der letzte Tag, und der Fuchs hatte nicht ein Ei, das er sich kochen konnte."
    assert '<html lang="de">' in "".join(html_pieces(illustrated(german)))
    assert "<html>" in "".join(html_pieces(illustrated("Zzz.")))


def test_the_same_message_gives_the_same_page() -> None:
    """Nothing of the time or the machine gets in."""
    message = illustrated(f"# One\n\nTwo {tag('three')} four.")
    assert "".join(html_pieces(message)) == "".join(html_pieces(message))


def test_an_odd_media_type_cannot_break_out() -> None:
    """A backend's media type is checked before it is written into the page."""
    image = Image(data=b"x", media_type='image/png" onload="x', width=64, height=64)
    assert data_uri(image) == "data:application/octet-stream;base64,eA=="
