"""Clean HTML written as XHTML, which is what books are made of."""

import re
from collections.abc import Callable
from html import unescape

from limner.illustration.rendering.dialect.back_link import BACK
from limner.illustration.rendering.figure import literal

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What no XML document may hold, not even escaped (XML 1.0, section 2.2)."""

_VERSE = re.compile(r"<p>(?=[^<]*(?:<(?!/?p\b|br>)[^<]*)*<br>)")
_VOID = re.compile(r"<(br|hr)>")
_ALIGN = re.compile(r"<(th|td) align=\"(left|right|center)\">")
_LINK = re.compile(r'<a href="([^"]*)"( id="[^"]*")?[^>]*>(.*?)</a>', re.DOTALL)
_ADDRESS = re.compile(
    r"https?://(?:[\w.~!$&'()*+,;=:%-]*@)?(?:[a-z0-9.-]+|\[[0-9a-f:.]+\])(?::\d{1,5})?"
    r"(?:[/?#](?:[a-z0-9._~!$&'()*+,;=:@/?#-]|%[0-9a-f]{2})*)?"
    r"|mailto:(?:[a-z0-9._~!$&'()*+,;=:@/?-]|%[0-9a-f]{2})+",
    re.IGNORECASE | re.ASCII,
)
"""What every reader takes for an address; stricter than RFC 3986."""


def plain(text: str) -> str:
    r"""The text as XHTML that shows just that, also inside a quoted attribute.

    Examples:
        >>> plain('"<b>" \x07')
        '&quot;&lt;b&gt;&quot; \ufffd'
    """
    return harmless(literal(text))


def harmless(text: str) -> str:
    """The text without what no XML document may hold."""
    return _NOT_XML.sub("\ufffd", text)


def as_xhtml(html: str, place: Callable[[str], str | None] = lambda name: None) -> str:
    """Clean HTML, as the sanitiser writes it, as XHTML; paragraphs of several lines are verse.

    Links whose address is odd, or a place that the text has not, stay as their words.

    Args:
        html: The HTML.
        place: Gives the address in the book of a place of the text, by its name.

    Examples:
        >>> as_xhtml('<p>a&nbsp;b<br>c</p><hr>')
        '<p class="verse">a&#160;b<br/>c</p><hr/>'
        >>> as_xhtml('<a href="http://a.b/c" rel="nofollow">d</a> <a href="http://[x">e</a>')
        '<a href="http://a.b/c">d</a> e'
    """
    html = _VERSE.sub('<p class="verse">', harmless(html).replace("&nbsp;", "&#160;"))
    html = _ALIGN.sub(r'<\1 class="\2">', _VOID.sub(r"<\1/>", html))
    return _LINK.sub(lambda found: _link(found, place), html)


def _link(found: re.Match[str], place: Callable[[str], str | None]) -> str:
    address = unescape(found[1])
    if address.startswith("#"):
        leads_to = place(address[1:])
        if leads_to is None:
            return "" if found[3] == BACK else found[3]
        return f'<a href="{plain(leads_to)}"{found[2] or ""}>{found[3]}</a>'
    if not _ADDRESS.fullmatch(address) or address.count("#") > 1:
        return found[3]
    return f'<a href="{found[1]}">{found[3]}</a>'


def page(title: str, body: str, *, language: str | None = None, depth: int = 0) -> tuple[str, str]:
    """What stands before and after a page's content.

    Args:
        title: As plain text.
        body: The start tag of the content's element, without its brackets.
        language: The content's language as a BCP 47 tag, if known.
        depth: How many directories below the style sheet the page is.
    """
    lang = f' lang="{plain(language)}" xml:lang="{plain(language)}"' if language else ""
    name = body.partition(" ")[0]
    before = (
        '<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE html>\n'
        '<html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops"'
        f"{lang}>\n<head>\n<title>{plain(title)}</title>\n"
        f'<link rel="stylesheet" type="text/css" href="{"../" * depth}book.css"/>\n'
        f"</head>\n<body>\n<{body}>\n"
    )
    return before, f"</{name}>\n</body>\n</html>\n"
