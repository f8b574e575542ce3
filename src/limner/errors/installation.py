"""Errors about what is not installed."""

from collections.abc import Iterator
from contextlib import contextmanager

from limner.errors.root import LimnerError


class MissingExtra(LimnerError):
    """What was asked for needs packages that a plain ``pip install limner`` does not bring.

    Attributes:
        what: What was asked for.
        name: The module that is not there.
        extra: The extra of limner that brings it: ``"standard"``, ...
    """

    def __init__(self, what: str, *, name: str, extra: str = "standard") -> None:
        self.what = what
        self.name = name
        self.extra = extra
        super().__init__(
            f"{what} needs the package {name!r}, which is not installed:"
            f" pip install 'limner[{extra}]'"
        )


@contextmanager
def needing(what: str, *, extra: str = "standard") -> Iterator[None]:
    """Around imports: says what to install if a package is missing.

    Raises:
        MissingExtra: A module that is no part of limner is not installed.

    Examples:
        >>> with needing("flying"):
        ...     import antigravitation
        Traceback (most recent call last):
        limner.errors.installation.MissingExtra: flying needs the package 'antigravitation', ...
    """
    try:
        yield
    except ModuleNotFoundError as error:
        name = (error.name or "").partition(".")[0]
        if name in ("", "limner"):
            raise
        raise MissingExtra(what, name=name, extra=extra) from None
