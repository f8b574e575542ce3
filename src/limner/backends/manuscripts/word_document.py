"""A Word document as Markdown, by the library mammoth."""

import hashlib
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from limner.backends.manuscripts.bounded_zip import BoundedZip, opened
from limner.backends.manuscripts.front import About, with_front
from limner.backends.manuscripts.markup.converter import markdown_of, parsed
from limner.backends.manuscripts.markup.link_places import LinkPlaces

MEDIA = "word/media/"
PROPERTIES = "docProps/core.xml"
STYLES = "p[style-name='Title'] => h1:fresh\np[style-name='Subtitle'] => h2:fresh"
"""What the library does not know of Word's own styles."""

_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")


def word_document(path: Path) -> str:
    """The story of a document, with what its properties say of it as front matter.

    Raises:
        limner.errors.SourceError: It is damaged, or unpacks to more than books hold.
    """
    with opened(path) as archive:
        _check(archive)
        about = _about(archive)
        pictures = {
            hashlib.sha256(archive.read(name)).hexdigest(): name
            for name in archive.names
            if name.startswith(MEDIA)
        }
        html = _html(path, archive, pictures)
    soup = parsed(html)
    _notes(soup)
    places = LinkPlaces()
    places.learn(soup)
    places.link(soup)
    text = markdown_of(soup, lambda source: source or None)
    if not text.strip():
        raise archive.error("holds no text")
    return with_front(about, _NOTE.sub(r"[^\1]", text))


_NOTE = re.compile("\ue110(\\d+)\ue111")


def _html(path: Path, archive: BoundedZip, pictures: dict[str, str]) -> str:
    import mammoth

    def source(image: Any) -> dict[str, str]:
        with image.open() as opened_image:
            digest = hashlib.sha256(opened_image.read()).hexdigest()
        return {"src": pictures.get(digest, "")}

    converter: Callable[[Any], Any] = mammoth.images.img_element(source)
    try:
        with path.open("rb") as file:
            made = mammoth.convert_to_html(file, convert_image=converter, style_map=STYLES)
    except RecursionError:
        raise
    except Exception as error:  # whatever the library meets in a damaged document
        raise archive.error(
            f"is a damaged Word document ({error or type(error).__name__})"
        ) from error
    return str(made.value)


def _check(archive: BoundedZip) -> None:
    """Unpack all of it once, counted, before a library does so that counts nothing."""
    for name in archive.names:
        data = archive.read(name)
        if name.endswith((".xml", ".rels")) and (b"<!ENTITY" in data or b"<!DOCTYPE" in data):
            raise archive.error(f"defines entities, which no document needs (in {name})")


def _about(archive: BoundedZip) -> About:
    if PROPERTIES not in archive:
        return About()
    try:
        root = ElementTree.fromstring(archive.read(PROPERTIES))  # noqa: S314 - checked before
    except ElementTree.ParseError:
        return About()
    said = {
        str(one.tag).rpartition("}")[2]: " ".join((one.text or "").split()) for one in root.iter()
    }
    language = said.get("language", "")
    return About(
        title=said.get("title") or None,
        author=said.get("creator") or None,
        language=language if _LANGUAGE.fullmatch(language) else None,
    )


def _notes(soup: Any) -> None:
    """The document's footnotes as those of Markdown."""
    for reference in soup.find_all("a", id=re.compile(r"^(?:foot|end)note-ref-")):
        number = str(reference.get("id")).rpartition("-")[2]
        if number.isdigit():
            outer = reference.parent if reference.parent.name == "sup" else reference
            outer.replace_with(f"\ue110{number}\ue111")
    for note in soup.find_all("li", id=re.compile(r"^(?:foot|end)note-\d+$")):
        number = str(note.get("id")).rpartition("-")[2]
        for back in note.find_all("a", href=re.compile(r"^#(?:foot|end)note-ref-")):
            back.decompose()
        paragraph = soup.new_tag("p")
        paragraph.string = f"\ue110{number}\ue111: {' '.join(note.get_text(' ').split())}"
        outer = note.find_parent("ol")
        (outer if outer is not None else note).insert_before(paragraph)
        note.decompose()
