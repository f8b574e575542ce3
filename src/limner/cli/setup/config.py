"""`limner config`: what is set, and where it comes from."""

import json as jsonlib
from typing import Annotated, Any

import typer

from limner.cli.exit_code import ExitCode
from limner.cli.serve import ConfigOption

Json = Annotated[bool, typer.Option("--json", help="Print the settings as JSON.")]
Example = Annotated[
    bool, typer.Option("--example", help="Print a settings file to begin with, explained.")
]
Check = Annotated[bool, typer.Option("--check", help="Only say whether all is well.")]


def config(
    file: ConfigOption = None, json: Json = False, example: Example = False, check: Check = False
) -> int:
    """Show every setting that counts and where it comes from; secrets are masked.

    Exit codes: 0 all is well; 2 a setting is unknown or wrong.
    """
    from limner.config import config_file, load_settings
    from limner.config.example import example as example_file
    from limner.config.loading import unknown_variables
    from limner.config.origin import effective

    if example:
        typer.echo(example_file(), nl=False)
        return ExitCode.OK
    settings = load_settings(file)
    found = config_file(file)
    unknown = unknown_variables()
    for problem in unknown:
        typer.echo(f"limner: {problem}", err=True)
    if check:
        _check(settings)
        if unknown:
            return ExitCode.USAGE
        typer.echo(f"all is well in {found or 'the environment; there is no settings file'}")
        return ExitCode.OK
    told = effective(settings, file=found)
    if json:
        rows = [
            {"name": o.name, "value": o.value, "origin": o.origin, "used_by": o.used_by}
            for o in told
        ]
        typer.echo(jsonlib.dumps({"file": str(found) if found else None, "settings": rows}))
        return ExitCode.OK
    typer.echo(f"file: {found or 'none'}")
    width = max(len(one.name) for one in told)
    for one in told:
        users = ", ".join(one.used_by)
        typer.echo(f"{one.name:<{width}}  {_short(one.value):<32}  {one.origin:<11}  {users}")
    return ExitCode.OK


def _short(value: Any) -> str:
    return "-" if value is None else jsonlib.dumps(value, ensure_ascii=False)


def _check(settings: Any) -> None:
    """What only shows when the parts are made.

    Raises:
        limner.errors.LimnerError: What is wrong.
    """
    from limner.composition import check_backends, make_budget, make_limiter
    from limner.server.from_settings import (
        configured_tokens,
        default_preferences,
        proxy_settings,
        text_clients,
    )
    from limner.server.tokens import TokenBook

    check_backends(settings)
    text_clients(settings)
    make_limiter(settings)
    make_budget(settings)
    TokenBook(None, configured_tokens(settings), clock=lambda: 0.0)
    public = settings.serve.public_url or "http://127.0.0.1:8750"
    default_preferences(settings)
    proxy_settings(settings, public_url=public)
