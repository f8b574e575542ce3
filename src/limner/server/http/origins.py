"""Who may use the proxy from a web page (Fetch standard, "CORS protocol").

A page that somebody merely visits must not spend a model's time or read its answers. Servers and
programs send no ``Origin``; pages on this machine and those in the settings may, others not.
"""

from collections.abc import Sequence

from limner.server.http.exchange import Header
from limner.server.http.host_name import origin_name

_HERE = ("localhost", "127.0.0.1", "::1")


def is_allowed(origin: str, allowed: Sequence[str]) -> bool:
    """Whether pages of this origin may use the proxy.

    Examples:
        >>> is_allowed("http://localhost:8000", ()), is_allowed("https://example.org", ())
        (True, False)
        >>> is_allowed("http://127.0.0.1:8000.evil.example", ())
        False
        >>> is_allowed("https://example.org", ("https://example.org",))
        True
    """
    if "*" in allowed or origin.rstrip("/") in allowed:
        return True
    return origin_name(origin) in _HERE


def cors_headers(origin: str) -> list[Header]:
    """What lets a page of an allowed origin read an answer."""
    return [
        (b"access-control-allow-origin", origin.encode("latin-1")),
        (b"access-control-expose-headers", b"x-request-id, x-limner-mode, retry-after"),
        (b"vary", b"Origin"),
    ]


def preflight_headers(asked: str | None) -> list[Header]:
    """The headers that answer a preflight request."""
    wanted = asked or "authorization, content-type"
    return [
        (b"access-control-allow-methods", b"GET, HEAD, POST, OPTIONS"),
        (b"access-control-allow-headers", wanted.encode("latin-1")),
        (b"access-control-max-age", b"600"),
    ]
