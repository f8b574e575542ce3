"""`limner illustrate`: a text or a live model in, an illustrated story out."""

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from limner.cli.shared.library_place import LibraryOption, NoLibrary
from limner.cli.shared.options import SharedLimits, settings_with
from limner.cli.story.imprint_options import (
    Author,
    Cover,
    Lang,
    SmartQuotes,
    Title,
    choose_imprint,
)
from limner.cli.story.looks_options import (
    CharacterOption,
    Negative,
    ReferenceOption,
    StyleOption,
    choose_looks,
)
from limner.cli.story.redraw_option import RedrawOption, parse_redraw
from limner.cli.story.scenes_options import DryRun, Every, ScenesMax, ScenesOption, WriteTags

if TYPE_CHECKING:  # heavy: loaded only where something is illustrated
    from limner.cli.shared.text_source import Source
    from limner.composition import Scenes
    from limner.config import Settings

Text = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="FILE|-...",
        help="The text: Markdown, plain text, HTML, EPUB, Word, an exported chat; several are one "
        "book; - is standard input.",
    ),
]
Encoding = Annotated[
    str | None,
    typer.Option(
        "--encoding",
        metavar="NAME",
        help="What the text's characters are coded in, such as cp1252; else UTF-8, or guessed.",
    ),
]
Conversation = Annotated[
    str | None,
    typer.Option(
        "--conversation",
        metavar="WORDS",
        help="Which chat, of an export of several: words of its title.",
    ),
]
Out = Annotated[
    str | None,
    typer.Option("-o", "--output", metavar="OUT", help="Where to write; - is standard output."),
]
Format = Annotated[
    str | None,
    typer.Option("--format", metavar="FORMAT", help="html, md, epub or pdf; else by -o's ending."),
]
Backend = Annotated[
    list[str] | None,
    typer.Option(
        "--backend",
        metavar="NAME|KIND+URL",
        help="What draws: sketch needs nothing else; a1111+http://host:7860, comfyui+URL, horde, "
        "…; several draw together.",
    ),
]
MaxConcurrent = Annotated[
    int | None,
    typer.Option("--max-concurrent", metavar="N", min=1, help="Pictures drawn at the same time."),
]
MinInterval = Annotated[
    float | None,
    typer.Option("--min-interval", metavar="SECONDS", min=0, help="Seconds between two starts."),
]
PictureTimeout = Annotated[
    float | None,
    typer.Option(
        "--picture-timeout",
        metavar="SECONDS",
        min=0,
        help="Give a picture up after so long without a sign of it; 0: never.",
    ),
]
SettleTimeout = Annotated[
    float | None,
    typer.Option(
        "--settle-timeout",
        metavar="SECONDS",
        min=0,
        help="Leave what is missing after so long without a sign of any picture; 0: never.",
    ),
]
AwayTimeout = Annotated[
    float | None,
    typer.Option(
        "--away-timeout",
        metavar="SECONDS",
        min=0,
        help="Ask for so long for a server that has answered and is away now; 0: for ever.",
    ),
]
BudgetOption = Annotated[
    str | None,
    typer.Option(
        "--budget",
        metavar="AMOUNT",
        help="What this may cost: 20, '2.50 USD', '600 seconds', or several; before more is spent, "
        "you are asked.",
    ),
]
Patterns = Annotated[
    list[str] | None,
    typer.Option(
        "--pattern",
        metavar="REGEX",
        help="A regular expression with one group, in place of the default "
        "tags; can be given several times.",
    ),
]
Speed = Annotated[
    float | None,
    typer.Option(
        "--speed", metavar="CHARS_PER_S", help="Replay the text at so many characters a second."
    ),
]
Size = Annotated[
    str,
    typer.Option(
        "--size",
        metavar="WIDTHxHEIGHT|NAME",
        help="Of the pictures, in pixels, or portrait, landscape, square, wide, tall, or 4:3.",
    ),
]
Seed = Annotated[
    int | None,
    typer.Option("--seed", metavar="N", min=0, help="Draw the same pictures every time."),
]
Llm = Annotated[
    str | None,
    typer.Option(
        "--llm", metavar="URL", help="The model server to ask: OpenAI-compatible, or ollama+URL."
    ),
]
Model = Annotated[str | None, typer.Option("--model", metavar="NAME", help="Which of its models.")]
Ask = Annotated[
    str | None, typer.Option("--ask", metavar="TEXT", help="What to ask the model for.")
]
System = Annotated[
    str | None,
    typer.Option(
        "--system", metavar="TEXT", help="Tell the model this instead of how to ask for pictures."
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print one event a line on standard output.")]
Events = Annotated[
    Path | None,
    typer.Option("--events", metavar="FILE", help="Write the events, one a line, to this file."),
]
Chat = Annotated[
    str | None,
    typer.Option(
        "--chat",
        metavar="NAME",
        help="Continue this chat of the library, or begin one of this title.",
    ),
]
Quiet = Annotated[bool, typer.Option("-q", "--quiet", help="Show nothing but errors.")]


def illustrate(
    text: Text = None,
    encoding: Encoding = None,
    conversation: Conversation = None,
    output: Out = None,
    format: Format = None,  # noqa: A002 - the option's name
    backend: Backend = None,
    max_concurrent: MaxConcurrent = None,
    min_interval: MinInterval = None,
    shared_limits: SharedLimits = None,
    picture_timeout: PictureTimeout = None,
    settle_timeout: SettleTimeout = None,
    away_timeout: AwayTimeout = None,
    pattern: Patterns = None,
    speed: Speed = None,
    budget: BudgetOption = None,
    size: Size = "768x512",
    seed: Seed = None,
    style: StyleOption = None,
    negative: Negative = None,
    character: CharacterOption = None,
    reference: ReferenceOption = None,
    llm: Llm = None,
    model: Model = None,
    ask: Ask = None,
    system: System = None,
    title: Title = None,
    author: Author = None,
    lang: Lang = None,
    cover: Cover = None,
    smart_quotes: SmartQuotes = False,
    json: Json = False,
    events: Events = None,
    quiet: Quiet = False,
    library: LibraryOption = None,
    no_library: NoLibrary = False,
    chat: Chat = None,
    redraw: RedrawOption = "failed",
    scenes: ScenesOption = "auto",
    every: Every = None,
    scenes_max: ScenesMax = None,
    dry_run: DryRun = False,
    write_tags: WriteTags = None,
) -> int:
    """Illustrate a text while it comes: a file, a pipe, or a model asked with --llm and --ask.

    Tags in the text say where pictures belong. A text without any gets its pictures at its end:
    places are found by its words, or by the model of --llm.

    Exit codes: 0 all pictures were made; 1 some failed or still wait, or the text was cut (the
    output is written all the same); 2 wrong usage or unreadable input; 130 interrupted (what was
    finished is written). The model's key is read from LIMNER_LLM_KEY, a picture server's from
    LIMNER_BACKEND_KEY, or LIMNER_A1111_KEY, LIMNER_OPENAI_KEY, … for servers of one kind.
    Everything is kept in a library from the first word on: `limner resume` finishes what was
    interrupted, and a second run draws only what changed.
    """
    # Imported here, so that help and version need not wait for it.
    from limner.cli.shared.budgeting import parse_budget
    from limner.cli.shared.kept_message import LibraryTarget
    from limner.cli.shared.library_place import library_to_begin
    from limner.cli.shared.output import choose_output
    from limner.cli.shared.run import Run, illustrate_and_write
    from limner.cli.shared.text_source import choose_source
    from limner.cli.story.scenes_options import choose_scenes
    from limner.composition import check_backends

    settings = settings_with(
        llm=[llm] if llm else None,
        llm_model=model,
        backend=backend,
        max_concurrent=max_concurrent,
        min_interval=min_interval,
        shared_limits=shared_limits,
        picture_timeout=picture_timeout,
        settle_timeout=settle_timeout,
        away_timeout=away_timeout,
        patterns=tuple(pattern) if pattern else None,
        library=library,
    )
    if output == "-" and json:
        raise typer.BadParameter("--json prints the events; write the result to a file with -o")
    if speed is not None and not 0 < speed < float("inf"):
        raise typer.BadParameter("must be more than 0 characters a second", param_hint="--speed")
    if no_library and (library or chat is not None or redraw != "failed"):
        raise typer.BadParameter("--no-library keeps nothing: leave it or the others out")
    usual = settings.library is None
    place = None if no_library else library_to_begin(settings)
    settings = settings.model_copy(update={"library": place})
    if ask is None and system:
        raise typer.BadParameter("--system is for a model that writes: add --ask")
    if ask is None and (llm or model) and scenes in ("words", "none"):
        raise typer.BadParameter("a model is only asked with --ask or for --scenes model")
    found_by = choose_scenes(
        scenes,
        every,
        scenes_max,
        model_given=bool(llm),
        own_patterns=settings.patterns is not None,
    )
    source = choose_source(
        text or (),
        speed,
        settings,
        ask=ask,
        system=system,
        encoding=encoding,
        conversation=conversation,
    )
    allowed = parse_budget(budget, prices=settings.prices.values())
    looks = choose_looks(style, negative, character, reference)
    imprint = choose_imprint(
        title=title,
        author=author,
        lang=lang,
        cover=cover,
        smart_quotes=smart_quotes,
        files=source.files if source.identity is not None else (),
    )
    if dry_run or write_tags is not None:
        return _propose(source, settings, found_by, write_tags, dry_run, json, quiet)
    check_backends(settings)
    return illustrate_and_write(
        Run(
            source=source.chunks,
            fraction=source.fraction,
            output=choose_output(output, format, source.file),
            settings=settings,
            size=parse_size(size),
            seed=seed,
            looks=looks,
            budget=allowed,
            title=source.title,
            imprint=imprint,
            json=json,
            events=events,
            quiet=quiet,
            scenes=found_by,
            keep=LibraryTarget(
                place=place,
                chat=chat,
                redraw=parse_redraw(redraw),
                asked=ask,
                source=source.identity,
                encoding=encoding,
                conversation=conversation,
                begins=source.begins,
                usual=usual,
            )
            if place is not None
            else None,
        )
    )


def _propose(
    source: "Source",
    settings: "Settings",
    scenes: "Scenes | None",
    write_tags: str | None,
    dry_run: bool,
    json: bool,
    quiet: bool,
) -> int:
    from limner.cli.proposals import Proposing, propose
    from limner.cli.shared.output import choose_output

    return propose(
        Proposing(
            source=source.chunks,
            settings=settings,
            scenes=scenes,
            write_to=choose_output(write_tags, "md", source.file) if write_tags else None,
            show=dry_run,
            json=json,
            quiet=quiet,
        )
    )


def parse_size(size: str) -> tuple[int, int]:
    """A picture size as it is written on the command line.

    Examples:
        >>> parse_size("768x512")
        (768, 512)
        >>> parse_size("square")
        (640, 640)
    """
    from limner.illustration.model.size_names import NAMES, named_size

    if (named := named_size(size)) is not None:
        return named
    match = re.fullmatch(r"\s*(\d{1,5})\s*[x×]\s*(\d{1,5})\s*", size)
    if match is None:
        names = ", ".join(NAMES)
        raise typer.BadParameter(
            f"{size!r} is not WIDTHxHEIGHT, a ratio, or one of {names}", param_hint="--size"
        )
    width, height = int(match[1]), int(match[2])
    if not (64 <= width <= 2048 and 64 <= height <= 2048):
        raise typer.BadParameter("each side must be 64 to 2048 pixels", param_hint="--size")
    return width, height
