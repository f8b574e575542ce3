"""`limner presets`: the styles that can be named."""

import json as json_format
from typing import Annotated

import typer

from limner.cli.exit_code import ExitCode

Json = Annotated[bool, typer.Option("--json", help="One style a line, as a JSON object.")]


def presets(json: Json = False) -> ExitCode:
    """List the styles that --style and a tag's style="…" can name, with what they say."""
    from limner.prompts.composition.style_presets import PRESETS

    for style in PRESETS:
        if json:
            about = {"name": style.name, "prefix": style.prefix, "negative": style.negative}
            typer.echo(json_format.dumps(about))
        else:
            typer.echo(f"{style.name:12} {style.prefix}")
    return ExitCode.OK
