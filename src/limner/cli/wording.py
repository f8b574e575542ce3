"""Numbers of things, and what somebody may have meant, in words."""

import re
from collections.abc import Iterable

IDEOGRAPHS = r"\u3040-\u30ff\u3400-\u9fff"
WORD = re.compile(rf"[{IDEOGRAPHS}]{{1,2}}|[^\s{IDEOGRAPHS}\u3000-\u303f\uff00-\uff65]+")
"""A word; where no spaces are between them, two characters are one, and marks are none."""


def counted(number: int, name: str) -> str:
    """A number of things.

    Examples:
        >>> counted(1, "picture"), counted(2, "picture")
        ('1 picture', '2 pictures')
    """
    return f"{number} {name}{'' if number == 1 else 's'}"


PLAIN = {
    ", unable to parse string as an integer": "",
    ", unable to parse string as a number": "",
    "Input should be a valid integer": "must be a whole number",
    "Input should be a valid number": "must be a number",
    "Input should be greater than or equal to": "must be at least",
    "Input should be less than or equal to": "must be at most",
    "Input should be": "must be",
}
"""What Pydantic says of a wrong value, and how a person says it."""


def plainly(message: str) -> str:
    """A message with words for people where a library has words for programs.

    Examples:
        >>> plainly("Invalid value for '--every': Input should be greater than or equal to 1")
        "Invalid value for '--every': must be at least 1"
    """
    for theirs, ours in PLAIN.items():
        message = message.replace(theirs, ours)
    return message


def meant(name: str, known: Iterable[str]) -> str:
    """What somebody may have meant who named something that is not there; empty: nobody knows.

    Examples:
        >>> meant("stroy.md", ["notes.txt", "story.md"]), meant("x", ["story.md"])
        ("; did you mean 'story.md'?", '')
    """
    from difflib import get_close_matches  # only where something is not there

    near = get_close_matches(name, sorted(set(known)), n=1, cutoff=0.7)
    return f"; did you mean {near[0]!r}?" if near else ""
