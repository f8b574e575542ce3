"""Reading bytes that may be slow to come, without blocking the event loop.

A thread of its own does the reading, one piece for each that is asked for, so nothing piles up.
It is a daemon: a pipe that never ends must not keep the program from ending, which threads of
asyncio's own pool would. It reads from the file descriptor and not from `sys.stdin.buffer`,
because a thread that holds that buffer's lock when the interpreter goes down makes it crash.
"""

import asyncio
import contextlib
import io
import os
import queue
import sys
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Self

PIECE = 64 << 10
"""Bytes asked for at once. A pipe gives what is there."""

if sys.platform == "win32":
    _BINARY = os.O_BINARY  # where a file is opened as text otherwise
else:
    _BINARY = 0


class ByteReader:
    """The pieces of a file, or of standard input, one at a time.

    An asynchronous context manager; leaving it closes the file as soon as the thread is done
    with it. Standard input stays open.

    Args:
        path: The file, or ``"-"``.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self._asked: queue.SimpleQueue[asyncio.Future[bytes] | None] = queue.SimpleQueue()
        self._loop: asyncio.AbstractEventLoop

    async def __aenter__(self) -> Self:
        self._loop = asyncio.get_running_loop()
        threading.Thread(target=self._work, name=f"read {self._path}", daemon=True).start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._asked.put(None)

    async def read(self) -> bytes:
        """The next piece; empty at the end.

        Raises:
            OSError: It cannot be opened or read.
        ValueError: Its name is none, or standard input is closed.
        """
        piece: asyncio.Future[bytes] = self._loop.create_future()
        self._asked.put(piece)
        return await piece

    def _work(self) -> None:
        """The thread: open, then read whenever a piece is asked for, then close."""
        with contextlib.ExitStack() as stack:
            read: Callable[[], bytes] | None = None
            while (piece := self._asked.get()) is not None:
                try:
                    if read is None:
                        read = _open(self._path, stack)
                    data = read()
                except Exception as error:  # whatever it is, somebody waits to hear of it
                    self._hand_over(piece, error)
                else:
                    self._hand_over(piece, data)

    def _hand_over(self, piece: asyncio.Future[bytes], outcome: bytes | Exception) -> None:
        # The loop may be gone by now: then nobody waits.
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(_settle, piece, outcome)


def _settle(piece: asyncio.Future[bytes], outcome: bytes | Exception) -> None:
    if piece.done():  # cancelled meanwhile
        return
    if isinstance(outcome, bytes):
        piece.set_result(outcome)
    else:
        piece.set_exception(outcome)


def _open(path: str, stack: contextlib.ExitStack) -> Callable[[], bytes]:
    """What reads the next piece of a path, or of standard input."""
    if path != "-":
        descriptor = os.open(path, os.O_RDONLY | _BINARY)
        stack.callback(os.close, descriptor)
    elif sys.stdin is None:
        raise OSError("it is closed")
    else:
        try:
            descriptor = sys.stdin.fileno()
        except io.UnsupportedOperation:  # no real file, as under a test runner that replaces it
            stdin = sys.stdin.buffer
            return lambda: stdin.read(PIECE)
    return lambda: os.read(descriptor, PIECE)
