"""A model server for the proxy's benchmark that costs as little as it can: a bare protocol.

Run by `benchmarks.proxy` as ``python -m benchmarks.proxy_upstream``; prints its port. It answers
any POST with ``max_tokens`` chunks of a chat completion, ``seed`` of them a second (0: all at
once), each an HTTP chunk of its own, with its number and the time of its writing in the text.
"""

import asyncio
import json
import re
import sys
import time
from typing import cast

import uvloop

LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)
HEAD = (
    b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\n"
    b"transfer-encoding: chunked\r\n\r\n"
)
BATCH = 50


def wrapped(data: bytes) -> bytes:
    """One event as one HTTP chunk."""
    event = b"data: " + data + b"\n\n"
    return b"%x\r\n%b\r\n" % (len(event), event)


def chunk(number: int) -> bytes:
    """One chunk of about 190 bytes, as a server writes it."""
    return wrapped(
        b'{"id":"chatcmpl-123","object":"chat.completion.chunk","created":1700000000,'
        b'"model":"bench","choices":[{"index":0,"delta":{"content":"s%d t%d "},'
        b'"finish_reason":null}]}' % (number, time.monotonic_ns() // 1000)
    )


END = (
    wrapped(
        b'{"id":"chatcmpl-123","object":"chat.completion.chunk","created":1700000000,'
        b'"model":"bench","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}'
    )
    + wrapped(b"[DONE]")
    + b"0\r\n\r\n"
)


class Model(asyncio.Protocol):
    """One connection."""

    def __init__(self) -> None:
        self.buffer = b""
        self.free = asyncio.Event()
        self.free.set()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way back."""
        self.transport = cast("asyncio.Transport", transport)  # uvloop's is none by its class

    def pause_writing(self) -> None:
        """The client reads slowly."""
        self.free.clear()

    def resume_writing(self) -> None:
        """It has caught up."""
        self.free.set()

    def connection_lost(self, error: Exception | None) -> None:
        """It is gone: let a writer that waits notice."""
        self.free.set()

    def data_received(self, data: bytes) -> None:
        """Answer whole requests."""
        self.buffer += data
        head, blank, rest = self.buffer.partition(b"\r\n\r\n")
        length = LENGTH.search(head)
        size = int(length[1]) if length else 0
        if not blank or len(rest) < size:
            return
        self.buffer = rest[size:]
        if head.startswith(b"POST"):
            body = json.loads(rest[:size])
            self.task = asyncio.create_task(self.answer(body["max_tokens"], body.get("seed") or 0))
        else:
            listed = b'{"object":"list","data":[{"id":"bench","object":"model"}]}'
            self.transport.write(
                b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%b"
                % (len(listed), listed)
            )

    async def answer(self, chunks: int, rate: int) -> None:
        """Write one answer."""
        write = self.transport.write
        write(HEAD + chunk(0))
        start = time.monotonic()
        for number in range(1, chunks):
            if rate:
                await asyncio.sleep(max(0.0, start + number / rate - time.monotonic()))
            elif number % BATCH == 0:
                await asyncio.sleep(0)
            await self.free.wait()
            if self.transport.is_closing():
                return
            write(chunk(number))
        write(END)


async def main() -> None:
    """Serve until killed."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Model, "127.0.0.1", 0, backlog=1024)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    sys.setswitchinterval(0.001)
    uvloop.run(main())
