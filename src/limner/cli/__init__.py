"""The command line: one file a command."""

from limner.cli.app import main

__all__ = ["main"]
