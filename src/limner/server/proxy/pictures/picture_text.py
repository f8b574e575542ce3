r"""What stands in an answer in the place of a tag: one picture in Markdown, complete."""

import re
import unicodedata

from limner.prompts import picture_link

_QUOTES = re.compile("[“”„‟«»‹›「」『』＂:]")
"""Front-ends make markup of these quotation marks, emoji of ``:words:`` and links of ``http:``."""


def picture_text(prompt: str, url: str, *, inline: bool = False, page: str = "") -> str:
    r"""The Markdown that is sent in the place of a tag, mostly with a blank line before and behind.

    Args:
        prompt: What the picture shows.
        url: Its absolute address.
        inline: Whether it stays on its line, since blank lines would break what it stands in. It
            leads nowhere then: what it stands in may be a link.
        page: The address to which the picture leads, if to any.

    Examples:
        >>> picture_text("a fox", "/images/3fa0.png", page="/picture/3fa0").strip()
        '[![a fox](/images/3fa0.png)](/picture/3fa0)'
        >>> picture_text('a “red” fox\n[x]', "http://127.0.0.1:8750/images/3fa0.png")
        '\n\n![a red fox x](http://127.0.0.1:8750/images/3fa0.png)\n\n'
    """
    words = _QUOTES.sub(" ", "".join(c if _is_seen(c) else " " for c in prompt))
    if not any(c.isalnum() for c in words):
        words = "picture"
    link = picture_link(words, url)
    if inline:
        return link
    return f"\n\n[{link}]({page})\n\n" if page else f"\n\n{link}\n\n"


def _is_seen(character: str) -> bool:
    """Whether it is no control, format, surrogate or unassigned character."""
    return unicodedata.category(character)[0] != "C"
