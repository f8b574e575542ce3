"""What a server tells about its quota in the headers of an answer."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from limner.backends.http.refusal import retry_after
from limner.backends.http.waiting_time import waiting_time


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
        """Read the headers that OpenAI, Anthropic, GitHub, Flask-Limiter and their like send.

        These are ``X-RateLimit-*``, ``Anthropic-RateLimit-Requests-*``, and ``RateLimit-*``,
        ``RateLimit`` and ``RateLimit-Policy`` of draft-ietf-httpapi-ratelimit-headers, in its
        older and its present form.

        Args:
            headers: With names that compare without case.
            now: The present, in seconds since 1970.

        Examples:
            >>> RateHeaders.read({"x-ratelimit-reset-requests": "1m2.5s"}, now=0.0).reset
            62.5
            >>> RateHeaders.read({"ratelimit-policy": '"default";q=30;w=60'}, now=0.0).window
            60.0
        """

        def first(word: str) -> str | None:
            names = (
                f"x-ratelimit-{word}-requests",
                f"anthropic-ratelimit-requests-{word}",
                f"x-ratelimit-{word}",
                f"ratelimit-{word}",
            )
            return next((headers[name] for name in names if name in headers), None)

        field, policy = headers.get("ratelimit", ""), headers.get("ratelimit-policy", "")
        limit = first("limit") or _parameter(field, "limit") or _quota(policy)
        return cls(
            limit=_count(limit),
            remaining=_count(first("remaining") or _parameter(field, "remaining", "r")),
            reset=waiting_time(first("reset") or _parameter(field, "reset", "t"), now=now),
            retry_after=retry_after(headers, now=now),
            window=waiting_time(
                _parameter(policy, "w") or _parameter(first("limit") or "", "w"), now=now
            ),
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
