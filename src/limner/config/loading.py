"""Reading the settings: options, then the environment, then a TOML file.

A variable is the setting's name in capitals after ``LIMNER_`` (``LIMNER_MAX_CONCURRENT=2``), with
``__`` between a table and what is in it (``LIMNER_SERVE__PORT=9000``). The file is the one a
command names, else ``$LIMNER_CONFIG``, else ``~/.config/limner/config.toml``
(``$XDG_CONFIG_HOME`` counts) if it is there. What the environment says goes before the file; what
a command's options say goes before both.
"""

import os
import re
import tomllib
import types
import typing
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_settings import EnvSettingsSource, SettingsError

from limner.config.settings import Settings
from limner.errors import ConfigError

PREFIX = "LIMNER_"
OWN = "LIMNER_CONFIG"
"""Names the file, and is no setting."""
OPTIONS = {
    "backends": "backend",
    "llm_model": "model",
    "patterns": "pattern",
    "upstreams": "llm",
    "library_pictures": "pictures",
}
"""Options that are called otherwise than the settings that they say."""

OTHERS = re.compile(
    # Read by the files that come with limner, and by its own tests.
    r"LIMNER_(?:TOKEN|TEST_\w+)"
    # What Kubernetes and Docker set for whatever is called limner.
    r"|LIMNER_(?:\w+_)?(?:SERVICE_(?:HOST|PORT)(?:_\w+)?|PORT_\d+_(?:TCP|UDP)(?:_\w+)?)"
    r"|LIMNER_\w+_(?:NAME|ENV_\w+)"
)
ADDRESS = re.compile(r"(?:tcp|udp)://")
"""Begins what those set for a port."""


def config_file(named: str | os.PathLike[str] | None = None) -> Path | None:
    """The settings file that counts, or ``None``.

    Args:
        named: The one that a command names.

    Raises:
        limner.errors.ConfigError: It, or what ``LIMNER_CONFIG`` names, is not there.
    """
    asked = os.fspath(named) if named is not None else os.environ.get(OWN)
    if asked:
        if not Path(asked).is_file():
            who = "--config" if named is not None else OWN
            raise ConfigError(f"{who} names {asked!r}, which is not a file")
        return Path(asked)
    home = os.environ.get("XDG_CONFIG_HOME") or str(Path.home() / ".config")
    usual = Path(home) / "limner" / "config.toml"
    return usual if usual.is_file() else None


def load_settings(named: str | os.PathLike[str] | None = None, **options: Any) -> Settings:
    """Read the settings.

    Args:
        named: The file that a command names.
        **options: What a command's options say.

    Raises:
        limner.errors.ConfigError: The file cannot be read, or a setting is unknown or wrong. The
            message never shows a value, which may be a key.
    """
    file = config_file(named)
    where = f"the environment or {file}" if file else "the environment"
    try:
        made = Settings(**(options if file is None else _with_file(file, options)))
    except ValidationError as error:
        said = _option_wrong(error, options)
        raise ConfigError(said or f"{_explain(error)} (in {where})") from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"cannot read the settings in {file}: {error}") from error
    except SettingsError as error:
        raise ConfigError(_not_json(error) or f"{error} (in {where})") from None
    return made


def _with_file(file: Path, options: Mapping[str, Any]) -> dict[str, Any]:
    """What options, the environment and a file say together."""
    said = tomllib.loads(file.read_text("utf-8"))
    return _over(_over(said, EnvSettingsSource(Settings)()), options)


def _over(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Two tables as one; the second goes before the first, also in the tables that they hold.

    Examples:
        >>> _over({"serve": {"port": 1, "host": "a"}}, {"serve": {"port": 2}, "backend": "b"})
        {'serve': {'port': 2, 'host': 'a'}, 'backend': 'b'}
    """
    both = {**below, **above}
    for name in below.keys() & above.keys():
        if isinstance(below[name], Mapping) and isinstance(above[name], Mapping):
            both[name] = _over(below[name], above[name])
    return both


def unknown_variables() -> list[str]:
    """What is wrong with variables that seem to be meant as settings, a line each.

    They are told rather than refused: a variable may be meant for another version.
    """
    return [
        f"{variable} is no setting{_meant_variable(variable)}"
        for variable, value in sorted(os.environ.items())
        if variable.upper().startswith(PREFIX) and _is_unknown_variable(variable.upper(), value)
    ]


def _is_unknown_variable(variable: str, value: str) -> bool:
    name = variable.removeprefix(PREFIX).partition("__")[0].lower()
    if variable == OWN or name in Settings.model_fields:
        return False
    return not OTHERS.fullmatch(variable) and not ADDRESS.match(value)


def _meant_variable(variable: str) -> str:
    """The setting that is nearest, as a variable.

    Examples:
        >>> [_meant_variable(f"LIMNER_{name}") for name in ("LIBARY", "PORT", "FOO")]
        ['; did you mean LIMNER_LIBRARY?', '; did you mean LIMNER_SERVE__PORT?', '']
    """
    name = variable.upper().removeprefix(PREFIX)
    known = list(_all_names(Settings, ""))
    within = [one for one in known if one.endswith(f"__{name}")]
    near = within or get_close_matches(name, known, n=1, cutoff=0.6)
    return f"; did you mean {PREFIX}{near[0]}?" if near else ""


def _all_names(table: type[BaseModel], prefix: str) -> Iterator[str]:
    for name, field in table.model_fields.items():
        kind = field.annotation
        yield f"{prefix}{name.upper()}"
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            yield from _all_names(kind, f"{prefix}{name.upper()}__")


def _option_wrong(error: ValidationError, options: Mapping[str, Any]) -> str | None:
    """What is wrong, if it was a command's option that said it."""
    first = error.errors(include_url=False, include_input=False)[0]
    here: Any = options
    name = ""
    for part in first["loc"]:
        if not isinstance(part, str) or not isinstance(here, Mapping):
            break
        if part not in here:
            return None
        here, name = here[part], part
    option = OPTIONS.get(name, name).replace("_", "-")
    return f"the option --{option} is wrong: {first['msg']}" if name else None


def _not_json(error: SettingsError) -> str | None:
    """That a variable for a whole table or list is not written as JSON."""
    field = re.search(r'field "(\w+)" from source "Env', str(error))
    if field is None:
        return None
    name = f"{PREFIX}{field[1].upper()}"
    kind = Settings.model_fields[field[1]].annotation if field[1] in Settings.model_fields else None
    one = next(iter(table.model_fields)) if (table := _table(kind)) is not None else "NAME"
    by_parts = f"; a table's settings can be set one by one, as {name}__{one.upper()}"
    return f"the variable {name} is not written as JSON{by_parts}"


def _explain(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_input=False)[0]
    place = first["loc"]
    name = ".".join(str(part) for part in place)
    if first["type"] == "extra_forbidden":
        known = _names_beside(place)
        hint = _meant(str(place[-1]), known) or f"; known: {', '.join(known)}"
        return f"there is no setting {name!r}{hint}"
    return f"the setting {name!r} is wrong: {first['msg']}"


def _meant(name: str, known: Sequence[str]) -> str:
    near = get_close_matches(name, known, n=1, cutoff=0.6)
    return f"; did you mean {near[0]!r}?" if near else ""


def _names_beside(place: Sequence[int | str]) -> list[str]:
    """The names that are known where a setting stands."""
    model: type[BaseModel] = Settings
    for part in place[:-1]:
        if isinstance(part, str) and part in model.model_fields:
            model = _table(model.model_fields[part].annotation) or model
    return list(model.model_fields)


def _table(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and not isinstance(annotation, types.GenericAlias):
        return annotation if issubclass(annotation, BaseModel) else None
    return next(filter(None, map(_table, typing.get_args(annotation))), None)


def names_telemetry() -> bool:
    """Whether any of OpenTelemetry's variables is set; without one there is nobody to be told."""
    return any(name.startswith("OTEL_") for name in os.environ)
