"""How a server is asked, whatever it is: headers of one's own, and a proxy before it.

These options are those of every backend that talks to a server::

    [backend_options.openai]
    "header.X-Gateway-Key" = "secret"
    proxy = "http://gate:3128"
"""

import ipaddress
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from urllib.request import getproxies, proxy_bypass

from yarl import URL

from limner.errors import ConfigError
from limner.illustration.backend_address import is_secret

NONE = "none"
"""The setting for no proxy, whatever the environment says."""

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

    Examples:
        >>> options = {"steps": "9", "header.X-Team": "art", "proxy": "none"}
        >>> Connecting.of(options)
        ({'steps': '9'}, Connecting(proxy='none'))
    """

    headers: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}), repr=False)
    proxy: str = field(default="")

    def __post_init__(self) -> None:
        for name, value in self.headers.items():
            _check(name, value)
        _check_proxy(self.proxy)

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


def _check_proxy(setting: str) -> None:
    """Refuse what is no proxy.

    Raises:
        limner.errors.ConfigError: It is neither empty, ``none`` nor ``http://…``.
    """
    if setting in ("", NONE):
        return
    try:
        good = URL(setting).scheme == "http" and bool(URL(setting).host)
    except ValueError:
        good = False
    if not good:
        raise ConfigError("the option 'proxy' must be none, or http://host:port")


def proxy_for(
    url: URL,
    setting: str = "",
    *,
    environment: Callable[[], Mapping[str, str]] = getproxies,
    exempt: Callable[[str], object] = proxy_bypass,
) -> URL | None:
    """The proxy for a URL; ``None``: it is asked directly.

    The environment's ``HTTP_PROXY``, ``HTTPS_PROXY`` and ``NO_PROXY`` are for the internet: this
    machine and addresses of a private network are asked directly. A proxy that was set is for
    every request.

    Args:
        url: What is asked for.
        setting: A proxy's URL; ``none``; ``""``: the environment's.
        environment: Gives the environment's proxies by scheme.
        exempt: Whether the environment excepts a host.

    Examples:
        >>> def proxies():
        ...     return {"http": "http://gate:3128"}
        >>> proxy_for(URL("http://far.example/"), environment=proxies, exempt=lambda host: False)
        URL('http://gate:3128')
        >>> proxy_for(URL("http://127.0.0.1:7860/"), environment=proxies) is None
        True
    """
    if setting == NONE:
        return None
    if setting:
        return URL(setting)
    scheme = {"ws": "http", "wss": "https"}.get(url.scheme, url.scheme)
    found, host = environment().get(scheme), url.host or ""
    if not found or _near(host) or exempt(host):
        return None
    try:
        return URL(found if "://" in found else f"http://{found}")
    except ValueError:
        return None


def _near(host: str) -> bool:
    try:
        return not ipaddress.ip_address(host.strip("[]")).is_global
    except ValueError:
        return host == "localhost" or "." not in host or host.endswith((".local", ".localhost"))
