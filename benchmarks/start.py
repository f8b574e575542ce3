"""How long limner takes to begin: to be imported, to say something, to serve.

    python -m benchmarks.start [--runs N]

Method: each is a process of its own, one after the other, in turns, with the files in the machine's
cache (the first turn does not count); the times are a process's from its start to its end, of
`limner serve` to its first answer on `/healthz`. CPU is user and system time of the process and
its children. `python -c pass` is what Python itself takes.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from statistics import median

from benchmarks.proxy_servers import free_port

PYTHON = [sys.executable, "-c"]
LIMNER = [sys.executable, "-m", "limner"]
TALE = 'A fox. <!--img-prompt="a fox in the snow"--> The end.\n'
ILLUSTRATE = ["illustrate", "tale.md", "--no-library", "-o", "tale.html"]
COMMANDS = {
    "python -c pass": [*PYTHON, "pass"],
    "import limner": [*PYTHON, "import limner; limner.Illustrator"],
    "import limner.scheduling": [*PYTHON, "import limner.scheduling as s; s.Limiter"],
    "limner --version": [*LIMNER, "--version"],
    "limner --help": [*LIMNER, "--help"],
    "limner serve --help": [*LIMNER, "serve", "--help"],
    "limner simulate": [*LIMNER, "simulate"],
    "limner illustrate, one picture": [*LIMNER, *ILLUSTRATE],
}
SERVE = "limner serve, until it answers"


def ended(command: list[str], folder: str) -> tuple[float, float]:
    """Wall and processor seconds of a command."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.perf_counter()
    done = subprocess.run(
        command, cwd=folder, env=surroundings(folder), capture_output=True, check=False
    )
    wall = time.perf_counter() - began
    if done.returncode:
        raise SystemExit(f"{command}: {done.stderr.decode(errors='replace')[-500:]}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def serving(folder: str) -> tuple[float, float]:
    """The same of a server, until it answers; its processor time is that until its end."""
    port = free_port()
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.perf_counter()
    command = [*LIMNER, "serve", "--port", str(port), "--library", f"{folder}/library"]
    with subprocess.Popen(
        command, cwd=folder, env=surroundings(folder), stderr=subprocess.DEVNULL
    ) as process:
        while process.poll() is None:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz").close()
                break
            except OSError:
                time.sleep(0.005)
        wall = time.perf_counter() - began
        process.terminate()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def surroundings(folder: str) -> dict[str, str]:
    """No settings of whoever measures."""
    return {**os.environ, "LIMNER_CONFIG": "", "HOME": folder, "XDG_DATA_HOME": folder}


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--runs", type=int, default=9)
    runs = parser.parse_args().runs
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in (*COMMANDS, SERVE)}
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "tale.md").write_text(TALE)
        for _ in range(runs + 1):
            for name, command in COMMANDS.items():
                found[name].append(ended(command, folder))
            found[SERVE].append(serving(folder))
    print("| ms, median [lowest..highest] | from start to end | CPU |\n|---|--:|--:|")
    for name, values in found.items():
        cells = [cell([1e3 * one[at] for one in values[1:]]) for at in (0, 1)]
        print(f"| {name} | {' | '.join(cells)} |")


def cell(values: list[float]) -> str:
    """A median with its spread."""
    return f"{median(values):.0f} [{min(values):.0f}..{max(values):.0f}]"


if __name__ == "__main__":
    main()
