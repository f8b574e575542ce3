"""Marks: short stand-ins for tags, so that Markdown is read without ever seeing a tag's inside.

A tag may hold newlines, quotes and stars. Before the text is read as Markdown each tag is replaced
by a mark, and after the result has been cleaned each mark is replaced by what stands there. A mark
begins and ends with a comma: commas mean nothing in Markdown, and like the ``<`` and ``>`` of the
tag itself they count as punctuation where emphasis begins and ends.
"""

import re

OPEN, CLOSE = "\uee00", "\uee01"

MARK = re.compile(rf",{OPEN}(\d+){CLOSE},")
"""A mark; its group is the slot's ordinal."""

_RESERVED = re.compile("[\uee00\uee01\ud800-\udfff]")
_SET_ASIDE = re.compile(f"{OPEN}([ab]){CLOSE}")
_BACK = {"a": OPEN, "b": CLOSE}


def mark(ordinal: int) -> str:
    """The mark of the slot with this ordinal."""
    return f",{OPEN}{ordinal}{CLOSE},"


def set_aside(text: str) -> str:
    r"""Write the characters that marks are made of so that they can be told from marks.

    Half a surrogate pair, which no file can hold, becomes U+FFFD.

    Examples:
        >>> restore(set_aside("a \uee00 b")) == "a \uee00 b"
        True
        >>> set_aside("\ud83d")
        '�'
    """

    def stand_in(match: re.Match[str]) -> str:
        match match[0]:
            case "\uee00":
                return f"{OPEN}a{CLOSE}"
            case "\uee01":
                return f"{OPEN}b{CLOSE}"
            case _:
                return "\ufffd"

    return _RESERVED.sub(stand_in, text)


def restore(text: str) -> str:
    """Undo `set_aside`."""
    return _SET_ASIDE.sub(lambda match: _BACK[match[1]], text) if OPEN in text else text
