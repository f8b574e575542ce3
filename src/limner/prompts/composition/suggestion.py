"""What the second model of the independent mode answers: pictures, and between which words.

::

    ---PROMPT---
    TEXT: a red fox on a snowy hill, evening light
    INSERT_AFTER: The fox stopped.
    INSERT_BEFORE: It listened.
    REASONING: the first strong image
    ---END---

Models add to that: a code fence around it, a greeting before, stars around the names. All that is
overlooked. What is not overlooked is a block that misses a field or its end: it is left out.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from limner.prompts.grammar.open_tag import unescape
from limner.prompts.grammar.reasoning import without_reasoning
from limner.prompts.grammar.scanner import find_prompts

MAXIMUM = 5
"""Suggestions taken from one answer, unless told otherwise."""
MOST = 30
"""Suggestions that can be asked for at most."""
LONGEST_FIELD = 4000
"""Characters of a field that are read."""

_MARKUP = " \t\r*`#>"
_DASHES = "-=—–_~"
_FIELDS = {"TEXT", "INSERT_AFTER", "INSERT_BEFORE", "REASONING"}


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A picture a model would put into a text.

    Attributes:
        prompt: What to draw.
        after: The words right before the picture.
        before: The words right behind it.
        reasoning: Why there, if the model said so.
    """

    prompt: str
    after: str
    before: str
    reasoning: str = ""


def parse_suggestions(answer: str, *, maximum: int = MAXIMUM) -> list[Suggestion]:
    r"""The suggestions in a model's whole answer, in its order.

    Args:
        answer: What the model said, all of it.
        maximum: How many are taken at most, 1 to 30; what comes later is not looked at.

    Raises:
        ValueError: `maximum` is out of its range.

    Examples:
        >>> [found] = parse_suggestions(
        ...     "Sure!\n```\n---PROMPT---\nTEXT: a fox\nINSERT_AFTER: it stopped.\n"
        ...     "INSERT_BEFORE: Then\n---END---\n```")
        >>> found
        Suggestion(prompt='a fox', after='it stopped.', before='Then', reasoning='')
    """
    if not 1 <= maximum <= MOST:
        raise ValueError(f"maximum must be from 1 to {MOST}, not {maximum!r}")
    found: list[Suggestion] = []
    fields: dict[str, str] | None = None
    for line in without_reasoning(answer).splitlines():
        match _delimiter(line):
            case "PROMPT":
                fields = {}
            case "END" if fields is not None:
                found += _suggestion(fields)
                fields = None
                if len(found) == maximum:
                    break
            case _ if fields is not None:
                name, value = _field(line)
                if name in _FIELDS:
                    fields.setdefault(name, value)
    return found


def _delimiter(line: str) -> str:
    """Which delimiter a line is, if it is one: the word between dashes, perhaps with a number."""
    if len(line) > 80:
        return ""
    bare = line.strip(_MARKUP)
    words = bare.strip(_DASHES + " ")
    if words == bare:
        return ""
    first, *rest = words.upper().split() or [""]
    numbered = all(word.strip("#.").isdecimal() for word in rest)
    return first if numbered or (first, rest[-1:]) == ("END", ["PROMPT"]) else ""


def _field(line: str) -> tuple[str, str]:
    name, colon, value = line[:LONGEST_FIELD].partition(":")
    if not colon:
        return "", ""
    name = name.strip(_MARKUP + "-").upper().replace(" ", "_").replace("-", "_")
    value = value.strip()
    # "**TEXT:** a fox" leaves the stars that close the name before the value.
    return name, value.removeprefix("**").strip() if "**" in line[: line.find(":")] else value


def _suggestion(fields: Mapping[str, str]) -> list[Suggestion]:
    prompt = fields.get("TEXT", "")
    tags = find_prompts(prompt)
    if tags:  # a model that writes the whole tag means its prompt
        prompt = tags[0].prompt
    elif len(prompt) > 1 and prompt[0] == prompt[-1] == '"':
        prompt = unescape(prompt[1:-1]).strip()
    after, before = fields.get("INSERT_AFTER", ""), fields.get("INSERT_BEFORE", "")
    if not (prompt and after and before):
        return []
    return [Suggestion(prompt, after, before, fields.get("REASONING", ""))]
