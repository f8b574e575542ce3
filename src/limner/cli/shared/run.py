"""One illustrated text from start to end, as every command that draws does it."""

import asyncio
import os
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

import typer
from rich.console import Console

from limner.backends.images.learning import Learned
from limner.cli.exit_code import ExitCode
from limner.cli.shared.budgeting import (
    beyond_budget,
    over_budget,
    spent,
    this_run,
    used_up,
)
from limner.cli.shared.document import MessageDocument
from limner.cli.shared.event_log import EventLog, code_with_logs, open_logs
from limner.cli.shared.interrupt import Interrupts, on_interrupt
from limner.cli.shared.kept_message import KeptMessage, LibraryTarget, kept_message
from limner.cli.shared.library_place import command_line
from limner.cli.shared.output import Output, write_document
from limner.cli.shared.progress_display import BarDisplay, LineDisplay, NoDisplay, ProgressDisplay
from limner.cli.shared.summary import (
    as_before,
    failures,
    learnt,
    nearly,
    not_kept,
    still_shown,
    still_waiting,
    unplaced,
)
from limner.cli.shared.tag_faults import tag_faults
from limner.cli.shared.text_source import warn
from limner.cli.shared.wait_reporter import WaitReporter
from limner.cli.story.former import as_shown, keeps_page, placed
from limner.cli.story.imprint import Imprint
from limner.cli.story.looks import Looks
from limner.cli.wording import WORD
from limner.composition import Scenes, answers_folder, open_pipeline, scene_writer, traced
from limner.config import Settings
from limner.errors import (
    BackendError,
    LimnerError,
    NotKept,
    PatternError,
    SourceFailed,
    StorageError,
)
from limner.illustration import (
    EventStream,
    FormerPictures,
    Illustrated,
    ImageReady,
    Message,
    Outage,
    Progress,
    TagWriter,
)
from limner.illustration.generation.wait import Wait
from limner.illustration.model.cost import Cost, in_words, told_cost
from limner.prompts import PromptScanner


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What to illustrate, with what, to where.

    Attributes:
        source: Makes the stream of text, from what was said in the chat before.
        output: The checked place of the result.
        settings: What draws, how fast, and all else, with the options before them.
        size: Of the pictures, in pixels.
        seed: Makes the pictures repeatable.
        looks: What they look like.
        budget: What its drawings may cost; empty: whatever they do.
        title: What to call the page if the text has no heading.
        imprint: What is said of it before what the text says.
        fraction: How much of the text has come, 0 to 1; ``None`` where nobody can know.
        json: Whether events go to standard output.
        events: A file for the events.
        quiet: Whether to show nothing but errors.
        keep: Where to keep what is made, if it is to be kept.
        scenes: How places are found in a text without tags, if they are.
    """

    source: Callable[[Sequence[Message]], AsyncIterator[str]]
    output: Output
    settings: Settings
    size: tuple[int, int] = (768, 512)
    seed: int | None = None
    looks: Looks = field(default_factory=Looks)
    budget: tuple[Cost, ...] = ()
    title: str | None = None
    imprint: Imprint = field(default_factory=Imprint)
    fraction: Callable[[], float | None] = lambda: None
    json: bool = False
    events: Path | None = None
    quiet: bool = False
    keep: LibraryTarget | None = None
    scenes: Scenes | None = None


def illustrate_and_write(run: Run) -> ExitCode:
    """Illustrate, write the result, say how it went.

    Raises:
        limner.errors.LimnerError: Nothing could be illustrated, and nothing was written.
    """
    _check_patterns(run.settings.patterns)
    with ExitStack() as stack:
        logs = open_logs(stack, json=run.json, file=run.events)
        running = _Running(run, logs)
        try:
            code = asyncio.run(running.run())
        except KeyboardInterrupt:
            if running.opened:
                raise
            warn("interrupted before the text was opened; nothing was written")
            return ExitCode.INTERRUPTED
        while running.refused and _may_ask(run) and beyond_budget(running.refused):
            run = replace(run, budget=())
            running = _Running(run, logs)
            code = asyncio.run(running.run())
        return code_with_logs(logs, code)


def _may_ask(run: Run) -> bool:
    """Whether somebody is there to say whether the rest is drawn too, and it can be."""
    known = run.keep is not None and run.keep.source is not None
    return known and not run.quiet and not run.json and sys.stdin.isatty() and sys.stderr.isatty()


def _check_patterns(patterns: Sequence[str] | None) -> None:
    """On the command line a bad pattern is a mistake to correct, not one to work around."""
    for problem in PromptScanner(patterns).problems:
        raise PatternError(problem.pattern, problem.reason)


@asynccontextmanager
async def _kept(run: Run) -> AsyncIterator[KeptMessage | None]:
    if run.keep is None:
        yield None
        return
    block = kept_message(
        run.keep,
        run.settings,
        output=run.output,
        title=run.title,
        imprint=run.imprint,
        size=run.size,
        seed=run.seed,
        looks=run.looks,
    )
    async with AsyncExitStack() as stack:
        try:
            kept = await stack.enter_async_context(block)
        except StorageError as error:
            if not run.keep.usual:
                raise
            warn(f"nothing is kept: {error}")
            kept = None
        yield kept


class _Running:
    """The state of one run."""

    def __init__(self, run: Run, logs: list[EventLog]) -> None:
        self._run = run
        self._logs = logs
        self._console = Console(stderr=True, highlight=False)
        self._watch = self._choose_display()
        self._text_ended_at: float | None = None
        self._ready_before, self._began = 0, 0.0
        self._begun_at = time.time()
        self._spent: list[Cost] = []
        self._units: set[str] = set()
        self._made = 0
        self.refused = 0
        """How many pictures the budget did not allow."""
        self._learned: Callable[[], Learned] = Learned
        self._former: FormerPictures | None = None
        self._page_stays = False
        self.opened = False
        """Whether the text is being read: from then on what is finished is written."""

    def _choose_display(self) -> ProgressDisplay:
        if self._run.quiet or self._run.json:
            return NoDisplay()
        if self._console.is_terminal:
            return BarDisplay(self._console, self._run.fraction)
        return LineDisplay(self._console)

    async def run(self) -> ExitCode:
        self._began = asyncio.get_running_loop().time()
        run = self._run
        async with (
            traced("illustrate", run.settings, warn) as spans,
            _kept(run) as kept,
            AsyncExitStack() as stack,
            open_pipeline(
                run.settings,
                store=kept.library if kept else None,
                size=run.size,
                look=run.looks.look(seed=run.seed, former=kept.former if kept else None),
                reference_files=run.looks.pictures,
                tag_writer=self._tag_writer(),
                budget=await this_run(run.budget, kept),
                spans=spans,
            ) as pipeline,
            pipeline.illustrator.stream(
                self._text(kept.before if kept else ()),
                message_id=kept.message_id if kept else None,
                chat_id=kept.chat_id if kept else "default",
                # As it was before it was edited it stays in the library, as another answer.
                variant="new" if kept and kept.edited else None,
            ) as events,
        ):
            self._learned, self._former = pipeline.learned, kept.former if kept else None
            if kept is not None and kept.anew is not None:
                self._say(kept.anew)
            # What is kept waits for `limner resume`; otherwise there is nobody to draw it later.
            leave = kept is not None
            progress = pipeline.illustrator.progress
            stack.enter_context(
                WaitReporter(pipeline.limiter, lambda wait: self._waits(wait, progress()))
            )
            keeper = pipeline.illustrator.keeper
            stack.callback(keeper.on_change(self._library))

            def stop() -> None:
                events.session.cancel("interrupted", leave=leave)
                keeper.hurry()

            with on_interrupt(stop) as interrupts:
                self.opened = True
                result = await self._watch_events(events)
                if not result.text.strip() and (result.error is not None or result.cancelled):
                    if result.error is not None:
                        raise result.error
                    self._complain("interrupted before any text had come; nothing is written")
                    raise typer.Abort
                if kept is not None:
                    with suppress(StorageError):  # they are in the answer before, and stay there
                        result = await kept.with_former(result)
                self._write(result, interrupts)
                if kept is not None:
                    result = await kept.remembered(result, keeper)
                store = pipeline.illustrator.store
                self._spent = await spent(store, self._units, result.message.id, self._begun_at)
                return self._conclude(result, interrupts)

    def _tag_writer(self) -> TagWriter | None:
        run = self._run
        if run.scenes is None:
            return None
        answers = answers_folder(run.settings.library)
        return scene_writer(run.scenes, run.settings, self._say, answers=answers)

    def _library(self, outage: Outage | None) -> None:
        for log in self._logs:
            log.write("library", error=None if outage is None else str(outage.error))
        if outage is None:
            self._complain("the library takes what is made again")
        else:
            self._complain(f"{outage.error}; drawing goes on, and keeping it is tried again")

    def _waits(self, wait: Wait | None, progress: Progress) -> None:
        self._watch.waits(wait, progress)
        for log in self._logs:
            log.waits(wait, asyncio.get_running_loop().time())

    async def _text(self, before: Sequence[Message]) -> AsyncIterator[str]:
        async for chunk in self._run.source(before):
            yield chunk
        self._text_ended_at = asyncio.get_running_loop().time()
        self._watch.text_ended()
        for log in self._logs:
            log.write("text_ended")

    async def _watch_events(self, events: EventStream) -> Illustrated:
        with self._watch:
            try:
                async for event in events:
                    if isinstance(event, ImageReady) and self._text_ended_at is None:
                        self._ready_before += 1
                    if isinstance(event, ImageReady) and (cost := told_cost(event.image)):
                        self._units.add(cost.unit)
                    self._watch.event(event, events.progress())
                    for log in self._logs:
                        log.event(event, events.progress())
            except SourceFailed as failed:
                cause = failed.__cause__
                if cause is not None and not isinstance(cause, LimnerError | OSError):
                    # Not the text's fault but a mistake of ours: show it as one.
                    raise cause from None
            except NotKept:
                pass  # the result tells of it, and is written all the same
        return events.result

    def _write(self, result: Illustrated, interrupts: Interrupts) -> None:
        run = self._run
        path = run.output.path
        had, message = self._former, result.message
        self._page_stays = keeps_page(had, message, path, placed=placed(result))
        if self._page_stays:
            return
        shown, early = as_shown(had, message), self._ready_before > 0
        document = MessageDocument(shown, run.title, run.imprint, while_written=early)
        write_document(run.output, document, unfinished=interrupts.before_leaving)
        for log in self._logs:
            log.write("written", path=str(path or "-"), format=run.output.format)

    def _conclude(self, result: Illustrated, interrupts: Interrupts) -> ExitCode:
        for line in self._summary(result):
            self._say(line)
        for fault in self._faults(result):
            self._complain(fault)
        if result.prompt_error is not None:
            self._complain(unplaced(result, self._run.title))
        if result.error is not None:
            self._complain(f"the text was cut: {result.error}")
            if isinstance(result.error, BackendError):
                self._complain("what had arrived until then is illustrated and written")
        if result.waiting and not result.cancelled:
            self._complain(still_waiting(len(result.waiting), resume=self._resume))
        if result.not_kept is not None:
            self._complain(not_kept(result.unkept, result.not_kept))
        if interrupts.count or result.cancelled:
            kept = f"; `{self._resume}` goes on from there" if self._resume else ""
            page = "what was finished is written"
            if self._page_stays:
                page = f"{self._run.output.path} stays as it was"
            self._complain(f"interrupted; {page}{kept}")
            return ExitCode.INTERRUPTED
        whole = result.complete and result.prompt_error is None and result.not_kept is None
        return ExitCode.OK if whole else ExitCode.INCOMPLETE

    def _faults(self, result: Illustrated) -> Iterator[str]:
        """What is wrong with tags, and which pictures were not made."""
        yield from tag_faults(result.message, self._run.looks)
        yield from failures(slot for slot in result.failed if not over_budget(slot))
        self.refused = sum(map(over_budget, result.failed))
        if self.refused:
            yield used_up(self.refused, self._run.budget)

    def _summary(self, result: Illustrated) -> list[str]:
        made = self._made = len(result.slots) - len(result.failed) - len(result.waiting)
        took = asyncio.get_running_loop().time() - self._began
        place = self._run.output.path or "standard output"
        pieces = result.message.pieces()
        # Counted one by one: a list of all words of a large text would fill the memory.
        words = sum(1 for piece in pieces if isinstance(piece, str) for _ in WORD.finditer(piece))
        cost = f", for {in_words(self._spent)}" if self._spent else ""
        told = f"{made} of {len(result.slots)} pictures, {words:,} words, in {took:.1f} s{cost}"
        lines = [f"{place} stays as it was: {told}" if self._page_stays else f"{place}: {told}"]
        if self._former is not None and result.slots:
            lines.append(as_before(self._former.taken, made))
            lines += still_shown(sum(slot.image is not None for slot in result.failed))
        if not result.slots and result.prompt_error is None:
            lines.append('no picture requests were found (like <!--img-prompt="a fox"-->)')
        if result.near_misses:
            lines.append(nearly(result.near_misses))
        if self._ready_before and self._text_ended_at is not None:
            lines.append(f"{self._ready_before} were ready before the text had ended")
        return [*lines, *learnt(self._learned()), *self._next()]

    def _next(self) -> list[str]:
        """What can be done now, by commands that work as they are printed."""
        keep = self._run.keep
        if keep is None or keep.source is None or not self._made:
            return []
        name = os.path.relpath(keep.source.partition("\n")[0])
        redraw = command_line("redraw", name, "N", library=keep.place)
        pictures = command_line("pictures", name, library=keep.place)
        return [f"another picture: `{redraw}`; their numbers: `{pictures}`"]

    @property
    def _resume(self) -> str | None:
        """The command that goes on from what is kept, if anything is."""
        keep = self._run.keep
        return command_line("resume", library=keep.place) if keep is not None else None

    def _say(self, line: str) -> None:
        if not self._run.quiet:
            self._console.print(line, markup=False, soft_wrap=True, emoji=False)

    def _complain(self, line: str) -> None:
        self._console.print(f"limner: {line}", markup=False, soft_wrap=True, emoji=False)
