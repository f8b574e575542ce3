r"""Links to pictures of limner's form, in whatever way they stand in a text.

As pictures, which may stand in a link themselves, as links with words, as bare addresses. Whose
they are is for others to say. As everywhere here, a text is read in linear time.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from limner.prompts.history.pictures import (
    PICTURE_ID,
    TARGET,
    Picture,
    attribute,
    find_pictures,
    picture_id,
)

_WORDS = re.compile(r"(?<!!)\[([^\[\]\n]*+)\]" + TARGET)
_ANCHOR = re.compile(r"<a\s[^<>]*+>([^<]*+(?:<(?!/?a[\s>])[^<]*+)*+)</a\s*+>", re.IGNORECASE)
_OPENED = re.compile(r"<a\s[^<>]*+>", re.IGNORECASE)
_CLOSES = re.compile(r"\s*+</a\s*+>", re.IGNORECASE)
_ENDS = re.compile(r"\s*+\]" + TARGET)
_ADDRESS = re.compile(rf"images/{PICTURE_ID}\.png", re.IGNORECASE)
_BEFORE = re.compile(r"https?://[\w.~%:@/\[\]-]*+", re.ASCII | re.IGNORECASE)
_RUN = re.compile(r"[\w.~%:@/-]*+", re.ASCII)
_QUERY = re.compile(r"(?:\?[\w=&%.~-]*+)?(?:#[\w=&%.~-]*+)?", re.ASCII)
_LONGEST = 500
"""Characters that may stand before the last part of an address."""


@dataclass(frozen=True, slots=True)
class PictureLink:
    """A link whose address has the form of limner's pictures.

    Attributes:
        start: Where it begins.
        end: The position after its last character.
        id: What stands there as the picture's id, in lower case.
        url: Its address.
        words: The words that are the link; ``None``: it is shown as a picture, or bare.
        shown: Whether it is shown as a picture.
    """

    start: int
    end: int
    id: str
    url: str
    words: str | None = None
    shown: bool = False


def find_links(text: str, page: Callable[[str], bool] = lambda url: False) -> list[PictureLink]:
    """All links to pictures of limner's form, in order and apart.

    Args:
        text: The text.
        page: Whether an address is one of limner's pages: a picture in a link there is one with it.

    Examples:
        >>> for link in find_links("[a ![fox](http://h/images/3fa0.png), see /images/3fa1.png."):
        ...     print(link.id, link.url, link.shown)
        3fa0 http://h/images/3fa0.png True
        3fa1 /images/3fa1.png False
    """
    pictures = find_pictures(text) if "![" in text or "<" in text else []
    found = list(_pictures(text, pictures, page))
    if _ADDRESS.search(text) is None:
        return found
    found += _worded(text)
    found.sort(key=lambda link: link.start)
    found = list(_apart(found))
    found += list(_bare(text, found))
    found.sort(key=lambda link: link.start)
    return found


def _pictures(
    text: str, pictures: list[Picture], page: Callable[[str], bool]
) -> Iterator[PictureLink]:
    """The pictures, each with the link around it if that leads to the same place."""
    least = 0
    for one in pictures:
        if one.id is not None:
            start, end, target = _around(text, one, least)
            if target is None or not (picture_id(target) == one.id or page(target)):
                start, end = one.start, one.end
            yield PictureLink(start, end, one.id, one.url, shown=True)
        least = one.end


def _around(text: str, picture: Picture, least: int) -> tuple[int, int, str | None]:
    """The link in which a picture stands alone, and its address; ``None``: it stands in none."""
    at = picture.start
    while at > least and text[at - 1].isspace():
        at -= 1
    if at > least and text[at - 1] == "[":
        ends = _ENDS.match(text, picture.end)
        return (at - 1, ends.end(), ends[1]) if ends else (0, 0, None)
    closes = _CLOSES.match(text, picture.end)
    if closes and at > least and text[at - 1] == ">":
        start = text.rfind("<", least, at)
        opened = _OPENED.fullmatch(text, start, at) if start >= 0 else None
        if opened:
            return start, closes.end(), attribute(opened[0], "href")
    return 0, 0, None


def _worded(text: str) -> Iterator[PictureLink]:
    """Words that lead to a picture."""
    for match in _WORDS.finditer(text):
        name = picture_id(match[2])
        if name is not None:
            yield PictureLink(*match.span(), name, match[2], match[1])
    for match in _ANCHOR.finditer(text):
        url = attribute(match[0][: match.start(1) - match.start()], "href")
        name = picture_id(url)
        if name is not None:
            yield PictureLink(*match.span(), name, url, match[1])


def _bare(text: str, others: list[PictureLink]) -> Iterator[PictureLink]:
    """Addresses by themselves, outside all others."""
    at = least = 0
    for match in _ADDRESS.finditer(text):
        while at < len(others) and others[at].end <= match.start():
            least = max(least, others[at].end)
            at += 1
        if match.start() < least or (at < len(others) and others[at].start < match.end()):
            continue  # it is part of another, or of the question behind one
        begins = max(least, match.start() - _LONGEST)
        before = _before(text[begins : match.start()])
        query = _QUERY.match(text, match.end())
        asked = query[0].rstrip(".") if query else ""
        start, end = match.start() - len(before), match.end() + len(asked)
        url = text[start:end]
        name = picture_id(url)
        if name is None:
            continue
        if text[start - 1 : start] == "<" and text[end : end + 1] == ">" and start > least:
            start, end = start - 1, end + 1
        yield PictureLink(start, end, name, url)
        least = end


def _before(text: str) -> str:
    """What of a text's end belongs to the address that follows it."""
    scheme = max(text.rfind("http://"), text.rfind("https://"))
    if scheme >= 0 and _BEFORE.fullmatch(text, scheme):
        return text[scheme:]
    run = _RUN.match(text[::-1])  # so that each sign is looked at once
    return text[len(text) - run.end() :] if run else ""


def _apart(links: list[PictureLink]) -> Iterator[PictureLink]:
    """Those that do not begin inside the one before."""
    end = 0
    for link in links:
        if link.start >= end:
            yield link
            end = link.end
