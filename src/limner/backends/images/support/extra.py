"""The option ``extra``: fields of one's own, added to each request as they are."""

import json
from typing import Any

from limner.errors import ConfigError


def read_extra(text: str) -> dict[str, Any]:
    """The fields of the option ``extra``.

    Raises:
        limner.errors.ConfigError: It is no JSON object.

    Example:
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
