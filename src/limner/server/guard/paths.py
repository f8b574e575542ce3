"""Paths: which are well-formed, and which are open to everybody."""

import re
from urllib.parse import unquote

from limner.prompts import PICTURE_ID
from limner.server.proxy.dialects.every import PLACES

PICTURE = re.compile(rf"/images/({PICTURE_ID})\.png")
"""What stands in texts: its id cannot be guessed, and ``<img>`` shows no token."""
PICTURE_PAGE = re.compile(rf"/picture/({PICTURE_ID})")
"""A picture's own page. It tells the prompt, which the picture does not, so it wants a token."""
LIVENESS = "/healthz"
FORMS = frozenset({"/login", "/logout"})
"""Where the forms of our own pages are sent to."""
EVENTS = "/api/events"
MCP = "/mcp"
_PAIRING = re.compile(r"/api/pairing(?:/[0-9a-f]{32})?")

_PROXIED = ("/v1/", "/models", "/images/generations", *PLACES)

_UNSOUND = re.compile(r"[\x00-\x1f\x7f\\]|/\s*\.\.?\s*(?:/|$)")


def is_sound(path: str, raw: bytes) -> bool:
    r"""Whether a path is what it seems: nothing in it climbs, hides or ends early.

    Examples:
        >>> is_sound("/api/chats/a b", b"/api/chats/a%20b")
        True
        >>> is_sound("/v1/models/org/name", b"/v1/models/org%2Fname")
        True
        >>> is_sound("/images/../etc", b"/images/%2e%2e/etc"), is_sound("/a\\b", b"/a%5Cb")
        (False, False)
        >>> is_sound("/%2e%2e/x", b"/%252e%252e/x"), is_sound("/a\0", b"/a%00")
        (False, False)
        >>> is_sound("//evil.example/x", b"//evil.example/x"), is_sound("http://h/", b"")
        (False, False)
    """
    if not path.startswith("/") or path.startswith("//") or len(raw) > 4096:
        return False
    return not any(map(_UNSOUND.search, {path, unquote(path)}))


def is_open(method: str, path: str) -> bool:
    """Whether a request needs no token.

    Examples:
        >>> is_open("GET", "/images/00ff.png"), is_open("POST", "/images/00ff.png")
        (True, False)
        >>> is_open("GET", "/healthz"), is_open("GET", "/metrics")
        (True, False)
        >>> is_open("POST", "/logout"), is_open("GET", "/logout")
        (True, False)
    """
    if path in FORMS:
        return method == "POST" or (path == "/login" and method in ("GET", "HEAD"))
    picture = PICTURE.fullmatch(path.removeprefix("/v1"))
    return method in ("GET", "HEAD") and (path == LIVENESS or picture is not None)


def is_answered_to_the_end(path: str) -> bool:
    """Whether a path is answered while the server stops.

    A picture stands in a page of others, which would show a torn frame for ever.

    Examples:
        >>> is_answered_to_the_end("/images/00ff.png"), is_answered_to_the_end("/api/chats")
        (True, False)
    """
    return path in (LIVENESS, "/readyz") or bool(PICTURE.fullmatch(path.removeprefix("/v1")))


def is_pairing(method: str, path: str) -> bool:
    """Whether a page asks to be let in, or whether it was: whoever asks that is not in yet.

    Examples:
        >>> is_pairing("POST", "/api/pairing"), is_pairing("GET", "/api/origins")
        (True, False)
    """
    wanted = {"/api/pairing": ("POST", "OPTIONS")}.get(path, ("GET", "OPTIONS"))
    return method in wanted and _PAIRING.fullmatch(path) is not None


def is_proxied(path: str) -> bool:
    """Whether a path is one that chat programs ask, which want errors in their form.

    Examples:
        >>> is_proxied("/v1/models"), is_proxied("/ollama/api/show"), is_proxied("/api/chats")
        (True, True, False)
    """
    return path.startswith(_PROXIED)


def is_shown(path: str) -> bool:
    """Whether a path is a page for people, who are asked for their token.

    Examples:
        >>> is_shown("/"), is_shown("/picture/00ff"), is_shown("/api/chats")
        (True, True, False)
    """
    return path == "/" or PICTURE_PAGE.fullmatch(path) is not None
