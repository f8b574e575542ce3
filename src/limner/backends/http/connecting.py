"""How a server is asked, whatever it is: headers of one's own, and a proxy before it.

These options are those of every backend that talks to a server::

    [backend_options.openai]
    "header.X-Gateway-Key" = "secret"
    proxy = "http://gate:3128"
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from yarl import URL

from limner.backends.http.proxy import check_proxy
from limner.errors import ConfigError
from limner.illustration.backend_address import is_secret

PREFIX, PROXY = "header.", "proxy"

_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}")
_OURS = frozenset(
    ("host", "content-length", "content-type", "transfer-encoding", "connection", "upgrade")
)
"""Headers that say how a request is sent: they follow from it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Connecting:
    """How a server is asked.

    Attributes:
        headers: For every request to it, and to nobody else. They go before a backend's own.
        proxy: The proxy's URL; ``none``; ``""``: the environment's, for the internet.

    Raises:
        limner.errors.ConfigError: A header cannot be sent, or the proxy is none.

    Example:
        >>> options = {"steps": "9", "header.X-Team": "art", "proxy": "none"}
        >>> Connecting.of(options)
        ({'steps': '9'}, Connecting(proxy='none'))
    """

    headers: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}), repr=False)
    proxy: str = field(default="")

    def __post_init__(self) -> None:
        for name, value in self.headers.items():
            _check(name, value)
        check_proxy(self.proxy)

    @classmethod
    def of(cls, options: Mapping[str, str]) -> "tuple[dict[str, str], Connecting]":
        """The options that are a backend's own, and how its server is asked."""
        own = {
            name: value
            for name, value in options.items()
            if name != PROXY and not name.startswith(PREFIX)
        }
        headers = {
            name.removeprefix(PREFIX): value.strip()
            for name, value in options.items()
            if name.startswith(PREFIX)
        }
        return own, cls(headers=headers, proxy=options.get(PROXY, "").strip())

    @property
    def secrets(self) -> list[str]:
        """What in it must not be shown."""
        told = [value for name, value in self.headers.items() if is_secret(name)]
        bare = [value.partition(" ")[2] for value in told]
        return [*told, *bare, URL(self.proxy).password or ""]


def _check(name: str, value: str) -> None:
    """Refuse what is no header, or not for an option to set."""
    if not _NAME.fullmatch(name) or name.lower() in _OURS:
        raise ConfigError(f"the option 'header.{name[:60]}' names no header that can be set")
    if not (value.isascii() and value.isprintable()):
        raise ConfigError(f"the option 'header.{name}' holds what cannot stand in a header")
