"""Names and addresses of machines, as requests have them."""

import ipaddress
import re
from functools import lru_cache
from urllib.parse import urlsplit

_IN_BRACKETS = re.compile(r"\[[0-9a-f:.]+(?:%[\w.~-]+)?\](?::\d*)?", re.IGNORECASE)
"""An IPv6 address and nothing more: not every `urlsplit` minds what follows the bracket."""
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*", re.IGNORECASE)


@lru_cache(maxsize=64)  # every request names one, and most name the same
def hostname(host: str) -> str | None:
    """The name in a ``Host`` header, in lower case; ``None`` if it is none.

    Examples:
        >>> hostname("LOCALHOST.:80"), hostname("[::1]:80"), hostname("a@b"), hostname("a/b")
        ('localhost', '::1', None, None)
        >>> hostname("127.0.0.1:80.evil.example"), hostname("[::1].evil.example")
        (None, None)
    """
    if not host or any(mark in host for mark in "@/\\?#, \t"):
        return None
    if any(mark in host for mark in "[]%") and not _IN_BRACKETS.fullmatch(host):
        return None
    try:
        parts = urlsplit(f"//{host}")
        parts.port  # noqa: B018 - reading it checks it
    except ValueError:
        return None
    return (parts.hostname or "").rstrip(".") or None


def origin_name(origin: str) -> str | None:
    """The name of the host in an ``Origin`` header, in lower case; ``None`` if it has none.

    It is a scheme, a host and perhaps a port (RFC 6454), and whoever says more says something
    else: the names that begin like ours are anybody's.

    Examples:
        >>> origin_name("http://LOCALHOST:8000"), origin_name("http://[::1]:80")
        ('localhost', '::1')
        >>> origin_name("http://127.0.0.1:80.evil.example"), origin_name("http://a@127.0.0.1")
        (None, None)
        >>> origin_name("null"), origin_name("http://127.0.0.1/"), origin_name("//127.0.0.1")
        (None, None, None)
    """
    scheme, _, host = origin.partition("://")
    return hostname(host) if _SCHEME.fullmatch(scheme) else None


def is_loopback(address: str) -> bool:
    """Whether only this machine reaches an address.

    Examples:
        >>> [is_loopback(one) for one in ("127.0.0.1", "::1", "::ffff:127.0.0.1", "0.0.0.0", "::")]
        [True, True, True, False, False]
    """
    try:
        number = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(number, ipaddress.IPv6Address):
        number = number.ipv4_mapped or number
    return number.is_loopback
