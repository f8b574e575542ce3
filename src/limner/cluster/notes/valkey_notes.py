"""What is told for a while, in a Valkey (or Redis) server: the last preview of a picture, say.

Nothing that must not be lost is told so. A note that cannot be kept or read is as if it was never
there.
"""

from __future__ import annotations

import logging
from contextlib import suppress
from typing import Any

from redis.exceptions import RedisError

from limner.closing import Closing
from limner.cluster.address import connected

logger = logging.getLogger("limner.cluster")

TIMEOUT = 2.0
"""Seconds after which an answer is not waited for any more."""
FAILURES = (RedisError, OSError, TimeoutError)


class ValkeyNotes(Closing):
    """Notes that all processes keep and read.

    Args:
        url: Of the server; see `limner.cluster.address.connected`.
        name: What stands before the names of all notes.
        timeout: Seconds after which an answer is not waited for any more.

    Raises:
        ValueError: No such address.
    """

    def __init__(self, url: str, *, name: str = "limner", timeout: float = TIMEOUT) -> None:
        self._client = connected(url, timeout=timeout)
        self._prefix = "{" + name + "}:note:"

    async def put(self, name: str, note: bytes, *, ttl: float) -> bool:
        """Keep a note for so many seconds, in the place of a former one; tells whether it is kept.

        Args:
            name: Its name.
            note: What it says.
            ttl: Seconds.
        """
        try:
            await self._client.set(self._prefix + name, note, px=round(ttl * 1000))
        except FAILURES as error:
            logger.debug("a note is not kept: %s", error)
            return False
        return True

    async def get(self, name: str) -> bytes | None:
        """Read a note; ``None``: there is none, or nobody knows."""
        try:
            found: Any = await self._client.get(self._prefix + name)
        except FAILURES as error:
            logger.debug("a note is not read: %s", error)
            return None
        return found if isinstance(found, bytes) else None

    async def drop(self, name: str) -> None:
        """Forget a note."""
        with suppress(*FAILURES):
            await self._client.delete(self._prefix + name)

    async def aclose(self) -> None:
        """Close the connection. Twice is fine."""
        with suppress(*FAILURES):
            await self._client.aclose()
