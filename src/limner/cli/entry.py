"""Where the command `limner` begins: it is there even if what it needs is not installed."""

import sys

from limner.cli.exit_code import ExitCode
from limner.errors import MissingExtra
from limner.errors.installation import needing


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and exit with its code; see `ExitCode`.

    Args:
        arguments: In place of the process's own.
    """
    try:
        with needing("the command limner"):
            from limner.cli import app
    except MissingExtra as missing:
        sys.stderr.write(f"limner: {missing}\n")
        sys.exit(ExitCode.USAGE)
    app.main(arguments)
