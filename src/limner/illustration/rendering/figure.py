"""A slot as it stands on the page: its picture, or a quiet word about why there is none."""

import re
from html import escape

from limner.illustration.model.slot import Slot, SlotState
from limner.illustration.rendering.picture import data_uri, picture_name

CUT = "The text ends here: it was cut off."
"""What a page says below a text that was cut."""

_SURROGATE = re.compile("[\ud800-\udfff]")


def literal(text: str) -> str:
    """The text as HTML that shows just that, also inside a quoted attribute.

    Examples:
        >>> literal('"<b>" & $&')
        '&quot;&lt;b&gt;&quot; &amp; $&amp;'
    """
    return escape(_SURROGATE.sub("\ufffd", text).replace("\0", "\ufffd"))


def plate(slot: Slot, block: bool) -> str:
    """The slot's place on the page.

    Args:
        slot: The slot.
        block: Whether it stands between paragraphs, as a ``figure``; otherwise it is phrasing
            content, valid wherever text is.
    """
    if slot.state is SlotState.DELETED:
        return ""
    outer, inner = ("figure", "figcaption") if block else ("span", "span")
    if (shown := slot.shown) is not None:
        picture = shown.image
        prompt = literal(shown.prompt)
        return (
            f'<{outer} class="plate"><img src="{data_uri(picture)}" alt="{prompt}" '
            f'width="{picture.width}" height="{picture.height}" '
            f'data-name="{picture_name(slot)}">'
            f'<{inner} class="prompt" dir="auto">{prompt}</{inner}></{outer}>'
        )
    return (
        f'<{outer} class="plate missing"><span class="why">{literal(why(slot))}</span> '
        f'<{inner} class="prompt" dir="auto">{literal(slot.prompt)}</{inner}></{outer}>'
    )


def why(slot: Slot) -> str:
    """Why the slot has no picture, in words for the reader."""
    if slot.state is not SlotState.FAILED:
        return "Not drawn."
    reason = slot.failure.reason.strip() if slot.failure else ""
    return f"No picture: {reason or 'it could not be drawn.'}"
