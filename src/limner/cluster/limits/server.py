"""The Valkey or Redis server: the script's calls, and the rings at our door."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import suppress
from importlib.resources import files
from typing import Any

import redis.exceptions
from redis.exceptions import RedisError

from limner.cluster.address import connected
from limner.cluster.limits.wire import Answer, News, answer, news
from limner.errors import SharedLimitsUnavailable

PARTS = ("state", "order", "expiry", "rule", "leases", "clients", "exchange")
"""The script's files; each uses what those before it say."""
QUIET = 5.0
"""Seconds without a ring after which the line is tried."""


def script() -> str:
    """The whole script."""
    folder = files("limner.cluster.limits") / "script"
    return "\n".join((folder / f"{part}.lua").read_text("utf-8") for part in PARTS)


class ValkeyServer:
    """A server, asked by one script.

    Args:
        url: ``valkey://``, ``valkeys://``, ``redis://``, ``rediss://`` or ``unix://``.
        timeout: Seconds after which an answer is not waited for any more.
    """

    def __init__(self, url: str, *, timeout: float) -> None:
        self._client = connected(url, timeout=timeout)  # the exchange says what is sent again
        self._script = self._client.register_script(script())
        self._checked = False

    async def call(self, prefix: str, arguments: Sequence[str | int]) -> Answer:
        """Run the script.

        Raises:
            SharedLimitsUnavailable: It could not be run.
        """
        try:
            if not self._checked:
                await self._check_memory_policy()
            said: Any = await self._script(keys=[prefix], args=list(arguments))
        except (RedisError, OSError, TimeoutError) as error:
            raise SharedLimitsUnavailable(in_words(error)) from error
        return answer(said)

    async def _check_memory_policy(self) -> None:
        """A server that throws keys away when it is full would forget who runs."""
        with suppress(redis.exceptions.ResponseError):  # not everybody may ask for that
            settings = await self._client.config_get("maxmemory*")
            policy, most = settings.get("maxmemory-policy"), settings.get("maxmemory")
            if policy not in (None, "noeviction") and most not in (None, "0"):
                raise SharedLimitsUnavailable(
                    f"its maxmemory-policy is {policy}, which forgets who runs when memory is "
                    "short; set it to noeviction"
                )
        self._checked = True

    async def rings(self, channel: str) -> AsyncGenerator[News | None, None]:
        """News as they are told; ``None`` when it has begun.

        Raises:
            SharedLimitsUnavailable: The line is gone.
        """
        listener = self._client.pubsub()
        try:
            await listener.subscribe(channel)
            quiet = False
            while True:
                said = await listener.get_message(timeout=QUIET)
                if said is None:
                    if quiet:
                        raise SharedLimitsUnavailable("it does not answer any more")
                    quiet = True
                    await listener.ping()
                    continue
                quiet = False
                if said["type"] == "subscribe":
                    yield None
                elif said["type"] == "message":
                    yield news(said["data"])
        except (RedisError, OSError, TimeoutError) as error:
            raise SharedLimitsUnavailable(in_words(error)) from error
        finally:
            with suppress(RedisError, OSError, TimeoutError):
                await listener.aclose()  # type: ignore[no-untyped-call]

    async def aclose(self) -> None:
        """Close all connections."""
        with suppress(RedisError, OSError, TimeoutError):
            await self._client.aclose()


def in_words(error: BaseException) -> str:
    """Why a call failed, in one line."""
    said = str(error).splitlines()[0] if str(error) else ""
    return said or type(error).__name__
