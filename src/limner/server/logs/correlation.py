"""Which request something belongs to, in the log and for whoever asks."""

import logging
from contextvars import ContextVar
from typing import Protocol


class Request(Protocol):
    """The id and the owner of a request, and whose it may see; ``None``: everybody's."""

    id: str
    owner: str | None
    reads: str | None


class Correlation(logging.Filter):
    """Gives every record the id of the request that is being answered.

    A task keeps the request that began it, also after that has been answered.

    Examples:
        >>> import logging
        >>> from types import SimpleNamespace
        >>> correlation = Correlation()
        >>> correlation.begin(SimpleNamespace(id="7f", owner="anna"))
        >>> record = logging.makeLogRecord({"msg": "drawn"})
        >>> correlation.filter(record), record.request_id, correlation.owner()
        (True, '7f', 'anna')
    """

    def __init__(self) -> None:
        super().__init__()
        self._current: ContextVar[Request | None] = ContextVar("request", default=None)

    def begin(self, request: Request) -> None:
        """What follows in this context is for this request."""
        self._current.set(request)

    def owner(self) -> str | None:
        """For whom it is."""
        request = self._current.get()
        return request.owner if request is not None else None

    def reads(self) -> str | None:
        """Whose pictures and texts it may see; ``None``: everybody's."""
        request = self._current.get()
        return request.reads if request is not None else None

    def request_id(self) -> str:
        """Its id; ``""``: there is no request."""
        request = self._current.get()
        return request.id if request is not None else ""

    def filter(self, record: logging.LogRecord) -> bool:
        """Give the id to a record; none is left out."""
        if not hasattr(record, "request_id"):
            request = self._current.get()
            record.request_id = request.id if request is not None else ""
        return True
