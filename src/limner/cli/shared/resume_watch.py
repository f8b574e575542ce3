"""What `limner resume` shows: how far the pictures are, and what they wait for."""

import asyncio
from typing import Self

from rich.console import Console
from rich.text import Text

from limner.cli.shared.progress_display import told
from limner.illustration import Progress
from limner.illustration.generation.wait import Wait


class ResumeWatch:
    """One line on a terminal, kept up to date; elsewhere a line for each picture and each wait.

    Args:
        console: Where.
        quiet: Whether to show nothing.
    """

    def __init__(self, console: Console, *, quiet: bool) -> None:
        self._console = console
        self._quiet = quiet
        self._words = "looking what is missing"
        self._wait: Wait | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._status = console.status(self)
        self._ended = 0

    def __enter__(self) -> Self:
        self._loop = asyncio.get_running_loop()
        if self._console.is_terminal and not self._quiet:
            self._status.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._status.stop()

    def __rich__(self) -> Text:
        """The line, as it stands at this moment."""
        words = [self._words]
        if self._wait is not None and self._loop is not None:
            words.append(self._wait.told(self._loop.time()))
        return Text(" · ".join(words), no_wrap=True, overflow="ellipsis")

    def progress(self, progress: Progress) -> None:
        """The pictures stand like this now."""
        self._words, ended = told(progress), progress.ready + progress.failed
        if ended > self._ended:
            self._say(self._words)
        self._ended = ended

    def waits(self, wait: Wait | None) -> None:
        """What pictures wait for is another now; ``None``: nothing but each other."""
        self._wait = wait
        if wait is not None:
            self._say(f"waiting: {wait.told(asyncio.get_running_loop().time())}")

    def _say(self, line: str) -> None:
        if not self._console.is_terminal and not self._quiet:
            self._console.print(line, markup=False, highlight=False, soft_wrap=True, emoji=False)
