"""Reading the settings: options, then the environment, then a TOML file.

A variable is the setting's name in capitals after ``LIMNER_`` (``LIMNER_MAX_CONCURRENT=2``), with
``__`` between a table and what is in it (``LIMNER_SERVE__PORT=9000``). The file is the one a
command names, else ``$LIMNER_CONFIG``, else ``~/.config/limner/config.toml``
(``$XDG_CONFIG_HOME`` counts) if it is there. What the environment says goes before the file; what
a command's options say goes before both.
"""

import os
import tomllib
import types
import typing
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_settings import SettingsError

from limner.config.settings import Settings
from limner.errors import ConfigError

PREFIX = "LIMNER_"
OWN = "LIMNER_CONFIG"
"""Names the file, and is no setting."""


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
    kind = type("Settings", (Settings,), {"file": file, "__doc__": Settings.__doc__})
    try:
        made: Settings = kind(**options)
    except ValidationError as error:
        raise ConfigError(f"{_explain(error)} (in {where})") from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"cannot read the settings in {file}: {error}") from error
    except SettingsError as error:
        raise ConfigError(f"{error} (in {where})") from None
    return made


def unknown_variables() -> list[str]:
    """Variables of the environment that look like settings and are none, with a guess.

    They are told rather than refused: a variable may be meant for another version.
    """
    told = []
    for variable in sorted(name for name in os.environ if name.upper().startswith(PREFIX)):
        name = variable.upper().removeprefix(PREFIX).partition("__")[0].lower()
        if variable.upper() != OWN and name not in Settings.model_fields:
            told.append(f"{variable} is no setting{_meant(name, list(Settings.model_fields))}")
    return told


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
