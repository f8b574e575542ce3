"""What a command shows while it runs: bars on a terminal, plain lines elsewhere, or nothing."""

import asyncio
from collections.abc import Callable
from types import TracebackType
from typing import Protocol, Self

from rich.console import Console, Group
from rich.live import Live
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn
from rich.text import Text

from limner.illustration import (
    Event,
    ImageFailed,
    ImageReady,
    ImageStarted,
    PromptFound,
    TextChunk,
)
from limner.illustration import Progress as PictureProgress
from limner.illustration.generation.wait import Wait


class ProgressDisplay(Protocol):
    """Something that shows what happens."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None: ...

    def event(self, event: Event, progress: PictureProgress) -> None:
        """Something happened; the pictures now stand like this."""
        ...

    def text_ended(self) -> None:
        """The source of the text has ended."""
        ...

    def waits(self, wait: Wait | None, progress: PictureProgress) -> None:
        """What pictures wait for is another now; ``None``: nothing but each other."""
        ...


class NoDisplay:
    """Shows nothing."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def event(self, event: Event, progress: PictureProgress) -> None:
        """Nothing to show."""

    def text_ended(self) -> None:
        """Nothing to show."""

    def waits(self, wait: Wait | None, progress: PictureProgress) -> None:
        """Nothing to show."""


class LineDisplay(NoDisplay):
    """One plain line for each picture found, ready or failed; for logs and pipes."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._started: dict[int, float] = {}
        self._ready: set[int] = set()

    def event(self, event: Event, progress: PictureProgress) -> None:
        """Write a line if this is worth one."""
        now = asyncio.get_running_loop().time()
        if isinstance(event, PromptFound):
            self._say(f"picture {event.slot.id.ordinal + 1} found: {event.slot.prompt}")
        elif isinstance(event, ImageStarted):
            self._started[event.slot.id.ordinal] = now
        elif isinstance(event, ImageReady):
            # Counted here: by the time that one is told, the next may be ready.
            self._ready.add(event.slot.id.ordinal)
            took = f"{now - self._started.get(event.slot.id.ordinal, now):.1f}"
            drawn = "" if took == "0.0" else f" in {took} s"  # else it was there before
            self._say(
                f"picture {event.slot.id.ordinal + 1} ready{drawn} "
                f"({len(self._ready)} of {progress.total})"
            )
        elif isinstance(event, ImageFailed):
            self._say(f"picture {event.slot.id.ordinal + 1} failed")  # why is told at the end

    def text_ended(self) -> None:
        """Write that the text has ended."""
        self._say("text complete")

    def waits(self, wait: Wait | None, progress: PictureProgress) -> None:
        """Write what is waited for, once each time."""
        if wait is not None:
            self._say(f"waiting: {wait.told(asyncio.get_running_loop().time())}")

    def _say(self, line: str) -> None:
        self._console.print(line, markup=False, highlight=False, soft_wrap=True, emoji=False)


class BarDisplay:
    """Two live bars, text and pictures, and the line the model is writing now.

    Args:
        console: The terminal.
        fraction: How much of the text has come, 0 to 1; ``None`` where nobody can know.
    """

    def __init__(self, console: Console, fraction: Callable[[], float | None]) -> None:
        self._console = console
        self._fraction = fraction
        self._characters = 0
        self._tail = ""
        self._wait: Wait | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._pictures_told = "none yet"
        self._progress = Progress(
            SpinnerColumn("dots", finished_text="[green]✓"),
            TextColumn("{task.description}"),
            BarColumn(bar_width=28),
            TextColumn("{task.fields[told]}"),
            console=console,
        )
        self._text: TaskID = self._progress.add_task("text    ", total=None, told="")
        self._pictures: TaskID = self._progress.add_task("pictures", total=None, told="none yet")
        self._live = Live(get_renderable=self._view, console=console, refresh_per_second=10)

    def __enter__(self) -> Self:
        self._loop = asyncio.get_running_loop()
        self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._tail = ""
        self._live.stop()

    def event(self, event: Event, progress: PictureProgress) -> None:
        """Move the bars."""
        if isinstance(event, TextChunk):
            self._characters += len(event.text)
            self._tail = (self._tail + event.text)[-400:]
            fraction = self._fraction()
            self._progress.update(
                self._text,
                total=None if fraction is None else 1.0,
                completed=fraction or 0.0,
                told=f"{self._characters:,} characters",
            )
            return
        self._progress.update(
            self._pictures,
            total=progress.total or None,
            completed=progress.ready + progress.failed,
        )
        self._pictures_told = told(progress)
        if isinstance(event, ImageFailed):
            note = Text(f"picture {event.slot.id.ordinal + 1} failed", style="red")
            self._live.console.print(note)

    def text_ended(self) -> None:
        """Fill the text's bar."""
        self._tail = ""
        self._progress.update(self._text, total=1.0, completed=1.0)

    def waits(self, wait: Wait | None, progress: PictureProgress) -> None:
        """Tell it at the end of the pictures' bar, as it stands at each moment."""
        self._wait, self._pictures_told = wait, told(progress)

    def _view(self) -> Group:
        words = [self._pictures_told]
        if self._wait is not None and self._loop is not None:
            words.append(self._wait.told(self._loop.time()))
        self._progress.update(self._pictures, told=" · ".join(words))
        lines = self._tail.splitlines()
        line = Text(
            lines[-1] if lines else "", style="dim italic", no_wrap=True, overflow="ellipsis"
        )
        room = max(self._console.width - 6, 10)
        if len(line) > room:
            line = Text("…", style="dim") + line[-room:]
        return Group(self._progress, Text("  ") + line)


class ResumeDisplay:
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

    def progress(self, progress: PictureProgress) -> None:
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


def told(progress: PictureProgress) -> str:
    """The pictures in words, for the end of their bar.

    Examples:
        >>> told(PictureProgress(total=9, ready=4, failed=1, drawing=2, queued=2, eta=7.2))
        '4 of 9 ready · 2 drawing · 2 waiting · 1 failed · about 8 s left'
    """
    words = [f"{progress.ready} of {progress.total} ready"]
    words += [f"{progress.drawing} drawing"] if progress.drawing else []
    words += [f"{progress.queued} waiting"] if progress.queued else []
    words += [f"{progress.failed} failed"] if progress.failed else []
    if progress.eta is not None and progress.eta > 0:
        words.append(f"about {progress.eta + 0.5:.0f} s left")
    return " · ".join(words)
