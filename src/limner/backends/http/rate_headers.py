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
        window: Seconds in which ``limit`` requests are let through.
    """

    limit: int | None = None
    remaining: int | None = None
    reset: float | None = None
    retry_after: float | None = None
    window: float | None = None

    @classmethod
    def read(cls, headers: Mapping[str, str], *, now: float) -> "RateHeaders":
        """Read the headers that OpenAI, GitHub, Flask-Limiter and their like send.

        These are ``X-RateLimit-*``, and ``RateLimit-*``, ``RateLimit`` and ``RateLimit-Policy``
        of draft-ietf-httpapi-ratelimit-headers, in its older and its present form.

        Args:
            headers: With names that compare without case.
            now: The present, in seconds since 1970.

        Example:
            >>> RateHeaders.read({"x-ratelimit-reset-requests": "1m2.5s"}, now=0.0).reset
            62.5
            >>> RateHeaders.read({"ratelimit-policy": '"default";q=30;w=60'}, now=0.0).window
            60.0
        """

        def first(word: str) -> str | None:
            names = (f"x-ratelimit-{word}-requests", f"x-ratelimit-{word}", f"ratelimit-{word}")
            return next((headers[name] for name in names if name in headers), None)

        field, policy = headers.get("ratelimit", ""), headers.get("ratelimit-policy", "")
        limit = first("limit") or _parameter(field, "limit") or _quota(policy)
        return cls(
            limit=_count(limit),
            remaining=_count(first("remaining") or _parameter(field, "remaining", "r")),
            reset=_seconds(first("reset") or _parameter(field, "reset", "t"), now),
            retry_after=parse_retry_after(headers.get("retry-after"), now=now),
            window=_seconds(_parameter(policy, "w") or _parameter(first("limit") or "", "w"), now),
        )


def _parameter(value: str, *names: str) -> str | None:
    """A parameter of the first item of a structured field, such as ``t=5``."""
    for name in names:
        found = re.search(rf"(?:^|[;,\s]){name}\s*=\s*(\d{{1,12}})", value[:500])
        if found:
            return found[1]
    return None


def _quota(policy: str) -> str | None:
    """The quota of the first item of ``RateLimit-Policy``: ``"name";q=30;w=60`` or ``30;w=60``."""
    first = policy.partition(",")[0]
    return _parameter(first, "q") or (first if _count(first) is not None else None)


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
