"""Text from wherever it comes, as one kind of stream."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterable, Generator, Iterable
from contextlib import AsyncExitStack
from typing import TypeAlias

from limner.illustration.capabilities import Closable

Chunks: TypeAlias = str | Iterable[str] | AsyncIterable[str]
"""A whole text, or its pieces as they come, from ordinary or asynchronous code."""


async def read_chunks(chunks: Chunks) -> AsyncGenerator[str, None]:
    """The pieces of a text, in order.

    An asynchronous source with an ``aclose`` is closed at the end, also at a bad end. Between the
    pieces of an ordinary iterable other tasks get their turn.

    Raises:
        TypeError: It is no kind of text.
    """
    if isinstance(chunks, str):
        yield chunks
    elif isinstance(chunks, AsyncIterable):
        async with AsyncExitStack() as stack:
            iterator = aiter(chunks)
            if isinstance(iterator, Closable):
                stack.push_async_callback(iterator.aclose)
            async for chunk in iterator:
                yield chunk
    elif isinstance(chunks, Iterable) and not isinstance(chunks, bytes | bytearray):
        for chunk in chunks:
            yield chunk
            await asyncio.sleep(0)
    else:
        raise TypeError(
            "text must be a str, or an iterable or asynchronous iterable of str, "
            f"not {type(chunks).__name__}"
        )


async def close_chunks(chunks: object) -> None:
    """Close a text that nobody will read, so that its source need not wait."""
    if isinstance(chunks, AsyncGenerator):
        await chunks.aclose()
    elif isinstance(chunks, Generator):
        chunks.close()
