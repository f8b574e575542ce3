"""Every error limner raises on purpose, in one tree.

::

    LimnerError
    ├── SchedulingError            the limiter, its groups and barriers
    │   ├── JobDropped             shed by an overflow strategy or by stop()
    │   ├── JobCancelled           cancelled through the limiter, not by the awaiter
    │   ├── JobExpired             ran longer than its `expiration`
    │   ├── QueueTimeout           waited longer than its `queue_timeout`
    │   ├── LimiterStopped         submitted after stop()
    │   ├── DuplicateJob           its id is already in use
    │   ├── Overweight             heavier than the limiter can ever carry (also a ValueError)
    │   ├── WouldDeadlock          waits inside itself for a slot that only it can free
    │   ├── RetryAfter             raised by a job: nobody may start for so many seconds
    │   └── BarrierTimeout         some named parts never arrived
    ├── PatternError               a tag pattern cannot be used (also a ValueError)
    ├── IllustrationError          one message being illustrated
    │   ├── MessageBusy            a manual operation on a message that is being written
    │   ├── UnknownSlot            no such message, slot or alternative (also a LookupError)
    │   └── SourceFailed           the text stopped with an error; what arrived is in `.result`
    ├── BackendError               a picture or text server, or the way to it
    │   ├── BackendUnavailable     cannot be reached, or answered with its own failure
    │   ├── BackendRejected        it understood and refused: key, model, option
    │   ├── BackendBusy            it asked us to come back later
    │   ├── BackendTimeout         it took longer than it was given
    │   ├── ContentRefused         its content filter said no
    │   ├── StreamCut              a text stream ended before the answer did
    │   └── BadPicture             what it sent is not a picture that can be trusted
    ├── UnknownBackend             no backend has that name (also a LookupError)
    ├── ConfigError                a setting is unknown or wrong
    ├── SourceError                a text file or standard input cannot be read
    └── OutputError                the result cannot be written where it was asked for

Each carries its context in fields, so that code never parses a message. A user's own exception
is never wrapped by the scheduler; it passes through as it is.
"""

from collections.abc import Iterable


class LimnerError(Exception):
    """Base of every error limner raises on purpose."""


class SchedulingError(LimnerError):
    """Base of the errors of limiters, groups and barriers."""


class JobDropped(SchedulingError):
    """The job was shed before it started.

    Attributes:
        strategy: What shed it: ``"leak"``, ``"overflow"``, ``"overflow_priority"``, ``"block"``,
            ``"stop"`` or ``"delete"``.
    """

    def __init__(self, strategy: str) -> None:
        self.strategy = strategy
        super().__init__(f"the job was dropped before it started (strategy: {strategy})")


class JobCancelled(SchedulingError):
    """The job was cancelled through its limiter or its handle.

    Attributes:
        reason: What the canceller said, or ``None``.
    """

    def __init__(self, reason: str | None = None) -> None:
        self.reason = reason
        super().__init__(f"the job was cancelled{f': {reason}' if reason else ''}")


class JobExpired(SchedulingError):
    """The job ran longer than its ``expiration`` and was stopped.

    Attributes:
        expiration: The bound, in seconds.
    """

    def __init__(self, expiration: float) -> None:
        self.expiration = expiration
        super().__init__(f"the job was stopped because it ran longer than {expiration:g} s")


class QueueTimeout(SchedulingError):
    """The job waited longer than its ``queue_timeout`` and left the queue.

    Attributes:
        queue_timeout: The bound, in seconds.
    """

    def __init__(self, queue_timeout: float) -> None:
        self.queue_timeout = queue_timeout
        super().__init__(f"the job left the queue after waiting {queue_timeout:g} s")


class LimiterStopped(SchedulingError):
    """The limiter was stopped and takes no more jobs."""

    def __init__(self, name: str | None = None) -> None:
        self.name = name
        super().__init__(f"the limiter{f' {name!r}' if name else ''} has been stopped")


class DuplicateJob(SchedulingError):
    """A job with this id is still waiting or running.

    Attributes:
        id: The id in use.
    """

    def __init__(self, id: str) -> None:  # noqa: A002 - the field's own name
        self.id = id
        super().__init__(f"a job with id {id!r} is still waiting or running")


class Overweight(SchedulingError, ValueError):
    """The job is heavier than the limiter can ever carry.

    Attributes:
        weight: The job's weight.
        limit: What the limiter carries at most.
    """

    def __init__(self, weight: int, limit: int) -> None:
        self.weight = weight
        self.limit = limit
        super().__init__(f"a job of weight {weight} can never start: the limit is {limit}")


class WouldDeadlock(SchedulingError):
    """The job would wait for a slot that only its own caller could free."""


class RetryAfter(SchedulingError):
    """Raised *by a job*: what it talks to wants to be left alone for a while.

    The limiter the job runs in then starts nothing for that long, and lets one job through alone
    before it lets the others.

    Attributes:
        seconds: How long.
    """

    def __init__(self, seconds: float) -> None:
        if isinstance(seconds, bool) or not isinstance(seconds, int | float):
            raise TypeError(f"seconds must be a number, not {seconds!r}")
        if not 0 <= seconds < float("inf"):
            raise ValueError(f"seconds must be finite and at least 0, not {seconds!r}")
        self.seconds = seconds
        super().__init__(f"asked to come back after {seconds:g} s")


class BarrierTimeout(SchedulingError):
    """Some of a barrier's named parts did not arrive in time.

    Attributes:
        missing: The parts that never arrived, in the barrier's order.
        timeout: The bound, in seconds.
    """

    def __init__(self, missing: Iterable[str], timeout: float) -> None:
        self.missing = tuple(missing)
        self.timeout = timeout
        super().__init__(f"still missing after {timeout:g} s: {', '.join(self.missing)}")


class PatternError(LimnerError, ValueError):
    """A tag pattern cannot be used.

    Attributes:
        pattern: The pattern as it was given.
        reason: Why, in words for the person who wrote it.
    """

    def __init__(self, pattern: str, reason: str) -> None:
        self.pattern = pattern
        self.reason = reason
        super().__init__(f"the pattern {pattern!r} cannot be used: {reason}")


class IllustrationError(LimnerError):
    """Base of the errors about one message being illustrated."""


class MessageBusy(IllustrationError):
    """A manual operation was asked for while the message is still being written.

    Attributes:
        message_id: The message.
    """

    def __init__(self, message_id: str) -> None:
        self.message_id = message_id
        super().__init__(
            f"message {message_id!r} is still being written; try again when it is finished"
        )


class UnknownSlot(IllustrationError, LookupError):
    """There is no such message, slot or alternative.

    Attributes:
        what: What was looked for.
    """

    def __init__(self, what: str) -> None:
        self.what = what
        super().__init__(f"there is no {what}")


class SourceFailed(IllustrationError):
    """The text stopped with an error before its end; what arrived is illustrated and kept.

    Attributes:
        result: The illustrated message (`limner.illustration.Illustrated`), complete but for the
            text that never came. The source's own error is ``__cause__``.
    """

    def __init__(self, result: object, cause: BaseException) -> None:
        self.result = result
        super().__init__(f"the text stopped before its end: {cause}")


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
        super().__init__(message)


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


class BackendTimeout(BackendError):
    """The server took longer than it was given."""


class ContentRefused(BackendError):
    """The server's content filter refused the prompt or the picture."""


class StreamCut(BackendError):
    """A text stream ended before the answer was complete."""


class BadPicture(BackendError):
    """What the server sent is not a picture that can be trusted."""


class UnknownBackend(LimnerError, LookupError):
    """No backend has that name.

    Attributes:
        name: The name that was asked for.
        known: The names there are.
    """

    def __init__(self, name: str, known: Iterable[str]) -> None:
        self.name = name
        self.known = tuple(known)
        super().__init__(f"unknown backend {name!r}; known: {', '.join(self.known) or 'none'}")


class ConfigError(LimnerError):
    """A setting is unknown or wrong, or the settings file cannot be read."""


class SourceError(LimnerError):
    """A text file or standard input cannot be read as text.

    Attributes:
        source: The file's path, or ``"-"`` for standard input.
    """

    def __init__(self, message: str, *, source: str) -> None:
        self.source = source
        super().__init__(message)


class OutputError(LimnerError):
    """The result cannot be written where it was asked for.

    Attributes:
        path: Where.
    """

    def __init__(self, message: str, *, path: str) -> None:
        self.path = path
        super().__init__(message)
