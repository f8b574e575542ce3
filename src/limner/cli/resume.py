"""`limner resume`: finishing what was interrupted."""

from typing import Annotated

import typer

from limner.cli.illustrate import (
    AwayTimeout,
    Backend,
    Events,
    Format,
    Json,
    MaxConcurrent,
    MinInterval,
    Out,
    PictureTimeout,
    Quiet,
    Seed,
    SettleTimeout,
    parse_size,
)
from limner.cli.shared.library_place import LibraryOption
from limner.cli.shared.options import SharedLimits, settings_with
from limner.cli.story.imprint_options import Title

Size = Annotated[
    str | None,
    typer.Option("--size", metavar="WIDTHxHEIGHT", help="Of the pictures; else as before."),
]


def resume(
    output: Out = None,
    format: Format = None,  # noqa: A002 - the option's name
    backend: Backend = None,
    max_concurrent: MaxConcurrent = None,
    min_interval: MinInterval = None,
    shared_limits: SharedLimits = None,
    picture_timeout: PictureTimeout = None,
    settle_timeout: SettleTimeout = None,
    away_timeout: AwayTimeout = None,
    size: Size = None,
    seed: Seed = None,
    title: Title = None,
    json: Json = False,
    events: Events = None,
    quiet: Quiet = False,
    library: LibraryOption = None,
) -> int:
    """Finish what was interrupted in a library, and write the results where they were to go.

    Files are read on from where they were left; other texts are marked as cut. Pictures that were
    asked for are drawn, and no picture that was made is drawn again. What is not given here is as
    it was before.
    Exit codes: 0 done, or nothing to resume; 1 some pictures failed or still wait, or a text was
    cut; 2 wrong usage, or a library that cannot be used; 130 interrupted, resume once more.
    """
    # Imported here, so that help and version need not wait for it.
    from limner.cli.shared.finishing import Finish, finish_all
    from limner.cli.shared.library_place import library_place

    settings = settings_with(
        backend=backend,
        max_concurrent=max_concurrent,
        min_interval=min_interval,
        shared_limits=shared_limits,
        picture_timeout=picture_timeout,
        settle_timeout=settle_timeout,
        away_timeout=away_timeout,
        library=library,
    )
    return finish_all(
        Finish(
            place=library_place(settings),
            settings=settings,
            out=output,
            format=format,
            new_backend=bool(backend),
            size=parse_size(size) if size is not None else None,
            seed=seed,
            title=title,
            quiet=quiet,
            json=json,
            events=events,
        )
    )
