"""The page around an illustrated text: its head, its style and script, its last line."""

from base64 import b64encode
from collections.abc import Iterable
from hashlib import sha256
from importlib.resources import files

from limner.illustration.model.slot import Slot, SlotState
from limner.illustration.rendering.figure import literal
from limner.illustration.rendering.missing import missing_in, missing_note


def page_head(title: str, *, language: str | None = None, author: str | None = None) -> str:
    """Everything up to the text.

    Style and script stand inline, and the page's content security policy names their hashes and
    allows nothing else: the page loads nothing, and no script but its own can run.

    Args:
        title: The document's title, as plain text.
        language: The text's language as a BCP 47 tag, if known.
        author: Who wrote it, as plain text.
    """
    style, script = _asset("page.css"), _asset("page.js")
    policy = (
        f"default-src 'none'; img-src data:; style-src '{_hash(style)}'; "
        f"script-src '{_hash(script)}'; base-uri 'none'; form-action 'none'"
    )
    lang = f' lang="{literal(language)}"' if language else ""
    by = f'<meta name="author" content="{literal(author)}">\n' if author else ""
    return (
        f"<!doctype html>\n<html{lang}>\n<head>\n"
        '<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n'
        '<meta name="generator" content="limner">\n'
        '<meta name="referrer" content="no-referrer">\n'
        f"{by}<title>{literal(title)}</title>\n"
        f"<style>{style}</style>\n<script>{script}</script>\n"
        '</head>\n<body>\n<main>\n<article class="story" dir="auto">\n'
    )


def page_foot(
    slots: Iterable[Slot], *, note: str | None = None, while_written: bool = False
) -> str:
    """Everything after the text.

    Args:
        slots: What the colophon counts the pictures of.
        note: A line of plain text about how the text ended.
        while_written: Whether the pictures were drawn while the text was being written.
    """
    slots = list(slots)
    drawn = sum(slot.image is not None for slot in slots if _is_there(slot.state))
    missing = missing_in(slots)
    pictures = f"{drawn} picture{'' if drawn == 1 else 's'}"
    ending = f'<p class="note" lang="en">{literal(note)}</p>\n' if note else ""
    return (
        f"</article>\n{ending}"
        '<footer class="colophon" lang="en" dir="ltr">'
        f"{'Illustrated while it was being written · ' * while_written}limner · {pictures}"
        f"{f' · {literal(missing_note(missing))}' if missing else ''}"
        "</footer>\n"
        "</main>\n</body>\n</html>\n"
    )


def _is_there(state: SlotState) -> bool:
    return state is not SlotState.DELETED


def _asset(name: str) -> str:
    return files("limner.illustration.rendering").joinpath(name).read_text(encoding="utf-8")


def _hash(source: str) -> str:
    """The source's hash as content security policies name it (CSP 3, section 6.7.3)."""
    return f"sha256-{b64encode(sha256(source.encode()).digest()).decode()}"
