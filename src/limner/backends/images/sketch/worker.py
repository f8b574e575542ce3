"""One worker process as the event loop sees it."""

import asyncio
import os
import sys
from collections.abc import Callable

from limner.backends.images.sketch.wire import LENGTH, Fault, Job, Painted, Progress, framed, reply

MODULE = "limner.backends.images.sketch.worker_process"


class WorkerDied(Exception):
    """The worker process ended in the middle of a job; the text says how."""


class Worker:
    """A started worker process. Paints one job at a time."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        if process.stdin is None or process.stdout is None or process.stderr is None:
            raise ValueError("a worker needs pipes for its three streams")
        self._process = process
        self._stdin = process.stdin
        self._stdout = process.stdout
        self._stderr = process.stderr

    @property
    def pid(self) -> int:
        """The number of the process."""
        return self._process.pid

    @classmethod
    async def start(cls) -> "Worker":
        """Start a process; it loads its libraries while the first job is on its way.

        Raises:
            OSError: No process can be started.
        """
        return cls(
            await asyncio.create_subprocess_exec(
                sys.executable,
                "-P",
                "-m",
                MODULE,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                env=_environment(),
            )
        )

    async def paint(self, job: Job, progress: Callable[[float], None]) -> Painted | Fault:
        """Have one picture painted.

        Raises:
            WorkerDied: The process ended before its answer.
        """
        try:
            self._stdin.write(framed(job))
            await self._stdin.drain()
            while isinstance(message := await self._next(), Progress):
                progress(message.fraction)
        except (asyncio.IncompleteReadError, ConnectionError):
            raise WorkerDied(await self._last_words()) from None
        return message

    async def stop(self) -> None:
        """End the process and wait until it is gone. Safe to call twice, not while it paints."""
        self.kill()
        self._stdin.close()
        # Reading both pipes to their end is what lets the loop close its side of them.
        await self._stdout.read()
        await self._stderr.read()
        await self._process.wait()

    def kill(self) -> None:
        """End the process at once; whoever waits in `paint` is told that it died."""
        if self._process.returncode is None:
            self._process.kill()

    async def gone(self) -> None:
        """Wait until the process has ended."""
        await self._process.wait()

    async def _next(self) -> Progress | Painted | Fault:
        head = await self._stdout.readexactly(LENGTH)
        return reply(await self._stdout.readexactly(int.from_bytes(head, "big")))

    async def _last_words(self) -> str:
        """How the process ended: the last line it wrote to standard error, and its exit code."""
        words = (await self._stderr.read()).decode("utf-8", "replace")
        code = await self._process.wait()
        lines = [line for line in words.splitlines() if line.strip()]
        return f"{lines[-1].strip() if lines else 'it said nothing'} (exit code {code})"


def _environment() -> dict[str, str]:
    """The parent's environment and module path, with single-threaded numerics."""
    path = os.pathsep.join(entry for entry in sys.path if entry)
    return {**os.environ, "PYTHONPATH": path, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
