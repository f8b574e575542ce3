"""The clients of the proxy's benchmark: bare protocols that count, time and check chunks."""

import asyncio
import json
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

MARK = re.compile(rb'"content": ?"s(\d+) t(\d+) ')
FRAME = re.compile(rb"\r\n[0-9a-f]+\r\n")
"""What parts two HTTP chunks; a proxy may put it inside an event."""
LAST = b"\r\n0\r\n\r\n"

Talk = Sequence[Mapping[str, str]]
"""What is said before an answer."""


def talk(number: int) -> Talk:
    """A chat of its own."""
    return [{"role": "user", "content": f"Tell me tale number {number}, please."}]


STORY = talk(0)


@dataclass(slots=True)
class Answer:
    """What a client saw of one answer.

    Attributes:
        first: Seconds from the request to the first chunk.
        seconds: From the request to the end.
        chunks: How many came.
        ordered: Whether they came in order, none missing.
        delays: Milliseconds from the server's write to here, of each chunk.
    """

    first: float
    seconds: float
    chunks: int
    ordered: bool
    delays: list[float] = field(default_factory=list)


class Client:
    """One connection, kept alive."""

    def __init__(self, port: int) -> None:
        self.port = port

    async def __aenter__(self) -> "Client":
        self.reader, self.writer = await asyncio.open_connection(
            "127.0.0.1", self.port, limit=1 << 20
        )
        return self

    async def __aexit__(self, *exc: object) -> None:
        self.writer.close()

    async def ask(
        self,
        chunks: int,
        rate: int,
        *,
        timed: bool = False,
        messages: Talk = STORY,
    ) -> Answer:
        """Read one answer to its end.

        Args:
            chunks: How many the model is to write.
            rate: How many a second; 0: all at once.
            timed: Whether each chunk's delay is kept.
            messages: What is said before the answer.
        """
        body = json.dumps(
            {
                "model": "bench",
                "stream": True,
                "max_tokens": chunks,
                "seed": rate,
                "messages": list(messages),
            }
        ).encode()
        began = time.monotonic()
        self.writer.write(
            b"POST /v1/chat/completions HTTP/1.1\r\nhost: 127.0.0.1\r\n"
            b"content-type: application/json\r\nauthorization: Bearer sk-bench\r\n"
            b"content-length: %d\r\n\r\n%b" % (len(body), body)
        )
        return await self._read(chunks, began, timed)

    async def _read(self, chunks: int, began: float, timed: bool) -> Answer:
        answer = Answer(0.0, 0.0, 0, True)
        tail = last = b""
        while last != LAST:
            data = await self.reader.read(1 << 18)
            now = time.monotonic()
            if not data:
                raise ConnectionError("the proxy closed the connection")
            last = (last + data)[-len(LAST) :]
            tail = FRAME.sub(b"", tail + data)
            end = 0
            for match in MARK.finditer(tail):
                if not answer.chunks:
                    answer.first = now - began
                answer.ordered &= int(match[1]) == answer.chunks
                answer.chunks += 1
                if timed:
                    answer.delays.append(now * 1e3 - int(match[2]) / 1e3)
                end = match.end()
            tail = tail[max(end, len(tail) - 400) :]
        answer.seconds = time.monotonic() - began
        answer.ordered &= answer.chunks == chunks
        return answer


async def at_once(port: int, streams: int, chunks: int, rate: int, *, timed: bool) -> list[Answer]:
    """So many answers at the same time, each in a chat of its own."""

    async def one(number: int) -> Answer:
        async with Client(port) as client:
            return await client.ask(chunks, rate, timed=timed, messages=talk(number))

    first = time.monotonic_ns()
    return await asyncio.gather(*(one(first + number) for number in range(streams)))
