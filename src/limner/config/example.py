"""A settings file to begin with: everything there is, explained and switched off."""

import json
from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from limner.config.settings import Settings
from limner.config.tables import RateSettings, UpstreamSettings

_LISTED: dict[str, type[BaseModel]] = {"upstreams": UpstreamSettings, "rates": RateSettings}
_SAMPLES: dict[str, Any] = {
    "url": "http://127.0.0.1:8080/v1",
    "limit": 30,
    "per": 60.0,
    "tokens": {"anna": "a-long-random-text"},
    "backend_options": {"a1111": {"steps": 25}},
}
_HEAD = """\
# Settings of limner: ~/.config/limner/config.toml, or the file that LIMNER_CONFIG names.
# A line that begins with "# " and a name is switched off; it shows the default, or a sample.
# The same names work in the environment: LIMNER_MAX_CONCURRENT=2, LIMNER_SERVE__PORT=9000.
"""


def example() -> str:
    """The file. It is valid as it is, and sets nothing.

    Examples:
        >>> import tomllib
        >>> tomllib.loads(example())
        {'keep': {}, 'serve': {'budget': {}}, 'tracing': {}, 'work': {}}
    """
    return "\n".join([_HEAD, *_table(Settings, ""), *_lists(), *_tables(Settings, "")]) + "\n"


def _table(model: type[BaseModel], name: str) -> Iterator[str]:
    if name:
        yield f"[{name}]"
    for key, field in model.model_fields.items():
        if key not in _LISTED and _inner(field) is None:
            yield from _setting(key, field)
    yield ""


def _tables(model: type[BaseModel], prefix: str) -> Iterator[str]:
    for key, field in model.model_fields.items():
        inner = _inner(field)
        if inner is not None:
            yield f"# {field.description or 'How many pictures may be drawn at most.'}"
            yield from _table(inner, prefix + key)
            yield from _tables(inner, f"{prefix}{key}.")


def _lists() -> Iterator[str]:
    for key, model in _LISTED.items():
        yield f"# {Settings.model_fields[key].description}"
        yield f"# [[{key}]]"
        for name, field in model.model_fields.items():
            yield from _setting(name, field)
        yield ""


def _setting(name: str, field: FieldInfo) -> Iterator[str]:
    if field.description:
        yield f"# {field.description}"
    yield f"# {name} = {_toml(_SAMPLES.get(name, _default(field)))}"


def _default(field: FieldInfo) -> Any:
    made = field.get_default(call_default_factory=True, validated_data={})
    return "" if made is None or made is PydanticUndefined else made


def _inner(field: FieldInfo) -> type[BaseModel] | None:
    kind = field.annotation
    return kind if isinstance(kind, type) and issubclass(kind, BaseModel) else None


def _toml(value: Any) -> str:
    if isinstance(value, dict):
        inner = ", ".join(f"{key} = {_toml(one)}" for key, one in value.items())
        return f"{{ {inner} }}" if inner else "{}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_toml, value))}]"
    return json.dumps(value)
