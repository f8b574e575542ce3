"""Which commands a setting is for."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, get_args

from pydantic import BaseModel


@dataclass(frozen=True, slots=True)
class UsedBy:
    """Stands beside a setting's type: the commands that obey it. Others leave it alone.

    For a table it holds for all that is in it and does not say otherwise.

    Attributes:
        commands: Their names.
    """

    commands: tuple[str, ...]

    @classmethod
    def of(cls, *commands: str) -> "UsedBy":
        """Mark a setting as being for these commands."""
        return cls(commands)


DRAWING = UsedBy.of("illustrate", "demo", "resume", "redraw", "serve", "work", "mcp")
LOOKING = UsedBy.of(*DRAWING.commands, "models", "doctor")
WRITING = UsedBy.of("illustrate", "redraw", "serve", "mcp", "models", "doctor")
KEPT = (
    "list",
    "costs",
    "pictures",
    "redraw",
    "choose",
    "undo",
    "delete",
    "open",
    "export",
    "repair",
    "gc",
)
KEEPING = UsedBy.of(
    "illustrate", "resume", *KEPT, "serve", "work", "mcp", "token", "doctor", "migrate"
)
SERVING = UsedBy.of("serve")
WORKING = UsedBy.of("work")


def used_by(model: type[BaseModel], path: Iterable[str]) -> tuple[str, ...]:
    """The commands that obey a setting.

    Args:
        model: All settings.
        path: The names of the tables it stands in, and its own.

    Examples:
        >>> from limner.config import Settings
        >>> used_by(Settings, ["serve", "budget", "per_day"])
        ('serve', 'mcp')
    """
    found: tuple[str, ...] = ()
    here: Any = model
    for name in path:
        field = here.model_fields[name]
        marks = [one for one in field.metadata if isinstance(one, UsedBy)]
        found = marks[-1].commands if marks else found
        here = _table(field.annotation)
    return found


def _table(kind: Any) -> Any:
    """The table that a setting is, or that a list of such holds."""
    inner = get_args(kind)
    return inner[0] if inner else kind
