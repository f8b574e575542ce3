"""Ctrl-C and its kin: the first asks politely, the second leaves at once."""

import asyncio
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from limner.cli.exit_code import ExitCode

HANGUP: signal.Signals | None = getattr(signal, "SIGHUP", None)
"""The terminal was closed. Not every system has it."""


class Interrupts:
    """Counts interrupts. `count` is 0 until the first.

    Attributes:
        count: How many came.
        before_leaving: Called when a second one ends the process, to take away half-written
            files; must be quick.
    """

    def __init__(self) -> None:
        self.count = 0
        self.before_leaving: list[Callable[[], None]] = []


@contextmanager
def on_interrupt(stop: Callable[[], None]) -> Iterator[Interrupts]:
    """Call `stop` on the event loop at the first Ctrl-C or SIGTERM; leave at once at the second.

    A terminal that is closed (SIGHUP) counts as well, unless that is ignored, as under `nohup`;
    what would be said to it is said to nobody.

    Python's own signal handlers are used, not the loop's: they run even while a long synchronous
    piece of work keeps the loop busy. Needs the main thread and a running loop.
    """
    loop = asyncio.get_running_loop()
    interrupts = Interrupts()
    terminals = [number for number in (1, 2) if os.isatty(number)]

    def handle(number: int, frame: FrameType | None) -> None:
        interrupts.count += 1
        if number == HANGUP:
            _say_nothing_to(terminals)
        if interrupts.count == 1:
            loop.call_soon_threadsafe(stop)
            return
        for clean in interrupts.before_leaving:
            clean()
        os._exit(ExitCode.INTERRUPTED)

    former = {number: signal.signal(number, handle) for number in _heard()}
    try:
        yield interrupts
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)


def _heard() -> list[signal.Signals]:
    heard = [signal.SIGINT, signal.SIGTERM]
    if HANGUP is not None and signal.getsignal(HANGUP) is not signal.SIG_IGN:
        heard.append(HANGUP)
    return heard


def _say_nothing_to(terminals: list[int]) -> None:
    """Lead what is written there nowhere: writing to a terminal that is gone is an error."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for number in terminals:
        os.dup2(nowhere, number)
    os.close(nowhere)
