"""A workload and the limits to try on it, from a file or from options."""

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from limner.errors import ConfigError
from limner.simulation.limit_set import LimitSet, limit_sets
from limner.simulation.nodes import Nodes
from limner.simulation.server import Server
from limner.simulation.workload import Answers, Pictures, Users, Workload

USUAL_LIMITS = {"max_concurrent": 3}
"""What is simulated where nothing else is said; ``"none"`` takes it away."""

LARGEST_FILE = 16 * 2**20
"""Bytes; a bigger file is no description of a workload."""

_PARTS: dict[str, type] = {
    "users": Users,
    "answers": Answers,
    "pictures": Pictures,
    "server": Server,
    "nodes": Nodes,
}


@dataclass(frozen=True, slots=True)
class Scenario:
    """What to simulate.

    Attributes:
        workload: The traffic.
        limits: The limits, each to be tried on it.
    """

    workload: Workload
    limits: tuple[LimitSet, ...]


def read_table(path: Path) -> dict[str, Any]:
    """Read a workload file: JSON if its name ends so, else TOML.

    Raises:
        limner.errors.ConfigError: It cannot be read, or is not a table in that notation.
    """
    try:
        if path.exists() and not path.is_file():
            raise ConfigError(f"cannot read {path}: it is not a file")
        if path.stat().st_size > LARGEST_FILE:
            raise ConfigError(f"cannot read {path}: it is too large for a workload")
        text = path.read_text(encoding="utf-8-sig")
        table = json.loads(text) if path.suffix.lower() == ".json" else tomllib.loads(text)
    except OSError as error:
        raise ConfigError(f"cannot read {path}: {error.strerror or error}") from error
    except RecursionError:
        raise ConfigError(f"cannot read {path}: it is nested too deeply") from None
    except ValueError as error:  # not UTF-8, not JSON, not TOML
        raise ConfigError(f"cannot read {path}: {error}") from error
    if not isinstance(table, dict):
        raise ConfigError(f"cannot read {path}: it must hold a table of settings")
    return table


def scenario_from(
    table: Mapping[str, Any], *, options: Mapping[str, str] | None = None
) -> Scenario:
    """Make a scenario of a table as a workload file holds it.

    Args:
        table: ``duration``, ``seed`` and the tables ``users``, ``answers``, ``pictures``,
            ``server``, ``nodes`` with the fields of `Workload` and its parts, and ``limits``; see
            `limit_sets`.
        options: For messages: what the user calls a setting, as ``{"users.count": "--users"}``.

    Raises:
        limner.errors.ConfigError: A setting is unknown or wrong.

    Examples:
        >>> scenario = scenario_from({"users": {"count": 7}, "limits": {"max_concurrent": [1, 2]}})
        >>> scenario.workload.users.number, len(scenario.limits)
        (7, 2)
        >>> scenario_from({"userz": {}})
        Traceback (most recent call last):
        limner.errors.ConfigError: there is no setting userz; known: duration, seed, users...
    """
    _check_names(table)
    limits = table.get("limits", {})
    try:
        workload = _WORKLOAD.validate_python(
            {name: value for name, value in table.items() if name != "limits"}
        )
    except ValidationError as error:
        raise ConfigError(_explain(error, options or {})) from None
    return Scenario(workload, tuple(limit_sets({**USUAL_LIMITS, **limits})))


_WORKLOAD: TypeAdapter[Workload] = TypeAdapter(Workload)


def _check_names(table: Mapping[str, Any]) -> None:
    """Refuse unknown names: a slip of the pen shall not pass as if nothing had been said."""
    _check_known("", table, [*(field.name for field in fields(Workload)), "limits"])
    for part, kind in _PARTS.items():
        if isinstance(table.get(part), Mapping):
            _check_known(f"{part}.", table[part], [field.name for field in fields(kind)])
    for part in (*_PARTS, "limits"):
        if not isinstance(table.get(part, {}), Mapping):
            raise ConfigError(f"{part} must be a table, not {_short(table[part])}")


def _check_known(where: str, table: Mapping[str, Any], known: list[str]) -> None:
    for name in table:
        if name not in known:
            raise ConfigError(f"there is no setting {where}{name}; known: {', '.join(known)}")


def _explain(error: ValidationError, options: Mapping[str, str]) -> str:
    # Where a value could be of several kinds, the complaint that went deepest knows most.
    first = max(error.errors(include_url=False), key=lambda found: len(found["loc"]))
    names = [str(part) for part in first["loc"]]
    name = ".".join(names[: 2 if names[:1] and names[0] in _PARTS else 1])
    reason = first["msg"].removeprefix("Value error, ")
    if first["type"] == "value_error" or not names:
        return f"{options.get(name, name) or 'the workload'}: {reason}"
    reason = reason[:1].lower() + reason[1:]
    return f"{options.get(name, name)} is wrong: {reason}, not {_short(first['input'])}"


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}…"
