"""Footnotes of one text: where they are referred to, and their list at its end."""

from collections.abc import Callable, Sequence
from html import escape
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token
from mdit_py_plugins.footnote import footnote_plugin

from limner.illustration.rendering.dialect.back_link import BACK

MOST = 5000
"""Notes of a text that are kept; whoever writes more sees them where they stand."""


class _Labels(dict[str, int]):
    """Which note has which number; one that has a number keeps it where the note itself comes."""

    def __setitem__(self, label: str, number: int) -> None:
        if number >= 0 or label not in self:
            super().__setitem__(label, number)


class Notes:
    """The notes of one text, gathered while its blocks are read one after the other.

    Args:
        prefix: Begins the names of their places, for pages of several texts.
    """

    def __init__(self, prefix: str = "") -> None:
        self._prefix = prefix
        self._numbered: dict[int, dict[str, Any]] = {}
        self._data = {"refs": _Labels(), "list": self._numbered}
        self._bodies: dict[str, list[Token]] = {}

    def environment(self) -> dict[str, Any]:
        """What a parser needs to know of the notes so far; it adds those it meets."""
        return {"footnotes": self._data}

    def use(self, markdown: MarkdownIt) -> None:
        """Have a parser read notes."""
        markdown.use(footnote_plugin, move_to_end=False)
        markdown.core.ruler.after("inline", "notes_aside", self._set_aside)
        markdown.add_render_rule(
            "footnote_ref", lambda _, tokens, index, *more: self._reference(tokens[index])
        )

    def html(self, render: Callable[[Sequence[Token]], str]) -> str:
        """The list of all notes that are referred to; ``""`` if there is none."""
        made: list[str] = []
        for number, note in self._numbered.items():
            body = self._bodies.get(note.get("label", ""), [])
            inner = render(body) if body else f"<p>{render(note.get('tokens') or [])}</p>\n"
            name = f"{self._prefix}{number + 1}"
            back = f' <a href="#fnref-{name}">{BACK}</a>' if "label" in note else ""
            head, closing, tail = inner.rpartition("</p>")
            inner = f"{head}{back}{closing}{tail}" if closing else f"{inner}{back}"
            made.append(f'<li id="fn-{name}">{inner}</li>\n')
        return f"<hr>\n<ol>\n{''.join(made)}</ol>\n" if made else ""

    def _set_aside(self, state: StateCore) -> None:
        kept: list[Token] = []
        body: list[Token] | None = None
        for token in state.tokens:
            if token.type == "footnote_reference_open" and len(self._bodies) < MOST:
                body = self._bodies[token.meta["label"]] = []
            elif token.type == "footnote_reference_close" and body is not None:
                body = None
            elif not token.type.startswith("footnote_reference"):
                (kept if body is None else body).append(token)
        state.tokens[:] = kept

    def _reference(self, token: Token) -> str:
        meta = token.meta
        number = meta["id"] + 1
        name = escape(f"{self._prefix}{number}")
        place = "" if meta.get("subId") else f' id="fnref-{name}"'
        return f'<sup><a href="#fn-{name}"{place}>{number}</a></sup>'
