"""Notes which files of limner are entered, in order, while something happens."""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from inspect import CO_OPTIMIZED
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

from tools.source import SOURCE

PACKAGE = SOURCE / "limner"

TOOLS = PACKAGE / "testing"
"""Tools for tests are no part of any flow."""

QUIET = 0.3
"""Seconds without any call after which nothing is under way any more."""


@dataclass(slots=True)
class Walk:
    """The way that one flow took.

    Attributes:
        files: The files it entered, in order, each once, below ``src/limner``.
        moves: How often it went from one file to another.
    """

    files: list[str] = field(default_factory=list)
    moves: int = 0


class _Here(threading.local):
    """What one thread does: others are looked at meanwhile."""

    asking = False


class Tracer:
    """Sees every call of the thread it is installed in, and of every thread started since.

    What a module does when it is imported is not seen, as it does that only once.
    """

    def __init__(self) -> None:
        self._committed: Callable[[], bool] = lambda: False
        self._sent: bytes | None = None
        self._walk: Walk | None = None
        self._ended = threading.Event()
        self._here = _Here()
        self._last: str | None = None
        self._places: dict[CodeType, str | None] = {}

    @contextmanager
    def installed(self) -> Iterator[None]:
        """Look, for the time of the block."""
        threading.setprofile(self._note)
        sys.setprofile(self._note)
        try:
            yield
        finally:
            sys.setprofile(None)
            threading.setprofile(None)

    def begin(
        self, *, sent: bytes | None = None, committed: Callable[[], bool] = lambda: False
    ) -> Walk:
        """Begin a walk, to be ended by `end` or in one of these ways.

        Args:
            sent: Ends it when an answer with these bytes in it is handed to the web server.
            committed: Asked after every commit of a database, in the thread that made it; true
                ends the walk there.
        """
        self._ended.clear()
        self._sent, self._committed, self._last = sent, committed, None
        self._walk = made = Walk()
        return made

    def end(self) -> None:
        """End the walk here."""
        self._walk = None
        self._ended.set()

    async def ended(self, seconds: float) -> None:
        """Wait, in another thread's event loop, until the walk has ended.

        Raises:
            TimeoutError: It has not.
        """
        if not await asyncio.to_thread(self._ended.wait, seconds):
            raise TimeoutError("the flow has not come to its end")

    async def quiet(self) -> None:
        """Wait, in another thread's event loop, until nothing is called any more."""
        walk, moves = self.begin(), -1
        while moves != walk.moves:
            moves = walk.moves
            await asyncio.sleep(QUIET)
        self.end()

    def _note(self, frame: FrameType, event: str, argument: Any) -> None:
        walk = self._walk
        if walk is None or self._here.asking:
            return
        if event == "call":
            self._enter(walk, frame)
        elif event == "c_return" and getattr(argument, "__name__", "") == "commit":
            self._here.asking = True  # what is asked now is no part of the walk
            try:
                if self._committed() and self._walk is walk:
                    self.end()
            finally:
                self._here.asking = False

    def _enter(self, walk: Walk, frame: FrameType) -> None:
        place = self._places.get(frame.f_code, "")
        if place == "":
            place = self._places[frame.f_code] = place_of(frame.f_code)
        if place is None:
            return
        walk.moves += place != self._last
        self._last = place
        if place not in walk.files:
            walk.files.append(place)
        if self._sent is not None and _is_sent(frame, self._sent):
            self.end()


def place_of(code: CodeType) -> str | None:
    """Return the file that some code stands in; ``None`` if it is not to be seen."""
    file = Path(code.co_filename)
    if not code.co_flags & CO_OPTIMIZED or not file.is_relative_to(PACKAGE):
        return None  # the body of a module or a class, or not ours
    return None if file.is_relative_to(TOOLS) else file.relative_to(PACKAGE).as_posix()


def _is_sent(frame: FrameType, part: bytes) -> bool:
    """Whether a call gets an ASGI message with these bytes in its body."""
    names = frame.f_code.co_varnames[: frame.f_code.co_argcount]
    values = (frame.f_locals.get(name) for name in names)
    bodies = (value.get("body") for value in values if isinstance(value, dict))
    return any(isinstance(body, bytes) and part in body for body in bodies)
