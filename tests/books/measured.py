"""A command run with the time that it takes and the memory that it has at most."""

import subprocess
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """How a command ended.

    Attributes:
        code: Its exit code.
        err: What it said.
        out: What it gave out.
        seconds: How long it took.
        peak: Bytes of memory at most, of all its processes but browsers.
    """

    code: int
    err: str
    out: str
    seconds: float
    peak: int


def measured(command: Sequence[str | Path], *, cwd: Path, env: dict[str, str]) -> Measured:
    """Run a command to its end."""
    began = time.monotonic()
    with subprocess.Popen(
        [str(one) for one in command], cwd=cwd, env=env, text=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as process:  # fmt: skip
        watch = _Watch(process.pid)
        watch.start()
        out, err = process.communicate()
        watch.ended.set()
        watch.join()
    seconds = time.monotonic() - began
    return Measured(code=process.returncode, err=err, out=out, seconds=seconds, peak=watch.peak)


class _Watch(threading.Thread):
    """Looks ten times a second at the memory of a process and of what it has started."""

    def __init__(self, pid: int) -> None:
        super().__init__()
        self._pid = pid
        self.peak = 0
        self.ended = threading.Event()

    def run(self) -> None:
        """Until the process has ended."""
        while not self.ended.wait(0.1):
            self.peak = max(self.peak, sum(map(_memory, _with_children(self._pid))))


def _with_children(pid: int) -> list[int]:
    found = [pid]
    for one in found:
        try:
            tasks = list(Path(f"/proc/{one}/task").iterdir())
            children = [task.joinpath("children").read_text().split() for task in tasks]
        except OSError:
            continue
        found += [int(child) for each in children for child in each]
    return found


def _memory(pid: int) -> int:
    """Bytes that are a process's own, with its share of what it shares; of a browser none."""
    try:
        if "chrom" in Path(f"/proc/{pid}/comm").read_text():
            return 0
        told = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0
    return sum(int(line.split()[1]) for line in told.splitlines() if line.startswith("Pss:")) << 10
