"""The commands in groups, each with a whole sentence: what `limner --help` shows."""

import re
from typing import Any

from typer.core import TyperGroup

GROUPS = {
    "Illustrating": ("illustrate", "demo", "resume"),
    "A story that is kept": (
        *("pictures", "redraw", "choose", "undo"),
        *("open", "export", "list", "delete"),
    ),
    "Setting up": ("init", "doctor", "models", "presets", "references", "config"),
    "Serving": ("serve", "work", "sillytavern", "token", "mcp"),
    "Libraries and limits": ("costs", "repair", "gc", "migrate", "library", "simulate"),
    "limner itself": ("version",),
}
"""The commands, in the order in which people come to need them."""

_SENTENCE = re.compile(r".*?[.](?=\s|\Z)", re.DOTALL)


class CommandGroups(TyperGroup):
    """Shows the commands in their groups."""

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write all commands; one that is in no group is with the last."""
        grouped = {name for names in GROUPS.values() for name in names}
        rest = tuple(name for name in self.commands if name not in grouped)
        for title, names in GROUPS.items():
            shown = names if title != list(GROUPS)[-1] else (*names, *rest)
            rows = [
                (name, first_sentence(self.commands[name].help or ""))
                for name in shown
                if name in self.commands
            ]
            with formatter.section(title):
                formatter.write_dl(rows)


def first_sentence(text: str) -> str:
    """The first sentence of a help text, on one line.

    Examples:
        >>> first_sentence("Show the version. And more.")
        'Show the version.'
    """
    found = _SENTENCE.match(text)
    return " ".join((found[0] if found else text).split())
