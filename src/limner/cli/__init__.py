"""The command line: one file a command."""

from limner.cli.entry import main

__all__ = ["main"]
