"""Where each setting comes from, for whoever wonders why it is as it is."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, SecretStr
from pydantic_settings import EnvSettingsSource

from limner.config.settings import Settings
from limner.config.used_by import used_by
from limner.illustration.backend_address import is_secret

MASK = "***"


@dataclass(frozen=True, slots=True)
class Effective:
    """A setting as it counts.

    Attributes:
        name: Its name, with dots between tables.
        value: Its value as JSON has it; a secret is masked.
        origin: ``option``, ``environment``, ``file`` or ``default``.
        description: What it is for.
        used_by: The commands that obey it.
    """

    name: str
    value: Any
    origin: str
    description: str = ""
    used_by: tuple[str, ...] = ()


def effective(
    settings: Settings, options: Mapping[str, Any] | None = None, *, file: Path | None = None
) -> list[Effective]:
    """Every setting, in the order of the settings file.

    Args:
        settings: As `limner.config.load_settings` gave them.
        options: What a command's options said.
        file: The settings file that counts.

    Examples:
        >>> from limner.config import Settings
        >>> for one in effective(Settings(llm_key="sk-1"), {"llm_key": "sk-1"})[:3]:
        ...     print(one.name, one.value, one.origin)
        llm_url None default
        llm_model None default
        llm_key *** option
    """
    sources = {
        "option": dict(options or {}),
        "environment": EnvSettingsSource(Settings)(),
        "file": _in_file(file),
    }
    return [
        Effective(
            name,
            _shown(name, value),
            _origin(sources, name.split(".")),
            description,
            used_by(Settings, name.split(".")),
        )
        for name, value, description in _leaves(settings, "")
    ]


def _leaves(table: BaseModel, prefix: str) -> Iterator[tuple[str, Any, str]]:
    for name, field in type(table).model_fields.items():
        value = getattr(table, name)
        if isinstance(value, BaseModel):
            yield from _leaves(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value, field.description or ""


def _origin(sources: Mapping[str, Mapping[str, Any]], path: list[str]) -> str:
    for origin, source in sources.items():
        here: Any = source
        for part in path:
            here = here.get(part, _ABSENT) if isinstance(here, Mapping) else _ABSENT
        if here is not _ABSENT:
            return origin
    return "default"


_ABSENT = object()


def _in_file(file: Path | None) -> dict[str, Any]:
    return tomllib.loads(file.read_text("utf-8")) if file is not None else {}


def _shown(name: str, value: Any) -> Any:
    """A value as anybody may see it.

    Examples:
        >>> _shown("library", "postgresql://me:secret@host/tales")
        'postgresql://***@host/tales'
        >>> _shown("backend_options", {"openai": {"header.X-Api-Key": "secret", "steps": 9}})
        {'openai': {'header.X-Api-Key': '***', 'steps': 9}}
    """
    if isinstance(value, SecretStr):
        return MASK
    if isinstance(value, str) and is_secret(name) and value:
        return MASK
    if isinstance(value, BaseModel):
        return {key: _shown(key, one) for key, one in value}
    if isinstance(value, Mapping):
        return {key: _shown(key, one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_shown(name, one) for one in value]
    if isinstance(value, str) and "://" in value:
        return without_user(value)
    return value


def without_user(address: str) -> str:
    """An address without ``user:password@``, and without the values of its query.

    Examples:
        >>> without_user("https://me:secret@host/v1?key=1")
        'https://***@host/v1?key=***'
    """
    scheme, _, rest = address.partition("://")
    place, mark, query = rest.partition("?")
    host, slash, path = place.partition("/")
    _, at, name = host.rpartition("@")
    hidden = f"{MASK}@{name}" if at else host
    fields = [f"{field.partition('=')[0]}={MASK}" for field in query.split("&")] if mark else []
    return f"{scheme}://{hidden}{slash}{path}{mark}{'&'.join(fields)}"
