"""A model's answer without what it thought before it gave it."""

import re

from limner.prompts.grammar.verbatim import REASONING

_TAG = re.compile("|".join(f"</?{opening[1:-1]}>" for opening in REASONING), re.IGNORECASE)


def without_reasoning(text: str) -> str:
    """The text without its reasoning blocks; one that is not closed reaches to the end.

    Examples:
        >>> without_reasoning("<think>Hm.</think> A fox. <THINKING>And")
        ' A fox. '
    """
    made: list[str] = []
    at, open_name = 0, ""
    for tag in _TAG.finditer(text):
        name = tag[0].strip("</>").lower()
        closes = tag[0].startswith("</")
        if not open_name and not closes:
            made.append(text[at : tag.start()])
            open_name = name
        elif closes and name == open_name:
            at, open_name = tag.end(), ""
    return "".join(made) if open_name else "".join([*made, text[at:]])
