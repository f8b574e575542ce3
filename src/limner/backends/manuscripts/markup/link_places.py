"""Where the links inside a book lead to: to headings, by their words, or to places named so."""

from collections import Counter
from pathlib import PurePosixPath
from urllib.parse import unquote

from bs4 import BeautifulSoup, Tag
from bs4.element import NavigableString, PageElement

from limner.backends.manuscripts.bounded_zip import inside
from limner.illustration.rendering.dialect.anchors import slug

HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")

_WEB = "http://", "https://", "mailto:"

_Place = tuple[str, str]
"""A document, and the name of a place in it; ``""`` is its beginning."""


class LinkPlaces:
    """The places of a book's documents that links in it lead to.

    Headings are known by their words, as everywhere on the web; every other place is named by an
    empty ``<a id="…">`` before its first words.
    """

    def __init__(self) -> None:
        self._used: Counter[str] = Counter()
        self._there: set[_Place] = set()
        self._wanted: dict[_Place, None] = {}
        self._headings: dict[_Place, str] = {}
        self._others: dict[_Place, str] = {}

    def learn(self, soup: BeautifulSoup, document: str = "") -> None:
        """Take in the places and the links of a document; in the order of the book.

        Args:
            soup: The document.
            document: Its path.
        """
        self._wanted |= dict.fromkeys(
            target for link in soup("a") if (target := _target(link, document)) is not None
        )
        waiting: list[str] = []
        for node in soup.descendants:
            if not isinstance(node, Tag):
                if str(node).strip() and not _in_heading(node):
                    waiting.clear()
                    self._there.add((document, ""))
                continue
            if name := _name(node):
                waiting.append(name)
                self._there.add((document, name))
            if node.name in HEADINGS and (words := " ".join(node.get_text(" ").split())):
                place = self._unique(slug(words))
                for one in (*waiting, *filter(None, map(_name, node(True))), ""):
                    self._headings.setdefault((document, one), place)
                waiting.clear()

    def link(self, soup: BeautifulSoup, document: str = "") -> None:
        """Have the links of a document lead to places of the book, once all have been taken in.

        Of links that lead nowhere the words stay.

        Args:
            soup: The document; it is changed.
            document: Its path.
        """
        self._name_others()
        links = soup("a")
        self._mark_others(soup, document)
        for link in links:
            target = _target(link, document)
            if target is not None and (place := self._place(target)) is not None:
                link["href"] = f"#{place}"
            elif not _is_of_the_web(link):
                link.unwrap()

    def _place(self, target: _Place) -> str | None:
        return self._headings.get(target) or self._others.get(target)

    def _name_others(self) -> None:
        for wanted in self._wanted:
            if wanted in self._there and self._place(wanted) is None:
                stem = PurePosixPath(wanted[0]).stem
                self._others[wanted] = self._unique(slug(wanted[1] or stem) or "place")

    def _mark_others(self, soup: BeautifulSoup, document: str) -> None:
        """Put a named place before the first words of whatever is linked to."""
        left = {name: place for (where, name), place in self._others.items() if where == document}
        if not left:
            return
        for node in (soup, *soup(True)):
            place = left.pop("" if node is soup else _name(node) or "\0", None)
            first = _first_words(node) if place is not None else None
            if first is None or place is None:
                continue
            mark: Tag = soup.new_tag("a", id=place)
            code = first.find_parent("pre")
            if code is not None:  # in which it would be shown
                outer = soup.new_tag("p")
                outer.append(mark)
                code.insert_before(outer)
            else:
                first.insert_before(mark)

    def _unique(self, name: str) -> str:
        again = self._used[name]
        self._used[name] += 1
        return f"{name}-{again}" if again else name


def _target(link: Tag, document: str) -> _Place | None:
    """Where a link leads inside the book."""
    address = str(link.get("href") or "")
    if not address or _is_of_the_web(link):
        return None
    path, _, name = address.partition("#")
    target = inside(document.rpartition("/")[0], unquote(path)) if path else document
    return None if target is None else (target, unquote(name))


def _is_of_the_web(link: Tag) -> bool:
    return str(link.get("href") or "").lower().startswith(_WEB)


def _name(node: Tag) -> str:
    return str(node.get("id") or (node.get("name") if node.name == "a" else "") or "")


def _first_words(node: Tag) -> PageElement | None:
    """The first words in or after an element."""
    after = node.next_elements if node.parent is not None else node.descendants
    words = (one for one in after if isinstance(one, NavigableString) and str(one).strip())
    first = next(words, None)
    return first and (first.find_parent("a", href=True) or first)


def _in_heading(node: PageElement) -> bool:
    return any(parent.name in HEADINGS for parent in node.parents)
