"""A picture passed on as it comes from an object store, without being gathered here."""

from collections.abc import Sequence
from contextlib import aclosing

from limner.errors import LimnerError
from limner.illustration import Image
from limner.server.http.exchange import Exchange, Header
from limner.storage import StoredImage, pieces_of


async def passed_on(exchange: Exchange, image: Image, headers: Sequence[Header]) -> bool:
    """Answer with a picture of a bucket; ``False``: it cannot be had, and nothing was sent.

    Its bytes are checked on the way. Where that fails after some have gone out, the connection
    breaks before the last: nobody keeps it for whole.

    Raises:
        limner.errors.LimnerError: It failed after the first bytes.
    """
    assert isinstance(image, StoredImage)  # noqa: S101 - it is of a bucket
    async with aclosing(pieces_of(image)) as pieces:
        try:
            first = await anext(pieces)
        except LimnerError:
            return False
        head: list[Header] = [
            *headers,
            (b"content-type", image.media_type.encode()),
            (b"content-length", str(image.size).encode()),
        ]
        await exchange.start(200, head)
        if exchange.method != "HEAD":
            await exchange.write(first)
            async for piece in pieces:
                await exchange.write(piece)
        await exchange.end()
    return True
