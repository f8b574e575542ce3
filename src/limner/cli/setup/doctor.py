"""`limner doctor`: look every configured server over, and say what to do."""

import asyncio
from typing import Annotated

import typer

from limner.cli.exit_code import ExitCode
from limner.cli.serve import ConfigOption

Backends = Annotated[
    list[str] | None,
    typer.Option(
        "--backend", metavar="NAME|KIND+URL",
        help="A picture backend to look at, in place of the configured one; can be repeated.",
    ),
]  # fmt: skip
Llm = Annotated[
    str | None, typer.Option("--llm", metavar="URL", help="A text model's server to look at.")
]
Model = Annotated[str | None, typer.Option("--model", metavar="NAME", help="Which text model.")]
NoPicture = Annotated[
    bool, typer.Option("--no-picture", help="Do not have a test picture drawn, nor a word said.")
]
Json = Annotated[bool, typer.Option("--json", help="Print one finding a line, as JSON.")]


def doctor(
    backend: Backends = None,
    llm: Llm = None,
    model: Model = None,
    config: ConfigOption = None,
    no_picture: NoPicture = False,
    json: Json = False,
) -> int:
    """Look over the configured servers: there, of the right kind, let in, with the model, able.

    Has one small picture drawn and one word said. Exit codes: 0 everything is as it should be;
    1 something is not; 2 wrong usage. Keys are read from the environment or the settings file.
    """
    # Imported here, so that help and version need not wait for it.
    from limner.cli.setup.checkup_report import look, print_findings
    from limner.cli.shared.options import settings_with

    settings = settings_with(config, backend=backend, llm=[llm] if llm else None, llm_model=model)
    found = asyncio.run(look(settings, able=not no_picture, json=json))
    if not json:
        print_findings(found)
    return ExitCode.OK if all(finding.ok for finding in found) else ExitCode.INCOMPLETE
