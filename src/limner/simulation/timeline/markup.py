"""SVG elements as text, with everything escaped that is not ours."""

import html
import re

_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def literal(text: str) -> str:
    """Return text so that it stands for itself in SVG and HTML, also inside an attribute.

    Characters that XML cannot hold at all become U+FFFD.

    Examples:
        >>> literal('<ada & "bob">')
        '&lt;ada &amp; &quot;bob&quot;&gt;'
    """
    return html.escape(_FORBIDDEN.sub("\ufffd", text), quote=True)


def element(name: str, content: str = "", /, **attributes: str | float) -> str:
    """Return an element.

    Args:
        name: Its name.
        content: What is inside it; already markup.
        attributes: Escaped here. A trailing underscore is dropped and others become hyphens, so
            ``class_`` and ``text_anchor`` can be written. Numbers are rounded to a hundredth.

    Examples:
        >>> element("rect", x=1.0, width=2.345, class_="bar")
        '<rect x="1" width="2.35" class="bar"/>'
    """
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{_value(value)}"'
        for key, value in attributes.items()
    )
    return f"<{name}{written}>{content}</{name}>" if content else f"<{name}{written}/>"


def text(content: str, x: float, y: float, class_: str, **attributes: str | float) -> str:
    """Return a line of text whose base line begins at a place."""
    return element("text", literal(content), x=x, y=y, class_=class_, **attributes)


def title(content: str) -> str:
    """Return what a reader sees who points at the element this stands in."""
    return element("title", literal(content))


def _value(value: str | float) -> str:
    if isinstance(value, str):
        return literal(value)
    return f"{value:.2f}".rstrip("0").rstrip(".")
