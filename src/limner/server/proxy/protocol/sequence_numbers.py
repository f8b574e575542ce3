"""The numbers that events of a stream have, where some are added to it or left out."""

import re

_NUMBER = re.compile(rb'"sequence_number"\s*:\s*(\d+)')


class SequenceNumbers:
    r"""Keeps the numbers of events going up by one, as their server has them.

    Until the first event is added or left out, all are as they came, to the byte.

    Examples:
        >>> numbers = SequenceNumbers()
        >>> numbers.own(b'{"sequence_number": 4}'), numbers.added(b'{"sequence_number":0}')
        (b'{"sequence_number": 4}', b'{"sequence_number":5}')
        >>> numbers.own(b'{"a": "\\"sequence_number\\":1", "sequence_number": 5}')
        b'{"a": "\\"sequence_number\\":1", "sequence_number": 6}'
    """

    __slots__ = ("_last", "_shift")

    def __init__(self) -> None:
        self._last = b""
        self._shift = 0

    def own(self, event: bytes) -> bytes:
        """An event of the server's, with its number among those that are sent."""
        if self._shift:
            number = _number(event)
            event = event if number is None else _numbered(event, number + self._shift)
        self._last = event
        return event

    def left_out(self) -> None:
        """An event of the server's is not sent."""
        self._shift -= 1

    def added(self, event: bytes) -> bytes:
        """An event that the server did not send, with the number that follows the last."""
        before = _number(self._last)
        self._shift += 1
        self._last = event = _numbered(event, 0 if before is None else before + 1)
        return event


def _number(event: bytes) -> int | None:
    found = _NUMBER.search(event)
    return None if found is None else int(found[1])


def _numbered(event: bytes, number: int) -> bytes:
    found = _NUMBER.search(event)
    if found is None:
        return event
    return event[: found.start(1)] + str(number).encode() + event[found.end(1) :]
