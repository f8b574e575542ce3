"""From HTML to Markdown, by the library markdownify, and what stories need beyond it."""

import re
from collections.abc import Callable
from typing import Any

from bs4 import BeautifulSoup, Tag
from bs4.element import CData, Comment, NavigableString
from markdownify import ATX, MarkdownConverter

from limner.prompts import find_prompts

DROPPED = (
    *(
        "head",
        "title",
        "script",
        "style",
        "template",
        "noscript",
        "iframe",
        "object",
        "embed",
        "form",
    ),
    "nav",
    *("button", "select", "input", "textarea", "audio", "video", "canvas", "map"),
)
"""Elements that are no story, with all that is in them."""

_KEPT = (NavigableString, Comment, CData)
"""Text; not what declares a document, or is for programs."""

_DECLARED = re.compile(r"<\?xml\b[^>]*>", re.IGNORECASE)
_HELD = re.compile("\ue100(\\d+)\ue101")
_BLANKS = re.compile(r"\n{3,}")
_SPACED = re.compile(r"[ \t]+\n(?=\n)|[ \t]+\Z")

Address = Callable[[str], str | None]
"""Gives the address of a picture in the Markdown; ``None``: only its words are shown."""


class _Converter(MarkdownConverter):
    """Keeps underlined words, and pictures that have an address."""

    def convert_u(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        return f"<u>{text}</u>" if text.strip() and "\n\n" not in text else text

    convert_ins = convert_u

    def convert_a(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        if el.get("id") and not el.get("href"):
            return f'<a id="{el["id"]}"></a>{text}'
        return str(super().convert_a(el, text, parent_tags))  # type: ignore[misc] # its stub has none

    def convert_img(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        words = " ".join(str(el.get("alt") or "").split())
        plain = re.sub(r"[\[\]\\]", "", words)
        source = str(el.get("src") or "")
        return f"![{plain}]({source})" if source else f"*{plain}*" if plain else ""


def soup_of(html: str) -> BeautifulSoup:
    """A document as it is, without the library's advice on files that look like others.

    What declares it to be XML changes nothing here, and a line without markup is a text.

    Examples:
        >>> soup_of("<?xml version='1.0'?><p>A</p>").p.get_text()
        'A'
    """
    return BeautifulSoup(_DECLARED.sub("", html) + "\n", "html.parser")


def parsed(html: str) -> BeautifulSoup:
    """A document, without what is no story."""
    soup = soup_of(html)
    for element in soup(list(DROPPED)):
        element.decompose()
    for element in soup(class_="pg-boilerplate"):  # the licence of a book of Project Gutenberg
        element.decompose()
    for text in soup.find_all(string=lambda text: type(text) not in _KEPT):
        text.extract()
    return soup


def markdown_of(soup: BeautifulSoup, address: Address) -> str:
    r"""The document as Markdown; pictures asked for in its comments stay.

    Args:
        soup: The document; it is changed.
        address: Where its pictures are.

    Examples:
        >>> markdown_of(parsed("<h1>A</h1><p>b<br>c <u>d</u></p>"), lambda source: None)
        '# A\n\nb  \nc <u>d</u>\n'
    """
    held = _hold_tags(soup)
    _place_pictures(soup, address)
    options: dict[str, Any] = {
        "heading_style": ATX,
        "bullets": "-",
        "escape_misc": True,
        "sub_symbol": "<sub>",
        "sup_symbol": "<sup>",
        "table_infer_header": True,
    }
    text = str(_Converter(**options).convert_soup(soup))
    text = _BLANKS.sub("\n\n", _SPACED.sub("\n", text)).strip("\n")
    return _HELD.sub(lambda found: held[int(found[1])], text) + "\n" if text else ""


def _hold_tags(soup: BeautifulSoup) -> list[str]:
    """Put a mark in the place of each comment that asks for a picture."""
    held: list[str] = []
    for comment in soup.find_all(string=lambda text: isinstance(text, Comment)):
        tag = f"<!--{comment}-->"
        if find_prompts(tag):
            mark = NavigableString(f"\ue100{len(held)}\ue101")
            block = soup.new_tag("p") if _is_between_blocks(comment) else None
            comment.replace_with(block if block is not None else mark)
            if block is not None:
                block.append(mark)
            held.append(tag)
    return held


def _is_between_blocks(comment: Any) -> bool:
    parent = comment.parent
    return parent is None or parent.name in ("[document]", "body", "html", "div", "section", "main")


def _place_pictures(soup: BeautifulSoup, address: Address) -> None:
    for image in soup("image"):  # of SVG, around which covers are built
        image.name = "img"
        image["src"] = str(image.get("xlink:href") or image.get("href") or "")
    for image in soup("img"):
        image["src"] = address(str(image.get("src") or "")) or ""
