"""Where the links inside a book lead to: to headings, since Markdown has no other places."""

from collections import Counter
from urllib.parse import unquote

from bs4 import BeautifulSoup, Tag

from limner.illustration.rendering.dialect.anchors import slug

HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")


class LinkPlaces:
    """The headings of a book's documents, by the places that links in it name."""

    def __init__(self) -> None:
        self._used: Counter[str] = Counter()
        self._slugs: dict[tuple[str, str], str] = {}

    def learn(self, soup: BeautifulSoup, document: str = "") -> None:
        """Take in the headings of a document; in the order of the book.

        Args:
            soup: The document.
            document: Its path.
        """
        waiting: list[str] = []
        for node in soup.descendants:
            if not isinstance(node, Tag):
                if str(node).strip() and not _in_heading(node.parent):
                    waiting.clear()
                continue
            if name := str(node.get("id") or node.get("name") or ""):
                waiting.append(name)
            if node.name in HEADINGS and (words := " ".join(node.get_text(" ").split())):
                place = self._named(words)
                inner = [str(one.get("id") or one.get("name") or "") for one in node(True)]
                for one in (*waiting, *filter(None, inner)):
                    self._slugs.setdefault((document, one), place)
                self._slugs.setdefault((document, ""), place)
                waiting.clear()

    def link(self, soup: BeautifulSoup, document: str = "") -> None:
        """Have the links of a document lead to headings; of those that lead nowhere the words stay.

        Args:
            soup: The document; it is changed.
            document: Its path.
        """
        from limner.backends.manuscripts.bounded_zip import inside

        folder = document.rpartition("/")[0]
        for link in soup("a"):
            address = str(link.get("href") or "")
            if address.lower().startswith(("http://", "https://", "mailto:")):
                continue
            path, _, place = address.partition("#")
            target = inside(folder, unquote(path)) if path else document
            found = self._slugs.get((target or "", unquote(place))) if address else None
            if found is None:
                link.unwrap()
            else:
                link["href"] = f"#{found}"

    def _named(self, words: str) -> str:
        name = slug(words)
        again = self._used[name]
        self._used[name] += 1
        return f"{name}-{again}" if again else name


def _in_heading(node: Tag | None) -> bool:
    return node is not None and (
        node.name in HEADINGS or any(parent.name in HEADINGS for parent in node.parents)
    )
