"""Placeholders in a workflow: ``"%prompt%"``, ``"a painting of %prompt%, by night"``.

A string that is a placeholder alone becomes the value with its type: a number stays a number.
Inside other text it becomes text. What is put in is data: it is never read for placeholders
again, and it cannot break the JSON, because that is written afterwards.
"""

import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any, TypeAlias

from limner.backends.images.comfyui.graph import Graph, named
from limner.errors import ConfigError

Values: TypeAlias = Mapping[str, str | int | float]

NAMES = (
    "prompt", "negative_prompt", "width", "height", "seed", "model", "steps", "cfg", "sampler",
    "scheduler", "denoise", "strength", "reference", "reference_2", "reference_3", "reference_4",
)  # fmt: skip
"""What can be put into a workflow."""

FILE_NAMES = ("filename_prefix",)
"""Inputs in which ComfyUI has placeholders of its own: only numbers are put in there."""

_MARK = re.compile(r"%([a-z_][a-z_0-9]{0,31})%")


def fill(graph: Graph, values: Values) -> Graph:
    """The workflow with values in the place of their placeholders.

    Examples:
        >>> inputs = {"a": "%seed%", "b": "no %seed%: %prompt%"}
        >>> nodes = {"1": {"class_type": "X", "inputs": inputs}}
        >>> fill(nodes, {"seed": 7, "prompt": "a %seed%"})["1"]["inputs"]
        {'a': 7, 'b': 'no 7: a %seed%'}
    """
    numbers = {name: value for name, value in values.items() if not isinstance(value, str)}
    return {
        node: {
            **content,
            "inputs": {
                name: _filled(value, numbers if name in FILE_NAMES else values)
                for name, value in content["inputs"].items()
            },
        }
        for node, content in graph.items()
    }


def _filled(value: Any, values: Values) -> Any:
    if isinstance(value, str):
        alone = _MARK.fullmatch(value.strip())
        if alone and alone[1] in values:
            return values[alone[1]]
        return _MARK.sub(lambda mark: str(values.get(mark[1], mark[0])), value)
    if isinstance(value, list):
        return [_filled(part, values) for part in value]
    if isinstance(value, dict):
        return {name: _filled(part, values) for name, part in value.items()}
    return value


def used(graph: Graph) -> frozenset[str]:
    """The placeholders in a workflow, without those in names of files."""
    return frozenset(
        name for _, input_name, name, _ in _marks(graph)
        if name in NAMES and input_name not in FILE_NAMES
    )  # fmt: skip


def check_spelling(graph: Graph, *, source: str) -> None:
    """Refuse a value that is nearly a placeholder.

    Raises:
        limner.errors.ConfigError: There is one.
    """
    for node, input_name, name, alone in _marks(graph):
        near = get_close_matches(name, NAMES, n=1) if alone and name not in NAMES else []
        if near and input_name not in FILE_NAMES:
            raise ConfigError(
                f"{source}: {input_name} of {named(graph, node)} is {'%' + name + '%'!r}, which is "
                f"no placeholder; did you mean {'%' + near[0] + '%'!r}? "
                f"There are: {', '.join(NAMES)}"
            )


def _marks(graph: Graph) -> Iterator[tuple[str, str, str, bool]]:
    """Node, input, name, and whether it stands alone, of everything like a placeholder."""
    for node, content in graph.items():
        for input_name, value in content["inputs"].items():
            for text in _texts(value):
                for mark in _MARK.finditer(text):
                    yield node, input_name, mark[1], mark[0] == text.strip()


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list | dict):
        for part in value.values() if isinstance(value, dict) else value:
            yield from _texts(part)
