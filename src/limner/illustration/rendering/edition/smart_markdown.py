"""Curly quotes and dashes in a text that stays Markdown."""

import re
from collections.abc import Iterator, Sequence

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.rules_core.smartquotes import process_inlines
from markdown_it.token import Token
from mdit_py_plugins.deflist import deflist_plugin
from mdit_py_plugins.footnote import footnote_plugin

from limner.illustration.rendering.blocks import Block
from limner.illustration.rendering.edition.smart import (
    quotes_of,
    with_signs,
    with_speech_opened,
)
from limner.illustration.rendering.marks import MARK

_ASIDE = re.compile(
    rf"{MARK.pattern}"
    r"|(?P<ticks>`+)(?:(?!`).)+?(?:(?P=ticks)(?!`)|.*?(?<!`)(?P=ticks)(?!`))"
    r"|\\[!-/:-@\[-`{-~]"
    r"|<!--.*?-->|<[A-Za-z/][^<>\n]*>"
    r"|\]\((?:[^()\n]|\([^()\n]*\))*\)|\]\[[^\]\n]*\]"
    r"|(?:https?://|mailto:|www\.)[^\s<>\"]+"
    r"|^[ \t]{0,3}\[\^[^\]\n]+\]:[ \t]*"
    r"|^[ \t]*(?:[-+*>]|\d{1,9}[.)])(?=[ \t])"
    r"|^[ \t>]*(?:[-=_*][ \t]*){2,}$|^[ \t]*\|?[ \t:|-]+\|[ \t:|-]*$"
    r"|[*_~]+",
    re.DOTALL | re.MULTILINE,
)
"""What of Markdown means something, and keeps its characters."""

_LEADS = re.compile(r"[ \t]*(?:[-+*>]|\d{1,9}[.)]|[*_~]+|\[\^[^\]\n]+\]:[ \t]*)")
"""What stands before a paragraph's first word."""
_LINE = re.compile(r"[^\r\n]*(?:\r\n?|\n)|[^\r\n]+")
_DEFINITION = re.compile(r"[ \t]{0,3}\[(?!\^)[^\]\n]+\]:")


class SmartMarkdown:
    r"""Writes the quotes, dashes and ellipses of Markdown as a language does.

    Code, addresses, HTML and whatever else means something to Markdown stays as it is.

    Args:
        language: A BCP 47 tag; ``None`` writes as English does.

    Examples:
        >>> smart = SmartMarkdown("de")
        >>> smart.block(Block('"Ja--ja," sagte *"sie"*, `"x"`.\n'))
        '„Ja—ja,“ sagte *„sie“*, `"x"`.\n'
    """

    def __init__(self, language: str | None) -> None:
        self._markdown = MarkdownIt("commonmark", {"typographer": True}).enable("table")
        self._quotes = self._markdown.options["quotes"] = quotes_of(language)
        self._markdown.use(footnote_plugin, move_to_end=False).use(deflist_plugin)

    def block(self, block: Block) -> str:
        """The block's text so written; one that is code stays as it is."""
        text = block.text
        if block.opening or not any(sign in text for sign in ("'", '"', "--", "...")):
            return text
        lines = _LINE.findall(text)
        for first, last in self._told(block.source):
            told = "".join(lines[first:last])
            if not _DEFINITION.match(told):
                lines[first:last] = [self._smart(told), *[""] * (last - first - 1)]
        return "".join(lines)

    def _told(self, source: str) -> Iterator[tuple[int, int]]:
        """The lines, from which to before which, that hold words and no code."""
        for token in self._markdown.parse(source):
            is_told = token.type in ("inline", "tr_open") and token.map is not None
            if is_told and token.map:
                yield token.map[0], max(token.map[1], token.map[0] + 1)

    def _smart(self, text: str) -> str:
        tokens: list[Token] = []
        at = 0
        for found in _ASIDE.finditer(text):
            tokens += [_text(text[at : found.start()]), _aside(found[0])]
            at = found.end()
        tokens.append(_text(text[at:]))
        state = StateCore(text, self._markdown, {})
        process_inlines(tokens, state)
        self._open_speech(tokens)
        return "".join(token.meta.get("source", token.content) for token in tokens)

    def _open_speech(self, tokens: Sequence[Token]) -> None:
        for token in tokens:
            words = token.content.lstrip()
            if token.type == "text" and words:
                blanks = token.content[: -len(words)]
                token.content = blanks + with_speech_opened(words, self._quotes)
                return
            if token.type != "text" and not _LEADS.fullmatch(token.meta["source"]):
                return


def _text(content: str) -> Token:
    return Token("text", "", 0, content=with_signs(content))


def _aside(source: str) -> Token:
    """What is skipped; only what shows something counts as standing beside a quote."""
    shown = "" if set(source) <= set("*_~") else source
    return Token("aside", "", 0, content=shown, meta={"source": source})
