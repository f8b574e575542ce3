"""Turning an error into the reason a slot keeps."""

import re

from limner.errors import JobCancelled, LimnerError
from limner.errors.remedy import remedy_for
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

    It says whose fault it is and what to do: as the error says it, else as `remedy_for` knows of
    its kind. A page that a server sent in the place of an answer is left out but for its words.

    Examples:
        >>> describe(TimeoutError()).reason
        "the drawing broke off, and nothing says why; draw it again; limner's log may say more"
        >>> from limner.errors import BackendUnavailable
        >>> describe(BackendUnavailable("no answer at all")).reason
        'the picture server: no answer at all; see if it runs, then draw it again'
        >>> describe(JobCancelled("stopped by the reader")).reason
        'stopped by the reader; ask for it again to have it drawn'
        >>> describe(OSError("<html><title>Bad gateway</title><p>nginx</p></html>")).reason
        "the drawing broke off: Bad gateway nginx; draw it again; limner's log may say more"
    """
    kind = type(error).__name__
    if isinstance(error, JobCancelled):
        reason = error.reason or "it was cancelled"
        return Failure(kind, shortened(f"{reason}; ask for it again to have it drawn"))
    remedy, own = remedy_for(error), isinstance(error, LimnerError)
    said = shortened(str(error), MOST)
    if not said:
        said = "the drawing broke off, and nothing says why"
    elif not own:
        said = f"the drawing broke off: {said}"
    if not any(word in said.lower() for word in remedy.known_by):
        said = f"{remedy.whose}: {said}"
    head, semicolon, advice = said.rpartition("; ")
    if own and semicolon and head and len(advice) <= ADVICE:
        return Failure(kind, shortened(said))
    return Failure(kind, f"{shortened(said, MOST - len(remedy.advice) - 2)}; {remedy.advice}")


def shortened(text: str, most: int = MOST) -> str:
    """The text as one line of so many characters at most, of a page of HTML only its words.

    What stands behind its last semicolon, which says what to do, is kept.

    Examples:
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
