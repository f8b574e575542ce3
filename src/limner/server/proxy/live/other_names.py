"""More names of this machine for a browser, which opens six connections to each and no more.

Chromium and Firefox know by themselves that all names below ``localhost`` are this machine's
(RFC 6761 §6.3), so there a picture that is one too many for a name is sent to the next one. They
need no entry anywhere, and nobody else can have them lead elsewhere. Others ask a name server for
them, in vain, and are not sent. Nor is who comes through a reverse proxy that says so: it may know
the name it was given and no other, as Caddy does.
"""

import re
from collections.abc import Iterator, Mapping

from limner.server.http.host_name import hostname, is_loopback

NAMES = 8
"""How many more names there are."""
_KNOWING = re.compile(r"(?:Chrome|Firefox)/")
_PROXIED = frozenset({"forwarded", "via", "x-forwarded-for", "x-forwarded-host"})
_OWN = re.compile(r"pictures-(\d+)\.localhost")


def other_names(headers: Mapping[str, str]) -> Iterator[str]:
    """The names, with the port, under which a browser may ask instead; none if it knows none.

    Each leads on to the later ones only, so that nobody is sent round in a circle.

    Args:
        headers: What the browser says, names in lower case.

    Examples:
        >>> headers = {"host": "127.0.0.1:8750", "user-agent": "Mozilla/5.0 Firefox/140.0"}
        >>> next(other_names(headers))
        'pictures-1.localhost:8750'
        >>> list(other_names(headers | {"host": "pictures-7.localhost:8750"}))
        ['pictures-8.localhost:8750']
        >>> list(other_names(headers | {"host": "192.168.1.5:8750"}))
        []
        >>> list(other_names(headers | {"user-agent": "curl/8.5"}))
        []
        >>> list(other_names(headers | {"x-forwarded-for": "127.0.0.1"}))
        []
    """
    host = headers.get("host", "")
    name = hostname(host) or ""
    own = _OWN.fullmatch(name)
    if not (own or name == "localhost" or is_loopback(name)):
        return
    if not _KNOWING.search(headers.get("user-agent", "")) or not _PROXIED.isdisjoint(headers):
        return
    port = re.search(r":\d+$", host)
    for number in range(int(own[1]) + 1 if own else 1, NAMES + 1):
        yield f"pictures-{number}.localhost{port[0] if port else ''}"
