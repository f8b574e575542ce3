"""What writers write beyond CommonMark: front matter, comments, notes, simple HTML, links."""

import pytest
from tests.illustration.rendering.pages import illustrated, tag

from limner.illustration import Message
from limner.illustration.rendering import chat_html_pieces, html_pieces
from limner.illustration.rendering.dialect.front_matter import front_matter


def article(text: str) -> str:
    """The text on its page, without the page."""
    page = "".join(html_pieces(illustrated(text)))
    return page[page.index("<article") : page.index("</article>")].partition("\n")[2]


FRONT = "---\ntitle: The Fox\nauthor: Ann\nlang: de\ndraft: true\n---\n"


def test_front_matter_is_used_and_not_shown() -> None:
    """The title becomes the page's, with the author below it, and the language is set."""
    page = "".join(html_pieces(illustrated(f"{FRONT}\nOnce.")))
    assert "<title>The Fox</title>" in page
    assert '<html lang="de">' in page
    assert '<h1>The Fox</h1>\n<div class="author">Ann</div>\n<p>Once.</p>' in page
    assert "draft" not in page


def test_a_heading_that_differs_from_the_title_of_the_front_matter_stands_below_it() -> None:
    """It may be that of the first chapter."""
    made = article(f"{FRONT}# The Owl\n\nOnce.")
    assert made.index("<h1>The Fox</h1>") < made.index("<h1>The Owl</h1>")


@pytest.mark.parametrize(
    "text",
    ["---\n\nOnce.\n\n---\n", "---\nOnce it was.\n---\n", "--- \n# One\n", "-- -\na: b\n---"],
)
def test_a_rule_is_no_front_matter(text: str) -> None:
    """A text that begins with a line of hyphens keeps all its words."""
    assert front_matter(text).end == 0


@pytest.mark.parametrize(
    ("block", "author"),
    [
        ("author: 'Ann B.'", "Ann B."),
        ("author: [Ann, Bo]", "Ann, Bo"),
        ("author:\n- Ann\n- Bo\ndate: 1", "Ann, Bo"),
        ("Author: Ann # me", "Ann"),
        ("author:", None),
    ],
)
def test_authors_are_read_as_they_are_written(block: str, author: str | None) -> None:
    """Quoted, as a list, in the line or below it."""
    assert front_matter(f"---\n{block}\n---\n").author == author


def test_a_picture_asked_for_in_front_matter_or_comments_is_not_lost() -> None:
    """It stands where they stood."""
    text = f"---\ntitle: x\nnote: {tag('a')}\n---\nOnce.\n\n<!-- no\n{tag('b')}\nno -->\n\nEnd."
    made = article(text)
    assert made.count("<figure") == 2
    assert "no" not in made.replace("note", "").replace("nofollow", "").split("base64")[0]


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("<!-- to do -->\n\nText", "<p>Text</p>\n"),
        ("One <!-- to do --> two", "<p>One  two</p>\n"),
        ("<!-- to\n\ndo -->\n\nText", "<p>Text</p>\n"),
        ("<!-- to\n\ndo --> Text", "<p>Text</p>\n"),
        ("```\n<!-- code -->\n```", "<pre><code>&lt;!-- code --&gt;\n</code></pre>\n"),
        ("`<!-- code -->`", "<p><code>&lt;!-- code --&gt;</code></p>\n"),
        ("<!-- never closed\n\nText", "<p>&lt;!-- never closed</p>\n<p>Text</p>\n"),
        ("a<br>b<br/>c", "<p>a<br>b<br>c</p>\n"),
        ("<i>soft</i> H<sub>2</sub>O <u>u</u>", "<p><i>soft</i> H<sub>2</sub>O <u>u</u></p>\n"),
        ("<I Class='x'>soft</I>", "<p><i>soft</i></p>\n"),
        ("<center>The end</center>", '<p class="center">The end</p>\n'),
        ("<i>never closed\n\nText", "<p>never closed</p>\n<p>Text</p>\n"),
        ("*a <b>b* c</b>", "<p><em>a b</em> c</p>\n"),
        ("a <script> b <blink> c < d", "<p>a &lt;script&gt; b &lt;blink&gt; c &lt; d</p>\n"),
        ("<span style='color:red'>words</span>", "<p>words</p>\n"),
        ("- [ ] a\n- [x] b", '<ul>\n<li class="task">☐ a</li>\n<li class="task">☑ b</li>\n</ul>\n'),
        ("Fox\n: red", "<dl>\n<dt>Fox</dt>\n<dd>red</dd>\n</dl>\n"),
        ("Fox\n\n: red", "<dl>\n<dt>Fox</dt>\n<dd>red</dd>\n</dl>\n"),
        ("[next](chapter2.md) [x](javascript:alert)", "<p>next x</p>\n"),
        ("![my *map*](map.png)", "<p><em>my <em>map</em></em></p>\n"),
    ],
)
def test_it_comes_out_as_writers_mean_it(text: str, made: str) -> None:
    """Simple elements lose their attributes; what is not closed where it was opened is dropped."""
    assert article(text) == made


NOTES = (
    "One[^1], two[^b] and one again[^1].\n\n[^1]: The *first*.\n\n    With more.\n[^b]: Other.\n"
)


def test_notes_are_numbered_and_stand_at_the_end() -> None:
    """Each leads to its place and back; the note itself leaves nothing where it was written."""
    made = article(f"{NOTES}\nThe last words.")
    assert '<sup><a href="#fn-1" id="fnref-1"' in made
    assert made.index("The last words.") < made.index('<li id="fn-1">') < made.index("Other.")
    assert made.count('id="fnref-1"') == 1
    assert made.count("With more.") == 1
    assert "[^" not in made


def test_a_note_that_is_defined_before_it_is_used_keeps_one_number() -> None:
    """Wherever its definition stands, also far away from the words it belongs to."""
    text = f"[^a]: Note.\n\nOne[^a].\n\n{'Many words of a long book. ' * 9000}\n\nTwo[^a]."
    made = article(text)
    assert made.count("Note.") == 1
    assert made.count('href="#fn-1"') == 2


def test_a_note_nobody_wrote_stays_as_it_is() -> None:
    """Words in brackets are words."""
    assert "[^9]" in article("One[^9].")


def test_links_lead_to_headings_of_the_text() -> None:
    """Only headings that are linked to get a name, and equal ones are counted."""
    made = article("[1](#one-1) [2](#two)\n\n# One\n\n# One\n\n# Three")
    assert '<a href="#one-1"' in made
    assert made.count("id=") == 1
    assert '<h1>One</h1>\n<h1 id="one-1">One</h1>' in made


def test_places_of_several_messages_on_one_page_differ() -> None:
    """Each message has its own notes and headings."""
    said = [Message(id=f"m{n}", text="[a](#a) x[^1]\n\n# A\n\n[^1]: N.") for n in range(2)]
    page = "".join(chat_html_pieces(said))
    for place in ("0-a", "1-a", "fn-0-1", "fn-1-1"):
        assert page.count(f'id="{place}"') == page.count(f'href="#{place}"') == 1


@pytest.mark.parametrize(
    "text",
    [
        "<https://e.org/{}>",
        "[x]\n\n[x]: https://e.org/{} 'a'\n",
        "[a](#x-{})\n\n# X\n",
        "[x](https://e.org/{})",
        "![x](https://e.org/{}.png)",
        "```\n{}\n```\n",
    ],
)
def test_a_tag_in_an_address_leaves_no_mark(text: str) -> None:
    """Neither a stand-in of ours nor an element stands in the address."""
    made = article(text.format(tag("a fox")))
    assert "\uee00" not in made
    assert "%EE" not in made
    assert '"#x-<' not in made
