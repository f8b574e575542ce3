"""How a line of the log looks. Whatever stands in it, it is one record, and no secret is in it."""

import json
import logging
import re
from datetime import UTC, datetime
from typing import Any

from limner.backends.http.secrets import Secrets

_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029]")
FIELDS = "fields"
"""The attribute of a record that holds what machines want to know."""


class HumanLog(logging.Formatter):
    r"""A line for people: when, how grave, what; a traceback follows it, moved in.

    Args:
        secrets: What must not stand in it.

    Examples:
        >>> line = HumanLog(Secrets(["sk-secret"]))
        >>> record = logging.makeLogRecord({"msg": "key\nsk-secret", "levelname": "INFO"})
        >>> line.format(record).partition("  ")[2]
        'INFO     key\\n***'
    """

    def __init__(self, secrets: Secrets) -> None:
        super().__init__()
        self._secrets = secrets

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        when = datetime.fromtimestamp(record.created).strftime("%H:%M:%S")
        request = getattr(record, "request_id", "")
        mark = f" [{request}]" if request else ""
        line = f"{when}  {record.levelname:<8} {_one_line(record.getMessage())}{mark}"
        if record.exc_info:
            line += "\n" + _moved_in(self.formatException(record.exc_info))
        return self._secrets.strike(line)


class JsonLog(logging.Formatter):
    """One JSON object a line.

    Args:
        secrets: What must not stand in it.

    Examples:
        >>> line = JsonLog(Secrets(["sk-secret"]))
        >>> told = json.loads(line.format(logging.makeLogRecord({"msg": "key sk-secret"})))
        >>> told["message"]
        'key ***'
    """

    def __init__(self, secrets: Secrets) -> None:
        super().__init__()
        self._secrets = secrets

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        told: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": self._secrets.strike(record.getMessage()),
        }
        if request := getattr(record, "request_id", ""):
            told["request_id"] = request
        told |= getattr(record, FIELDS, {})
        if record.exc_info:
            told["traceback"] = self._secrets.strike(self.formatException(record.exc_info))
        return self._secrets.strike(json.dumps(told, ensure_ascii=False, default=str))


def _one_line(text: str) -> str:
    """Text from outside must not look like further lines, or command a terminal."""
    return _CONTROL.sub(lambda found: repr(found[0])[1:-1], text)


def _moved_in(text: str) -> str:
    lines = (_one_line(line) for line in text.split("\n"))
    return "\n".join(f"    {line}" for line in lines)
