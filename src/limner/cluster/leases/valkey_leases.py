"""What only one process may do at a time, kept in a Valkey (or Redis) server.

A lease ends by itself when its holder has not renewed it for `ttl` seconds, so what a dead process
held is soon free. Whoever cannot renew his leases knows before anybody else may have them: he is
told after four fifths of that time.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from redis.exceptions import RedisError

from limner.closing import Closing
from limner.cluster.address import connected
from limner.cluster.ending import ended

TTL = 5.0
CUT_OFF = 0.8
"""The part of `ttl` after which a lease that could not be renewed is given up."""
BEATS = 5
"""Renewals in a `ttl`."""
FAILURES = (RedisError, OSError, TimeoutError)

_RENEW = """
local lost = {}
for at, key in ipairs(KEYS) do
  if redis.call('GET', key) == ARGV[1] then redis.call('PEXPIRE', key, ARGV[2])
  elseif not redis.call('SET', key, ARGV[1], 'NX', 'PX', ARGV[2]) then lost[#lost + 1] = key end
end
return lost
"""
"""Renews leases, and takes those again that a server has forgotten; gives those of others."""
_RELEASE = "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end"


class ValkeyLeases(Closing):
    """The leases of one process.

    Args:
        url: Of the server; see `limner.cluster.address.connected`.
        name: What stands before the names of all leases.
        ttl: Seconds after which the leases of a process that is not heard are free.

    Raises:
        ValueError: No such address.
    """

    def __init__(self, url: str, *, name: str = "limner", ttl: float = TTL) -> None:
        self._client = connected(url, timeout=ttl / 4, text=True)
        self._prefix = "{" + name + "}:lease:"
        self._ttl = ttl
        self._me = secrets.token_hex(8)
        self._held: dict[str, Callable[[], object]] = {}
        self._renew = self._client.register_script(_RENEW)
        self._release = self._client.register_script(_RELEASE)
        self._beating: asyncio.Task[None] | None = None

    async def take(self, name: str, lost: Callable[[], object]) -> bool:
        """Take a lease; ``False``: somebody else has it.

        While the server does not answer nobody knows who has one: it is taken for free, and given
        up again when it turns out that it is not.

        Args:
            name: Its name.
            lost: Called when it is lost: its holder has to stop.
        """
        if name in self._held:
            return False
        self._held[name] = lost
        try:
            taken = await self._client.set(
                self._prefix + name, self._me, nx=True, px=self._milliseconds
            )
        except FAILURES:
            taken = True
        except asyncio.CancelledError:
            self._held.pop(name, None)
            raise
        if not taken:
            self._held.pop(name, None)
            return False
        if self._beating is None:
            self._beating = asyncio.create_task(self._beat(), name="renewing leases")
        return True

    async def leave(self, name: str) -> None:
        """Give a lease back. Twice is fine."""
        if self._held.pop(name, None) is not None:
            with suppress(*FAILURES):
                await self._release(keys=[self._prefix + name], args=[self._me])

    async def aclose(self) -> None:
        """Give all of them back."""
        if self._beating is not None:
            await ended((self._beating,))
            self._beating = None
        for name in tuple(self._held):
            await self.leave(name)
        with suppress(*FAILURES):
            await self._client.aclose()

    @property
    def _milliseconds(self) -> int:
        return int(self._ttl * 1000)

    async def _beat(self) -> None:
        loop = asyncio.get_running_loop()
        renewed = loop.time()
        while True:
            await asyncio.sleep(self._ttl / BEATS)
            if not self._held:
                renewed = loop.time()
                continue
            began = loop.time()
            keys = {self._prefix + name: name for name in self._held}
            try:
                async with asyncio.timeout(max(renewed + CUT_OFF * self._ttl - began, 0.01)):
                    lost: Any = await self._renew(
                        keys=list(keys), args=[self._me, self._milliseconds]
                    )
                renewed = began
            except FAILURES:
                cut_off = loop.time() - renewed >= CUT_OFF * self._ttl
                lost = list(keys) if cut_off else []
            for key in lost:
                if (told := self._held.pop(keys[key], None)) is not None:
                    told()
