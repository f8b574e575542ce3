"""The simple HTML that writers put into Markdown: ``<br>``, ``<i>``, ``<sub>``, ``<center>``.

Only these elements are read, without their attributes, and each only as far as it is closed in the
same paragraph; all other angle brackets are words. ``<a id="…"></a>`` names a place that links can
lead to.
"""

import re

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

PAIRED = frozenset(
    {
        *("i", "em", "b", "strong", "u", "s", "del", "ins", "sub", "sup", "small", "mark"),
        *("q", "cite", "kbd", "abbr"),
    }
)
"""Elements that are opened and closed."""

DROPPED = frozenset(("span", "font", "div", "p", "a", "big", "tt"))
"""Elements of which only the words are shown."""

_TAG = re.compile(
    r"<(/?)([a-zA-Z]{1,10})((?:\s+[\w:-]+(?:\s*=\s*(?:\"[^\"<]*\"|'[^'<]*'|[^\s\"'<>=`]+))?)*)\s*/?>"
)
_PLACE = re.compile(
    r"\s(?:id|name)\s*=\s*(?P<mark>[\"']?)(?P<name>[\w.:-]{1,200})(?P=mark)(?=[\s/>])"
)
_OPENING, _CLOSING = "<!--", "-->"
_CENTRED = "center"
_TYPE = "harmless_html"


def harmless_html(markdown: MarkdownIt, prefix: str = "") -> None:
    """Have a parser read these elements.

    Args:
        markdown: The parser.
        prefix: Begins the names of places.
    """

    def read(state: StateInline, silent: bool) -> bool:
        return _read(state, silent, prefix)

    markdown.inline.ruler.before("autolink", _TYPE, read)
    markdown.core.ruler.after("inline", _TYPE, _balance)
    markdown.add_render_rule(_TYPE, lambda _, tokens, index, options, env: tokens[index].content)


def _read(state: StateInline, silent: bool, prefix: str) -> bool:
    if state.src[state.pos] != "<":
        return False
    if state.src.startswith(_OPENING, state.pos):
        end = state.src.find(_CLOSING, state.pos + len(_OPENING), state.posMax)
        if end >= 0:
            if not silent:
                _push(state, "", "")
            state.pos = end + len(_CLOSING)
            return True
    tag = _TAG.match(state.src, state.pos, state.posMax)
    name = tag[2].lower() if tag is not None else ""
    if tag is None or not (name in PAIRED or name in DROPPED or name in ("br", _CENTRED)):
        return False
    if not silent:
        _push(state, name, tag[1])
        if name == "a" and (place := _PLACE.search(tag[0])):
            state.tokens[-1].content = f'<span id="{prefix}{place["name"]}"></span>'
    state.pos = tag.end()
    return True


def _push(state: StateInline, name: str, slash: str) -> None:
    token = state.push(_TYPE, name, 0)
    token.info = slash
    token.content = "<br>" if name == "br" else ""


def _balance(state: StateCore) -> None:
    """Write the elements that are opened and closed, properly nested, in their paragraphs."""
    gone: set[int] = set()
    for at, token in enumerate(state.tokens):
        children = token.children or []
        if token.type != "inline" or not any(child.type == _TYPE for child in children):
            continue
        _balance_one(children)
        _centre(state.tokens[at - 1], children)
        if state.tokens[at - 1].type == "paragraph_open" and all(map(_is_nothing, children)):
            gone |= {at - 1, at, at + 1}  # of comments alone, say: it leaves no empty lines behind
    if gone:
        state.tokens[:] = [token for at, token in enumerate(state.tokens) if at not in gone]


def _is_nothing(token: Token) -> bool:
    return token.type == "softbreak" or (token.type == _TYPE and not token.content)


def _balance_one(children: list[Token]) -> None:
    open_ones: list[tuple[Token, int]] = []
    for token in children:
        if token.type != _TYPE or token.tag not in PAIRED:
            continue
        if not token.info:
            open_ones.append((token, token.level))
        elif open_ones and open_ones[-1][0].tag == token.tag and open_ones[-1][1] == token.level:
            opening, _ = open_ones.pop()
            opening.content, token.content = f"<{token.tag}>", f"</{token.tag}>"


def _centre(opening: Token, children: list[Token]) -> None:
    """A paragraph that stands in ``<center>`` as a whole is centred."""
    told = [one for one in children if one.type != "softbreak" and (one.content or one.tag)]
    edges = [one for one in (told[:1] + told[-1:]) if one.type == _TYPE and one.tag == _CENTRED]
    if len(edges) == 2 and not edges[0].info and edges[1].info and opening.tag == "p":
        opening.attrSet("class", _CENTRED)
