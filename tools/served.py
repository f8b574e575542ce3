"""The command `limner serve` in this thread, and all who talk with it in another one."""

from __future__ import annotations

import asyncio
import contextlib
import io
import os
import re
import signal
import sys
import threading
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import TypeAlias

from limner.cli import main

PATIENCE = 120.0
"""Seconds within which anything must happen; far more than it takes."""

FLOW_PATIENCE = 45.0
"""The same for the end of one flow, which is walked again where its end is not seen."""

ALL_PATIENCE = 600.0
"""Seconds within which everything together must happen."""

Serve: TypeAlias = Callable[[Path], Awaitable[str]]
"""Has the server started with a settings file; returns its address when it is ready."""


def serve_with(drive: Callable[[Serve], Awaitable[None]], ready: Callable[[], None]) -> None:
    """Run ``limner serve`` for others, and end it when they have done.

    Args:
        drive: The others; they run in an event loop and a thread of their own.
        ready: Called in this thread when the server is ready.

    Raises:
        RuntimeError: The others failed; with all that the server has said.
    """
    _Meeting(drive, ready).run()


@contextlib.contextmanager
def no_settings(folder: Path) -> Iterator[None]:
    """Hide the environment's settings and the user's settings file."""
    former = dict(os.environ)
    for name in [name for name in os.environ if name.startswith("LIMNER_")]:
        del os.environ[name]
    os.environ["XDG_CONFIG_HOME"] = str(folder / "no-config")
    os.environ["XDG_DATA_HOME"] = str(folder / "data")
    os.environ["XDG_DATA_HOME"] = str(folder / "data")
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(former)


class _Meeting:
    def __init__(
        self, drive: Callable[[Serve], Awaitable[None]], ready: Callable[[], None]
    ) -> None:
        self._drive = drive
        self._ready = ready
        self._said = _Said(self._heard)
        self._settings: Path | None = None
        self._wanted, self._greeted = threading.Event(), threading.Event()
        self._failure: BaseException | None = None

    def run(self) -> None:
        others = threading.Thread(target=self._run_others)
        others.start()
        self._wanted.wait(PATIENCE)
        try:
            if self._settings is not None:
                with contextlib.redirect_stderr(self._said), contextlib.suppress(SystemExit):
                    main(["serve", "--config", str(self._settings)])
        finally:
            self._greeted.set()
            others.join()
        if self._failure is not None:
            raise RuntimeError(self._said.getvalue()) from self._failure

    def _run_others(self) -> None:
        sys.setprofile(None)  # they are not to be looked at
        try:
            asyncio.run(self._drive_all())
        except BaseException as error:
            self._failure = error
        finally:
            self._wanted.set()
            if self._said.address:
                os.kill(os.getpid(), signal.SIGTERM)

    async def _drive_all(self) -> None:
        async with asyncio.timeout(ALL_PATIENCE):
            await self._drive(self._serve)

    async def _serve(self, settings: Path) -> str:
        self._settings = settings
        self._wanted.set()
        await asyncio.to_thread(self._greeted.wait, PATIENCE)
        return self._said.address

    def _heard(self) -> None:
        self._ready()
        self._greeted.set()


class _Said(io.StringIO):
    """Standard error, on which the server says when it is ready, and where."""

    def __init__(self, ready: Callable[[], None]) -> None:
        super().__init__()
        self._ready = ready
        self.address = ""

    def write(self, text: str) -> int:
        if found := re.match(r"limner is ready at (http://\S+)", text):
            self.address = found[1]
            self._ready()
        return super().write(text)
