"""The token that a request shows."""

from collections.abc import Mapping
from http.cookies import CookieError, SimpleCookie

COOKIE = "limner_token"
LASTS = 30 * 86400
"""Seconds a browser keeps it."""


def bearer_token(headers: Mapping[str, str]) -> str | None:
    """The token in ``Authorization: Bearer`` (RFC 6750).

    Example:
        >>> bearer_token({"authorization": "bearer  abc "}), bearer_token({"authorization": "x"})
        ('abc', None)
    """
    scheme, _, token = headers.get("authorization", "").strip().partition(" ")
    return token.strip() or None if scheme.lower() == "bearer" else None


def cookie_token(headers: Mapping[str, str]) -> str | None:
    """The token in our cookie.

    Example:
        >>> cookie_token({"cookie": "a=b; limner_token=abc"})
        'abc'
    """
    try:
        morsel = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
    except CookieError:
        return None
    return morsel.value or None if morsel is not None else None


def cookie_header(token: str, *, secure: bool) -> bytes:
    """What has a browser keep a token: no script sees it, no other site's page sends it."""
    return _cookie(token, LASTS, secure)


def forgotten_header(*, secure: bool) -> bytes:
    """What has a browser drop the token it keeps."""
    return _cookie("", 0, secure)


def _cookie(token: str, lasts: int, secure: bool) -> bytes:
    # Without a Path the browser sends it to where it logged in and below (RFC 6265 §5.1.4): to
    # /limner behind a proxy, to / without one. Only the browser knows which of them it is.
    secured = "; Secure" if secure else ""
    said = f"{COOKIE}={token}; Max-Age={lasts}; HttpOnly; SameSite=Strict{secured}"
    return said.encode("latin-1", "replace")


def is_cookie_safe(token: str) -> bool:
    """Whether a token can stand in a cookie as it is (RFC 6265, ``cookie-octet``)."""
    return token.isascii() and all(33 <= ord(c) < 127 and c not in '",;\\' for c in token)
