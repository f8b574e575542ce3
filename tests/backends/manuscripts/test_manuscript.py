"""A story out of whatever file a writer has: as Markdown, or one clear line."""

import json
import zipfile
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
from tests.backends.manuscripts import files

from limner.backends.manuscripts import Manuscript
from limner.backends.manuscripts.pictures import pictures_of
from limner.errors import SourceError

pytestmark = pytest.mark.real_time


async def read(*paths: Path, encoding: str | None = None, conversation: str | None = None) -> str:
    """The text of files."""
    made = Manuscript(files=tuple(map(str, paths)), encoding=encoding, conversation=conversation)
    return "".join([piece async for piece in made.pieces(lambda _: None)])


def write(folder: Path, name: str, content: str | bytes) -> Path:
    """A file."""
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


GUTENBERG = """\ufeffThe Project Gutenberg eBook of The Winter Fox

Title: The Winter Fox

Author: Ann Example

Language: German

*** START OF THE PROJECT GUTENBERG EBOOK THE WINTER FOX ***

Produced by Somebody

                       THE WINTER FOX

CHAPTER I.

The Snow

    It was the _last_ day, and the fox
had nothing to eat.

    "Twinkle, twinkle, little bat!
       How I wonder what you're at!"

I saw a fox.

      *       *       *       *       *

CHAPTER II. The Owl

Done.

*** END OF THE PROJECT GUTENBERG EBOOK THE WINTER FOX ***

Licence.
"""


async def test_plain_text_has_chapters_verse_and_no_code(tmp_path: Path) -> None:
    """What Project Gutenberg puts around it becomes front matter, or is left out."""
    text = await read(write(tmp_path, "fox.txt", GUTENBERG.replace("\n", "\r\n")))
    assert text == (
        '---\ntitle: "The Winter Fox"\nauthor: "Ann Example"\nlang: "de"\n---\n\n'
        "# THE WINTER FOX\n\n## CHAPTER I. The Snow\n\n"
        "It was the _last_ day, and the fox\nhad nothing to eat.\n\n"
        '"Twinkle, twinkle, little bat!  \n\u2003\u2003How I wonder what you\'re at!"\n\n'
        "I saw a fox.\n\n* * *\n\n## CHAPTER II. The Owl\n\nDone.\n"
    )


async def test_a_title_page_and_a_play(tmp_path: Path) -> None:
    """Title and author at the beginning are used; who speaks has a line of their own."""
    text = "MACBETH\n\n\nby\n\nWilliam Shakespeare\n\nACT I.\n\nALL.\nFair is foul.\n"
    assert await read(write(tmp_path, "play.txt", text)) == (
        '---\ntitle: "MACBETH"\nauthor: "William Shakespeare"\n---\n\n# MACBETH\n\n'
        "## ACT I.\n\nALL.  \nFair is foul.\n"
    )


async def test_a_title_of_two_words_is_no_number_of_a_chapter(tmp_path: Path) -> None:
    """It is a title once: above the first act it is a heading as others are."""
    text = "THE TEMPEST\n\nby Ann\n\nALL PERSONS\n\nAnn.\n\nTHE TEMPEST\n\nACT I.\n\nHey.\n"
    made = await read(write(tmp_path, "play.txt", text))
    assert made.partition("---\n\n")[2] == (
        "# THE TEMPEST\n\n## ALL PERSONS\n\nAnn.\n\n## THE TEMPEST\n\n## ACT I.\n\nHey.\n"
    )


async def test_plain_text_that_is_markdown_stays(tmp_path: Path) -> None:
    """Headings, lists, fences and tags of pictures."""
    text = '# The Fox\n\n- one\n- two\n\n```\n    x\n```\n\n<!--img-prompt="a fox"-->\n'
    assert await read(write(tmp_path, "fox.txt", text)) == text


async def test_lines_are_paragraphs_where_there_are_no_blank_ones(tmp_path: Path) -> None:
    """As in Chinese books."""
    text = "第一章 雪\n　　狐狸在雪地里走。天很冷，风吹过森林。\n　　猫头鹰坐在塔上，看着大海。\n"
    assert await read(write(tmp_path, "zh.txt", text)) == (
        "## 第一章 雪\n\n狐狸在雪地里走。天很冷，风吹过森林。\n\n猫头鹰坐在塔上，看着大海。\n"
    )


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("cp1252", "Füchse schliefen über dem Gehölz, und die Mäuse flüsterten “leise”."),
        ("cp1251", "Лиса бежала по снегу к старому маяку. Сова сидела на башне и смотрела."),
        ("shift_jis", "きつねは雪の中を歩いていた。ふくろうは塔の上で海を見ていた。"),
        ("gb18030", "狐狸在雪地里走。天很冷，风吹过森林，她饿了，向灯塔跑去。"),
        ("utf-16", "Füchse"),
        ("utf-32", "Füchse"),
        ("utf-16-le", "Once upon a time there was a fox."),
    ],
)
async def test_the_encoding_is_guessed_or_named(tmp_path: Path, encoding: str, text: str) -> None:
    """Of texts that are not UTF-8; and told."""
    told: list[str] = []
    path = write(tmp_path, "story.md", f"{text}\n\n{text}\n".encode(encoding))
    guessed = Manuscript(files=(str(path),), tell=told.append)
    assert text in "".join([piece async for piece in guessed.pieces(lambda _: None)])
    assert (len(told) == 1) == (encoding not in ("utf-16", "utf-32"))
    assert text in await read(path, encoding=encoding)


async def test_a_page_is_its_story(tmp_path: Path) -> None:
    """Headings, emphasis, lists, tables, pictures, links inside, and pictures asked for."""
    page = (
        '<!doctype html><html lang="en"><head><title>The Page</title><meta name="author" '
        'content="Bo"></head><body><nav>x</nav><p><a href="#c1">one</a> <a href="x.html">two</a>'
        '</p><h1 id="c1">Chapter One</h1><p>A <u>fox</u> &amp; H<sub>2</sub>O.<br>*star* '
        '</p><script>alert(1)</script><!-- mine --><!--img-prompt="a fox"--><p><img '
        'src="a map.png" alt="map"><img src="data:x"></p><ul><li>one</li></ul></body></html>'
    )
    assert await read(write(tmp_path, "page.htm", page)) == (
        '---\ntitle: "The Page"\nauthor: "Bo"\nlang: "en"\n---\n\n[one](#chapter-one) two\n\n'
        "# Chapter One\n\nA <u>fox</u> \\& H<sub>2</sub>O.  \n\\*star\\*\n\n"
        '<!--img-prompt="a fox"-->\n\n![map](a%20map.png)\n\n- one\n'
    )


async def test_a_book_keeps_its_chapters_links_and_pictures(tmp_path: Path) -> None:
    """And what it says of itself."""
    path = files.epub(tmp_path / "book.epub")
    assert await read(path) == (
        '---\ntitle: "Packed & Bound"\nauthor: "Cy"\nlang: "de"\n'
        'cover: "OEBPS/img/a%20b.png"\n---\n\n'
        "# Eins\n\nDer Fuchs lief. ![Karte](OEBPS/img/a%20b.png) [next](#zwei)\n\n"
        "# Zwei\n\nDie Eule. [back](#eins) gone\n"
    )
    picture = pictures_of([path]).picture("OEBPS/img/a%20b.png")
    assert picture is not None
    assert (picture.width, picture.height) == (60, 40)


async def test_links_lead_to_any_place_of_a_book(tmp_path: Path) -> None:
    """To paragraphs, items, notes and back, in whatever file they stand; the web stays the web."""
    first = (
        '<html><body><p id="top">Der Fuchs<sup><a id="r1" href="d.xhtml#n1">1</a></sup> lief.</p>'
        '<ul><li>a</li><li id="b">b</li></ul><p><a href="#b">b</a> <a href="n.xhtml">n</a> '
        '<a href="http://a.b/c">web</a> <a href="#gone">gone</a></p></body></html>'
    )
    second = (
        '<html><body><h1>Zwei</h1><p><a href="c%201.xhtml#top">back</a></p><aside id="n1"><p>'
        '<a href="c%201.xhtml#r1">1.</a> Note.</p></aside></body></html>'
    )
    path = files.epub(tmp_path / "book.epub", first=first, second=second)
    assert (await read(path)).partition("---\n\n")[2] == (
        '<a id="top"></a>Der Fuchs<sup><a id="r1"></a>[1](#n1)</sup> lief.\n\n'
        '- a\n- <a id="b"></a>b\n\n[b](#b) n [web](http://a.b/c) gone\n\n'
        '# Zwei\n\n[back](#top)\n\n<a id="n1"></a>[1\\.](#r1) Note.\n'
    )


async def test_the_licence_of_project_gutenberg_is_left_out_of_pages_and_books(
    tmp_path: Path,
) -> None:
    """As it is marked now, and by its lines as it was before."""
    now = (
        "<title>The Project Gutenberg eBook of The Fox, by Ann</title><section class="
        '"pg-boilerplate pgheader" id="pg-header">x</section><p>Once.</p><footer class='
        '"pg-boilerplate">licence</footer>'
    )
    before = (
        "<title>The Fox</title><pre>Title: The Fox</pre><p>*** START OF THIS PROJECT GUTENBERG "
        "EBOOK THE FOX ***</p><p>Produced by Bo</p><p>Once.</p><p>End of Project Gutenberg's The "
        "Fox, by Ann</p><p>licence</p>"
    )
    for page, author in ((now, 'author: "Ann"\n'), (before, "")):
        text = await read(write(tmp_path, "page.html", page))
        assert text == f'---\ntitle: "The Fox"\n{author}---\n\nOnce.\n'
    path = files.epub(tmp_path / "book.epub", first=now)
    assert (await read(path)).partition("---\n\n")[2].startswith("Once.\n\n# Zwei")


async def test_acts_and_scenes_of_a_play_are_headings(tmp_path: Path) -> None:
    """Also where what is seen stands right below them."""
    text = "ACT 1\nSCENE 1\n[On a ship\nat sea]\n\nMASTER.\nBoatswain!\n"
    assert await read(write(tmp_path, "play.txt", text)) == (
        "## ACT 1\n\n## SCENE 1\n\n[On a ship\nat sea]\n\nMASTER.  \nBoatswain!\n"
    )


async def test_a_word_document(tmp_path: Path) -> None:
    """Its headings, emphasis, pictures and properties."""
    path = files.docx(tmp_path / "book.docx")
    assert await read(path) == (
        '---\ntitle: "Akte"\nauthor: "Di"\n---\n\n# Akte\n\n# Eins\n\nDer Fuchs *lief*\n\n'
        "![Karte](word/media/image1.png)\n"
    )
    assert pictures_of([path]).picture("word/media/image1.png") is not None


async def test_a_chat_of_sillytavern(tmp_path: Path) -> None:
    """Names filled in, what was asked as a quotation, what was hidden left out."""
    lines = "\n".join(map(json.dumps, files.SILLYTAVERN))
    assert await read(write(tmp_path, "chat.jsonl", lines)) == (
        '---\ntitle: "Mira"\n---\n\nMira looks at Ann.\n\n> And then?\n> Tell me.\n'
    )


@pytest.mark.parametrize("kind", [b"tEXt", b"zTXt", b"iTXt"])
async def test_a_character_card_is_its_greetings(tmp_path: Path, kind: bytes) -> None:
    """As JSON or in a picture."""
    story = '---\ntitle: "Mira"\n---\n\nHello you, I am Mira.\n\n* * *\n\nThe owl sat.\n'
    assert await read(files.picture_card(tmp_path / "card.png", kind=kind)) == story
    assert await read(write(tmp_path, "card.json", json.dumps(files.CARD))) == story


async def test_an_export_of_several_chats_needs_a_name(tmp_path: Path) -> None:
    """Of each the branch that was shown last."""
    story = '---\ntitle: "{}"\n---\n\n> A tale!\n\nOnce.\n'
    chatgpt = write(tmp_path, "conversations.json", json.dumps(files.CHATGPT))
    assert await read(chatgpt, conversation="fox") == story.format("Fox tale")
    webui = write(tmp_path, "webui.json", json.dumps(files.OPEN_WEBUI))
    assert await read(webui) == story.format("Owls")
    with pytest.raises(SourceError, match="2 chats: name one by --conversation \\('Fox tale'"):
        await read(chatgpt)
    with pytest.raises(SourceError, match="no chat 'owl'; it holds"):
        await read(chatgpt, conversation="owl")


async def test_several_files_are_one_book(tmp_path: Path) -> None:
    """Under what the first says of itself; of whatever kinds they are."""
    first = write(tmp_path, "a.md", "---\nauthor: Ann\n---\n\n# One\n\nA.\n")
    second = write(tmp_path, "b.html", "<title>Two</title><p>B.</p>")
    third = write(tmp_path, "c.txt", "    C.\n")
    assert await read(first, second, third) == (
        "---\nauthor: Ann\n---\n\n# One\n\nA.\n\n# Two\n\nB.\n\nC.\n"
    )


def bomb(path: Path, name: str) -> Path:
    """An archive that unpacks to 70 MB of blanks."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        if path.suffix == ".epub":
            archive.writestr("META-INF/container.xml", files.CONTAINER)
        archive.writestr(name, b" " * (70 << 20))
    return path


HALF = "<p>a" * (9 << 20)
ENTITIES = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>'


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda p: bomb(p / "x.epub", "OEBPS/book.opf"), "unpacks to more"),
        (lambda p: bomb(p / "x.docx", "word/document.xml"), "unpacks to more"),
        (lambda p: files.epub(p / "x.epub", first=HALF, second=HALF), "unpacks to more"),
        (lambda p: files.epub(p / "x.epub", package=ENTITIES + files.PACKAGE), "entities"),
        (lambda p: files.docx(p / "x.docx", document=ENTITIES + "<a>&b;</a>"), "entities"),
        (lambda p: files.docx(p / "x.docx", document="<broken"), "damaged Word document"),
        (lambda p: write(p, "x.epub", b"PK\x03\x04" + b"\0" * 200), "damaged ZIP archive"),
        (lambda p: write(p, "x.html", "<div>" * 20_000 + "x"), "nested too deeply"),
        (lambda p: write(p, "x.json", "[" * 200_000), "damaged JSON|nested too deeply"),
        (lambda p: write(p, "x.json", '{"a": 1}'), "but not a chat of"),
        (lambda p: write(p, "x.json", '{"a": '), "damaged JSON"),
        (lambda p: write(p, "x.png", files.png()), "is a PNG picture, not text, and no char"),
        (lambda p: write(p, "x.md", "{\\rtf1 x}"), "is an RTF document; save it as .docx"),
        (lambda p: write(p, "x.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1x"), "old Word document"),
        (lambda p: write(p, "x.pdf", b"%PDF-1.7"), "is a PDF document, not text"),
        (lambda p: write(p, "x.md", bytes(1 << 20)), "is binary data, not text"),
        (lambda p: write(p, "x.txt", bytes(1 << 20)), "is binary data, not text"),
        (lambda p: write(p, "x.html", bytes(1 << 20)), "is binary data, not text"),
        (lambda p: write(p, "x.epub", bytes(1 << 20)), "is no EPUB, whatever its name says"),
        (lambda p: write(p, "x.docx", "Once."), "is no Word document, whatever its name says"),
        (lambda p: write(p, "x.epub", ""), "x.epub is empty"),
        (lambda p: write(p, "x.md", ""), "x.md holds no text"),
        (lambda p: write(p, "x.md", " \n" * 9), "x.md holds no text"),
        (lambda p: write(p, "x.txt", "\n \n"), "x.txt holds no text"),
        (lambda p: write(p, "x.html", "<p> </p>"), "x.html holds no text"),
        (lambda p: files.epub(p / "x.epub", first="<p/>", second="<p/>"), "holds no text"),
    ],
)  # fmt: skip
async def test_what_cannot_be_read_is_told_in_one_line(
    tmp_path: Path, make: Callable[[Path], Path], said: str
) -> None:
    """Damaged, hostile, or of another kind."""
    path = make(tmp_path)
    with pytest.raises(SourceError, match=said) as error:
        await read(path)
    assert "\n" not in str(error.value)


async def test_a_file_that_no_story_fills_is_not_read(tmp_path: Path) -> None:
    """A gigabyte of nothing, say, which takes no room on the disk."""
    path = tmp_path / "blank.md"
    with path.open("wb") as file:
        file.seek((1 << 30) - 1)
        file.write(b" ")
    with pytest.raises(SourceError, match="larger than 64 MB"):
        await read(path)


async def test_paths_in_a_book_do_not_climb_out_of_it(tmp_path: Path) -> None:
    """Neither those of its files nor those of its pictures."""
    write(tmp_path, "secret.png", files.png())
    climbing = '<html><body><p>x <img src="../../../secret.png" alt="no"/></p></body></html>'
    path = files.epub(tmp_path / "x.epub", first=climbing, more=[("../evil.txt", "x")])
    assert "x *no*" in await read(path)
    assert not pictures_of([path]).has("../secret.png")
    assert not (tmp_path.parent / "evil.txt").exists()


async def test_entities_of_a_chapter_do_not_grow(tmp_path: Path) -> None:
    """What a chapter defines itself is not read: ten of ten of ten are a word each."""
    more = "".join(f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in pairwise("abcdefghij"))
    chapter = f'<!DOCTYPE html [<!ENTITY a "owl">{more}]><html><body><p>x &j; y</p></body></html>'
    text = await read(files.epub(tmp_path / "x.epub", first=chapter))
    assert "owl" not in text
    assert len(text) < 2000


async def test_a_locked_book_is_told_to_be_one(tmp_path: Path) -> None:
    """Not its fonts, which many books lock, but its text."""

    def locked(name: str) -> Path:
        lock = f'<e><CipherReference URI="OEBPS/{name}"/></e>'
        return files.epub(tmp_path / "x.epub", more=[("META-INF/encryption.xml", lock)])

    assert "Der Fuchs" in await read(locked("a.ttf"))
    with pytest.raises(SourceError, match="DRM"):
        await read(locked("a.xhtml"))
