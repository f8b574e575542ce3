"""What a server tells about its quota in the headers of an answer."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from limner.backends.http.refusal import parse_retry_after

_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_PART = re.compile(r"(\d{1,12}(?:\.\d{1,6})?)(ms|[smhd])")
_EPOCH = 1_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class RateHeaders:
    """A quota, as far as the server tells.

    Attributes:
        limit: Requests in a window.
        remaining: Requests left in it.
        reset: Seconds until it begins anew.
        retry_after: Seconds after which to ask again.
    """

    limit: int | None = None
    remaining: int | None = None
    reset: float | None = None
    retry_after: float | None = None

    @classmethod
    def read(cls, headers: Mapping[str, str], *, now: float) -> "RateHeaders":
        """Read the headers that OpenAI, GitHub, Flask-Limiter and their like send.

        These are ``X-RateLimit-*`` and
        ``RateLimit-*`` (draft-ietf-httpapi-ratelimit-headers).

        Args:
            headers: With names that compare without case.
            now: The present, in seconds since 1970.

        Example:
            >>> RateHeaders.read({"x-ratelimit-reset-requests": "1m2.5s"}, now=0.0).reset
            62.5
        """

        def first(word: str) -> str | None:
            names = (f"x-ratelimit-{word}-requests", f"x-ratelimit-{word}", f"ratelimit-{word}")
            return next((headers[name] for name in names if name in headers), None)

        return cls(
            limit=_count(first("limit")),
            remaining=_count(first("remaining")),
            reset=_seconds(first("reset"), now),
            retry_after=parse_retry_after(headers.get("retry-after"), now=now),
        )


def _count(value: str | None) -> int | None:
    found = re.match(r"\s*(\d{1,12})\b", value or "")
    return int(found[1]) if found else None


def _seconds(value: str | None, now: float) -> float | None:
    value = (value or "").strip()
    if re.fullmatch(r"\d{1,12}(\.\d{1,6})?", value):
        seconds = float(value)
        return max(0.0, seconds - now) if seconds > _EPOCH else seconds
    parts = _PART.findall(value)
    if not parts or "".join(number + unit for number, unit in parts) != value:
        return None
    return sum(float(number) * _UNITS[unit] for number, unit in parts)
