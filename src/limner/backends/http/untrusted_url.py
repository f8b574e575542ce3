"""Fetching a picture from a URL that a server named, without asking whatever it likes.

A server's answer is hostile: a URL in it may lead to a router, a metadata service or a file of
this machine. What is fetched: ``data:`` URIs; URLs of the server itself (same host and port); and
hosts that were allowed by name, whose connections may only go to public addresses. The address
that is really connected to is checked, so that no name can be turned round in between. Every
redirect is checked in the same way.
"""

import errno
import ipaddress
import re
import socket
from collections.abc import Iterable
from typing import Any
from urllib.parse import unquote_to_bytes

import aiohttp
from yarl import URL

from limner.backends.http.address import without_secrets
from limner.errors import BadPicture

_DEFAULT_PORTS = (80, 443)

_NOT_PUBLIC = tuple(
    ipaddress.ip_network(network)
    for network in (
        "::/96",  # an IPv4 address in disguise, given up in RFC 4291
        "64:ff9b::/96",
        "64:ff9b:1::/48",  # translation into whatever network there is, RFC 8215
        "192.88.99.0/24",  # relays of 6to4, given up in RFC 7526
        "168.63.129.16/32",  # Azure's own servant of each machine
    )
)
"""What `ipaddress` takes for public and is not."""


class ForbiddenAddress(OSError):
    """A connection was about to go to an address that is not public."""


def is_public(address: str) -> bool:
    """Whether an IP address is one of the open internet.

    Examples:
        >>> is_public("93.184.216.34"), is_public("169.254.169.254"), is_public("::ffff:10.0.0.1")
        (True, False, False)
    """
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if any(ip in network for network in _NOT_PUBLIC if network.version == ip.version):
        return False
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.teredo is not None or ip.is_site_local:
            return False
        ip = ip.ipv4_mapped or ip.sixtofour or ip
        if isinstance(ip, ipaddress.IPv4Address):
            return is_public(str(ip))
    return ip.is_global and not ip.is_multicast


def is_private(url: URL) -> bool:
    """Whether a URL names a host, by number or as this machine, that is not of the open internet.

    Examples:
        >>> is_private(URL("http://10.0.0.1/")), is_private(URL("http://far.example/"))
        (True, False)
    """
    host = url.host or ""
    try:
        ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
    return not is_public(host)


def public_connector() -> aiohttp.TCPConnector:
    """A connector that connects to public addresses and to no other."""

    def open_socket(place: tuple[Any, ...]) -> socket.socket:
        family, kind, protocol, _, address = place
        if not is_public(str(address[0])):
            raise ForbiddenAddress(errno.EACCES, f"{address[0]} is no public address")
        made = socket.socket(family=family, type=kind, proto=protocol)
        made.setblocking(False)
        return made

    return aiohttp.TCPConnector(force_close=True, use_dns_cache=False, socket_factory=open_socket)


def host_allowed(host: str, patterns: Iterable[str]) -> bool:
    """Whether a host is among the allowed: ``host``, ``*.domain``, or ``*`` for every one.

    Examples:
        >>> host_allowed("a.r2.dev", ["*.r2.dev"]), host_allowed("evil-r2.dev", ["*.r2.dev"])
        (True, False)
    """
    host = host.lower().rstrip(".")
    return any(
        pattern == "*" or host == pattern or (pattern[:2] == "*." and host.endswith(pattern[1:]))
        for pattern in (pattern.lower() for pattern in patterns)
    )


def same_origin(url: URL, base: URL) -> bool:
    """Whether a URL is on the very host and port of the server."""
    return (url.host, url.port, url.scheme) == (base.host, base.port, base.scheme)


def joined(base: URL, text: str) -> URL | None:
    """Where a text leads from there; ``None`` if it is no address that can be asked.

    Examples:
        >>> joined(URL("http://here/a"), "b.png"), joined(URL("http://here"), "http://xn--/b")
        (URL('http://here/b.png'), None)
    """
    try:
        url = base.join(URL(text.strip()))
        # What is wrong with a host or a port is found only when it is looked at.
        return url if url.host is None or (url.host.strip(".") and url.port != 0) else None
    except (ValueError, IndexError):  # IndexError: a host of dots
        return None


def check_url(url: URL, *, base: URL, allowed: Iterable[str], server: str) -> None:
    """Refuse a URL that may not be fetched.

    Raises:
        limner.errors.BadPicture: It is no http(s) URL, or its host is not allowed.
    """
    shown = without_secrets(str(url))[:200]
    if url.scheme not in ("http", "https") or not url.host:
        raise BadPicture(
            f"{server} gave no web address for its picture but {shown!r}", server=server
        )
    if url.user is not None or url.password is not None:
        raise BadPicture(
            f"{server} gave an address with a user in it for its picture: {shown}", server=server
        )
    if same_origin(url, base):
        return
    if not host_allowed(url.host, allowed) or url.port not in _DEFAULT_PORTS:
        raise BadPicture(
            f"{server} put its picture at {shown}, which is not allowed; "
            "if you trust that host, name it in the backend's option hosts",
            server=server,
        )


def data_uri(url: str, *, server: str) -> bytes | str | None:
    """What stands in a ``data:`` URI: bytes, or base64 text; ``None`` if it is no such URI."""
    found = re.match(r"\s*data:([^,]{0,200}),", url, re.IGNORECASE)
    if found is None:
        if re.match(r"\s*data:", url, re.IGNORECASE):
            raise BadPicture(f"{server} gave a broken data: URI for its picture", server=server)
        return None
    rest = url[found.end() :]
    return rest if found[1].lower().endswith(";base64") else unquote_to_bytes(rest)


def is_forbidden(error: BaseException) -> bool:
    """Whether the guard stopped it; where several addresses were tried, only the text tells."""
    inner = error.os_error if isinstance(error, aiohttp.ClientConnectorError) else error
    return isinstance(inner, ForbiddenAddress) or "no public address" in str(error)


def forbidden(url: URL, server: str) -> BadPicture:
    """The error for a picture at an address that may not be asked."""
    return BadPicture(
        f"{server} put its picture at {without_secrets(str(url))}, which leads into a private "
        "network or nowhere: refused",
        server=server,
    )
