"""Which proxy a request goes through: as set, else as the environment says."""

import ipaddress
from collections.abc import Callable, Mapping
from urllib.request import getproxies, proxy_bypass

from yarl import URL

from limner.errors import ConfigError

NONE = "none"
"""The setting for no proxy, whatever the environment says."""


def check_proxy(setting: str) -> None:
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

    Example:
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
