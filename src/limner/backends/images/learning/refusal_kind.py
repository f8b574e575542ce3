"""What a server's "no" is about: too many requests, or that the server is not there."""

from enum import Enum

from limner.backends.http.rate_headers import RateHeaders
from limner.errors import BackendBusy, BackendError
from limner.illustration.generation.retry_policy import away


class RefusalKind(Enum):
    """What a refusal is about."""

    TOO_MANY = "too many"
    UNAVAILABLE = "unavailable"


def kind_of(error: BaseException, headers: RateHeaders | None = None) -> RefusalKind | None:
    """What an error says about the server; ``None``: nothing, it is about the request.

    Args:
        error: What an attempt ended with.
        headers: The quota that came with the answer.

    Examples:
        >>> from limner.errors import BackendUnavailable
        >>> kind_of(BackendBusy("busy", status=503)), kind_of(BackendBusy("busy", status=429))
        (<RefusalKind.UNAVAILABLE: 'unavailable'>, <RefusalKind.TOO_MANY: 'too many'>)
        >>> kind_of(BackendBusy("busy", status=503, retry_after=9))
        <RefusalKind.TOO_MANY: 'too many'>
        >>> kind_of(BackendUnavailable("it failed", status=500)) is None
        True
    """
    if isinstance(error, BackendBusy):
        used_up = headers is not None and headers.remaining == 0
        return RefusalKind.UNAVAILABLE if away(error) and not used_up else RefusalKind.TOO_MANY
    return RefusalKind.UNAVAILABLE if away(error) else None


def in_words(error: BaseException) -> str:
    """A refusal in few words, for a line that tells what is waited for.

    Examples:
        >>> from limner.errors import BackendUnavailable
        >>> in_words(BackendBusy("all of it", status=503)), in_words(BackendUnavailable("refused"))
        ('server busy (503)', 'server not reached')
    """
    status = error.status if isinstance(error, BackendError) else None
    if isinstance(error, BackendBusy):
        said = "server busy"
    elif status is None:
        return "server not reached"
    else:
        said = "server unavailable"
    return said if status is None else f"{said} ({status})"
