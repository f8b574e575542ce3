"""An EPUB as Markdown: its chapters in their order, its pictures by their paths in it."""

import posixpath
import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, unquote
from xml.etree import ElementTree

from limner.backends.manuscripts.bounded_zip import LARGEST_FILE, BoundedZip, inside, opened
from limner.backends.manuscripts.front import About, with_front
from limner.backends.manuscripts.gutenberg import unwrapped
from limner.backends.manuscripts.markup.converter import markdown_of, parsed
from limner.backends.manuscripts.markup.html_page import decoded
from limner.backends.manuscripts.markup.link_places import LinkPlaces

CONTAINER = "META-INF/container.xml"
LOCKS = "META-INF/encryption.xml"

LARGEST_XML = 16 << 20
"""Bytes of a package document."""

_PAGE = "application/xhtml+xml", "text/html", "application/x-dtbook+xml"
_LOCKED = re.compile(rb"CipherReference[^>]*URI=[\"'][^\"']*\.x?html?[\"']", re.IGNORECASE)
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")


@dataclass(frozen=True, slots=True)
class _Package:
    about: About
    pages: tuple[str, ...]


def epub_book(path: Path) -> str:
    """The story of a book, with what the book says of itself as front matter.

    Raises:
        limner.errors.SourceError: It is damaged, locked, or unpacks to more than books hold.
    """
    with opened(path) as archive:
        if LOCKS in archive and _LOCKED.search(archive.read(LOCKS)):
            raise archive.error("is locked by its shop (DRM), and cannot be read")
        package = _package(archive)
        pages = _pages(archive, package)
        places = LinkPlaces()
        for page, html in pages.items():
            places.learn(parsed(html), page)
        chapters = [_chapter(archive, page, html, places) for page, html in pages.items()]
    text = "\n\n".join(chapter for one in chapters if (chapter := one.strip("\n")))
    text = unwrapped(text)[1]
    if not text:
        raise archive.error("holds no text")
    return with_front(package.about, f"{text}\n")


def _pages(archive: BoundedZip, package: _Package) -> dict[str, str]:
    """What is on its pages, in their order, by their paths: all of them together are bounded."""
    pages: dict[str, str] = {}
    left = LARGEST_FILE
    for page in package.pages:
        data = archive.read(page, left)
        left -= len(data)
        pages[page] = decoded(data)
    return pages


def _chapter(archive: BoundedZip, page: str, html: str, places: LinkPlaces) -> str:
    soup = parsed(html)
    places.link(soup, page)
    folder = posixpath.dirname(page)

    def address(source: str) -> str | None:
        if source.lower().startswith(("http://", "https://")):
            return source
        found = inside(folder, unquote(source.partition("#")[0]))
        return quote(found) if found is not None and found in archive else None

    return markdown_of(soup, address)


def _package(archive: BoundedZip) -> _Package:
    container = _xml(archive, CONTAINER)
    root = next((one for one in container.iter() if _name(one) == "rootfile"), None)
    name = inside("", unquote(root.get("full-path", ""))) if root is not None else None
    if name is None or name not in archive:
        raise archive.error("is no EPUB: it does not say where its text is")
    package = _xml(archive, name)
    folder = posixpath.dirname(name)
    items = {item.get("id", ""): item for item in package.iter() if _name(item) == "item"}
    pages = [
        path
        for reference in package.iter()
        if _name(reference) == "itemref" and reference.get("linear") != "no"
        if (item := items.get(reference.get("idref", ""))) is not None
        if item.get("media-type") in _PAGE and "nav" not in (item.get("properties") or "").split()
        if (path := inside(folder, unquote(item.get("href", "")))) is not None and path in archive
    ]
    about = About(
        title=_said(package, "title"),
        author=", ".join(_all_said(package, "creator")) or None,
        language=_language(_said(package, "language")),
        cover=_cover(package, items, folder, archive),
    )
    return _Package(about, tuple(dict.fromkeys(pages)))


def _cover(
    package: ElementTree.Element,
    items: dict[str, ElementTree.Element],
    folder: str,
    archive: BoundedZip,
) -> str | None:
    named = {one.get("content") for one in package.iter() if one.get("name") == "cover"}
    for key, item in items.items():
        is_cover = "cover-image" in (item.get("properties") or "").split() or key in named
        path = inside(folder, unquote(item.get("href", "")))
        is_picture = (item.get("media-type") or "").startswith("image/")
        if is_cover and is_picture and path is not None and path in archive:
            return quote(path)
    return None


def _xml(archive: BoundedZip, name: str) -> ElementTree.Element:
    data = archive.read(name, LARGEST_XML)
    if b"<!ENTITY" in data:
        raise archive.error(f"defines entities, which no book needs (in {name})")
    try:
        return ElementTree.fromstring(data)  # noqa: S314 - without entities nothing can grow
    except (ElementTree.ParseError, ValueError, LookupError) as error:
        raise archive.error(f"is damaged: {name} is no XML ({error})") from error


def _name(element: ElementTree.Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _all_said(package: ElementTree.Element, name: str) -> list[str]:
    found = (
        " ".join("".join(one.itertext()).split()) for one in package.iter() if _name(one) == name
    )
    return [words for words in found if words]


def _said(package: ElementTree.Element, name: str) -> str | None:
    return next(iter(_all_said(package, name)), None)


def _language(tag: str | None) -> str | None:
    return tag if tag is not None and _LANGUAGE.fullmatch(tag) and tag != "und" else None
