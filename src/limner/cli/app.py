"""The command `limner`: its commands, and how errors become exit codes."""

import os
import sys
from collections import UserDict
from pkgutil import resolve_name
from typing import Annotated, Any

import typer
from typer.exceptions import TyperException

from limner import __version__
from limner.cli.command_groups import CommandGroups
from limner.cli.exit_code import ExitCode
from limner.cli.standard_streams import OUTPUT, lasting_streams, lead_nowhere
from limner.cli.wording import plainly
from limner.errors import LimnerError

COMMANDS = {
    "version": "limner.cli.app:version",
    "illustrate": "limner.cli.illustrate:illustrate",
    "demo": "limner.cli.demo:demo",
    "resume": "limner.cli.resume:resume",
    "list": "limner.cli.list:list_",
    "pictures": "limner.cli.kept.pictures:pictures",
    "redraw": "limner.cli.kept.redraw:redraw",
    "choose": "limner.cli.kept.choose:choose",
    "undo": "limner.cli.kept.undo:undo",
    "delete": "limner.cli.kept.delete:delete",
    "open": "limner.cli.kept.open:open_",
    "costs": "limner.cli.costs:costs",
    "export": "limner.cli.export:export",
    "gc": "limner.cli.gc:gc",
    "migrate": "limner.cli.migrate:migrate",
    "repair": "limner.cli.repair:repair",
    "serve": "limner.cli.serve:serve",
    "work": "limner.cli.work:work",
    "mcp": "limner.cli.front_ends.mcp:mcp",
    "config": "limner.cli.setup.config:config",
    "simulate": "limner.cli.simulate:simulate",
    "init": "limner.cli.setup.init:init",
    "models": "limner.cli.setup.models:models",
    "presets": "limner.cli.setup.presets:presets",
    "doctor": "limner.cli.setup.doctor:doctor",
    "token": "limner.cli.front_ends.token:token",
    "references": "limner.cli.kept.references:references",
    "library": "limner.cli.library:library",
    "sillytavern": "limner.cli.front_ends.sillytavern:sillytavern",
}
"""Where each command is: a function, or a group of commands of its own."""


class Commands(UserDict[str, Any]):  # of a type that typer does not show
    """The commands by name; each is loaded and made when it is first asked for."""

    def __getitem__(self, name: str) -> Any:
        """Return a command."""
        found = self.data[name]
        if isinstance(found, str):
            found = self.data[name] = _made(name, resolve_name(found))
        return found


def _made(name: str, what: Any) -> Any:
    alone = typer.Typer(rich_markup_mode=None)
    if isinstance(what, typer.Typer):
        alone.add_typer(what, name=name)
    else:
        alone.command(name)(what)
    return typer.main.get_group(alone).commands[name]


class _Limner(CommandGroups):
    """All commands, of which only those are made that are asked for."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.commands = Commands(COMMANDS)


app = typer.Typer(
    name="limner",
    cls=_Limner,
    help="Illustrates text while a language model is still writing it.",
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


MISSING = "Missing "
"""How Typer begins to tell of an argument or option that is not there."""

NO_COMMAND = f"{MISSING}command."
"""What Typer says of a group of commands of which none is named."""


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"limner {__version__}")
        raise typer.Exit


@app.callback()
def _limner(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Show the version and exit."
        ),
    ] = False,
) -> None:
    pass


def version() -> None:
    """Show the version."""
    typer.echo(f"limner {__version__}")


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and exit with its code; see `ExitCode`.

    Args:
        arguments: In place of the process's own.
    """
    with lasting_streams() as errors:
        code = _code(sys.argv[1:] if arguments is None else arguments)
    sys.exit(ExitCode.INCOMPLETE if errors.failed and code == ExitCode.OK else code)


def _code(arguments: list[str]) -> int:
    try:
        code = app(arguments or ["--help"], prog_name="limner", standalone_mode=False)
    except TyperException as error:
        return _complain(_told(error), ExitCode.USAGE)
    except LimnerError as error:
        return _complain(str(error), ExitCode.USAGE)
    except KeyboardInterrupt:
        return _complain("interrupted", ExitCode.INTERRUPTED)
    except typer.Abort:
        return ExitCode.INTERRUPTED
    except BrokenPipeError:
        lead_nowhere(sys.stdout)  # whoever read our output has had enough
        return ExitCode.INCOMPLETE
    except OSError as error:
        if error.filename == OUTPUT:
            return _complain(f"cannot write {OUTPUT}: {error.strerror}", ExitCode.INCOMPLETE)
        if error.filename is None:
            raise  # no place that somebody named: a fault of limner's own
        return _complain(f"{os.fsdecode(error.filename)}: {error.strerror}", ExitCode.USAGE)
    if code == ExitCode.INTERRUPTED and not isinstance(code, ExitCode):
        # Typer's own answer to Ctrl-C, where no command has taken it: nobody has said a word.
        return _complain("interrupted", ExitCode.INTERRUPTED)
    return code if isinstance(code, int) else ExitCode.OK


def _told(error: TyperException) -> str:
    """What is wrong with the command's words; of one that is missing, where to read what it is."""
    told = error.format_message()
    # Which group that was, Typer says by an attribute of a class that it keeps to itself.
    if told == NO_COMMAND and (context := getattr(error, "ctx", None)) is not None:
        names = ", ".join(context.command.list_commands(context))
        return f"Missing command: {names}; `{context.command_path} --help` says what they do"
    if isinstance(error, typer.BadParameter) and error.ctx is not None and told.startswith(MISSING):
        return f"{told.removesuffix('.')}; `{error.ctx.command_path} --help` says what it is"
    return told


def _complain(message: str, code: ExitCode) -> ExitCode:
    typer.echo(f"limner: {plainly(' '.join(message.split()))}", err=True)
    return code
