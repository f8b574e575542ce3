"""Where the command `limner` begins: it is there even if what it needs is not installed."""

import sys


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and exit with its code; see `ExitCode`.

    Args:
        arguments: In place of the process's own.
    """
    try:
        _run(arguments)
    except KeyboardInterrupt:  # while it was loaded: the commands themselves end in order
        sys.stderr.write("limner: interrupted before anything was begun\n")
        sys.exit(130)


def _run(arguments: list[str] | None) -> None:
    # Imported here, as Ctrl-C may come while anything is.
    from limner.cli.exit_code import ExitCode
    from limner.errors import MissingExtra
    from limner.errors.installation import needing

    try:
        with needing("the command limner"):
            from limner.cli import app
    except MissingExtra as missing:
        sys.stderr.write(f"limner: {missing}\n")
        sys.exit(ExitCode.USAGE)
    app.main(arguments)
