"""The body of an answer as it comes, within bounds of size and time."""

import asyncio
from collections.abc import AsyncGenerator, Mapping

import aiohttp

from limner.backends.http.answer import media_type
from limner.backends.http.timeouts import Timeouts, bounded
from limner.errors import BackendTimeout, BackendUnavailable, BadPicture


class AnswerStream:
    """The body of a successful answer, as it comes. Iterate over it once.

    Attributes:
        status: 200 to 299.
        headers: With names that compare without case.
        content_type: The media type it claims; only a hint.
    """

    def __init__(
        self,
        response: aiohttp.ClientResponse,
        *,
        server: str,
        bounds: Timeouts,
        deadline: float,
        largest: int,
    ) -> None:
        self.status = response.status
        self.headers: Mapping[str, str] = response.headers
        self.content_type = media_type(response.headers.get("Content-Type"))
        self._response = response
        self._server = server
        self._bounds = bounds
        self._deadline = deadline
        self._largest = largest
        self._read = 0

    async def __aiter__(self) -> AsyncGenerator[bytes, None]:
        """Pieces of the body.

        Raises:
            limner.errors.BadPicture: There is more of it than allowed.
            limner.errors.BackendTimeout: It stopped coming, or came too slowly.
            limner.errors.BackendUnavailable: It was cut off.
        """
        if (self._response.content_length or 0) > self._largest:
            raise self._too_much()
        while data := await self._next():
            self._read += len(data)
            if self._read > self._largest:
                raise self._too_much()
            yield data

    async def _next(self) -> bytes:
        """What comes next of the body; nothing at its end."""
        server, now = self._server, asyncio.get_running_loop().time()
        try:
            until = min(self._deadline, now + self._bounds.idle)
            async with asyncio.timeout_at(bounded(until)):
                return await self._response.content.readany()
        except TimeoutError:
            raise BackendTimeout(
                f"{server} fell silent in the middle of its answer, or was too slow",
                server=server,
            ) from None
        except (aiohttp.ClientError, OSError):
            raise BackendUnavailable(
                f"{server} closed the connection in the middle of its answer{self._share()}",
                server=server,
            ) from None

    def _share(self) -> str:
        """How much of the body came, where its length was told."""
        whole = self._response.content_length
        return "" if whole is None else f", after {self._read:,} of {whole:,} bytes"

    def _too_much(self) -> BadPicture:
        server = self._server
        return BadPicture(
            f"{server} sent more than {self._largest:,} bytes, which is refused", server=server
        )
