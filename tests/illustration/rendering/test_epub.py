"""An electronic book: whole, well-formed, and complete in itself, whatever the text says."""

import io
import tracemalloc
import zipfile
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from posixpath import dirname, join, normpath
from unittest.mock import patch
from xml.etree import ElementTree

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from PIL import Image as Pillow
from tests.examples import share
from tests.illustration.rendering.pages import illustrated, tag, without_picture

from limner.illustration import Illustrated, Image, Message, MessageState, Role, Slot, SlotState
from limner.illustration.rendering import epub_pieces
from limner.illustration.rendering.epub import chapter_files
from limner.testing.scripted_backend import PIXEL

MADE = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
OPF = "{http://www.idpf.org/2007/opf}"
DC = "{http://purl.org/dc/elements/1.1/}"
HTML = "{http://www.w3.org/1999/xhtml}"
TYPE = "{http://www.idpf.org/2007/ops}type"


def webp(mode: str = "RGB") -> bytes:
    """A small picture in a format old readers do not know."""
    out = io.BytesIO()
    Pillow.new(mode, (8, 6), (200, 0, 0, 90)[: len(mode)]).save(out, "WEBP")
    return out.getvalue()


def pictured(
    text: str, *, data: bytes = PIXEL, media_type: str = "image/png", name: str = "m"
) -> Message:
    """The message with this picture for each tag."""
    image = Image(data=data, media_type=media_type, width=8, height=6)

    def change(slot: Slot) -> Slot:
        return replace(slot, alternatives=(replace(slot.alternatives[0], image=image),))

    message = illustrated(text, change)
    return replace(message, id=name)


class Book:
    """A book read back, and checked as every reading system relies on it."""

    def __init__(self, data: bytes) -> None:
        self.zip = zipfile.ZipFile(io.BytesIO(data))
        assert self.zip.testzip() is None
        first = self.zip.infolist()[0]
        assert (first.filename, first.compress_type, first.extra) == ("mimetype", 0, b"")
        assert data[30:58] == b"mimetypeapplication/epub+zip"
        self.names = self.zip.namelist()
        assert len(set(self.names)) == len(self.names)
        assert all(info.flag_bits & 0x08 == 0 for info in self.zip.infolist())
        container = self.xml("META-INF/container.xml")
        (root,) = (e.get("full-path") for e in container.iter() if e.tag.endswith("rootfile"))
        self.package = self.xml(str(root))
        self.items = {str(e.get("id")): e for e in self.package.iter(f"{OPF}item")}
        self.spine = [self._href(str(e.get("idref"))) for e in self.package.iter(f"{OPF}itemref")]
        self.check()

    def xml(self, name: str) -> ElementTree.Element:
        """A file, which must be well-formed."""
        return ElementTree.fromstring(self.zip.read(name))

    def text(self, name: str) -> str:
        """A file's characters."""
        return self.zip.read(name).decode()

    def _href(self, item: str) -> str:
        return "EPUB/" + str(self.items[item].get("href"))

    def check(self) -> None:
        """Manifest, spine, links and ids fit together."""
        ids = [e.get("id") for e in self.package.iter() if e.get("id")]
        assert len(ids) == len(set(ids))
        listed = sorted(self._href(item) for item in self.items)
        inside = [n for n in self.names if n.startswith("EPUB/") and not n.endswith(".opf")]
        assert listed == sorted(inside)
        assert len(self.spine) == len(set(self.spine)) > 0
        properties = [e.get("properties") for e in self.items.values()]
        assert properties.count("nav") == 1
        pages = [name for name in self.names if name.endswith(".xhtml")]
        trees = {name: self.xml(name) for name in pages}
        anchors = {
            name: [e.get("id") for e in t.iter() if e.get("id")] for name, t in trees.items()
        }
        for name, tree in trees.items():
            assert len(anchors[name]) == len(set(anchors[name]))
            assert tree.findtext(f"{HTML}head/{HTML}title")
            for element in tree.iter():
                assert element.tag not in (f"{HTML}script", f"{HTML}style", f"{HTML}iframe")
                self._check_link(name, element, anchors)

    def _check_link(
        self, name: str, element: ElementTree.Element, anchors: dict[str, list[str | None]]
    ) -> None:
        address = element.get("href") or element.get("src") or ""
        if address.startswith(("http://", "https://", "mailto:")):
            assert element.tag == f"{HTML}a"
        elif address:
            file, _, anchor = address.partition("#")
            target = normpath(join(dirname(name), file)) if file else name
            assert target in self.names, address
            assert not anchor or anchor in anchors[target], address

    def meta(self, name: str) -> str | None:
        """A Dublin Core element of the package document."""
        return self.package.findtext(f"{OPF}metadata/{DC}{name}")

    def contents(self) -> list[tuple[str, list[str]]]:
        """The table of contents: each chapter with what stands below it."""
        navs = list(self.xml("EPUB/contents.xhtml").iter(f"{HTML}nav"))
        (toc,) = (e for e in navs if e.get(TYPE) == "toc")
        return [
            (
                str(line.findtext(f"{HTML}a")),
                [a.text or "" for a in line.findall(f".//{HTML}li/{HTML}a")],
            )
            for line in toc.findall(f"{HTML}ol/{HTML}li")
        ]

    @property
    def story(self) -> str:
        """The text's files, one after the other."""
        return "".join(self.text(name) for name in self.names if "/text/" in name)


def book(messages: Message | Sequence[Message], **options: object) -> Book:
    """The messages bound and read back."""
    return Book(b"".join(epub_pieces(messages, modified=MADE, **options)))  # type: ignore[arg-type]


def said(text: str, name: str = "q") -> Message:
    """Something a person said."""
    return Message(id=name, text=text, role=Role.USER, state=MessageState.COMPLETE)


PARTS = [
    "Words & <b>more</b> \x00\x07\ufffe\ud83d of them",
    "# A *heading* & more",
    "## A second",
    "a\u00a0b  \nbreak",
    "***",
    "|a|b|\n|:-|-:|\n|1|2|",
    "3. three\n4. four",
    "> quoted",
    "```html\n<script>\n```",
    "<script>alert(1)</script>",
    "<think>aloud & \x01\n\nand on",
    "</think>",
    "[link](http://example.com/?a=1&b=2#c#d) <http://[x> [k](mailto:a@b.c)",
    "![p](http://example.com/x.png)",
    "<!-- comment --> <![CDATA[x]]> <?pi?> <!DOCTYPE x>",
    "&nbsp;&copy;&bogus;&#0;",
    tag('a <fox> & "owl" \x07'),
    f"mid{tag('in it')}dle",
    f"[in {tag('a link')} it](http://a.b/)",
    f"|a {tag('in a cell')}|\n|-|",
    "~~struck~~ `code`",
]


@settings(max_examples=share(60), deadline=None)
@given(st.lists(st.sampled_from(PARTS), max_size=8), st.booleans(), st.booleans())
@example(PARTS, True, True)
@example(
    [PARTS[0], tag("a fox")], False, True
)  # the words asked end with the tag, which is left out
def test_whatever_a_text_says_the_book_is_sound(parts: list[str], cut: bool, asked: bool) -> None:
    """Every file is well-formed, every link leads somewhere, nothing of the text is markup."""
    message = pictured("\n\n".join(parts))
    if cut:
        message = replace(message, state=MessageState.CUT)
    bound = book([said("\n\n".join(parts)), message] if asked else message)
    assert "<script" not in bound.story
    assert bound.story.count("<img ") == len(message.slots)


@settings(max_examples=share(60), deadline=None)
@given(st.text(max_size=200))
def test_any_characters_make_a_sound_book(text: str) -> None:
    """Also as a title and in a prompt."""
    message = pictured(f"{text}\n\n{tag(text.strip() or 'x')}")
    book([message, said(text)], title=text)


def test_the_package_says_what_the_book_is() -> None:
    """Title, language, identifier and the date handed in are where readers look for them."""
    text = "# The Fox & I\n\nIt was the last day of the year, and the fox had nothing to eat."
    bound = book(pictured(text), title="Other")
    assert bound.meta("title") == "The Fox & I"
    assert bound.meta("language") == "en"
    assert str(bound.meta("identifier")).startswith("urn:uuid:")
    assert ">2026-01-02T03:04:05Z</meta>" in bound.text("EPUB/book.opf")
    assert 'lang="en" xml:lang="en"' in bound.story
    zone = timezone(timedelta(hours=2))
    later = b"".join(epub_pieces(pictured("x"), modified=MADE.astimezone(zone)))
    assert b"2026-01-02T03:04:05Z" in Book(later).zip.read("EPUB/book.opf")
    assert book(pictured("狐狸")).meta("language") == "zh"
    assert book(pictured("Brr!")).meta("language") == "und"
    assert book(pictured("x"), language="fr", identifier="urn:x:1").meta("identifier") == "urn:x:1"


def test_a_book_without_words_is_still_a_book() -> None:
    """An empty message and an empty conversation can be opened."""
    assert book(Message(id="m")).contents() == [("An illustrated story", [])]
    assert book([]).meta("title") == "An illustrated story"


def test_the_first_picture_is_the_cover() -> None:
    """It has a page of its own before the text; a book without pictures has none."""
    bound = book(pictured(f"One {tag('a fox')} two {tag('an owl')}."))
    (cover,) = (e for e in bound.items.values() if e.get("properties") == "cover-image")
    assert cover.get("href") == "pictures/001-01-a-fox.png"
    assert bound.spine == ["EPUB/cover.xhtml", "EPUB/text/001.xhtml"]
    assert 'alt="a fox"' in bound.text("EPUB/cover.xhtml")
    assert book(pictured("No picture.")).spine == ["EPUB/text/001.xhtml"]


def test_pictures_are_files_with_the_prompt_as_their_words() -> None:
    """Two equal tags are two pictures; each has its prompt for those who cannot see it."""
    bound = book(pictured(f"{tag('a fox')}\n\nand {tag('a fox')} again"))
    assert [n for n in bound.names if "/pictures/" in n] == [
        "EPUB/pictures/001-01-a-fox.png",
        "EPUB/pictures/001-02-a-fox.png",
    ]
    assert bound.story.count('alt="a fox"') == 2
    assert bound.story.count('<figure class="plate">') == 1
    assert bound.zip.read("EPUB/pictures/001-01-a-fox.png") == PIXEL


@pytest.mark.parametrize(
    ("mode", "ending", "magic"), [("RGB", "jpg", b"\xff\xd8\xff"), ("RGBA", "png", b"\x89PNG")]
)
def test_pictures_old_readers_do_not_know_are_converted(
    mode: str, ending: str, magic: bytes
) -> None:
    """WebP becomes JPEG, or PNG if something shows through."""
    bound = book(pictured(tag("a fox"), data=webp(mode), media_type="image/webp"))
    (name,) = (n for n in bound.names if "/pictures/" in n)
    assert name.endswith(f".{ending}")
    data = bound.zip.read(name)
    assert data.startswith(magic)
    with Pillow.open(io.BytesIO(data)) as picture:
        assert picture.size == (8, 6)


def test_what_is_no_picture_leaves_a_word() -> None:
    """Bytes that cannot be read as a picture never get into the book under its name."""
    bound = book(pictured(tag("a fox"), data=b"<svg onload=x>", media_type="image/svg+xml"))
    assert "its file cannot be read" in bound.story
    assert not [n for n in bound.names if "/pictures/" in n]


def test_failed_open_and_deleted_pictures_are_as_on_the_page() -> None:
    """A failed one leaves its reason and prompt, an open one a word, a deleted one nothing."""
    states = iter([SlotState.FAILED, SlotState.QUEUED, SlotState.DELETED])
    message = illustrated(
        f"One {tag('a <fox>')}\n\n{tag('an owl')}\n\n{tag('gone')}",
        lambda slot: without_picture(slot, next(states), "the server said no."),
    )
    story = book(message).story
    assert "No picture: the server said no." in story
    assert "a &lt;fox&gt;" in story
    assert "Not drawn." in story
    assert "gone" not in story


def test_a_conversation_is_a_book_with_a_chapter_for_each_answer() -> None:
    """What was asked stands before the answer as a quotation, and gives a chapter its title."""
    bound = book(
        [
            Message(id="s", text="Be kind.", role=Role.SYSTEM),
            said("Tell *me* of a fox.", "q1"),
            pictured(f"Once. {tag('a fox')}\n\n## Snow\n\nDeep.\n\n## Ice\n\nThin.", name="a1"),
            said("More!", "q2"),
            pictured(f"# The Owl\n\nTwice. {tag('an owl')}", name="a2"),
            pictured("Thrice.", name="a3"),
            said("And then?", "q3"),
        ],
        title="Tales & <more>",
    )
    assert bound.meta("title") == "Tales & <more>"
    assert bound.contents() == [
        ("Tell *me* of a fox.", ["Snow", "Ice"]),
        ("The Owl", []),
        ("Part 3", []),
        ("And then?", []),
    ]
    first = bound.text("EPUB/text/001.xhtml")
    assert first.index('<blockquote class="asked">') < first.index("Tell <em>me</em>")
    assert first.index("Tell <em>me</em>") < first.index("Once.")
    assert "Be kind" not in bound.story
    assert "EPUB/pictures/002-01-an-owl.png" in bound.names
    assert bound.spine[1] == "EPUB/contents.xhtml"


def test_a_cut_text_says_so() -> None:
    """The reader learns that the end is missing."""
    assert "it was cut off" in book(replace(pictured("One"), state=MessageState.CUT)).story


def test_the_same_messages_give_the_same_bytes() -> None:
    """Nothing of the clock or the machine gets in; another date gives another file."""
    message = pictured(f"# One\n\n{tag('a fox')}", data=webp(), media_type="image/webp")
    first = b"".join(epub_pieces(message, modified=MADE))
    assert first == b"".join(epub_pieces(message, modified=MADE))
    other = b"".join(epub_pieces(message, modified=MADE + timedelta(days=1)))
    assert first != other
    assert Book(first).meta("identifier") == Book(other).meta("identifier")


def test_a_long_text_goes_on_in_further_files() -> None:
    """Small readers load one file at a time; headings are found in the file they are in."""
    text = "\n\n".join(f"## Chapter {n}\n\n{'word ' * 100}" for n in range(60))
    with (
        patch.object(chapter_files, "PART", 2048),
        patch("limner.illustration.rendering.story.GROUP", 1024),
    ):
        bound = book(pictured(text))
    assert len([n for n in bound.names if "/text/" in n]) > 5
    titles = [title for title, _ in bound.contents()]
    assert titles == ["An illustrated story", *(f"Chapter {n}" for n in range(60))]


def test_a_book_that_is_given_up_leaves_nothing_behind() -> None:
    """Neither in the middle nor at a picture that is gone."""

    class Gone(Image):
        @property
        def data(self) -> bytes:
            raise LookupError("gone")

        def __init__(self) -> None:
            object.__setattr__(self, "media_type", "image/png")

    def gone(slot: Slot) -> Slot:
        return replace(slot, alternatives=(replace(slot.alternatives[0], image=Gone()),))

    pieces = epub_pieces(pictured(tag("a fox")), modified=MADE)
    next(pieces)
    pieces.close()  # type: ignore[attr-defined]
    with pytest.raises(LookupError, match="gone"):
        b"".join(epub_pieces(illustrated(tag("a fox"), gone), modified=MADE))


def test_a_book_of_many_pictures_needs_little_memory() -> None:
    """Pictures are read one by one, and what is written is given away."""
    made = 0

    class Lazy(Image):
        @property
        def data(self) -> bytes:
            nonlocal made
            made += 1
            return PIXEL + bytes(500_000)

        def __init__(self) -> None:
            for name, value in (("media_type", "image/png"), ("width", 8), ("height", 6)):
                object.__setattr__(self, name, value)

    def lazy(slot: Slot) -> Slot:
        return replace(slot, alternatives=(replace(slot.alternatives[0], image=Lazy()),))

    message = illustrated("\n\n".join(f"Words. {tag('a fox')}" for _ in range(60)), lazy)
    tracemalloc.start()
    size = sum(len(piece) for piece in epub_pieces(message, modified=MADE))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert made == 60
    assert size > 25_000_000
    assert peak < 8_000_000


def test_what_was_illustrated_gives_its_book() -> None:
    """`Illustrated.epub` is the short way to it."""
    message = pictured(f"Once. {tag('a fox')}")
    made = b"".join(Illustrated(message=message).epub(modified=MADE, title="The Fox"))
    assert Book(made).meta("title") == "The Fox"


def test_a_book_is_called_as_its_front_matter_says() -> None:
    """Title, author and language of the text go before what is guessed and given."""
    text = "---\ntitle: The Fox\nauthor: Ann & Bo\nlang: fr\n---\nOnce[^1].\n\n[^1]: A note.\n"
    made = b"".join(epub_pieces(Message(id="m", text=text), modified=MADE, title="story"))
    book = zipfile.ZipFile(io.BytesIO(made))
    package = book.read("EPUB/book.opf").decode()
    assert "<dc:title>The Fox</dc:title>" in package
    assert "<dc:creator>Ann &amp; Bo</dc:creator>" in package
    assert "<dc:language>fr</dc:language>" in package
    chapter = book.read("EPUB/text/001.xhtml").decode()
    assert 'Once<sup><a href="001.xhtml#p2" id="p1">1</a></sup>.' in chapter
    assert '<li id="p2"><p>A note. <a href="001.xhtml#p1">↩</a></p>' in chapter
