"""Connections to a server, and what is read of an answer that went wrong."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress

import aiohttp

from limner.backends.http.untrusted_url import public_connector

NO_TIMEOUT = aiohttp.ClientTimeout(total=None)
"""None of its own: each request of a `ServerSession` brings its bounds."""


def client_session(
    headers: Mapping[str, str], *, timeout: aiohttp.ClientTimeout = NO_TIMEOUT
) -> aiohttp.ClientSession:
    """A session that keeps no cookies, and has a connection for each request.

    An idle connection may be closed by the server just when it is used again, and a picture or an
    answer must not be asked for twice to find out.

    Args:
        headers: Sent with every request.
        timeout: Bounds of every request.
    """
    connector = aiohttp.TCPConnector(limit=0, force_close=True)
    return aiohttp.ClientSession(
        connector=connector,
        timeout=timeout,
        cookie_jar=aiohttp.DummyCookieJar(),
        headers=headers,
    )


def foreign_session(*, public: bool) -> aiohttp.ClientSession:
    """A session for hosts that a server named: it shows nothing of ours.

    Args:
        public: Whether it connects to public addresses only.
    """
    connector = public_connector() if public else aiohttp.TCPConnector(force_close=True)
    return aiohttp.ClientSession(
        connector=connector,
        cookie_jar=aiohttp.DummyCookieJar(),
        headers={"User-Agent": "limner", "Accept": "image/*"},
    )


async def beginning(response: aiohttp.ClientResponse, largest: int, deadline: float) -> bytes:
    """The beginning of a body; what cannot be read of it any more is left out.

    Args:
        response: The answer.
        largest: Bytes that are read at most.
        deadline: Until when, on the loop's clock.
    """
    body = bytearray()
    with suppress(aiohttp.ClientError, OSError):  # OSError: TimeoutError among them
        async with asyncio.timeout_at(deadline):
            while len(body) < largest and (data := await response.content.readany()):
                body += data
    return bytes(body[:largest])
