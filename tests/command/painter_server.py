"""A process that has painted, and from which painters are forked.

Started by `tests.command.painters` as ``python painter_server.py SOCKET``; it ends with its
standard input. Whoever wants a painter hands in its three streams, is told how it ended, and by
going away has it killed. Nothing is loaded before the first one comes.
"""

import contextlib
import importlib
import os
import selectors
import signal
import socket
import sys
import threading
from pathlib import Path
from typing import Any

WORDS = ("a red fox in the snow", "two owls by night", "a lighthouse in a storm")
"""What it has painted: by then it has read all that painters read at their first picture."""


class Painters:
    """Those that paint, and those that they stand for.

    Args:
        asked: Where somebody asks for one.
        end: What it ends with.
    """

    def __init__(self, asked: socket.socket, *, end: int = 0) -> None:
        self._asked = asked
        self._events = selectors.DefaultSelector()
        self._events.register(asked, selectors.EVENT_READ, self._begin)
        self._events.register(end, selectors.EVENT_READ, lambda: os._exit(0))
        self._loaded = False
        self._streams: list[int] = []

    def serve(self) -> list[int]:
        """Fork one for each who asks; returns in a painter only, with its streams."""
        while not self._streams:
            for key, _ in self._events.select():
                key.data()
                if self._streams:
                    break
        return self._streams

    def _begin(self) -> None:
        told, _ = self._asked.accept()
        streams: list[int] = []
        with contextlib.suppress(OSError):
            _, streams, _, _ = socket.recv_fds(told, 1, 3)
        if not streams:  # who asked is gone
            told.close()
            return
        if not self._loaded:
            load()
            self._loaded = True
        number = os.fork()
        if number == 0:
            self._streams = streams
            leave_all_but(streams)
            return
        for stream in streams:
            os.close(stream)
        self._watch(told, number)

    def _watch(self, told: socket.socket, number: int) -> None:
        ended = os.pidfd_open(number)
        self._events.register(told, selectors.EVENT_READ, lambda: self._kill(told, ended))
        self._events.register(ended, selectors.EVENT_READ, lambda: self._tell(told, ended, number))

    def _kill(self, told: socket.socket, painter: int) -> None:
        """Nobody stands for it any more."""
        if told.fileno() < 0:  # both have ended in the same moment, and that was told first
            return
        self._events.unregister(told)
        signal.pidfd_send_signal(painter, signal.SIGKILL)

    def _tell(self, told: socket.socket, painter: int, number: int) -> None:
        self._events.unregister(painter)
        os.close(painter)
        _, status = os.waitpid(number, 0)
        if told in self._events.get_map():
            self._events.unregister(told)
            with contextlib.suppress(OSError):  # who stood for it has ended just now
                told.send(str(os.waitstatus_to_exitcode(status)).encode())
        told.close()


def leave_all_but(streams: list[int]) -> None:
    """Close what belongs to the server, and to other painters."""
    for number in [int(file.name) for file in Path("/proc/self/fd").iterdir()]:
        if number > 2 and number not in streams:
            with contextlib.suppress(OSError):  # the list itself was among them
                os.close(number)


def load() -> None:
    """Load what painters need, and paint."""
    renderer: Any = importlib.import_module("limner.backends.images.sketch.renderer")
    importlib.import_module("limner.backends.images.sketch.worker_process")
    for words in WORDS:
        renderer.paint_read(words, width=64, height=64, seed=1, report=lambda _: None)
    assert threading.active_count() == 1
    assert len(list(Path("/proc/self/task").iterdir())) == 1  # or what is forked would lack it


def main() -> None:
    """Wait for orders; a painter's end is its own."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.chdir("/")
    streams = Painters(socket.socket(fileno=int(sys.argv[1]))).serve()
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    importlib.import_module("limner.backends.images.sketch.worker_process").main()
    os._exit(0)


if __name__ == "__main__":
    main()
