"""What a writer says of a page or book: title, author, cover, own pictures, curly quotes."""

import io
import re
import zipfile
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image as Pillow
from tests.illustration.rendering.pages import illustrated, tag

from limner.illustration import Image, Message
from limner.illustration.rendering import epub_pieces, html_pieces, markdown_pieces
from limner.illustration.rendering.edition import Edition
from limner.illustration.rendering.edition.edition import PLAIN

MADE = datetime(2026, 1, 2, tzinfo=UTC)


def png(colour: str = "red", size: tuple[int, int] = (30, 20)) -> Image:
    """A picture of one colour."""
    out = io.BytesIO()
    Pillow.new("RGB", size, colour).save(out, "PNG")
    return Image(data=out.getvalue(), media_type="image/png", width=size[0], height=size[1])


class Beside:
    """The pictures beside a text: one, or one that is gone when it is looked at."""

    def __init__(self, picture: Image | None) -> None:
        self._picture = picture

    def has(self, address: str) -> bool:
        """Whether it is that one."""
        return address == "my map.png"

    def picture(self, address: str) -> Image | None:
        """That one."""
        return self._picture


def article(text: str, edition: Edition) -> str:
    """The text on its page, without the page."""
    page = "".join(html_pieces(illustrated(text), edition=edition))
    return page[page.index("<article") : page.index("</article>")].partition("\n")[2]


def book(text: str, edition: Edition) -> zipfile.ZipFile:
    """The text as a book."""
    made = epub_pieces(illustrated(text), modified=MADE, edition=edition)
    return zipfile.ZipFile(io.BytesIO(b"".join(made)))


OWN = f"See ![the map](my%20map.png) and\n\n![](my%20map.png)\n\n![x](other.png) {tag('a fox')}"


def test_own_pictures_stand_in_the_page() -> None:
    """In a sentence or between paragraphs; of those that are not there the words are shown."""
    made = article(OWN, Edition(own=Beside(png())))
    assert made.count('class="plate own"') == 2
    assert re.search(r'<span class="plate own"><img src="data:[^"]*" alt="the map"', made)
    assert '<figure class="plate own">' in made
    assert "<em>x</em>" in made
    assert 'data-name="01-a-fox.png"' in made


def test_own_pictures_are_files_of_the_book_once_each() -> None:
    """Whichever place they stand in, and no line of the package is doubled."""
    made = book(OWN, Edition(own=Beside(png())))
    assert [name for name in made.namelist() if "own" in name] == ["EPUB/pictures/001-own-01.png"]
    chapter = made.read("EPUB/text/001.xhtml").decode()
    assert chapter.count('src="../pictures/001-own-01.png"') == 2


def test_an_own_picture_that_cannot_be_read_after_all_is_its_words() -> None:
    """In page and book."""
    edition = Edition(own=Beside(None))
    assert "<em>the map</em>" in article(OWN, edition)
    assert "<em>the map</em>" in book(OWN, edition).read("EPUB/text/001.xhtml").decode()


def test_what_the_writer_says_goes_before_what_the_text_says() -> None:
    """Title, author and language; the heading stays where it is, below the title."""
    text = "---\nauthor: Bo\nlang: fr\n---\n# The Fox\n\nOnce."
    edition = Edition(title="Tales", author="Ann", language="de")
    page = "".join(html_pieces(Message(id="m", text=text), edition=edition))
    assert "<title>Tales</title>" in page
    assert '<html lang="de">' in page
    assert re.search('<h1>Tales</h1>\n<div class="author">Ann</div>\n<h1>The Fox</h1>', page)
    package = book(text, edition).read("EPUB/book.opf").decode()
    for element in ("title>Tales", "creator>Ann", "language>de"):
        assert f"<dc:{element}</dc:" in package


def test_a_title_that_a_text_names_goes_before_its_first_heading() -> None:
    """That may be its first chapter's; what both say is there once, the author below."""
    said = "---\ntitle: Tales\nauthor: Ann\n---\n"
    page = "".join(html_pieces(Message(id="m", text=f"{said}# One\n\nA.\n\n# Two\n\nB.")))
    assert "<title>Tales</title>" in page
    assert '<h1>Tales</h1>\n<div class="author">Ann</div>\n<h1>One</h1>' in page
    page = "".join(html_pieces(Message(id="m", text=f"{said}# TALES\n\nA.")))
    assert '<h1>TALES</h1>\n<div class="author">Ann</div>\n<p>A.</p>' in page


def test_the_headings_of_a_text_are_the_chapters_of_its_book() -> None:
    """In contents that can be turned over; second-level ones stand below the first-level ones."""
    text = "# Tales\n\nA.\n\n# One\n\n## Early\n\nB.\n\n# Two\n\nC."
    made = book(text, Edition())
    contents = made.read("EPUB/contents.xhtml").decode()
    lines = re.findall(r"<li><a href=\"text/001.xhtml[^>]*>([^<]*)</a>\n(<ol>)?", contents)
    assert lines == [("Tales", ""), ("One", "<ol>"), ("Early", ""), ("Two", "")]
    spine = made.read("EPUB/book.opf").decode().partition("<spine>")[2]
    assert spine.count("<itemref") == 2


@pytest.mark.parametrize(("author", "covers"), [("Ann", 1), (None, 0)])
def test_a_book_with_an_author_has_a_drawn_cover(author: str | None, covers: int) -> None:
    """One of another form than the pictures; a cover of one's own goes before it."""
    made = book("# The Fox\n\nOnce.", Edition(author=author))
    assert made.namelist().count("EPUB/pictures/cover.jpg") == covers
    own = book("# The Fox\n\nOnce.", Edition(author=author, cover=png()))
    assert own.read("EPUB/pictures/cover.png") == png().data


def test_quotes_and_dashes_are_curly_if_that_is_wanted() -> None:
    """As the language has them, not in code, and not otherwise."""
    text = '"No" -- she said...\n\n`"a" -- b`'
    smart = article(text, Edition(smart=True, language="de"))
    assert "„No“ – she said…" in smart
    assert '<code>"a" -- b</code>' in smart.replace("&quot;", '"')
    assert '"No" -- she said...' in article(text, Edition()).replace("&quot;", '"')


WRITTEN = """---
title: "It's"
---

# "Hello" -- she said

"It's *"odd"*," he said; '90s "good..." 'Twas [a "link"](http://x/"y" "t 'a'") and `"code"` (c).

> "Quoted 'inner' text" he said--then left. <i title="x">"y"</i> <!-- "z" -->

- "one" --help

| "a" | b |
|-----|---|
| "c" | d |

```
"code" -- ...
```

"And he went on[^1]

[^1]: "A note."

Term
: "means"

[ref]: http://a/b "Title"
"""
CURLY = """---
title: "It's"
---

# “Hello” – she said

“It’s *“odd”*,” he said; ’90s “good…” ’Twas [a “link”](http://x/"y" "t 'a'") and `"code"` (c).

> “Quoted ‘inner’ text” he said—then left. <i title="x">“y”</i> <!-- "z" -->

- “one” --help

| “a” | b |
|-----|---|
| “c” | d |

```
"code" -- ...
```

“And he went on[^1]

[^1]: “A note.”

Term
: “means”

[ref]: http://a/b "Title"
"""


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_markdown_stays_markdown_with_curly_quotes(end: str) -> None:
    """Code, addresses, HTML, front matter and what draws tables keep their characters."""
    message = Message(id="m", text=WRITTEN.replace("\n", end))
    edition = Edition(smart=True, language="en")
    made = "".join(markdown_pieces(message, edition=edition))
    assert made == CURLY.replace("\n", end)
    assert "".join(markdown_pieces(message)) == message.text


@given(st.lists(st.sampled_from([*"\"'-.*_`[]()<>|:\n\\ a1", "...", "--", "```\n", "[^1]: "])))
def test_only_quotes_dashes_and_dots_of_any_markdown_change(pieces: list[str]) -> None:
    """Whatever it means."""
    text = "".join(pieces)
    edition = Edition(smart=True, language="en")
    made = "".join(markdown_pieces(Message(id="m", text=text), edition=edition))
    plain = str.maketrans({"“": '"', "”": '"', "‘": "'", "’": "'", "…": ".", "—": "-", "–": "-"})
    assert re.sub(r"([.-])\1*", r"\1", made.translate(plain)) == re.sub(r"([.-])\1*", r"\1", text)


def test_links_lead_to_places_in_other_files_of_the_book() -> None:
    """From the first file to a chapter and a note in the last, and back."""
    long = "Once upon a time there was a fox. " * 60 + "\n\n"
    text = f"[The end](#the-end)[^1]\n\n{long * 250}# The end\n\n[^1]: A note.\n"
    made = book(text, Edition())
    files = sorted(name for name in made.namelist() if "/text/" in name)
    assert len(files) > 1
    first = made.read("EPUB/text/001.xhtml").decode()
    for file, place in re.findall(r'href="([^"#]*)#(p\d+)"', first):
        assert f'id="{place}"' in made.read(f"EPUB/text/{file}").decode()
    assert len(re.findall(r'href="[^"#]*#p\d+"', first)) == 2


def test_a_place_that_the_text_names_can_be_led_to() -> None:
    """By an empty link with a name; in a book once a name, and only where a link leads there."""
    text = (
        '[There](#here) <a name="x y"></a>\n\n<a id="here"></a>A fox.\n\n<a id="here"></a>An owl.'
    )
    assert '<span id="here"></span>A fox.' in article(text, Edition())
    made = book(text, Edition()).read("EPUB/text/001.xhtml").decode()
    assert re.findall(r'<span id="(\w+)"></span>|#(\w+)"', made) == [("", "p1"), ("p1", "")]
    none = book('<a id="here"></a>A fox.', Edition()).read("EPUB/text/001.xhtml").decode()
    assert "id=" not in none


def test_a_page_says_that_it_was_illustrated_meanwhile_only_if_it_was() -> None:
    """The colophon tells no tales."""
    message = Message(id="m", text="Once.")
    assert "while it was being written" not in "".join(html_pieces(message))
    told = "".join(html_pieces(message, edition=Edition(while_written=True)))
    assert "Illustrated while it was being written" in told


LONG = "Once upon a time a fox lived in the snow. " * 8


@pytest.mark.parametrize(
    ("text", "initials"),
    [
        (f"# A\n\n{LONG}\n\n{LONG}", 1),
        (f"# A\n\n## One\n\n*{LONG}*", 1),
        (f"# A\n\n> A motto.\n\n{LONG}", 1),
        ("# 狐\n\n" + "从前有一只狐狸住在雪里。" * 12, 1),
        (f"# A\n\n(As told at the inn)\n\n{LONG}", 0),
        (f"# A\n\n> {LONG}", 0),
        (f"<center>{LONG}</center>", 0),
        ("# A\n\n" + "Of men and of an apple  \n" * 20, 0),
    ],
)
def test_only_a_first_paragraph_of_some_lines_has_an_initial(text: str, initials: int) -> None:
    """A large letter beside a single line would stand in the way of the next paragraph."""
    made = article(text, PLAIN)
    assert made.count('<p class="initial">') == initials


@pytest.mark.parametrize("text", ["# The Fox\n\nOnce.", "Once."])
def test_a_book_tells_below_its_title_who_wrote_it(text: str) -> None:
    """As its page does; once, and as words."""
    said = Edition(title="The Fox", author="Ann <b>")
    assert '</h1>\n<div class="author">Ann &lt;b&gt;</div>' in article(text, said)
    with book(text, said) as made:
        told = made.read("EPUB/text/001.xhtml").decode()
    assert 'The Fox</h1>\n<p class="author">Ann &lt;b&gt;</p>\n<p>Once' in told
    assert told.count("Ann") == 1


def test_stanzas_of_a_book_stand_apart() -> None:
    """They are paragraphs of several lines; a line in another paragraph makes it none."""
    with book("One *a*  \ntwo\n\nThree  \nfour\n\nProse.\n\nFive<br>six", PLAIN) as made:
        told = made.read("EPUB/text/001.xhtml").decode()
    assert re.findall(r"<p( class=\"verse\")?>(\w+)", told) == [
        (' class="verse"', "One"),
        (' class="verse"', "Three"),
        ("", "Prose"),
        (' class="verse"', "Five"),
    ]
