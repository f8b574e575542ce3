"""`limner demo`: the bundled story, streamed and illustrated."""

from collections.abc import AsyncIterator
from importlib import resources
from pathlib import Path

from limner.cli.illustrate import (
    Backend,
    Events,
    Json,
    MaxConcurrent,
    Out,
    Quiet,
    Seed,
    Size,
    parse_size,
)

READING_SPEED = 30.0
"""Characters a second that a practised reader takes in: about 300 words a minute."""

TIMES = 10
"""How many times faster than a reader the demo streams."""


def story() -> str:
    """The bundled tale, in Markdown with its picture requests."""
    return resources.files("limner.cli").joinpath("story.md").read_text(encoding="utf-8")


def demo(
    output: Out = "limner-demo.html",
    backend: Backend = None,
    max_concurrent: MaxConcurrent = None,
    size: Size = "768x512",
    seed: Seed = 1,
    json: Json = False,
    events: Events = None,
    quiet: Quiet = False,
) -> int:
    """Stream the bundled story at ten times reading speed and illustrate it on the way.

    It needs no network and no model. The result is limner-demo.html in this directory.
    """
    # Imported here, so that help and version need not wait for it.
    from limner.backends.text import replay
    from limner.cli.shared.options import settings_with
    from limner.cli.shared.output import choose_output
    from limner.cli.shared.run import Run, illustrate_and_write
    from limner.composition import check_backends

    settings = settings_with(backend=backend, max_concurrent=max_concurrent)
    check_backends(settings)
    text = story()
    read = 0

    async def chunks(_: object) -> AsyncIterator[str]:
        nonlocal read
        async for chunk in replay(text, speed=READING_SPEED * TIMES):
            read += len(chunk)
            yield chunk

    return illustrate_and_write(
        Run(
            source=chunks,
            fraction=lambda: read / len(text),
            output=choose_output(output, None, None),
            # The story's tags are of the default form, whatever the settings say of other texts.
            settings=settings.model_copy(update={"patterns": None}),
            size=parse_size(size),
            seed=seed,
            json=json,
            events=events if events else _beside(output) if not json else None,
            quiet=quiet,
        )
    )


def _beside(output: str | None) -> Path | None:
    """The event log's place: beside the page, under its name."""
    return Path(output).with_suffix(".jsonl") if output and output != "-" else None
