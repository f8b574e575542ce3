"""The command `limner`: its commands, and how errors become exit codes."""

import os
import sys
from typing import Annotated

import typer
from typer.exceptions import TyperException

from limner import __version__
from limner.cli.command_groups import CommandGroups
from limner.cli.costs import costs
from limner.cli.demo import demo
from limner.cli.exit_code import ExitCode
from limner.cli.export import export
from limner.cli.front_ends.mcp import mcp
from limner.cli.front_ends.sillytavern import sillytavern
from limner.cli.front_ends.token import token
from limner.cli.gc import gc
from limner.cli.illustrate import illustrate
from limner.cli.kept.choose import choose
from limner.cli.kept.delete import delete
from limner.cli.kept.open import open_
from limner.cli.kept.pictures import pictures
from limner.cli.kept.redraw import redraw
from limner.cli.kept.references import references
from limner.cli.kept.undo import undo
from limner.cli.library import library
from limner.cli.list import list_
from limner.cli.migrate import migrate
from limner.cli.repair import repair
from limner.cli.resume import resume
from limner.cli.serve import serve
from limner.cli.setup.config import config
from limner.cli.setup.doctor import doctor
from limner.cli.setup.init import init
from limner.cli.setup.models import models
from limner.cli.setup.presets import presets
from limner.cli.simulate import simulate
from limner.cli.standard_streams import OUTPUT, lasting_streams, lead_nowhere
from limner.cli.wording import plainly
from limner.cli.work import work
from limner.errors import LimnerError

app = typer.Typer(
    name="limner",
    cls=CommandGroups,
    help="Illustrates text while a language model is still writing it.",
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


MISSING = "Missing "
"""How Typer begins to tell of an argument or option that is not there."""


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


@app.command()
def version() -> None:
    """Show the version."""
    typer.echo(f"limner {__version__}")


app.command()(illustrate)
app.command()(demo)
app.command()(resume)
app.command("list")(list_)
app.command()(pictures)
app.command()(redraw)
app.command()(choose)
app.command()(undo)
app.command()(delete)
app.command("open")(open_)
app.command()(costs)
app.command()(export)
app.command()(gc)
app.command()(migrate)
app.command()(repair)
app.command()(serve)
app.command()(work)
app.command()(mcp)
app.add_typer(token, name="token")
app.add_typer(references, name="references")
app.add_typer(library, name="library")
app.add_typer(sillytavern, name="sillytavern")
app.command()(config)
app.command()(simulate)
app.command()(init)
app.command()(models)
app.command()(presets)
app.command()(doctor)


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
    if isinstance(error, typer.BadParameter) and error.ctx is not None and told.startswith(MISSING):
        return f"{told.removesuffix('.')}; `{error.ctx.command_path} --help` says what it is"
    return told


def _complain(message: str, code: ExitCode) -> ExitCode:
    typer.echo(f"limner: {plainly(' '.join(message.split()))}", err=True)
    return code
