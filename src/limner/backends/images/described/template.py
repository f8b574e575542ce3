"""A request with marks in it, ``"%prompt%"``, and what is put in their place. Pure.

A text that is one mark alone becomes the value with its type; inside other text it becomes text.
What is not given is left out: a field whose value is a mark for something that nobody asked for
does not stand in the request. What is put in is data, and is never read for marks again.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias
from urllib.parse import quote

Values: TypeAlias = Mapping[str, str | int | float | None]

_MARK = re.compile(r"%([a-z][a-z0-9_]{0,31})%")
_ABSENT = object()


def fill(template: Any, values: Values) -> Any:
    """A template with values in the place of its marks.

    Examples:
        >>> fill({"a": "%seed%", "b": "%steps%", "c": ["no %seed%"], "d": {"e": "%steps%"}},
        ...      {"seed": 7, "steps": None})
        {'a': 7, 'c': ['no 7']}
    """
    filled = _filled(template, values)
    return {} if filled is _ABSENT else filled


def _filled(template: Any, values: Values) -> Any:
    if isinstance(template, str):
        return _text(template, values)
    if isinstance(template, dict):
        inner = {name: _filled(part, values) for name, part in template.items()}
        kept = {name: part for name, part in inner.items() if part is not _ABSENT}
        return kept if kept or not template else _ABSENT
    if isinstance(template, list):
        parts = [_filled(part, values) for part in template]
        return [part for part in parts if part is not _ABSENT]
    return template


def _text(text: str, values: Values) -> Any:
    alone = _MARK.fullmatch(text)
    if alone:
        value = values.get(alone[1], text)
        return _ABSENT if value is None else value
    missing = [mark for mark in _MARK.findall(text) if values.get(mark, "") is None]
    return _ABSENT if missing else _MARK.sub(lambda m: str(values.get(m[1], m[0])), text)


def fill_path(path: str, values: Values) -> str:
    """The path of a URL with values in it, each of which stays within its place.

    A model's name may hold slashes; nothing may climb out, or begin a query.

    Examples:
        >>> fill_path("/v1/%model%/run/%id%", {"model": "owner/name", "id": "../a?b"})
        '/v1/owner/name/run/..%2Fa%3Fb'
    """

    def put(mark: re.Match[str]) -> str:
        text = str(values.get(mark[1]) or "")
        parts = text.split("/") if mark[1] == "model" else [text]
        return "/".join(quote(part, safe="@:") for part in parts if part not in (".", ".."))

    return _MARK.sub(put, path)


def marks(template: Any) -> Iterator[str]:
    """The marks in a template."""
    if isinstance(template, str):
        yield from _MARK.findall(template)
    elif isinstance(template, dict | list):
        for part in template.values() if isinstance(template, dict) else template:
            yield from marks(part)
