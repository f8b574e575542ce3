"""Errors of picture and text servers, and of the way to them."""

from collections.abc import Iterable

from limner.errors.root import LimnerError
from limner.errors.scheduling import RetryAfter


class BackendError(LimnerError):
    """Base of what goes wrong at, or on the way to, a picture or text server.

    Attributes:
        server: Which server, by name or URL without credentials; ``None`` if not known.
        status: The HTTP status it answered with, if any.
    """

    def __init__(
        self, message: str, *, server: str | None = None, status: int | None = None
    ) -> None:
        self.server = server
        self.status = status
        # Not super(): `BackendCooling` is a `RetryAfter` too, which takes seconds.
        Exception.__init__(self, message)


class BackendUnavailable(BackendError):
    """The server cannot be reached, or failed by itself (5xx)."""


class BackendRejected(BackendError):
    """The server refused the request as it is: wrong key, unknown model, bad option."""


class BackendBusy(BackendError):
    """The server is overloaded or its quota is used up.

    Attributes:
        retry_after: Seconds after which it may be asked again, or ``None`` if it did not say.
    """

    def __init__(
        self,
        message: str,
        *,
        retry_after: float | None = None,
        server: str | None = None,
        status: int | None = None,
    ) -> None:
        self.retry_after = retry_after
        super().__init__(message, server=server, status=status)


class BackendCooling(BackendBusy, RetryAfter):
    """The server said when it may be asked again: a limiter leaves it alone for so long.

    Attributes:
        seconds: How long the limiter cools down. It may be less than ``retry_after``.
    """

    def __init__(
        self,
        message: str,
        *,
        seconds: float,
        retry_after: float | None = None,
        server: str | None = None,
        status: int | None = None,
    ) -> None:
        self.seconds = seconds
        BackendBusy.__init__(self, message, retry_after=retry_after, server=server, status=status)


class BackendTimeout(BackendError):
    """The server took longer than it was given.

    Attributes:
        accepted: Whether it may have begun; ``False``: the request has not even reached it.
    """

    def __init__(
        self,
        message: str,
        *,
        accepted: bool = True,
        server: str | None = None,
        status: int | None = None,
    ) -> None:
        self.accepted = accepted
        super().__init__(message, server=server, status=status)


class ContentRefused(BackendError):
    """The server's content filter refused the prompt or the picture."""


class StreamCut(BackendError):
    """A text stream ended before the answer was complete."""


class BadPicture(BackendError):
    """What the server sent is not a picture that can be trusted."""


class UnknownBackend(LimnerError, LookupError):
    """No backend has that name.

    Attributes:
        name: The name that was asked for, without a password or query that stood in it.
        known: The names there are.
    """

    def __init__(self, name: str, known: Iterable[str], *, hint: str = "") -> None:
        self.name = name
        self.known = tuple(known)
        told = f"unknown backend {name!r}; known: {', '.join(self.known) or 'none'}"
        super().__init__(f"{told}; {hint}" if hint else told)
