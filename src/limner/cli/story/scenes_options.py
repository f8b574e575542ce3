"""The options of `limner illustrate` about texts that ask for no pictures."""

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:  # loaded only where something is illustrated
    from limner.composition import Scenes

MODES = ("auto", "model", "words", "none")

ScenesOption = Annotated[
    str,
    typer.Option(
        "--scenes",
        metavar="auto|model|words|none",
        help="Who finds places for pictures in a text without tags: a model, its words, nobody.",
    ),
]
Every = Annotated[
    int | None,
    typer.Option("--every", metavar="WORDS", min=1, help="A picture for so many words; 250."),
]
ScenesMax = Annotated[
    int | None,
    typer.Option("--scenes-max", metavar="N", min=1, help="So many such pictures at most; 60."),
]
DryRun = Annotated[
    bool,
    typer.Option("--dry-run", help="Only show where pictures would be, and of what; draw nothing."),
]
WriteTags = Annotated[
    str | None,
    typer.Option(
        "--write-tags",
        metavar="OUT",
        help="Only write the text with its tags, to be edited; draw nothing.",
    ),
]


def choose_scenes(
    mode: str, every: int | None, maximum: int | None, *, model_given: bool, own_patterns: bool
) -> "Scenes | None":
    """How places are found, from the options; ``None``: they are not.

    Args:
        mode: ``--scenes``.
        every: ``--every``.
        maximum: ``--scenes-max``.
        model_given: Whether the command names a model.
        own_patterns: Whether tags have another form than the default one, which is written here.

    Raises:
        typer.BadParameter: The options are wrong, or contradict each other.
    """
    from limner.composition import Scenes, ScenesMode
    from limner.prompts.scenes import EVERY, MOST

    if mode not in MODES:
        raise typer.BadParameter(f"{mode!r} is none of {', '.join(MODES)}", param_hint="--scenes")
    if mode == "none" and (every or maximum):
        raise typer.BadParameter("--scenes none finds none: --every and --scenes-max say nothing")
    if own_patterns and mode in ("model", "words"):
        raise typer.BadParameter("--scenes writes tags of the default form, not those of --pattern")
    if mode == "none" or own_patterns:
        return None
    auto = ScenesMode.MODEL if model_given else ScenesMode.WORDS
    return Scenes(
        mode=auto if mode == "auto" else ScenesMode(mode),
        every=every or EVERY,
        maximum=maximum or MOST,
    )
