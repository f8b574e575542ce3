"""Addresses of servers: what of them is shown, and what is secret in them."""

from base64 import b64encode
from urllib.parse import SplitResult, unquote, urlsplit, urlunsplit

from yarl import URL

from limner.errors import BackendRejected


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


def server_address(url: str, kind: str) -> tuple[str, str | None, str]:
    """What of a picture server's address is shown and called, and what in it is secret.

    Args:
        url: The address as given.
        kind: What the server should be, for the error.

    Returns:
        The address without user and password, the ``Authorization`` header they make, and the
        password.

    Raises:
        limner.errors.BackendRejected: It is no ``http(s)://`` address, or has a query.

    Examples:
        >>> server_address("http://me:secret@host:7860/", "A1111")
        ('http://host:7860', 'Basic bWU6c2VjcmV0', 'secret')
    """
    shown = "the address"
    try:
        parts = urlsplit(url.strip())
        if parts.scheme in ("http", "https") and parts.hostname and not parts.query:
            base = urlunsplit((parts.scheme, host_of(parts), parts.path.rstrip("/"), "", ""))
            URL(base)  # a ValueError for what nobody can ask
            return base, basic_of(parts), unquote(parts.password or "")
        if "@" not in url:
            shown = repr(url.strip().partition("?")[0])
    except ValueError:
        pass
    article = "an" if kind[:1] in "AEIO" else "a"
    raise BackendRejected(
        f"{shown} is no address of {article} {kind} server: it must begin with http:// or "
        "https://, and have no query"
    )
