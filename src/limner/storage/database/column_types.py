"""Columns for what databases refuse or change: any text Python can hold, and JSON."""

import json
import re
from collections.abc import Mapping
from typing import Any

from sqlalchemy import BigInteger, Dialect, Integer, Text
from sqlalchemy.types import TypeDecorator

MARK = "\ufdd0"
"""Stands before the number of an escaped character. Unicode promises never to assign it."""

UNFIT = re.compile("[\x00\ud800-\udfff\ufdd0]")
"""Characters that not every database takes, and the mark."""
_ESCAPED = re.compile("\ufdd0([0-9a-f]{4})")


def fit(text: str) -> str:
    r"""The text in a form every database takes; ordinary text stays as it is.

    PostgreSQL refuses NUL, and no database that speaks UTF-8 takes half of a surrogate pair. Both
    come from models that are cut in the middle of a character.

    Examples:
        >>> fit("a fox"), fit("a\x00b") == "a" + MARK + "0000b", unfit(fit("\ud83d")) == "\ud83d"
        ('a fox', True, True)
    """
    if UNFIT.search(text) is None:
        return text
    return UNFIT.sub(lambda found: f"{MARK}{ord(found[0]):04x}", text)


def unfit(text: str) -> str:
    """The text that was made to fit."""
    if MARK not in text:
        return text
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)


Key = BigInteger().with_variant(Integer(), "sqlite")
"""Keys that count up: 64 bits, which SQLite's keys have only if they are called INTEGER."""


class AnyText(TypeDecorator[str]):
    """Any text, whatever is in it."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """On the way into the database."""
        return None if value is None else fit(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        """On the way out of the database."""
        return None if value is None else unfit(value)


class Json(TypeDecorator[Any]):
    """A JSON value, kept as ASCII text; what JSON has no form for is kept as its string."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str:
        """On the way into the database."""
        return json.dumps(value, separators=(",", ":"), default=_plain)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        """On the way out of the database."""
        return None if value is None else json.loads(value)


def _plain(value: object) -> object:
    return dict(value) if isinstance(value, Mapping) else str(value)
