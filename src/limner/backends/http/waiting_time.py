"""How long a server asks to wait, in the many ways in which servers say so."""

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

_NUMBER = re.compile(r"[+-]?\d{1,15}(?:\.\d{0,9})?", re.ASCII)
_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_PART = re.compile(r"(\d{1,12}(?:\.\d{1,6})?)\s?(ms|[smhd])", re.ASCII | re.IGNORECASE)
_EPOCH = 1_000_000_000
"""A number above this is an instant: nobody asks to wait for thirty years."""


def waiting_time(value: str | None, *, now: float) -> float | None:
    """Seconds to wait, from the value of a header.

    A number of seconds, several of which only the first counts of; a duration such as ``1m2.5s`` or
    ``500ms``; an instant: seconds since 1970, an HTTP date (RFC 9110 section 5.6.7, its obsolete
    forms too), or one of ISO 8601, which is UTC if it does not say.

    Args:
        value: The value.
        now: The present, in seconds since 1970.

    Returns:
        Seconds from now, at least 0; ``None`` if the value is absent or makes no sense.

    Examples:
        >>> [waiting_time(value, now=0.0) for value in ("7", "7, 7", "1m2.5s", "500ms", "soon")]
        [7.0, 7.0, 62.5, 0.5, None]
        >>> waiting_time("1970-01-01T00:01:00Z", now=45.0)
        15.0
    """
    value = (value or "").strip()[:100]
    if _NUMBER.fullmatch(first := value.partition(",")[0].strip()):
        seconds = float(first)
        return max(seconds - now if seconds > _EPOCH else seconds, 0.0)
    if parts := _PART.findall(value):
        if _PART.sub("", value).strip():
            return None
        return sum(float(number) * _UNITS[unit.lower()] for number, unit in parts)
    instant = _instant(value)
    return None if instant is None else max(instant - now, 0.0)


def _instant(value: str) -> float | None:
    if ":" not in value:
        return None  # the parser of dates finds one in any digits
    try:
        return parsedate_to_datetime(value).timestamp()
    except (ValueError, OverflowError):
        pass
    try:
        moment = datetime.fromisoformat(value)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None
