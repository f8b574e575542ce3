"""`limner models`: what the configured servers can write and draw with."""

import asyncio
from typing import Annotated

import typer

from limner.cli.serve import ConfigOption
from limner.cli.setup.doctor import Backends, Llm

Json = Annotated[bool, typer.Option("--json", help="Print one model a line, as JSON.")]


def models(
    backend: Backends = None, llm: Llm = None, config: ConfigOption = None, json: Json = False
) -> int:
    """List the text and picture models of what is configured.

    Exit codes: 0 every server told; 1 one could not be asked; 2 wrong usage.
    """
    # Imported here, so that help and version need not wait for it.
    from limner.cli.setup.model_listing import Listing
    from limner.cli.shared.options import settings_with

    settings = settings_with(config, backend=backend, llm=[llm] if llm else None)
    return asyncio.run(Listing(settings, json=json).run())
