"""This process's standard input and output as lines of a protocol, which nothing else gets into.

What reads and writes are threads of their own: a call that hangs in one, as on a client that
neither says nor reads anything, keeps neither the loop busy nor the process from ending.
"""

import asyncio
import os
import queue
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager

READ = 1 << 16
"""Bytes that are read at once."""
LONGEST = 64 << 20
"""Bytes of a line at most: what is longer is no request, and ends the reading."""

_Work = tuple[bytes, "asyncio.Future[None]"]


class Lines(AsyncIterator[str]):
    """The lines that come in, until the other side has closed.

    Args:
        source: A descriptor.
    """

    def __init__(self, source: int) -> None:
        self._loop = asyncio.get_running_loop()
        self._lines: asyncio.Queue[bytes | None] = asyncio.Queue()
        self._taken = threading.Semaphore(1)
        self._source = source
        _thread(self._read, "standard input")

    def _read(self) -> None:
        held = bytearray()
        while (data := _read(self._source)) and len(held) <= LONGEST:
            *lines, rest = data.split(b"\n")
            for line in lines:
                self._give(bytes(held + line))
                held.clear()
            held += rest
        self._give(None)

    def _give(self, line: bytes | None) -> None:
        self._taken.acquire()  # one line at a time: who asks faster than is answered waits
        _on(self._loop, lambda: self._lines.put_nowait(line))

    async def __anext__(self) -> str:
        line = await self._lines.get()
        if line is None:
            raise StopAsyncIteration
        self._taken.release()
        return line.decode("utf-8", "replace")


class Writing:
    """Writes text, one piece after the other; each call returns when its piece is out.

    Args:
        sink: A descriptor.
    """

    def __init__(self, sink: int) -> None:
        self._loop = asyncio.get_running_loop()
        self._work: queue.SimpleQueue[_Work] = queue.SimpleQueue()
        self._sink = sink
        _thread(self._write, "standard output")

    async def write(self, text: str) -> None:
        """Write a text.

        Raises:
            BrokenPipeError: Nobody reads any more.
        """
        done: asyncio.Future[None] = self._loop.create_future()
        self._work.put((text.encode("utf-8", "replace"), done))
        await done

    async def flush(self) -> None:
        """Nothing is held back."""

    def _write(self) -> None:
        while True:
            data, done = self._work.get()
            try:
                _write(self._sink, data)
            except OSError as error:
                _on(self._loop, lambda done=done, error=error: _fail(done, error))  # type: ignore[misc] # bound now
            else:
                _on(self._loop, lambda done=done: _succeed(done))  # type: ignore[misc] # as above


@contextmanager
def taken_streams() -> Iterator[tuple[int, int]]:
    """Standard input and output for the time of the block, by descriptors that nobody else knows.

    Whatever else reads standard input meanwhile finds its end, and what is written to standard
    output, be it by a program that is started, goes to standard error.
    """
    source, sink = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(2, 1)
    os.close(nothing)
    try:
        yield source, sink
    finally:
        os.dup2(source, 0)
        os.dup2(sink, 1)
        # The two are not closed: a thread may still hang in one, and the number must not be reused.


def _thread(work: Callable[[], None], name: str) -> None:
    threading.Thread(target=work, name=name, daemon=True).start()


def _on(loop: asyncio.AbstractEventLoop, call: Callable[[], object]) -> None:
    try:
        loop.call_soon_threadsafe(call)
    except RuntimeError:
        return  # the loop is closed: nobody waits for it any more


def _read(source: int) -> bytes:
    try:
        return os.read(source, READ)
    except OSError:
        return b""  # a terminal that was closed


def _write(sink: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(sink, view) :]


def _succeed(done: "asyncio.Future[None]") -> None:
    if not done.done():
        done.set_result(None)


def _fail(done: "asyncio.Future[None]", error: OSError) -> None:
    if not done.done():
        done.set_exception(error)
