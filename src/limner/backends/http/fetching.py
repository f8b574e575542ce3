"""Fetching what a server names by URL; the rules are those of `untrusted_url`."""

from collections.abc import Callable, Iterable
from contextlib import AbstractAsyncContextManager
from typing import TypeAlias

import aiohttp
from yarl import URL

from limner.backends.http.address import without_secrets
from limner.backends.http.stream import AnswerStream
from limner.backends.http.untrusted_url import check_url, data_uri, joined
from limner.errors import BadPicture

REDIRECTS = 3
"""Redirects that are followed when a picture is fetched."""

Got: TypeAlias = tuple[aiohttp.ClientResponse, AnswerStream]
Get: TypeAlias = Callable[[URL], AbstractAsyncContextManager[Got]]
"""Asks for a URL that may be asked."""


async def fetched(
    url: str, *, base: URL, server: str, allowed: Iterable[str], get: Get
) -> bytes | str:
    """What a URL in an answer of a server leads to.

    Args:
        url: A ``data:`` URI, a path on the server, or a URL.
        base: The server's address.
        server: The same, fit to be shown.
        allowed: Other hosts that may be asked.
        get: How it is asked for.

    Returns:
        The bytes; or the base64 text of a ``data:`` URI.

    Raises:
        limner.errors.BadPicture: It may not be fetched, or is not there.
        limner.errors.BackendError: As `get` raises it.
    """
    inline = data_uri(url, server=server)
    if inline is not None:
        return inline
    target = _joined(base, url, server)
    for _ in range(REDIRECTS + 1):
        check_url(target, base=base, allowed=allowed, server=server)
        async with get(target) as (response, stream):
            if response.status == 200:
                return b"".join([piece async for piece in stream])
            target = _redirected(response, target, server)
    raise BadPicture(f"{server} sends us from address to address", server=server)


def _joined(base: URL, url: str, server: str) -> URL:
    target = joined(base, url)
    if target is None:
        raise BadPicture(f"{server} gave no valid address for its picture", server=server)
    return target


def _redirected(response: aiohttp.ClientResponse, target: URL, server: str) -> URL:
    if 300 <= response.status < 400 and "Location" in response.headers:
        return _joined(target, response.headers["Location"], server)
    raise BadPicture(
        f"the picture that {server} put at {without_secrets(str(target))} is not there "
        f"({response.status})",
        server=server,
        status=response.status,
    )
