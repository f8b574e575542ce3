"""The worker process: reads jobs from standard input, writes pictures to standard output.

Started by `limner.backends.images.sketch.backend` as ``python -m …worker_process``. It is polite
(it lowers its own priority), leaves an interrupt to its parent, and ends with its standard input.
"""

import os
import signal
import sys
from typing import BinaryIO

import msgspec

from limner.backends.images.sketch.renderer import paint_read
from limner.backends.images.sketch.wire import LENGTH, Fault, Job, Painted, Progress, framed

NICENESS = 10


def work(source: BinaryIO, sink: BinaryIO) -> None:
    """Paint one job after the other until the source ends."""
    while len(head := source.read(LENGTH)) == LENGTH:
        job = msgspec.msgpack.decode(source.read(int.from_bytes(head, "big")), type=Job)
        answer = _painted(job, sink)
        sink.write(framed(answer))
        sink.flush()


def _painted(job: Job, sink: BinaryIO) -> Painted | Fault:
    def report(fraction: float) -> None:
        sink.write(framed(Progress(fraction)))
        sink.flush()

    try:
        data, scene, seed = paint_read(
            job.prompt, width=job.width, height=job.height, seed=job.seed, report=report
        )
    except BrokenPipeError:
        raise
    except Exception as error:  # the backend tells the user; this worker goes on
        return Fault(f"{type(error).__name__}: {error}")
    return Painted(data, seed, scene.place.value, [subject.name for subject in scene.subjects])


def main() -> None:
    """Serve standard input until it ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if sys.platform != "win32":
        os.nice(NICENESS)
    with os.fdopen(os.dup(1), "wb") as sink:
        os.dup2(2, 1)  # whatever is printed by accident must not break the messages
        try:
            work(sys.stdin.buffer, sink)
        except BrokenPipeError:  # the parent is gone
            os._exit(0)


if __name__ == "__main__":
    main()
