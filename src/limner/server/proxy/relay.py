"""A model's event stream on its way to a client."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Protocol

import aiohttp

from limner.errors import BackendError, BackendUnavailable
from limner.server.http.exchange import ClientGone, Exchange, Header
from limner.server.proxy.model_server import ModelServer
from limner.server.proxy.pictures.picture_sink import PictureSink
from limner.server.proxy.pictures.waiting import all_kept
from limner.server.proxy.prompts_after import PromptsAfter
from limner.server.proxy.protocol.dialect import Dialect
from limner.server.proxy.protocol.errors import of_error
from limner.server.proxy.protocol.picture_chunk import SHOWING, PictureChunk, RepeatedChunk
from limner.server.proxy.settings import ProxySettings

HEAD = 0.05
"""Seconds after which a client gets the head of an answer of which no chunk came yet."""
_SHOWING = frozenset(SHOWING)
READ_AHEAD = 1 << 20
"""Bytes that may wait for a slow client before the model is read no further."""


class StreamMachine(Protocol):
    """What becomes of the bytes: `StreamRewriter` or `PassThrough`."""

    done: bool

    def feed(self, data: bytes) -> list[bytes]:
        """Take the next bytes."""
        ...

    def finish(self) -> list[bytes]:
        """The stream ended as it should."""
        ...

    def abort(self) -> list[bytes]:
        """The stream was cut."""
        ...

    def stopped(self) -> list[bytes]:
        """What ends the stream well behind what was certain, as somebody wants no more of it."""
        ...

    def added(self, event: bytes) -> bytes:
        """An event that is sent behind all these, as it fits them."""
        ...


class Relay:
    """Reads a model's stream to its end and sends what a machine makes of it.

    The model is read as fast as it writes and the client takes; never does it wait for a picture,
    only for the moment in which a picture's place is kept before the client hears of it.
    One write follows one read. Whatever happens, the client's stream ends cleanly: after a cut
    with an error, and without one where somebody stops the answer here.

    Args:
        exchange: The client; its answer has begun.
        response: The model's answer; its owner closes it.
        machine: Makes what is sent.
        dialect: How an error is told, and a client kept waiting.
        server: Whose answer it is.
        settings: Time limits.
        sink: Has the pictures, if the machine makes any.
        begun: What was read of the answer already.
        prompts: Adds what a second model asks for, when the text has ended.
    """

    def __init__(
        self,
        exchange: Exchange,
        response: aiohttp.ClientResponse,
        machine: StreamMachine,
        dialect: Dialect,
        *,
        server: ModelServer,
        settings: ProxySettings,
        sink: PictureSink | None = None,
        begun: bytes = b"",
        prompts: PromptsAfter | None = None,
    ) -> None:
        self._read = _reader(begun, response.content.readany)
        self._prompted = None if prompts is None else prompts.stream(self._read)
        if self._prompted is not None:
            self._read = self._prompted.read
        self._exchange = exchange
        self._response = response
        self._machine = machine
        self._dialect = dialect
        self._server = server
        self._settings = settings
        self._sink = sink
        self._clock: Callable[[], float] = asyncio.get_running_loop().time
        self._read_at = self._sent_at = self._clock()
        self._silent = self._stopped = False
        self._keeps = True
        self._over = False
        if sink is not None:
            sink.on_stop(self.stop)

    def stop(self) -> None:
        """Somebody wants no more of the answer: leave the model."""
        self._stopped = True
        self._response.close()
        if self._prompted is not None:
            self._prompted.stop()

    def _part(self) -> None:
        """It is over: nobody can stop it, so nothing need lead from the pictures back to it."""
        if self._sink is not None:
            self._sink.on_stop(_nothing)

    async def run(self) -> None:
        """Relay the stream as it comes."""
        ticking = self._ticking()
        read, machine, clock = self._read, self._machine, self._clock
        write = self._exchange.write
        first = True
        try:
            try:
                data = await read()
                while data:
                    self._read_at = clock()
                    if sent := machine.feed(data):
                        if not _SHOWING.isdisjoint(map(type, sent)):
                            sent = self._shown(await self._kept(sent))
                        if len(sent) == 1:
                            await write(sent[0])
                        else:
                            await self._write_all(sent)
                        if first:  # it leaves with the loop's round, not behind all that was read
                            first = False
                            await asyncio.sleep(0)
                        self._sent_at = clock()
                    data = await read()
            except (aiohttp.ClientError, OSError, BackendError) as error:
                rest = self._cut(error)
            else:
                rest = self._ended()
            self._over = True
            rest = self._shown(await self._kept(rest))
            if not self._dialect.joined:
                await self._write_all(rest)
                rest = []
            await self._exchange.end(b"".join(rest))
        finally:
            ticking()
            self._part()

    async def run_holding(self) -> None:
        """Relay the stream; what follows a picture waits until it is drawn."""
        held = _Held(self._settings.answer_limit, joined=self._dialect.joined)
        ticking = self._ticking()
        reading = asyncio.create_task(self._read_into(held))
        try:
            while chunk := await held.next():
                if isinstance(chunk, PictureChunk):
                    held.waiting(True)
                    await self._ready(chunk)
                    held.waiting(False)
                (chunk,) = self._shown([self._placed(chunk)])
                await self._write(chunk)
            await reading
            await self._exchange.end()
        finally:
            ticking()
            self._part()
            if not reading.done():
                reading.cancel()
                await asyncio.wait((reading,))

    async def _read_into(self, held: "_Held") -> None:
        try:
            data = await self._read()
            while data:
                self._read_at = self._clock()
                await held.put(self._machine.feed(data))
                data = await self._read()
        except (aiohttp.ClientError, OSError, BackendError) as error:
            held.close(self._cut(error))
        else:
            held.close(self._ended())
        self._over = True

    async def _kept(self, chunks: list[bytes]) -> list[bytes]:
        """Send what stands before a picture; give the rest once it holds, whatever happens then."""
        tickets = [chunk.ticket for chunk in chunks if isinstance(chunk, PictureChunk)]
        if not (tickets and self._keeps) or self._sink is None:
            return [self._placed(chunk) for chunk in chunks]
        first = next(at for at, chunk in enumerate(chunks) if isinstance(chunk, PictureChunk))
        if first:
            await self._write_all([self._placed(chunk) for chunk in chunks[:first]])
        self._keeps = await all_kept(self._sink, tickets, self._settings.keep_timeout)
        return [self._placed(chunk) for chunk in chunks[first:]]

    def _placed(self, chunk: bytes) -> bytes:
        if isinstance(chunk, PictureChunk) and self._sink is not None:
            return chunk.placed(self._sink.placed(chunk.ticket))
        if isinstance(chunk, RepeatedChunk) and self._sink is not None:
            return chunk.placed(self._sink.placed)
        return chunk

    def _shown(self, chunks: list[bytes]) -> list[bytes]:
        """Chunks that are sent now: their pictures count as shown, even if the client goes away."""
        for chunk in chunks:
            if isinstance(chunk, PictureChunk) and self._sink is not None:
                self._sink.show(chunk.ticket)
        return chunks

    async def _ready(self, chunk: PictureChunk) -> None:
        if self._sink is None:
            return
        try:
            async with asyncio.timeout(self._settings.hold_timeout):
                await self._sink.ready(chunk.ticket)
        except TimeoutError:
            return  # the text goes on; whoever loads the picture waits for it

    async def _write_all(self, chunks: list[bytes]) -> None:
        """Write events, in one piece where that may be."""
        for piece in [b"".join(chunks)] if self._dialect.joined and chunks else chunks:
            await self._write(piece)

    async def _write(self, data: bytes) -> None:
        await self._exchange.write(data)
        self._sent_at = self._clock()

    def _ended(self) -> list[bytes]:
        """What is sent behind the last text: of an answer that was closed here it is no end."""
        return self._cut(self._server.cut()) if self._stopped else self._machine.finish()

    def _cut(self, error: Exception) -> list[bytes]:
        """What is sent after a cut: what is certain, the reason, and a clean end."""
        sent = self._machine.abort()
        if self._stopped:
            return [*sent, *self._machine.stopped()]
        if not self._machine.done:
            told = error if isinstance(error, BackendError) else self._server.cut()
            if self._silent:
                told = self._server.silent()
            last = self._dialect.last(self._dialect.refusal(of_error(told)[1]))
            sent.append(self._machine.added(last))
        return sent

    def _ticking(self) -> Callable[[], None]:
        """Have `_tick` run, after the first chunk if that comes soon; gives what ends it."""
        tasks: list[asyncio.Task[None]] = []
        loop = asyncio.get_running_loop()
        timer = loop.call_later(HEAD, lambda: tasks.append(loop.create_task(self._tick())))

        def end() -> None:
            timer.cancel()
            for task in tasks:
                task.cancel()

        return end

    async def _tick(self) -> None:
        """Tell a waiting client that all is well, and give up a server that fell silent."""
        with suppress(ClientGone):
            await self._exchange.send_head()
        settings = self._settings
        pause = min(settings.keep_alive, settings.idle_timeout)
        while True:
            await asyncio.sleep(pause / 2)
            now = self._clock()
            silence = 0.0 if self._over else now - self._read_at
            if silence >= settings.idle_timeout:
                self._silent = True
                self._response.close()
            elif self._machine.done and silence >= settings.keep_alive:
                self._response.close()  # it said that this was all, and keeps the line open
            elif now - self._sent_at >= settings.keep_alive:
                with suppress(ClientGone):  # whoever relays hears of it as well
                    await self._write(self._dialect.keep_alive)


def _nothing() -> None:
    """There is nothing to stop."""


def _reader(begun: bytes, read: Callable[[], Awaitable[bytes]]) -> Callable[[], Awaitable[bytes]]:
    """Gives what was read already, then what comes."""
    if not begun:
        return read
    first = [begun]

    async def next_bytes() -> bytes:
        return first.pop() if first else await read()

    return next_bytes


@contextmanager
def early_head(
    exchange: Exchange, headers: list[Header], keep_alive: bytes, *, after: float
) -> Iterator[None]:
    """Begin a stream of events after some seconds, and keep it alive, for the time of the block.

    Proxies give up a server that says nothing for a minute, and a large model thinks longer. An
    answer that was begun so is `started`: whatever goes wrong then can only be told in it.

    Args:
        exchange: The client.
        headers: Those of the stream.
        keep_alive: What tells it to wait.
        after: Seconds of silence, each time.
    """
    tasks: list[asyncio.Task[None]] = []
    loop = asyncio.get_running_loop()
    # A task for each question would make every answer later.
    timer = loop.call_later(
        after, lambda: tasks.append(loop.create_task(_told(exchange, headers, keep_alive, after)))
    )
    try:
        yield
    finally:
        timer.cancel()
        for task in tasks:
            task.cancel()


async def _told(exchange: Exchange, headers: list[Header], keep_alive: bytes, pause: float) -> None:
    with suppress(ClientGone):  # whoever answers hears of it as well
        await exchange.start(200, headers)
        while True:
            await exchange.write(keep_alive)
            await asyncio.sleep(pause)


class _Held:
    """What was read and not sent yet.

    The reader waits while too much has gathered, unless the client waits for a picture: then
    everything is read, up to a limit.
    """

    def __init__(self, limit: int, *, joined: bool) -> None:
        self._limit = limit
        self._joined = joined
        self._chunks: deque[bytes] = deque()
        self._size = 0
        self._closed = False
        self._picture = False
        self._more = asyncio.Event()
        self._room = asyncio.Event()

    async def put(self, chunks: list[bytes]) -> None:
        """Keep more; waits for room.

        Raises:
            BackendUnavailable: It is more than anybody can want.
        """
        self._add(chunks)
        if self._size > self._limit:
            raise BackendUnavailable(f"the answer has more than {self._limit} bytes to be held")
        while self._size > READ_AHEAD and not self._picture:
            self._room.clear()
            await self._room.wait()

    def close(self, chunks: list[bytes]) -> None:
        """Keep the last."""
        self._add(chunks)
        self._closed = True
        self._more.set()

    def _add(self, chunks: list[bytes]) -> None:
        self._chunks.extend(chunks)
        self._size += sum(map(len, chunks))
        self._more.set()

    async def next(self) -> bytes:
        """The next to be sent: a picture, or all up to one; ``b""`` at the end."""
        while not self._chunks:
            if self._closed:
                return b""
            self._more.clear()
            await self._more.wait()
        first = self._chunks.popleft()
        if self._joined and not isinstance(first, SHOWING):
            parts = [first]
            while self._chunks and not isinstance(self._chunks[0], SHOWING):
                parts.append(self._chunks.popleft())
            first = b"".join(parts)
        self._size -= len(first)
        self._room.set()
        return first

    def waiting(self, picture: bool) -> None:
        """Whether the client waits for a picture."""
        self._picture = picture
        self._room.set()
