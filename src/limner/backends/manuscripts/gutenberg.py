"""What Project Gutenberg puts around its books: a header before them, a licence behind them."""

import re

_START = re.compile(
    r"^\ufeff?(?:\\?\*){3}[ ]?START OF (?:THE|THIS) PROJECT GUTENBERG E(?:BOOK|TEXT)"
    r"(?:[^*\n]|\n(?=[^*\n]{1,80}\*))*(?:(?:\\?\*){3})?[^\n]*\n",
    re.M | re.I,
)
_END = re.compile(
    r"^(?:(?:\\?\*){3}[ ]?END OF (?:THE|THIS) PROJECT GUTENBERG"
    r"|End of (?:the )?Project Gutenberg)",
    re.M | re.I,
)
_PRODUCED = re.compile(
    r"\A(?:Produced by|E-text prepared by|Transcribed)[^\n]*(?:\n[^\n]+)*\n", re.I
)
HEADER = 20_000
"""Characters within which a header ends."""


def unwrapped(text: str) -> tuple[str, str]:
    r"""The header of a book, and the book; of a text that has none ``""`` and all of it.

    Examples:
        >>> unwrapped("Title: A\n*** START OF THE PROJECT GUTENBERG EBOOK A ***\nOnce.\n")
        ('Title: A\n', 'Once.\n')
        >>> unwrapped("Once.")
        ('', 'Once.')
    """
    start = _START.search(text[:HEADER])
    if start is None:
        return "", text
    end = _END.search(text, start.end())
    body = text[start.end() : end.start() if end else len(text)].strip("\n")
    return text[: start.start()], _PRODUCED.sub("", f"{body}\n").lstrip("\n")
