"""Where in an answer something stands: ``output.images.0.url``. Pure.

A path is names and numbers with dots between them. ``*`` is every part of a list or an object, of
which the first counts that leads to the end; ``[name=ink]`` is the part of a list that has such a
field. An answer is hostile: whatever it is, there is something at a path or there is nothing.
"""

import re
from collections.abc import Iterator
from typing import Any

_STEP = re.compile(r"\[(?P<field>[\w$-]+)=(?P<value>[^\]]*)\]|(?P<name>[^.\[\]]+)")


def check_path(path: str) -> bool:
    """Whether a text is a path.

    Examples:
        >>> check_path("data.0.url"), check_path("models[name=ink].key"), check_path("a..b")
        (True, True, False)
    """
    return (
        bool(path) and re.fullmatch(rf"({_STEP.pattern})(\.?({_plain(_STEP)}))*", path) is not None
    )


def _plain(pattern: re.Pattern[str]) -> str:
    return re.sub(r"\?P<\w+>", "?:", pattern.pattern)


def at(value: object, path: str) -> Any:
    """What stands at a path; ``None`` if nothing does.

    Examples:
        >>> answer = {"results": {"7": {}, "9": {"image": {"name": "a.png"}}}}
        >>> at(answer, "results.*.image.name"), at(answer, "results.0")
        ('a.png', None)
        >>> at({"models": [{"name": "x", "key": 1}, {"name": "y", "key": 2}]}, "models[name=y].key")
        2
    """
    return next(_found(value, list(_STEP.finditer(path))), None)


def _found(value: object, steps: list[re.Match[str]]) -> Iterator[Any]:
    if not steps:
        if value is not None:
            yield value
        return
    for part in _parts(value, steps[0]):
        yield from _found(part, steps[1:])


def _parts(value: object, step: re.Match[str]) -> Iterator[object]:
    """The parts of a value that a step leads to."""
    name, field = step["name"], step["field"]
    if field is not None:
        inner = value if isinstance(value, list) else []
        yield from (
            part for part in inner
            if isinstance(part, dict) and str(part.get(field)) == step["value"]
        )  # fmt: skip
    elif name == "*":
        yield from value.values() if isinstance(value, dict) else ()
        yield from value if isinstance(value, list) else ()
    elif isinstance(value, dict):
        if name in value:
            yield value[name]
    elif isinstance(value, list) and name.isdecimal() and int(name) < len(value):
        yield value[int(name)]
