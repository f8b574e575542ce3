"""Turning an error into the reason a slot keeps."""

from limner.errors import LimnerError
from limner.illustration.slot import Failure


def describe(error: BaseException) -> Failure:
    """The reason a reader sees: one line, never empty, without a traceback.

    Example:
        >>> describe(TimeoutError())
        Failure(kind='TimeoutError', reason='TimeoutError')
        >>> describe(OSError("disk full")).reason
        'OSError: disk full'
    """
    kind = type(error).__name__
    said = " ".join(str(error).split())
    if not said:
        return Failure(kind, kind)
    # limner's own errors are whole sentences; a foreign one needs its name to be understood.
    return Failure(kind, said if isinstance(error, LimnerError) else f"{kind}: {said}")
