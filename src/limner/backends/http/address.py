"""Addresses of servers: what of them is shown, and what is secret in them."""

from base64 import b64encode
from urllib.parse import SplitResult, unquote, urlsplit, urlunsplit


def without_secrets(url: str) -> str:
    """A URL fit to be shown: no user, no password, no query, no fragment."""
    try:
        parts = urlsplit(url)
        return urlunsplit((parts.scheme, host_of(parts), parts.path, "", ""))
    except ValueError:
        return "an invalid URL"


def host_of(parts: SplitResult) -> str:
    """Host and port; a `ValueError` if no such host can exist."""
    host = parts.hostname or ""
    if not host.isprintable() or " " in host:
        raise ValueError("a host has no such characters")
    host.encode("idna")  # a UnicodeError is a ValueError
    if ":" in host:
        host = f"[{host}]"
    return f"{host}:{parts.port}" if parts.port else host


def basic_of(parts: SplitResult) -> str | None:
    """The ``Authorization`` header for ``user:password@`` in an address, if it stands there."""
    if parts.username is None and parts.password is None:
        return None
    pair = f"{unquote(parts.username or '')}:{unquote(parts.password or '')}"
    return "Basic " + b64encode(pair.encode()).decode()
