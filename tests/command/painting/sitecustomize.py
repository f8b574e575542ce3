"""Has a process that is to paint be one that is forked from another, which has loaded everything.

Python imports this at its beginning wherever this folder is on its path. Loading what a painter
needs takes far longer than to paint; here a new one costs as much as a fork. It has the streams
that this process was given, and ends with it; this one ends as it does (`tests.command.painters`).
"""

import os
import sys

PAINTER = ["-P", "-m", "limner.backends.images.sketch.worker_process"]
"""How `limner.backends.images.sketch.worker` begins one."""


def stand_for_a_painter(place: str) -> None:
    """Have one forked and end as it does; returns if nobody is there who could."""
    import signal
    import socket

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with socket.socket(socket.AF_UNIX) as told:
        try:
            told.connect(place)
        except OSError:
            return
        socket.send_fds(told, [b"!"], [0, 1, 2])
        for number in (0, 1, 2):
            os.close(number)
        code = int(told.recv(16) or b"1")
    if code < 0:
        if code != -signal.SIGKILL:
            signal.signal(-code, signal.SIG_DFL)
        os.kill(os.getpid(), -code)
    os._exit(code)


if sys.orig_argv[1:] == PAINTER and "TESTS_PAINTERS" in os.environ:
    stand_for_a_painter(os.environ["TESTS_PAINTERS"])
