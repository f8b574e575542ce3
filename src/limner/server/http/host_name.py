"""Names and addresses of machines, as requests have them."""

import ipaddress
from functools import lru_cache
from urllib.parse import urlsplit


@lru_cache(maxsize=64)  # every request names one, and most name the same
def hostname(host: str) -> str | None:
    """The name in a ``Host`` header, in lower case; ``None`` if it is none.

    Examples:
        >>> hostname("LOCALHOST.:80"), hostname("[::1]:80"), hostname("a@b"), hostname("a/b")
        ('localhost', '::1', None, None)
    """
    if not host or any(mark in host for mark in "@/\\?#, \t"):
        return None
    try:
        parts = urlsplit(f"//{host}")
        parts.port  # noqa: B018 - reading it checks it
    except ValueError:
        return None
    return (parts.hostname or "").rstrip(".") or None


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
