"""Turning an error into the reason a slot keeps."""

from limner.errors import LimnerError
from limner.illustration.model.slot import Failure


def describe(error: BaseException) -> Failure:
    """The reason a reader sees: one line for people, without a traceback or a class's name.

    Example:
        >>> describe(TimeoutError())
        Failure(kind='TimeoutError', reason='the drawing broke off, and nothing says why')
        >>> describe(OSError("disk full")).reason
        'the drawing broke off: disk full'
    """
    kind = type(error).__name__
    said = " ".join(str(error).split())
    if not said:
        return Failure(kind, "the drawing broke off, and nothing says why")
    # limner's own errors are whole sentences.
    return Failure(
        kind, said if isinstance(error, LimnerError) else f"the drawing broke off: {said}"
    )
