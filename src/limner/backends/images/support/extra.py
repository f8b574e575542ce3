"""The option ``extra``: fields of one's own, added to each request as they are."""

import json
from collections.abc import Mapping
from typing import Any

from limner.errors import ConfigError


def read_extra(text: str) -> dict[str, Any]:
    """The fields of the option ``extra``.

    Raises:
        limner.errors.ConfigError: It is no JSON object.

    Examples:
        >>> read_extra('{"aspect_ratio": "3:2"}'), read_extra("")
        ({'aspect_ratio': '3:2'}, {})
    """
    try:
        extra = json.loads(text or "{}")
    except (ValueError, RecursionError):
        extra = None
    if not isinstance(extra, dict):
        raise ConfigError(f"the option 'extra' must be a JSON object, not {text[:80]!r}")
    return extra


def with_extra(body: Mapping[str, Any], text: str) -> dict[str, Any]:
    """A request with the fields of the option ``extra``: objects in objects are joined.

    Examples:
        >>> with_extra({"n": 1, "params": {"steps": 20}}, '{"params": {"tiling": true}}')
        {'n': 1, 'params': {'steps': 20, 'tiling': True}}
    """
    return joined(body, read_extra(text))


def joined(body: Mapping[str, Any], more: Mapping[str, Any]) -> dict[str, Any]:
    """Two objects as one: what stands in the second goes before what stands in the first."""
    both = {
        name: joined(own, more[name])
        for name, own in body.items()
        if isinstance(own, dict) and isinstance(more.get(name), dict)
    }
    return {**body, **more, **both}
