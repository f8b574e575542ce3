"""From marked Markdown to HTML that is safe to put into a page.

The text is a model's: hostile input. Markdown is read with raw HTML switched off but for simple
elements without attributes (`limner.illustration.rendering.dialect.harmless_html`), links lead to
``http:``, ``https:``, ``mailto:`` and to places of the text itself only, pictures that the text
links to become marks if the text brings them along, else plain links (a page that is kept must load
nothing), and what comes out is cleaned once more by a sanitiser that lets through only the elements
such text can make.
"""

import re
from collections.abc import Iterable, MutableMapping
from html import escape
from itertools import pairwise
from typing import Any
from urllib.parse import unquote

import nh3
from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token
from markdown_it.utils import OptionsDict
from mdit_py_plugins.deflist import deflist_plugin

from limner.illustration.rendering.blocks import Block
from limner.illustration.rendering.dialect.harmless_html import PAIRED, harmless_html
from limner.illustration.rendering.dialect.notes import Notes
from limner.illustration.rendering.dialect.tasks import tasks
from limner.illustration.rendering.edition import Edition, OwnPicture
from limner.illustration.rendering.edition.edition import PLAIN
from limner.illustration.rendering.edition.own_pictures import FIRST
from limner.illustration.rendering.edition.smart import use_smart
from limner.illustration.rendering.lines import LINE_END
from limner.illustration.rendering.marks import CLOSE, MARK, OPEN, mark, restore

_LINK = re.compile(r"https?://[^/?#%]+(?:[/?#]|\Z)|mailto:", re.IGNORECASE)
_MARK_IN_ADDRESS = re.compile(rf",(?:{OPEN}|%EE%B8%80)\d+(?:{CLOSE}|%EE%B8%81),")
_PLACE = re.compile(r"#[^\s\"'<>&]+")

_ELEMENTS = {
    *("p", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "ul", "ol", "li", "hr", "br"),
    *("em", "strong", "s", "code", "pre", "a", "table", "thead", "tbody", "tr", "th", "td"),
    *("dl", "dt", "dd", "span"),
    *PAIRED,
}
_ATTRIBUTES = {
    "*": set[str](),
    "a": {"href", "id"},
    "li": {"id"},
    "span": {"id"},
    "ol": {"start"},
    "th": {"align"},
    "td": {"align"},
}
_CLASSES = {"p": {"center"}, "li": {"task"}}

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
        definitions: Blocks with definitions of links and notes that all the others may refer to.
        prefix: Begins the names of the notes' places, for pages of several texts.
        edition: Says whether quotes are made curly, and which pictures the text brings along.
        language: How they are made curly.

    Attributes:
        own: The pictures that the text brings along, met so far, by the ordinals of their marks.

    Examples:
        >>> Markup().html([Block("A *red* fox.\n\n<script>")])
        '<p>A <em>red</em> fox.</p>\n<p>&lt;script&gt;</p>\n'
    """

    def __init__(
        self,
        definitions: Iterable[Block] = (),
        prefix: str = "",
        edition: Edition = PLAIN,
        language: str | None = None,
    ) -> None:
        self._markdown = MarkdownIt("commonmark", {"html": False}).enable(
            ["table", "strikethrough"]
        )
        # What is no address of the web is taken for a link all the same, to show its words alone.
        self._markdown.validateLink = _any_address  # type: ignore[method-assign] # the way it is done
        self._prefix = prefix
        self._notes = Notes(prefix)
        self._notes.use(self._markdown)
        self._markdown.use(harmless_html, prefix)
        for use in (tasks, deflist_plugin):
            self._markdown.use(use)
        self._markdown.core.ruler.after("inline", "safe_links", self._only_safe_links)
        for name in ("th_open", "td_open"):
            self._markdown.add_render_rule(name, _cell)
        self._markdown.add_render_rule(
            "image", lambda _, tokens, index, options, env: self._image(tokens[index], options, env)
        )
        self._smart = edition.smart
        if edition.smart:
            use_smart(self._markdown, language)
        self._own_pictures = edition.own
        self.own: dict[int, OwnPicture] = {}
        self._references: dict[str, Any] = {}
        environment: dict[str, Any] = {"references": self._references, **self._notes.environment()}
        for block in definitions:
            self._markdown.parse(block.source, environment)

    def html(self, found: Iterable[Block]) -> str:
        """The blocks as clean HTML, marks still in it."""
        made: list[str] = []
        pending: list[str] = []
        for block in found:
            if not self._smart and _PLAIN.fullmatch(block.text) and not block.opening:
                made += [self._render("".join(pending)), "<p>", block.text.rstrip(), "</p>\n"]
                pending.clear()
            else:
                pending.append(block.source)
        made.append(self._render("".join(pending)))
        return _clean("".join(made))

    def notes(self) -> str:
        """The notes that the text refers to, as clean HTML; ``""`` if there are none."""
        return _clean(
            self._notes.html(
                lambda tokens: str(
                    self._markdown.renderer.render(list(tokens), self._markdown.options, {})
                )
            )
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
        known = {"references": dict(self._references), **self._notes.environment()}
        html: str = self._markdown.render(_apart(source), known)
        return html

    def _image(self, token: Token, options: OptionsDict, env: MutableMapping[str, Any]) -> str:
        """A picture the text links to: a mark, a link with its words, or its words alone."""
        url = _MARK_IN_ADDRESS.sub("", str(token.attrGet("src") or ""))
        words = str(self._markdown.renderer.render(token.children or [], options, env))
        if _LINK.match(url):
            return f'<a href="{escape(url)}">{words or escape(url)}</a>'
        finds = self._own_pictures
        if finds is None or not finds.has(unquote(url)):
            return f"<em>{words}</em>" if words else ""
        ordinal = FIRST + len(self.own)
        plain = " ".join(restore(MARK.sub(" ", _words(token))).split())
        self.own[ordinal] = OwnPicture(unquote(url), plain, finds.picture)
        others = "".join(found[0] for found in MARK.finditer(words))
        return mark(ordinal) + others

    def _only_safe_links(self, state: StateCore) -> None:
        """Of a link that leads anywhere else only the words stay."""
        for token in state.tokens:
            opened: list[bool] = []
            for child in token.children or ():
                if child.type == "link_open":
                    address = _MARK_IN_ADDRESS.sub("", str(child.attrGet("href") or ""))
                    child.attrSet("href", address)
                    if place := _PLACE.fullmatch(address):
                        child.attrSet("href", f"#{self._prefix}{unquote(place[0][1:])}")
                    opened.append(place is not None or _LINK.match(address) is not None)
                    child.hidden = not opened[-1]
                elif child.type == "link_close" and opened:
                    child.hidden = not opened.pop()
                if child.hidden:
                    child.type, child.tag, child.content = "text", "", ""


def _apart(source: str) -> str:
    """Keep a line of tags from underlining a heading, or from gluing to what begins below it."""
    source = LINE_END.sub("\n", source) if "\r" in source else source
    if OPEN not in source:
        return source
    return _LEADING.sub(r"\1\2\n\n", _UNDERLINED.sub(r"\1\n\n", source))


def _any_address(url: str) -> bool:
    return True


def _clean(html: str) -> str:
    return nh3.clean(
        html,
        tags=_ELEMENTS,
        attributes=_ATTRIBUTES,
        allowed_classes=_CLASSES,
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer nofollow",
    )


def _words(inline: Token) -> str:
    """The text of an inline token without its markup."""
    return "".join(
        " " if child.type in ("softbreak", "hardbreak") else child.content
        for child in inline.children or ()
    )


def _cell(
    _: Any,
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
