"""Errors at the edge: settings, inputs, outputs."""

from limner.errors.root import LimnerError


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


class RequestRejected(LimnerError):
    """A client of our server asked for what cannot be done as it asked.

    Attributes:
        status: The HTTP status that says so.
        kind: The ``type`` of the error, in OpenAI's words.
        code: Its ``code``, if there is one.
        param: Which field of the request is meant, if it is one.
    """

    def __init__(
        self,
        message: str,
        *,
        status: int = 400,
        kind: str = "invalid_request_error",
        code: str | None = None,
        param: str | None = None,
    ) -> None:
        self.status = status
        self.kind = kind
        self.code = code
        self.param = param
        super().__init__(message)
