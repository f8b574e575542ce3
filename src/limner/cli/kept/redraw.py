"""`limner redraw`: pictures of a kept story drawn once more."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Annotated

import typer

from limner.cli.exit_code import ExitCode
from limner.cli.illustrate import Backend, Llm, MaxConcurrent, MinInterval, Model, PictureTimeout
from limner.cli.illustrate import Quiet as QuietOption
from limner.cli.kept.the_story import StoryArgument
from limner.cli.shared.library_place import LibraryOption
from limner.cli.story.redraw_option import parse_redraw
from limner.cli.wording import counted

if TYPE_CHECKING:  # heavy: only loaded where something is drawn
    from limner.cli.kept.changing import Changing
    from limner.config import Settings
    from limner.illustration import Slot, TextModel

Which = Annotated[
    str,
    typer.Argument(metavar="N", help="The picture's number; several as 2,5; all; or failed."),
]
Prompt = Annotated[
    str | None,
    typer.Option("--prompt", metavar="TEXT", help="Draw this instead of what the text asks for."),
]
Feedback = Annotated[
    str | None,
    typer.Option(
        "--feedback",
        metavar="TEXT",
        help="Have the model of --llm change the prompt as you say: “make it night”.",
    ),
]
Keep = Annotated[
    bool,
    typer.Option("--keep", help="Keep the former picture beside it, for `limner choose`."),
]


def redraw(
    story: StoryArgument,
    which: Which,
    prompt: Prompt = None,
    feedback: Feedback = None,
    keep: Keep = False,
    backend: Backend = None,
    max_concurrent: MaxConcurrent = None,
    min_interval: MinInterval = None,
    picture_timeout: PictureTimeout = None,
    llm: Llm = None,
    model: Model = None,
    quiet: QuietOption = False,
    library: LibraryOption = None,
) -> ExitCode:
    """Draw pictures of a story once more, and write its page or book anew.

    What drew before draws again, unless --backend says otherwise. `limner undo` brings the former
    pictures back. Exit codes: 0 drawn; 1 some could not be drawn, and are as they were; 2 wrong
    usage, no such story or picture; 130 interrupted.
    """
    from limner.cli.shared.options import settings_with

    wanted = parse_redraw(which, hint="N")
    if (prompt is not None or feedback is not None) and (wanted is None or len(wanted) != 1):
        raise typer.BadParameter("--prompt and --feedback are for one picture: give its number")
    if prompt is not None and feedback is not None:
        raise typer.BadParameter("give either --prompt or --feedback")
    if prompt is not None and not prompt.strip():
        raise typer.BadParameter("the prompt is blank", param_hint="--prompt")
    settings = settings_with(
        backend=backend,
        max_concurrent=max_concurrent,
        min_interval=min_interval,
        picture_timeout=picture_timeout,
        llm=[llm] if llm else None,
        llm_model=model,
        library=library,
    )
    work = _Redrawing(prompt, feedback, "append" if keep else "replace", quiet)
    return asyncio.run(work.run(story, wanted, settings, new_backend=bool(backend)))


class _Redrawing:
    """One command."""

    def __init__(self, prompt: str | None, feedback: str | None, mode: str, quiet: bool) -> None:
        self._prompt = prompt
        self._feedback = feedback
        self._mode = mode
        self._quiet = quiet

    async def run(
        self, name: str, which: frozenset[int] | None, settings: "Settings", *, new_backend: bool
    ) -> ExitCode:
        from limner.cli.kept.changing import changing
        from limner.cli.shared.interrupt import on_interrupt
        from limner.cli.shared.text_source import warn
        from limner.composition import traced

        async with (
            traced("redraw", settings, warn) as spans,
            self._refiner(settings) as refiner,
            changing(name, settings, new_backend=new_backend, refiner=refiner, spans=spans) as work,
        ):
            slots = _chosen(work, which)
            if not slots:
                typer.echo("no picture of it has failed", err=True)
                return ExitCode.OK
            drawing = asyncio.gather(*(self._draw(work, *one) for one in slots.items()))

            def stop() -> None:
                drawing.cancel()

            with on_interrupt(stop) as interrupts:
                made = 0
                with suppress(asyncio.CancelledError):
                    made = sum(await drawing)
                if interrupts.count:
                    typer.echo("limner: interrupted; what was drawn is kept", err=True)
                    return ExitCode.INTERRUPTED
            if made:
                await work.written()
                if not self._quiet:
                    typer.echo(f"{counted(made, 'picture')} drawn; back: {work.command('undo')}")
            return ExitCode.OK if made == len(slots) else ExitCode.INCOMPLETE

    @asynccontextmanager
    async def _refiner(self, settings: "Settings") -> AsyncIterator["TextModel | None"]:
        """The model that changes a prompt, if one is to be changed."""
        if self._feedback is None:
            yield None
            return
        from limner.composition import model_servers, text_model

        servers = model_servers(settings)
        if not servers:
            raise typer.BadParameter(
                "--feedback needs a model: add --llm URL or set LIMNER_LLM_URL"
            )
        async with text_model(servers[0], settings) as client:
            yield client

    async def _draw(self, work: "Changing", number: int, slot: "Slot") -> bool:
        """Draw one; tells whether that went well."""
        from limner.errors import StorageError

        operations = work.operations
        try:
            if self._prompt is not None:
                await operations.edit_prompt(slot.id, self._prompt)
            if self._feedback is not None:
                await operations.refine_prompt(slot.id, self._feedback)
            drawn = await operations.regenerate(
                slot.id, mode="append" if self._mode == "append" else "replace"
            )
        except StorageError:
            raise
        except Exception as error:  # whatever a backend of others raises
            typer.echo(f"limner: picture {number} could not be drawn: {error}", err=True)
            return False
        if drawn is not None and not self._quiet:
            told = f"picture {number}: {' '.join(drawn.prompt.split())}"
            more = f" ({len(drawn.alternatives)} to choose from)"
            typer.echo(told + (more if len(drawn.alternatives) > 1 else ""))
        return True


def _chosen(work: "Changing", which: frozenset[int] | None) -> dict[int, "Slot"]:
    """The pictures that are meant, by their numbers."""
    from limner.illustration import SlotState

    if which is None:
        there = enumerate(work.story.slots, 1)
        return {n: slot for n, slot in there if slot.state is not SlotState.DELETED}
    if not which:
        there = enumerate(work.story.slots, 1)
        return {n: slot for n, slot in there if slot.state is SlotState.FAILED}
    return {ordinal + 1: work.story.slot(ordinal + 1) for ordinal in sorted(which)}
