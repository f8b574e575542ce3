"""The server-sent events of a picture that is being made."""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager

from limner.backends.http.sse import ServerSentEvent, SSEDecoder
from limner.backends.http.stream import AnswerStream
from limner.errors import BackendUnavailable


@asynccontextmanager
async def events_of(
    stream: AnswerStream, *, largest: int
) -> AsyncIterator[AsyncGenerator[ServerSentEvent, None]]:
    """The events of an answer, for the time of the block, however early it is left.

    Args:
        stream: The answer's body.
        largest: Bytes that one event may have.

    Raises:
        limner.errors.BackendError: From the iteration: it stopped coming, or was cut off.
    """

    async def read() -> AsyncGenerator[ServerSentEvent, None]:
        decoder = SSEDecoder(largest=largest)
        # Closed here and now: what the garbage collector closes, it closes at some other time.
        async with aclosing(aiter(stream)) as pieces:
            async for data in pieces:
                for event in decoder.feed(data):
                    yield event
        for event in decoder.finish():
            yield event

    async with aclosing(read()) as events:
        yield events


def ended_early(server: str) -> BackendUnavailable:
    """The error for a stream that was over before the picture was there."""
    return BackendUnavailable(
        f"{server} ended its stream before the picture was there", server=server
    )
