"""What a picture that is not there yet shows of itself."""

from dataclasses import dataclass

from limner.server.events import Preview

EXACT = 10
"""Places in the queue that are told exactly. Those behind are told roughly: whoever waits long
needs no frame for each picture that is done before it, and many share the same one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """How far a picture is. Equal ones look the same.

    Attributes:
        words: What is told first.
        detail: What there is to say besides.
        percent: How far it is, 0 to 100; ``None``: there is nothing to measure.
        preview: What there is of the picture itself.
        failed: Whether there will be no picture.
    """

    words: str
    detail: str = ""
    percent: int | None = None
    preview: Preview | None = None
    failed: bool = False


RETRIED = "It is tried again"
WAITING = Stage(words="Waiting")
NEXT_START = Stage(
    words="limner is stopping",
    detail="The picture is drawn after its next start. Load the page again then.",
)
STILL = Stage(words="Not drawn yet", detail="Load the page again to go on waiting.")
LATER = "It is shown when the page is loaded again."
LOST = Stage(
    words="No picture", detail="Its file is lost or damaged. Have it drawn again.", failed=True
)
UNREADABLE = Stage(
    words="No picture for now", detail="limner's library cannot be read. Load the page again."
)
UNKNOWN = Stage(words="No picture", detail="There is none at this address.", failed=True)
DELETED = Stage(words="No picture", detail="It was deleted.", failed=True)


def queued(place: int, detail: str = "") -> Stage:
    """It waits for its turn.

    Args:
        place: How many are drawn before it.
        detail: What they all wait for.

    Examples:
        >>> [queued(place).words for place in (0, 6, 37, 412)]
        ['Next in the queue', 'Number 7 in the queue', 'Some 30 before it', 'Some 400 before it']
    """
    if place == 0:
        return Stage(words="Next in the queue", detail=detail)
    if place < EXACT:
        return Stage(words=f"Number {place + 1} in the queue", detail=detail)
    step = 10 ** (len(str(place)) - 1)
    return Stage(words=f"Some {place // step * step} before it", detail=detail)


def drawing(
    *, fraction: float | None = None, seconds: float = 0.0, preview: Preview | None = None
) -> Stage:
    """It is being drawn.

    Args:
        fraction: How far it is, if the picture server tells.
        seconds: For how long, which is told where nothing else is.
        preview: What there is of it.

    Examples:
        >>> drawing(fraction=0.456).percent, drawing(seconds=12.0).words
        (46, 'Being drawn for 10 s')
    """
    if fraction is not None:
        percent = round(min(max(fraction, 0.0), 1.0) * 100)
        return Stage(words=f"Being drawn: {percent} %", percent=percent, preview=preview)
    if seconds < 5:
        return Stage(words="Being drawn", preview=preview)
    step = 5 if seconds < 60 else 15 if seconds < 300 else 60
    told = int(seconds // step * step)
    return Stage(words=f"Being drawn for {_spoken(told)}", preview=preview)


def failed(reason: str) -> Stage:
    """There is no picture, and this is why."""
    return Stage(words="No picture", detail=reason, failed=True)


def _spoken(seconds: int) -> str:
    """A length of time that does not change too often.

    Examples:
        >>> _spoken(45), _spoken(75), _spoken(300)
        ('45 s', '1 min 15 s', '5 min')
    """
    minutes, rest = divmod(seconds, 60)
    return " ".join([f"{minutes} min"] * bool(minutes) + [f"{rest} s"] * bool(rest))
