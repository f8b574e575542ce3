"""From marked Markdown to HTML that is safe to put into a page.

The text is a model's: hostile input. Markdown is read with raw HTML switched off, links lead to
``http:``, ``https:`` and ``mailto:`` only, pictures that the text links to become plain links (a
page that is kept must load nothing), and what comes out is cleaned once more by a sanitiser that
lets through only the elements Markdown can make.
"""

import re
from collections.abc import Iterable, MutableMapping
from html import escape
from itertools import pairwise
from typing import Any

import nh3
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import OptionsDict

from limner.illustration.rendering.blocks import Block
from limner.illustration.rendering.lines import LINE_END
from limner.illustration.rendering.marks import MARK, OPEN

_LINK = re.compile(r"https?://[^/?#]|mailto:", re.IGNORECASE)

_ELEMENTS = {
    *("p", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "ul", "ol", "li", "hr", "br"),
    *("em", "strong", "s", "code", "pre", "a", "table", "thead", "tbody", "tr", "th", "td"),
}
_ATTRIBUTES = {"*": set[str](), "a": {"href"}, "ol": {"start"}, "th": {"align"}, "td": {"align"}}

_SIGNIFICANT = r"\\`*_\[\]<>&~|\x00-\x1f\x7f-\xa0\u2028\u2029"
_LINE = (
    rf"[^\W\d_\u0300-\u036f][^{_SIGNIFICANT}]*(?<!\s)|[\"'“”‘’«»„(—–…¿¡][^{_SIGNIFICANT}]*(?<!\s)"
)
_PLAIN = re.compile(rf"(?:{_LINE})(?:\n(?:{_LINE}))*+[ \t\n]*")
"""Paragraphs in which nothing means anything to Markdown."""

_MARKS = rf"(?:{MARK.pattern.replace('(', '(?:')}[ \t]*)+"
_UNDERLINED = re.compile(rf"^({_MARKS})\n(?= {{0,3}}(?:=+|-+)[ \t]*$)", re.MULTILINE)
_LEADING = re.compile(rf"(\A|\n[ \t]*\n)({_MARKS})\n(?=\S)")


class Markup:
    r"""Reads one text's Markdown, block by block.

    Args:
        definitions: Blocks with link definitions that all the other blocks may refer to.

    Examples:
        >>> Markup().html([Block("A *red* fox.\n\n<script>")])
        '<p>A <em>red</em> fox.</p>\n<p>&lt;script&gt;</p>\n'
    """

    def __init__(self, definitions: Iterable[Block] = ()) -> None:
        self._markdown = MarkdownIt("commonmark", {"html": False}).enable(
            ["table", "strikethrough"]
        )
        self._markdown.validateLink = _is_safe  # type: ignore[method-assign] # the way it is done
        for name, rule in (("image", _image), ("th_open", _cell), ("td_open", _cell)):
            self._markdown.add_render_rule(name, rule)
        self._references: dict[str, Any] = {}
        environment: dict[str, Any] = {"references": self._references}
        for block in definitions:
            self._markdown.parse(block.source, environment)

    def html(self, found: Iterable[Block]) -> str:
        """The blocks as clean HTML, marks still in it."""
        made: list[str] = []
        pending: list[str] = []
        for block in found:
            if _PLAIN.fullmatch(block.text) and not block.opening:
                made += [self._render("".join(pending)), "<p>", block.text.rstrip(), "</p>\n"]
                pending.clear()
            else:
                pending.append(block.source)
        made.append(self._render("".join(pending)))
        return nh3.clean(
            "".join(made),
            tags=_ELEMENTS,
            attributes=_ATTRIBUTES,
            url_schemes={"http", "https", "mailto"},
            link_rel="noopener noreferrer nofollow",
        )

    def title(self, block: Block) -> str | None:
        """The words of the first-level heading this block begins with, if it does."""
        tokens = self._markdown.parse(_apart(block.source), {})
        for opening, inline in pairwise(tokens):
            if opening.type == "heading_open" and opening.tag == "h1":
                return MARK.sub(" ", _words(inline)).strip() or None
            if inline.type == "inline" and MARK.sub("", inline.content).strip():
                return None
        return None

    def _render(self, source: str) -> str:
        if not source.strip(" \t\r\n"):
            return ""
        # The references are copied so that a block cannot define words for those before it.
        html: str = self._markdown.render(_apart(source), {"references": dict(self._references)})
        return html


def _apart(source: str) -> str:
    """Keep a line of tags from underlining a heading, or from gluing to what begins below it."""
    source = LINE_END.sub("\n", source) if "\r" in source else source
    if OPEN not in source:
        return source
    return _LEADING.sub(r"\1\2\n\n", _UNDERLINED.sub(r"\1\n\n", source))


def _is_safe(url: str) -> bool:
    return _LINK.match(url) is not None


def _words(inline: Token) -> str:
    """The text of an inline token without its markup."""
    return "".join(
        " " if child.type in ("softbreak", "hardbreak") else child.content
        for child in inline.children or ()
    )


def _image(
    renderer: RendererHTML,
    tokens: list[Token],
    index: int,
    options: OptionsDict,
    env: MutableMapping[str, Any],
) -> str:
    """A picture the text links to, as a link with its words."""
    token = tokens[index]
    url = str(token.attrGet("src") or "")
    words = renderer.render(token.children or [], options, env)
    return f'<a href="{escape(url)}">{words or escape(url)}</a>'


def _cell(
    renderer: RendererHTML,
    tokens: list[Token],
    index: int,
    options: OptionsDict,
    env: MutableMapping[str, Any],
) -> str:
    """A table cell with its alignment as an attribute, since the page allows no inline styles."""
    token = tokens[index]
    style = str(token.attrGet("style") or "")
    align = style.removeprefix("text-align:")
    return f'<{token.tag} align="{align}">' if align else f"<{token.tag}>"
