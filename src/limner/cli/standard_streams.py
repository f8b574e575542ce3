"""Standard output and standard error that cannot be written: the work is done all the same."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

OUTPUT = "standard output"


def lead_nowhere(stream: IO[Any]) -> None:
    """What a stream still holds goes nowhere: Python would complain once more at its exit."""
    with suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)


class Stream:
    """A stream that is led nowhere as soon as it cannot be written.

    Args:
        stream: What is written to.
        needed: Whether it is an error that it cannot be; otherwise it is only known.
    """

    def __init__(self, stream: IO[str], *, needed: bool) -> None:
        self._stream = stream
        self._needed = needed
        self.failed = False
        """Whether something was not written."""

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def __iter__(self) -> Iterator[str]:
        return iter(self._stream)

    def write(self, text: str) -> int:
        """Write it, if that is possible."""
        if text == "":
            return 0  # somebody asks what kind of stream this is, and hears of no error
        try:
            return self._stream.write(text)
        except OSError as error:
            self._lead_nowhere(error)
        return len(text)

    def flush(self) -> None:
        """Have it written, if that is possible."""
        try:
            self._stream.flush()
        except OSError as error:
            self._lead_nowhere(error)

    def _lead_nowhere(self, error: OSError) -> None:
        self.failed = True
        lead_nowhere(self._stream)
        if self._needed and isinstance(error, BrokenPipeError):
            raise error
        if self._needed:
            raise OSError(error.errno, error.strerror or str(error), OUTPUT)


@contextmanager
def lasting_streams() -> Iterator[Stream]:
    """Have both standard streams last for the time of the block; gives standard error."""
    before = sys.stdout, sys.stderr
    with Path(os.devnull).open("w") as nowhere:  # one may have been closed when the process began
        errors = Stream(before[1] or nowhere, needed=False)
        sys.stdout = Stream(before[0] or nowhere, needed=True)
        sys.stderr = errors
        try:
            yield errors
        finally:
            sys.stdout, sys.stderr = before
