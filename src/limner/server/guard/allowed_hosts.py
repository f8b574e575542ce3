"""The host names under which a server may be called.

A page of ``evil.example`` can have its own name lead to 127.0.0.1 and then ask our server as if it
were its own ("DNS rebinding"); what gives it away is the ``Host`` header. A number cannot be
rebound, so addresses are let in.
"""

import ipaddress
from collections.abc import Iterable
from urllib.parse import urlsplit

from limner.server.http.host_name import hostname

LOCAL = frozenset({"localhost", "localhost.localdomain", "ip6-localhost", "host.docker.internal"})
BELOW_LOCAL = ".localhost"
"""No name that ends so can be given to another machine (RFC 6761 §6.3)."""


class AllowedHosts:
    """The host names that requests may use.

    Args:
        public_url: Under which browsers reach the server.
        more: More names; ``*.example.org`` means all below it.

    Examples:
        >>> names = AllowedHosts("https://tales.example.org", ["limner", "*.home.arpa"])
        >>> [names.allows(host) for host in ("localhost:8750", "[::1]:8750", "10.0.0.5", "limner")]
        [True, True, True, True]
        >>> names.allows("pc.home.arpa"), names.allows("tales.example.org:443")
        (True, True)
        >>> names.allows("pictures-1.localhost:8750"), names.allows("localhost.evil.example")
        (True, False)
        >>> names.allows("evil.example"), names.allows("127.0.0.1.evil.example"), names.allows("")
        (False, False, False)
    """

    def __init__(self, public_url: str, more: Iterable[str] = ()) -> None:
        public = urlsplit(public_url).hostname or ""
        known = {name.strip().lower().rstrip(".") for name in more}
        self._names = LOCAL | {public} | {name for name in known if not name.startswith("*.")}
        below = (name[1:] for name in known if name.startswith("*."))
        self._below = (BELOW_LOCAL, *below)

    def allows(self, host: str) -> bool:
        """Whether a ``Host`` header names this server."""
        name = hostname(host)
        if name is None:
            return False
        return name in self._names or _is_address(name) or name.endswith(self._below)


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name.partition("%")[0])
    except ValueError:
        return False
    return True
