"""Whose fault it is that a picture is missing, and what to do, where an error does not say so."""

from dataclasses import dataclass

from limner.errors import (
    BackendBusy,
    BackendError,
    BackendRejected,
    BackendTimeout,
    BackendUnavailable,
    BadPicture,
    BudgetExceeded,
    ConfigError,
    ContentRefused,
    JobDropped,
    JobExpired,
    JobTimeout,
    LimiterStopped,
    LimnerError,
    MissingExtra,
    Overweight,
    PartError,
    PatternError,
    PictureMissing,
    QueueTimeout,
    SchedulingError,
    SharedLimitsUnavailable,
    StorageError,
    StorageFull,
    TagError,
    UnknownBackend,
)


@dataclass(frozen=True, slots=True)
class Remedy:
    """What a reader is told of a kind of error.

    Attributes:
        whose: Whose fault it is.
        known_by: Words by which a sentence says so itself.
        advice: What to do.
    """

    whose: str
    known_by: tuple[str, ...]
    advice: str


_SERVER = ("server", "backend", "service", "http://", "https://")
_PROMPT = ("prompt", "tag", "attribute", "pattern", "style", "character")
_QUEUE = ("queue", "job", "limiter")

_REMEDIES: tuple[tuple[type[LimnerError], Remedy], ...] = (
    (BudgetExceeded, Remedy("the budget", ("budget",), "wait, or raise the budget")),
    (ContentRefused, Remedy("the server's filter", (*_SERVER, "filter"), "change the prompt")),
    (BackendBusy, Remedy("the picture server", _SERVER, "wait a while, then draw it again")),
    (BackendTimeout, Remedy("the picture server", _SERVER, "see if it works, then draw it again")),
    (
        BackendUnavailable,
        Remedy("the picture server", _SERVER, "see if it runs, then draw it again"),
    ),
    (
        BackendRejected,
        Remedy("the picture server", _SERVER, "change the prompt or its settings"),
    ),
    (BadPicture, Remedy("the picture server", _SERVER, "draw it again, or look at its log")),
    (BackendError, Remedy("the picture server", _SERVER, "draw it again")),
    (UnknownBackend, Remedy("the settings", ("backend",), "name another in the settings")),
    (MissingExtra, Remedy("this installation", ("install",), "install it, then draw it again")),
    (StorageFull, Remedy("the library", ("library", "disk"), "make room, then draw it again")),
    (
        PictureMissing,
        Remedy("the library", ("library", "file", "picture"), "have it drawn again"),
    ),
    (
        StorageError,
        Remedy("the library", ("library", "disk", "database"), "put it right, then draw it again"),
    ),
    (JobDropped, Remedy("the queue", _QUEUE, "draw it again when fewer wait")),
    (QueueTimeout, Remedy("the queue", _QUEUE, "draw it again when fewer wait")),
    (
        JobExpired,
        Remedy("the picture server", (*_QUEUE, *_SERVER), "draw it again, be patient"),
    ),
    (
        JobTimeout,
        Remedy("the picture server", (*_QUEUE, *_SERVER), "draw it again, be patient"),
    ),
    (LimiterStopped, Remedy("limner", (*_QUEUE, "limner"), "draw it again after its next start")),
    (Overweight, Remedy("the limits", (*_QUEUE, "limit"), "raise the limits")),
    (
        SharedLimitsUnavailable,
        Remedy("the shared limits", ("limits",), "see if their server runs, then draw it again"),
    ),
    (SchedulingError, Remedy("the queue", _QUEUE, "draw it again")),
    (TagError, Remedy("the prompt", _PROMPT, "change the prompt")),
    (PatternError, Remedy("the patterns", _PROMPT, "change the patterns")),
    (PartError, Remedy("the style", _PROMPT, "change that style or character")),
    (ConfigError, Remedy("the settings", ("setting",), "put it right in the settings")),
    (LimnerError, Remedy("limner", ("limner",), "draw it again")),
)
_FOREIGN = Remedy("the drawing", ("the drawing",), "draw it again; limner's log may say more")
"""Of what is none of limner's errors: a plug-in's, or a fault."""


def remedy_for(error: BaseException) -> Remedy:
    """What a reader is told of an error; the first kind that fits counts.

    Examples:
        >>> remedy_for(ContentRefused("no")).advice, remedy_for(OSError()).whose
        ('change the prompt', 'the drawing')
    """
    return next((remedy for kind, remedy in _REMEDIES if isinstance(error, kind)), _FOREIGN)
