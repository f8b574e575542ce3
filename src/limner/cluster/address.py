"""Connections to a Valkey (or Redis) server, by its address."""

from __future__ import annotations

import redis.asyncio
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

SCHEMES = frozenset({"valkey", "valkeys", "valkey+unix", "redis", "rediss", "unix"})


def connected(url: str, *, timeout: float, text: bool = False) -> redis.asyncio.Redis:
    """A client of a server; nothing is asked yet, and nothing that failed is sent again by itself.

    Args:
        url: ``valkey://``, ``valkeys://``, ``redis://``, ``rediss://`` or ``unix://``.
        timeout: Seconds after which an answer is not waited for any more.
        text: Whether answers are text in place of bytes.

    Raises:
        ValueError: No such address.
    """
    scheme, _, rest = url.partition("://")
    if scheme not in SCHEMES or not rest:
        raise ValueError("it begins with valkey://, valkeys:// (encrypted) or unix://")
    scheme = scheme.replace("valkey+unix", "unix")
    return redis.asyncio.Redis.from_url(
        f"{scheme.replace('valkey', 'redis')}://{rest}",
        protocol=2,
        decode_responses=text,
        socket_timeout=timeout,
        socket_connect_timeout=timeout,
        retry=Retry(NoBackoff(), 0),
    )
