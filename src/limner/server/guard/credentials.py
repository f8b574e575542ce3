"""The token that a request shows, and for whom it speaks."""

import hashlib
import re
from collections.abc import Mapping
from http.cookies import CookieError, SimpleCookie

COOKIE = "limner_token"
LASTS = 30 * 86400
"""Seconds a browser keeps it."""
USER = "x-openwebui-user-id"
"""How Open WebUI names its user, if it is told to (``ENABLE_FORWARD_USER_INFO_HEADERS``)."""
LOCAL = "local"
"""Stands for the token where none is needed, since only this machine gets in."""
_PLAIN = re.compile(r"[A-Za-z0-9_.@:-]{1,64}")


def bearer_token(headers: Mapping[str, str]) -> str | None:
    """The token in ``Authorization: Bearer`` (RFC 6750), or in Anthropic's ``x-api-key``.

    Examples:
        >>> bearer_token({"authorization": "bearer  abc "}), bearer_token({"authorization": "x"})
        ('abc', None)
        >>> bearer_token({"x-api-key": "abc"})
        'abc'
    """
    scheme, _, token = headers.get("authorization", "").strip().partition(" ")
    if scheme.lower() == "bearer":
        return token.strip() or None
    return headers.get("x-api-key", "").strip() or None


def cookie_token(headers: Mapping[str, str]) -> str | None:
    """The token in our cookie.

    Examples:
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


def user_of(name: str | None, headers: Mapping[str, str], *, front_end: bool) -> str | None:
    """The owner of what a request has drawn.

    Users of a front-end are owners of their own, each in the name of its token: nobody can be
    taken for the holder of another one, as no token has a slash in its name.

    Args:
        name: Whose token was shown; ``None``: none was needed.
        headers: The request's, names in lower case.
        front_end: Whether the token is a front-end's, which is believed about its users.

    Examples:
        >>> headers = {USER: "5f0c"}
        >>> user_of("webui", headers, front_end=True), user_of("anna", headers, front_end=False)
        ('webui/5f0c', 'anna')
        >>> user_of(None, headers, front_end=True), user_of(None, {}, front_end=True)
        ('local/5f0c', None)
    """
    user = headers.get(USER, "").strip()
    if not (front_end and user):
        return name
    return f"{name or LOCAL}/{plain_name(user)}"


def plain_name(user: str) -> str:
    """A user's name as it is, or a digest of one that is long or has odd characters in it.

    Examples:
        >>> plain_name("ann@example.org"), len(plain_name("Ann / Otto"))
        ('ann@example.org', 32)
    """
    if _PLAIN.fullmatch(user):
        return user
    return hashlib.sha256(user.encode("utf-8", "surrogatepass")).hexdigest()[:32]
