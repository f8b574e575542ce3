"""Turning an error into the reason a slot keeps."""

import re

from limner.errors import JobCancelled, LimnerError
from limner.illustration.model.slot import Failure

MOST = 200
"""Characters of a reason."""
ADVICE = 90
"""Characters behind the last semicolon that say what to do, and stay when a reason is shortened."""

_PAGE = re.compile(r"<(?:!doctype|html|head|body)\b", re.IGNORECASE)
_HIDDEN = re.compile(r"<(script|style)\b.*?(?:</\1\s*>|$)", re.IGNORECASE | re.DOTALL)
_MARKUP = re.compile(r"<[^<>]*>?")


def describe(error: BaseException) -> Failure:
    """The reason a reader sees: one short line for people, without a traceback or a class's name.

    It says whose fault it is and, where the error knows, what to do; a page that a server sent in
    the place of an answer is left out but for its words.

    Example:
        >>> describe(TimeoutError())
        Failure(kind='TimeoutError', reason='the drawing broke off, and nothing says why')
        >>> describe(OSError("disk full")).reason
        'the drawing broke off: disk full'
        >>> describe(JobCancelled("stopped by the reader")).reason
        'stopped by the reader; ask for it again to have it drawn'
        >>> describe(OSError("<html><title>Bad gateway</title><p>nginx</p></html>")).reason
        'the drawing broke off: Bad gateway nginx'
    """
    kind = type(error).__name__
    if isinstance(error, JobCancelled):
        reason = error.reason or "it was cancelled"
        return Failure(kind, shortened(f"{reason}; ask for it again to have it drawn"))
    said = shortened(str(error), MOST - 40)
    if not said:
        return Failure(kind, "the drawing broke off, and nothing says why")
    # limner's own errors are whole sentences.
    own = isinstance(error, LimnerError)
    return Failure(kind, shortened(str(error)) if own else f"the drawing broke off: {said}")


def shortened(text: str, most: int = MOST) -> str:
    """The text as one line of so many characters at most, of a page of HTML only its words.

    What stands behind its last semicolon, which says what to do, is kept.

    Example:
        >>> shortened("a " * 200 + "; do it again", 30)
        'a a a a a a a a…; do it again'
    """
    if _PAGE.search(text):
        text = _MARKUP.sub(" ", _HIDDEN.sub(" ", text))
    line = " ".join(text.split())
    if len(line) <= most:
        return line
    head, semicolon, advice = line.rpartition("; ")
    if not semicolon or len(advice) > min(ADVICE, most // 2):
        head, advice = line, ""
    tail = f"…; {advice}" if advice else "…"
    head = head[: most - len(tail)]
    return (head.rpartition(" ")[0] or head).rstrip(" ,;:.") + tail
