"""Interrupted messages finished one after the other, and their results written."""

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from limner.cli.exit_code import ExitCode
from limner.cli.shared.continuation import Continuation
from limner.cli.shared.document import MessageDocument
from limner.cli.shared.event_log import EventLog, code_with_logs, open_logs
from limner.cli.shared.interrupt import Interrupts, on_interrupt
from limner.cli.shared.kept_run import KeptRun, forget
from limner.cli.shared.library_place import command_line
from limner.cli.shared.output import write_document
from limner.cli.shared.progress_display import ResumeDisplay
from limner.cli.shared.summary import failures, learnt, not_kept, still_waiting
from limner.cli.shared.text_source import warn
from limner.cli.shared.unfinished import Unfinished, find_unfinished, with_outputs
from limner.cli.shared.wait_reporter import WaitReporter
from limner.cli.story.former import as_shown, former_of, keeps_page, with_former
from limner.cli.story.imprint import Imprint
from limner.composition import check_backends, open_library, open_limiter, open_pipeline, traced
from limner.config import Settings
from limner.errors import NotKept, OutputError, SourceFailed
from limner.illustration import (
    Event,
    FormerPictures,
    Illustrated,
    Illustrator,
    Message,
    MessageState,
    Outage,
    Session,
    StreamingSession,
)
from limner.illustration.generation.easel.picture_spans import PictureSpans
from limner.illustration.generation.wait import Wait
from limner.scheduling import Limiter

if TYPE_CHECKING:
    from limner.storage import Library


@dataclass(frozen=True, slots=True, kw_only=True)
class Finish:
    """What to finish, with what, to where. ``None`` is as it was before.

    Attributes:
        place: The library.
        settings: What draws, how fast, and all else, with the options before them.
        out: Where to write.
        format: What to write.
        new_backend: Whether what the settings say draws even where something else drew before.
        size: Of the pictures, in pixels.
        seed: Makes the pictures repeatable.
        title: What to call a page, whatever heading its text has.
        quiet: Whether to show nothing but errors.
        json: Whether events go to standard output.
        events: A file for the events.
    """

    place: str
    settings: Settings
    out: str | None = None
    format: str | None = None
    new_backend: bool = False
    size: tuple[int, int] | None = None
    seed: int | None = None
    title: str | None = None
    quiet: bool = False
    json: bool = False
    events: Path | None = None


def finish_all(finish: Finish) -> ExitCode:
    """Finish what was interrupted.

    Raises:
        limner.errors.LimnerError: The library or a place for a result cannot be used.
    """
    with ExitStack() as stack:
        logs = open_logs(stack, json=finish.json, file=finish.events)
        return code_with_logs(logs, asyncio.run(_Finishing(finish, logs).run()))


class _Finishing:
    """The state of one command."""

    def __init__(self, finish: Finish, logs: list[EventLog]) -> None:
        self._wanted = finish
        self._logs = logs
        self._silent = finish.quiet or finish.json
        self._console = Console(stderr=True, highlight=False)
        self._drawing: asyncio.Task[object] | None = None
        self._session: StreamingSession | None = None
        self._spans: PictureSpans | None = None
        self._stopped = False
        self._unkept: dict[str, Illustrated] = {}
        self._formers: dict[str, FormerPictures] = {}
        self._learnt: list[str] = []
        """What is to be said of the server that drew last."""

    async def run(self) -> ExitCode:
        wanted = self._wanted
        async with (
            traced("resume", wanted.settings, warn) as self._spans,
            open_limiter(wanted.settings) as limiter,
            open_library(wanted.place, wanted.settings) as library,
        ):
            found = await find_unfinished(library)
            if not found:
                self._say(f"nothing to resume in {library.place}")
                return ExitCode.OK
            # All of it is looked at before anything is drawn.
            plan = [
                (one, self._settings_for(one))
                for one in with_outputs(found, wanted.out, wanted.format)
            ]
            for one, settings in plan:
                check_backends(settings)
                self._check_standard_output(one)
            return await self._finish_all(library, limiter, plan)

    async def _finish_all(
        self, library: "Library", limiter: Limiter, plan: list[tuple[Unfinished, Settings]]
    ) -> ExitCode:
        complete = True
        with on_interrupt(self._stop) as interrupts:
            for one, settings in plan:
                with ResumeDisplay(self._console, quiet=self._silent) as watch:
                    await self._draw(library, limiter, one, settings, watch)
                complete &= await self._finish(library, one, interrupts)
                if interrupts.count:
                    self._complain(f"interrupted; `{self._again}` goes on from there")
                    return ExitCode.INTERRUPTED
        return ExitCode.OK if complete else ExitCode.INCOMPLETE

    def _check_standard_output(self, one: Unfinished) -> None:
        if self._wanted.json and one.output is not None and one.output.path is None:
            raise OutputError(
                f"--json prints the events, and message {one.message_id} goes to standard output "
                "too; write it to a file with -o",
                path="-",
            )

    def _settings_for(self, one: Unfinished) -> Settings:
        """The settings, with what the interrupted command drew with and how it read tags."""
        settings, run = self._wanted.settings, one.run
        if run is None:
            return settings
        before: dict[str, object] = {"patterns": run.patterns}
        if run.backend is not None and not self._wanted.new_backend:
            before["backends"] = (run.backend,)
        return settings.model_copy(update=before)

    def _stop(self) -> None:
        self._stopped = True
        if self._session is not None:
            self._session.cancel("interrupted", leave=True)
        elif self._drawing is not None:
            self._drawing.cancel()

    async def _finish(self, library: "Library", one: Unfinished, interrupts: Interrupts) -> bool:
        """Write a message; tells whether nothing of it is missing."""
        unkept = self._unkept.get(one.message_id)
        message = await library.load(one.message_id) if unkept is None else unkept.message
        if message is None:
            return True  # it was deleted meanwhile
        former = self._formers.get(one.message_id)
        stays = one.output is not None and keeps_page(former, message, one.output.path)
        if one.output is not None and not stays:
            shown = as_shown(former, message)
            document = MessageDocument(shown, *self._called(one))
            write_document(one.output, document, unfinished=interrupts.before_leaving)
            place, made = str(one.output.path or "-"), one.output.format
            for log in self._logs:
                log.write("written", path=place, format=made, message=message.id)
        result = unkept or Illustrated(message=message)
        if not interrupts.count and not result.waiting and unkept is None:
            await forget(library, one.message_id)
        self._tell(one, result, interrupted=bool(interrupts.count), stays=stays)
        return result.complete and unkept is None

    async def _draw(
        self,
        library: "Library",
        limiter: Limiter,
        one: Unfinished,
        settings: Settings,
        watch: ResumeDisplay,
    ) -> None:
        """Draw what is missing, until it is there or somebody interrupts."""
        wanted = self._wanted
        run = one.run or KeptRun(message_id=one.message_id, path=None, format="html")
        otherwise = wanted.new_backend or wanted.size is not None or wanted.seed is not None
        former = await former_of(
            library,
            run.message_id,
            run.formers,
            redrawn=run.redrawn,
            otherwise=otherwise,
        )
        if former is not None:
            self._formers[one.message_id] = former
        async with open_pipeline(
            settings,
            limiter=limiter,
            store=library,
            size=wanted.size or (run.width, run.height),
            look=run.looks.look(
                seed=run.seed if wanted.seed is None else wanted.seed, former=former
            ),
            reference_files=run.looks.pictures,
            spans=self._spans,
        ) as pipeline:
            illustrator = pipeline.illustrator
            illustrator.on_progress(lambda changed: watch.progress(changed.progress))
            illustrator.keeper.on_change(self._library)
            illustrator.on_event(lambda session, event: self._log(session, event, illustrator))
            with WaitReporter(limiter, lambda wait: self._waits(wait, watch)):
                self._drawing = asyncio.create_task(self._resume(illustrator, library, one))
                await asyncio.wait([self._drawing])
            self._learnt = [*learnt(pipeline.learned())]
            drawing, self._drawing = self._drawing, None
            if not drawing.cancelled():
                drawing.result()
        message = await library.load(one.message_id) if former is not None else None
        if former is not None and message is not None and one.message_id not in self._unkept:
            await with_former(library, former, message)

    def _log(self, session: Session, event: Event, illustrator: Illustrator) -> None:
        for log in self._logs:
            log.event(event, illustrator.progress(), message=session.message_id)

    def _waits(self, wait: Wait | None, watch: ResumeDisplay) -> None:
        watch.waits(wait)
        for log in self._logs:
            log.waits(wait, asyncio.get_running_loop().time())

    async def _resume(self, illustrator: Illustrator, library: "Library", one: Unfinished) -> None:
        """Read on where a file was left, and have all drawn that is missing."""
        await illustrator.recover(one.message_id)
        message = await library.load(one.message_id)
        file = one.run.manuscript if one.run is not None else None
        if message is not None and message.state is MessageState.CUT and file is not None:
            text = Continuation(file, message.text)
            if await text.is_there():
                await self._read_on(illustrator, message, text)
            else:
                self._complain(f"{file.files[0]} is not as it was: the text stays cut")
        if not self._stopped and one.message_id not in self._unkept:
            await illustrator.resume(one.message_id)

    async def _read_on(
        self, illustrator: Illustrator, message: Message, text: Continuation
    ) -> None:
        block = illustrator.stream(
            text.rest(),
            message_id=message.id,
            chat_id=message.chat_id,
            variant=message.variant,
            continuing=True,
            owner=message.owner,
            on_active="refuse",
        )
        # Where the source fails it stays cut, and is told to be.
        with suppress(SourceFailed), self._keeping_at_hand(message.id):
            async with block as events:
                self._session = events.session
                try:
                    if self._stopped:
                        self._stop()
                    async for _ in events:
                        pass
                finally:
                    self._session = None

    def _library(self, outage: Outage | None) -> None:
        if outage is not None:
            self._complain(f"{outage.error}; drawing goes on, and keeping it is tried again")

    @contextmanager
    def _keeping_at_hand(self, message_id: str) -> Iterator[None]:
        """What the library does not take is written all the same."""
        try:
            yield
        except NotKept as error:
            if not isinstance(error.result, Illustrated):
                raise
            self._unkept[message_id] = error.result

    def _called(self, one: Unfinished) -> tuple[str | None, Imprint]:
        """What a result is called if its text does not say, and what is said of it."""
        title = self._wanted.title
        if one.run is None:
            return None, Imprint(title=title)
        said = one.run.imprint
        return one.run.title, replace(said, title=title) if title is not None else said

    def _tell(
        self, one: Unfinished, result: Illustrated, *, interrupted: bool, stays: bool
    ) -> None:
        message = result.message
        place = f"message {message.id}"
        if one.output is not None:
            place = str(one.output.path or "standard output")
        place += " stays as it was" if stays else ""
        made = len(message.slots) - len(result.failed) - len(result.waiting)
        for line in (f"{place}: {made} of {len(message.slots)} pictures", *self._learnt):
            self._say(line)
        if message.state is MessageState.CUT:
            self._complain("the text was cut when it was interrupted")
        for line in failures(result.failed):
            self._complain(line)
        if result.not_kept is not None:
            self._complain(not_kept(result.unkept, result.not_kept))
        if result.waiting and not interrupted:
            self._complain(still_waiting(len(result.waiting), resume=self._again))

    @property
    def _again(self) -> str:
        return command_line("resume", library=self._wanted.place)

    def _say(self, line: str) -> None:
        if not self._wanted.quiet:
            self._console.print(line, markup=False, soft_wrap=True, emoji=False)

    def _complain(self, line: str) -> None:
        self._console.print(f"limner: {line}", markup=False, soft_wrap=True, emoji=False)
