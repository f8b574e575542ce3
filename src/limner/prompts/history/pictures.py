r"""Pictures as they stand in the text of a message: Markdown and HTML, one's own and others'.

limner's own are links to ``…/images/ID.png``, where ID has one of two forms; on whatever host,
since who asks sees the server under another name than the server itself, and with whatever white
space a front-end has left. Every expression here gives up at the next bracket or quotation mark, so
a text is read in a time that grows with its length and not faster.
"""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

TARGET = (
    r"\(\s*+<?+([^\s()<>\"']*+)>?+"
    r"(?:\s++(?:\"[^\"\n]*+\"|'[^'\n]*+'|<q>[^<\n]*+</q>))?+\s*+\)"
)
"""The address of a link in Markdown, its one group, in its parentheses; a title may follow it."""
_MARKDOWN = re.compile(r"!\[[^\[\]\n]*+\][ \t]*+" + TARGET)
_ELEMENT = re.compile(
    r"<img(?=[\s/>])(?:[\s/]++(?:[^\s\"'<>/=]++"
    r"(?:\s*+=\s*+(?:\"[^\"]*+\"|'[^']*+'|[^\s\"'<>=`]++))?+)?+)*+>",
    re.IGNORECASE,
)
_ATTRIBUTE = re.compile(r"([^\s\"'<>/=]++)\s*+=\s*+(?:\"([^\"]*+)\"|'([^']*+)'|([^\s\"'<>=`]++))")
PICTURE_ID = r"(?:[0-9a-v]{20}|[0-9a-f]{1,128})"
"""What an id of limner's looks like: 20 digits in base 32, or the hexadecimal ones of before."""
_OWN = re.compile(rf"(?:.*/)?images/({PICTURE_ID})\.png(?:[?#].*)?", re.IGNORECASE | re.DOTALL)
_NOT_IN_ALT = re.compile(r"[\"\[\]<>*_~\\`|{}\s]+")

MARKER = re.compile(r"<!--\s*+(?:limner|auto-illustrator)[:\s][^<>]*+(?<=--)>", re.IGNORECASE)
"""A hidden comment that older illustrators leave before their pictures."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture in a text.

    Attributes:
        start: Where its Markdown or HTML begins.
        end: The position after its last character.
        id: What stands in its address where limner's own have their id, in lower case; ``None``
            if it is certainly not limner's.
        url: Its address.
    """

    start: int
    end: int
    id: str | None
    url: str = field(default="", repr=False)


def picture_link(prompt: str, url: str) -> str:
    """A picture in Markdown, in the only form that every front-end shows as a picture.

    The words are cut to what none of them takes for markup: quotation marks, brackets, stars,
    underscores and the like become blanks.

    Args:
        prompt: What the picture shows; becomes its alternative text, at most 120 characters.
        url: Its absolute address, made of digits, lower-case letters, ``.``, ``/``, ``:``, ``-``.

    Examples:
        >>> picture_link('a *red* "fox" [in snow]', "http://127.0.0.1:8750/images/3fa0.png")
        '![a red fox in snow](http://127.0.0.1:8750/images/3fa0.png)'
    """
    words = _NOT_IN_ALT.sub(" ", prompt).strip()
    if len(words) > 120:
        words = f"{words[:119].rstrip()}…"
    return f"![{words}]({url})"


def find_pictures(text: str) -> list[Picture]:
    """All pictures in a text, in order.

    Examples:
        >>> find_pictures('![a fox]( http://h/images/3fa0.png ) <img alt="b" src="b.png">')
        [Picture(start=0, end=36, id='3fa0'), Picture(start=37, end=62, id=None)]
    """
    if "![" not in text and "<" not in text:
        return []
    found = [_picture(match, match[1]) for match in _MARKDOWN.finditer(text)]
    found += [_picture(match, attribute(match[0], "src")) for match in _ELEMENT.finditer(text)]
    return list(_apart(sorted(found, key=lambda picture: picture.start)))


def picture_id(url: str) -> str | None:
    """What stands in an address where limner's own have a picture's id; ``None``: nothing does.

    Others have such addresses, too: whether a picture is limner's, only its library knows.

    Examples:
        >>> picture_id("https://pictures.example/a/images/3FA0.png?v=1"), picture_id("/fox.png")
        ('3fa0', None)
    """
    match = _OWN.fullmatch(url.strip())
    return match[1].lower() if match else None


def attribute(element: str, name: str) -> str:
    """The value of an HTML element's attribute; empty if it has none of this name."""
    for found in _ATTRIBUTE.finditer(element, len("<a")):
        if found[1].lower() == name:
            return html.unescape(next(filter(None, found.groups()[1:]), ""))
    return ""


def _picture(match: re.Match[str], url: str) -> Picture:
    return Picture(*match.span(), picture_id(url), url)


def _apart(pictures: list[Picture]) -> Iterator[Picture]:
    """Those that do not begin inside the one before."""
    end = 0
    for picture in pictures:
        if picture.start >= end:
            yield picture
            end = picture.end
