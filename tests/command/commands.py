"""Commands as processes of their own, which need not load everything first.

Loading takes a command far longer than its work: `Commands` has it done once, by a process from
which each command is forked (see `fork_server`). What is measured from the first instruction on,
or how a process is begun, is tested with a process that is.
"""

import asyncio
import contextlib
import json
import multiprocessing.connection
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping, MutableMapping
from pathlib import Path
from typing import IO, Self, TextIO

SERVER = str(Path(__file__).with_name("fork_server.py"))

PATIENCE = 120.0
"""Seconds after which a command that is waited for hangs."""


class Running:
    """A command that runs, with the face of `subprocess.Popen` in text mode.

    Attributes:
        pid: The number of its process.
        returncode: How it ended, once somebody has looked; less than 0: by that signal.
        stdin: What it reads.
        stdout: What it writes.
        stderr: What it complains about.
    """

    def __init__(self, told: socket.socket, stdin: TextIO, stdout: TextIO, stderr: TextIO) -> None:
        self.stdin, self.stdout, self.stderr = stdin, stdout, stderr
        self._looking = threading.Lock()
        self._told = told
        self._lines = told.makefile("rb")
        self.pid = int(self._lines.readline())
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """How it ended; None while it runs."""
        return self._look(0.0)

    def wait(self, timeout: float = PATIENCE) -> int:
        """Wait for its end.

        Raises:
            subprocess.TimeoutExpired: It has not ended by then.
        """
        code = self._look(timeout)
        if code is None:
            raise subprocess.TimeoutExpired(f"limner, process {self.pid}", timeout)
        return code

    def send_signal(self, number: int) -> None:
        """Send it a signal, unless it has ended."""
        if self.poll() is None:
            with contextlib.suppress(ProcessLookupError):  # it has ended just now
                os.kill(self.pid, number)

    def kill(self) -> None:
        """End it at once."""
        self.send_signal(signal.SIGKILL)

    def communicate(self, timeout: float = PATIENCE) -> tuple[str, str]:
        """All it still says and complains about, once it has ended; nothing more is said to it.

        Raises:
            subprocess.TimeoutExpired: It has not ended by then.
        """
        said: dict[IO[str], str] = {}
        readers = [
            threading.Thread(target=lambda s=stream: said.update({s: s.read()}), daemon=True)
            for stream in (self.stdout, self.stderr)
            if not stream.closed
        ]
        for reader in readers:
            reader.start()
        with contextlib.suppress(BrokenPipeError):  # it has ended without reading the last of it
            self.stdin.close()
        self.wait(timeout)
        for reader in readers:
            reader.join(timeout)
        return said.get(self.stdout, ""), said.get(self.stderr, "")

    async def ended(self) -> tuple[int, str, str]:
        """Its code, all it says and what it complains about, while the event loop goes on."""
        out, err = await asyncio.to_thread(self.communicate)
        return self.wait(), out, err

    def end(self) -> None:
        """End it if it runs, and give back what it was given."""
        self.kill()
        self.wait()
        for stream in (self.stdin, self.stdout, self.stderr, self._lines, self._told):
            with contextlib.suppress(BrokenPipeError):
                stream.close()

    def _look(self, timeout: float) -> int | None:
        if self.returncode is None and multiprocessing.connection.wait([self._told], timeout):
            with self._looking:
                if self.returncode is None:
                    self.returncode = int(self._lines.readline())
        return self.returncode


class Commands:
    """Starts commands: forks of a process that has loaded all they need.

    Args:
        flags: Of the interpreter, such as ``-X dev``.
    """

    def __init__(self, *flags: str) -> None:
        self._started: list[Running] = []
        self._orders, theirs = socket.socketpair()
        with theirs:
            self._server = subprocess.Popen(
                [sys.executable, *flags, SERVER, str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for running in self._started:  # what a failed test has left
            running.end()
        self._orders.close()
        self._server.wait()

    def start(
        self,
        *arguments: str,
        cwd: Path,
        environment: Mapping[str, str] | None = None,
        program: str | None = None,
    ) -> Running:
        """Start `limner ARGUMENTS`, or a program with these arguments.

        Args:
            arguments: Of the command.
            cwd: The directory it runs in.
            environment: More of it; none of the settings of whoever runs the tests are in it.
            program: Python, in place of the command.
        """
        ours, theirs = socket.socketpair()
        pipes = [os.pipe() for _ in range(3)]
        (reads, stdin), (stdout, writes), (stderr, complains) = pipes
        socket.send_fds(self._orders, [b"!"], [theirs.fileno(), reads, writes, complains])
        theirs.close()
        for handed in (reads, writes, complains):
            os.close(handed)
        order = {
            "arguments": arguments,
            "cwd": str(cwd),
            "env": clean_environment(cwd) | dict(environment or {}),
            "program": program,
        }
        ours.sendall(json.dumps(order).encode() + b"\n")
        running = Running(
            ours,
            stdin=os.fdopen(stdin, "w", encoding="utf-8"),
            stdout=os.fdopen(stdout, encoding="utf-8"),
            stderr=os.fdopen(stderr, encoding="utf-8"),
        )
        self._started.append(running)
        return running

    async def run(
        self, *arguments: str, cwd: Path, environment: Mapping[str, str] | None = None
    ) -> tuple[int, str, str]:
        """Run `limner ARGUMENTS` to its end: its code and both outputs."""
        running = self.start(*arguments, cwd=cwd, environment=environment)
        try:
            return await running.ended()
        finally:
            running.end()


def forget_collectors(environment: MutableMapping[str, str]) -> None:
    """Take out where somebody's own spans go: what tests do is no business of theirs."""
    for name in [name for name in environment if name.startswith("OTEL_")]:
        del environment[name]


def clean_environment(cwd: Path) -> dict[str, str]:
    """The environment without any settings, with no file of them, and with no user's library."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("LIMNER_")}
    data = cwd.with_name(f"{cwd.name}-data")
    return own | {"XDG_CONFIG_HOME": str(cwd / "no-config"), "XDG_DATA_HOME": str(data)}
