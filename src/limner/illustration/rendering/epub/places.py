"""Where the places of a text that its links lead to are in the files of a book."""

import re
from collections.abc import Iterable

from limner.illustration.model.message import Message

_LEADS_THERE = re.compile(r"\]\(<?#|\]:[ \t]*<?#|\[\^")
_ID = re.compile(r' id="([^"]*)"')


def has_places(message: Message) -> bool:
    """Whether a text has links to places of its own, or notes."""
    return _LEADS_THERE.search(message.text) is not None


class Places:
    """The named places of one text, under names that every reader bears.

    Args:
        parts: The text's HTML in the order of the book's files, each with the name of its file.
        first: The number of the first place, for files that hold several texts.

    Examples:
        >>> places = Places([('<li id="fn-1">x</li>', "text/001.xhtml")])
        >>> places.renamed('<li id="fn-1">x</li>'), places.address("fn-1")
        ('<li id="p1">x</li>', '001.xhtml#p1')
        >>> places.address("nowhere") is None
        True
    """

    def __init__(self, parts: Iterable[tuple[str, str]], first: int = 1) -> None:
        self._names: dict[str, str] = {}
        self._files: dict[str, str] = {}
        self._given: set[str] = set()
        for html, file in parts:
            for name in _ID.findall(html):
                if name not in self._names:
                    self._names[name] = f"p{first + len(self._names)}"
                    self._files[name] = file.rpartition("/")[2]

    def __len__(self) -> int:
        return len(self._names)

    def renamed(self, html: str) -> str:
        """HTML of the text with the names that the places have in the book.

        Of several places of one name the first has it; the parts are asked for in their order.
        """
        return _ID.sub(self._renamed, html)

    def address(self, name: str) -> str | None:
        """Where a place is, seen from any file of the text; ``None``: nowhere."""
        return f"{self._files[name]}#{self._names[name]}" if name in self._names else None

    def _renamed(self, found: re.Match[str]) -> str:
        name = self._names.get(found[1])
        if name is None or name in self._given:
            return ""
        self._given.add(name)
        return f' id="{name}"'
