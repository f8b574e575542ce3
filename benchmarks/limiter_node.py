"""The JavaScript limiters, measured by Node in processes of their own, where Node is present."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.limiter_contenders import JOBS, Timing

SOURCE = Path(__file__).parent / "node"
PLACE = Path(__file__).parent.parent / "build" / "benchmark-node"
NAMES = {"bottleneck": "Bottleneck 2.19.5", "p-queue": "p-queue", "p-limit": "p-limit"}


@dataclass(frozen=True, slots=True)
class Node:
    """A Node with the limiters installed."""

    program: str

    def ask(self, kind: str, name: str, jobs: int) -> dict[str, float]:
        """Run one measurement in a new process."""
        call = [self.program, "--expose-gc", "limiter.mjs", kind, name, str(jobs)]
        done = subprocess.run(call, cwd=PLACE, check=True, capture_output=True, timeout=120)
        answer: dict[str, float] = json.loads(done.stdout)
        return answer

    def timing(self, kind: str, name: str) -> Callable[[], Timing]:
        """Return what measures the time of jobs; Bottleneck gets fewer, it takes milliseconds."""
        jobs = {"yield": 2_000, "uncontended": 200}[kind] if name == "bottleneck" else JOBS

        def measure() -> Timing:
            answer = self.ask(kind, name, jobs)
            return Timing(jobs, answer["cpu"] / 1e6, answer["wall"] / 1e6)

        return measure

    def waiting_bytes(self, name: str) -> float:
        """Return the bytes of heap of one waiting job."""
        return self.ask("waiting", name, JOBS)["bytes"] / JOBS


def find_node() -> Node | None:
    """Install the limiters beside a Node, or say in a line why they are left out."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        print("(no node or no npm here: Bottleneck, p-queue and p-limit are left out)")
        return None
    PLACE.mkdir(parents=True, exist_ok=True)
    for file in ("package.json", "limiter.mjs"):
        shutil.copy(SOURCE / file, PLACE)
    install = [npm, "install", "--prefix", str(PLACE), "--silent", "--no-audit", "--no-fund"]
    try:
        subprocess.run(install, cwd=PLACE, check=True, capture_output=True, timeout=120)
    except (subprocess.SubprocessError, OSError):
        print("(npm could not install them: Bottleneck, p-queue and p-limit are left out)")
        return None
    return Node(node)
