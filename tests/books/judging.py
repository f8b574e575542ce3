"""What makes a book of a story right: its words, its pictures' places, and what readers bear."""

import io
import re
import zipfile
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

from bs4 import BeautifulSoup

from limner.prompts import find_prompts
from limner.prompts.scenes.passage import count_words

_WORD = re.compile(r"\w+")


def faults_of_places(tagged: str, *, of_words: bool) -> Iterator[str]:
    """What is wrong with the places of the pictures in a text with tags.

    Args:
        tagged: The text.
        of_words: Whether each prompt was made of the words before it.
    """
    tags = find_prompts(tagged)
    before = ""
    for tag in tags:
        line = tagged[tagged.rfind("\n", 0, tag.start) + 1 : tag.start]
        if of_words and line.strip():
            yield f"a picture stands inside a paragraph: {line[-60:]!r}"
        before = tagged[: tag.start].rstrip().rpartition("\n\n")[2].strip()
        if before.startswith("#"):
            yield f"a picture stands right below a heading: {before!r}"
        if of_words and tag.prompt.split(",")[0].split()[0] not in re.sub(r"[*_\\]", "", before):
            yield f"a prompt is not of the words before it: {tag.prompt[:60]!r} {before[-60:]!r}"
    yield from _uneven(tagged)


def _uneven(tagged: str) -> Iterator[str]:
    """Stretches of the text that have far too many or too few pictures."""
    places = [count_words(tagged[: tag.start]) for tag in find_prompts(tagged)]
    total = count_words(tagged)
    if len(places) < 3:
        return
    usual = total / len(places)
    for one, other in pairwise([0, *places, total]):
        if other - one > 3.5 * usual:
            yield f"{other - one} words without a picture, usual are {usual:.0f}"


def words_of_page(page: str) -> list[str]:
    """The words of the story on its page."""
    article = BeautifulSoup(page, "html.parser").find("article")
    if article is None:
        return []
    for other in article(["figure", "span", "div"], class_=["plate", "author"]):
        other.decompose()
    return _WORD.findall(article.get_text(" "))


def words_of_book(book: bytes) -> list[str]:
    """The words of the story in its book."""
    with zipfile.ZipFile(io.BytesIO(book)) as archive:
        texts = [_text(archive.read(page)) for page in _pages(archive)]
    return [word for text in texts for word in _WORD.findall(text)]


def _pages(archive: zipfile.ZipFile) -> Iterator[str]:
    """The pages of its text, as a reader turns them."""
    package = ElementTree.fromstring(archive.read("EPUB/book.opf"))
    files = {item.get("id"): f"EPUB/{item.get('href')}" for item in package.iterfind(".//{*}item")}
    for turned in package.iterfind(".//{*}itemref"):
        if (page := files[turned.get("idref")]).startswith("EPUB/text/"):
            yield page


def _text(page: bytes) -> str:
    body = BeautifulSoup(page, "html.parser").body
    if body is None:
        return ""
    for author in body("p", class_="author"):
        author.decompose()
    return body.get_text(" ")


def pictures_of_book(book: bytes) -> int:
    """How many pictures its pages show."""
    with zipfile.ZipFile(io.BytesIO(book)) as archive:
        return sum(archive.read(page).count(b' class="plate"><img') for page in _pages(archive))


def pictures_of_pdf(path: Path) -> int:
    """How many pictures are in a PDF, each counted once."""
    return len(
        re.findall(rb"/Subtype\s*/Image\b(?![^>]*/ColorSpace\s*/DeviceGray)", path.read_bytes())
    )
