"""Giving pictures a place of their own in HTML, where they stand at the edge of a paragraph.

A picture in the middle of a sentence stays there, as phrasing content. One that begins or ends a
paragraph or heading, or has a line of it for itself, moves out of it and becomes a block.
"""

import re
from collections.abc import Collection
from itertools import accumulate
from operator import and_

from limner.illustration.rendering.marks import MARK, OPEN, mark

BLOCK_MARK = re.compile(r"<figure>(\d+)</figure>")
"""A mark that was lifted; cleaned HTML has no other ``figure``."""

_PARAGRAPH = re.compile(r"<(p|h[1-6])>(.*?)</\1>(\n?)", re.DOTALL)
_CODE = re.compile(r"<pre><code>([^<]*)</code></pre>")
_LINK = re.compile(r"<a [^>]*>(.*?)</a>", re.DOTALL)
_EMPTY_LINK = re.compile(r"<a [^>]*>\s*</a>")
_ELEMENT = re.compile(r"<(/?)(?!br>)[a-z]")
_BLANK = re.compile(r"(?:\s|<br>)*")
_TRAILING = re.compile(r"(?:\s|<br>)+\Z")
_SAME_LINE = re.compile(r"[ \t]*")
_LINE_ENDS = re.compile(r"(?:\n|<br>)\s*\Z")
_LINE_BEGINS = re.compile(r"[ \t]*(?:\n|<br>)")


def lift(html: str, gone: Collection[int] = ()) -> str:
    """Rewrite marks that should be blocks as `BLOCK_MARK`, and take those of gone slots out.

    Args:
        html: Clean HTML with marks.
        gone: Ordinals of slots that leave nothing behind.

    Examples:
        >>> lift(f"<p>{mark(0)}</p>")
        '<figure>0</figure>'
        >>> lift(f"<p>A fox.{mark(0)}</p>")
        '<p>A fox.</p><figure>0</figure>'
        >>> lift(f"<p>A{mark(0)}fox.</p>", gone={0})
        '<p>Afox.</p>'
    """
    if OPEN not in html:
        return html
    html = _LINK.sub(_out_of_link, html)
    html = _CODE.sub(_out_of_code, html)
    html = MARK.sub(lambda found: "" if int(found[1]) in gone else found[0], html)
    return _PARAGRAPH.sub(_out_of_paragraph, html)


def _out_of_link(link: re.Match[str]) -> str:
    """A picture is something to click on, so it cannot stand inside a link: it follows it."""
    if OPEN not in link[1]:
        return link[0]
    rest = MARK.sub("", link[0])
    marks = "".join(found[0] for found in MARK.finditer(link[1]))
    return marks if _EMPTY_LINK.fullmatch(rest) else rest + marks


def _out_of_code(code: re.Match[str]) -> str:
    """A tag that was merely indented is not code."""
    if OPEN not in code[1] or MARK.sub("", code[1]).strip():
        return code[0]
    return f"<p>{code[1].strip()}</p>"


def _out_of_paragraph(paragraph: re.Match[str]) -> str:
    name, content, newline = paragraph.groups()
    if OPEN not in content:
        return paragraph[0] if content.strip() else ""
    # Even ones are what stands between marks, odd ones the marks' ordinals.
    parts = MARK.split(content)
    texts, ordinals = parts[::2], parts[1::2]
    made: list[str] = []
    held = texts[0]
    depth = _depth(held)
    for ordinal, text, lifted in zip(ordinals, texts[1:], _lifted(texts, name), strict=True):
        if lifted and depth == 0:
            made += [_element(name, held), f"<figure>{ordinal}</figure>"]
            held = text
        else:
            held += mark(int(ordinal)) + text
        depth += _depth(text)
    made.append(_element(name, held))
    return "".join(made) + newline


def _element(name: str, content: str) -> str:
    """The element with this content, without line breaks at its edges; nothing if it is blank."""
    if _BLANK.fullmatch(content):
        return ""
    return f"<{name}>{_TRAILING.sub('', _BLANK.sub('', content, count=1))}</{name}>"


def _lifted(texts: list[str], name: str) -> list[bool]:
    """For each mark between two texts: whether it stands at an edge or on a line of its own."""
    blank = [_BLANK.fullmatch(text) is not None for text in texts]
    begins = list(accumulate(blank, and_))
    ends = list(accumulate(reversed(blank), and_))[::-1]
    edge = [begins[k] or ends[k + 1] for k in range(len(texts) - 1)]
    if name != "p":
        return edge  # a heading is never cut in two
    before = list(accumulate(texts, _follows_break, initial=False))[1:-1]
    after = list(accumulate(reversed(texts), _precedes_break, initial=False))[-2:0:-1]
    own_line = [b and a for b, a in zip(before, after, strict=True)]
    return [e or own for e, own in zip(edge, own_line, strict=True)]


def _follows_break(before: bool, text: str) -> bool:
    return before if _SAME_LINE.fullmatch(text) else _LINE_ENDS.search(text) is not None


def _precedes_break(after: bool, text: str) -> bool:
    return after if _SAME_LINE.fullmatch(text) else _LINE_BEGINS.match(text) is not None


def _depth(html: str) -> int:
    """How many more elements are opened than closed."""
    return sum(-1 if found[1] else 1 for found in _ELEMENT.finditer(html))
