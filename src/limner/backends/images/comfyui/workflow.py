"""A workflow as it stands in a file: ComfyUI's API format, checked."""

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from limner.backends.images.comfyui.graph import Graph, link, named
from limner.backends.images.comfyui.placeholders import check_spelling
from limner.errors import ConfigError

LARGEST = 8 << 20
"""Bytes of a workflow's file."""


@dataclass(frozen=True, slots=True)
class Workflow:
    """A workflow that ComfyUI can be given.

    Attributes:
        source: Where it is from, to be shown.
        text: Its JSON.
    """

    source: str
    text: bytes = field(repr=False)

    @classmethod
    def read(cls, path: str) -> "Workflow":
        """The workflow in a file.

        Raises:
            limner.errors.ConfigError: It cannot be read, or is no workflow in API format.
        """
        try:
            with Path(path).expanduser().open("rb") as file:
                text = file.read(LARGEST + 1)
        except (OSError, ValueError, RuntimeError) as error:
            why = (error.strerror if isinstance(error, OSError) else None) or str(error)
            raise ConfigError(f"cannot read the workflow {path!r}: {why.lower()}") from None
        if len(text) > LARGEST:
            raise ConfigError(f"the workflow {path!r} has more than {LARGEST:,} bytes")
        return cls.parse(text, source=f"the workflow {path!r}")

    @classmethod
    def parse(cls, text: bytes | str, *, source: str = "the workflow") -> "Workflow":
        """The workflow in a JSON text; one that stands under ``prompt`` is taken out.

        Raises:
            limner.errors.ConfigError: It is no workflow in API format; the message says what it
                is, or which node is wrong.

        Example:
            >>> Workflow.parse('{"nodes": [], "links": []}')
            Traceback (most recent call last):
            limner.errors.ConfigError: the workflow is saved in the editor's format; ...
        """
        try:
            value = msgspec.json.decode(text)
        except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
            raise ConfigError(f"{source} is no JSON: {error}") from None
        if isinstance(value, dict) and isinstance(value.get("nodes"), list):
            raise ConfigError(
                f"{source} is saved in the editor's format; in ComfyUI choose Workflow → "
                "Export (API) and give that file"
            )
        if isinstance(value, dict) and isinstance(value.get("prompt"), dict):
            value = value["prompt"]
        graph = _checked(value, source)
        check_spelling(graph, source=source)
        return cls(source, msgspec.json.encode(graph))

    def graph(self) -> Graph:
        """Its nodes; a new copy at every call."""
        graph: Graph = msgspec.json.decode(self.text)
        return graph

    @property
    def digest(self) -> str:
        """A fingerprint of its content."""
        return hashlib.sha256(self.text).hexdigest()[:24]


def _checked(value: Any, source: str) -> Graph:
    if not isinstance(value, dict) or not value:
        raise ConfigError(
            f"{source} is no workflow: it must be an object of nodes, as Export (API) writes it"
        )
    for node, content in value.items():
        if not isinstance(content, dict) or not isinstance(content.get("class_type"), str):
            raise ConfigError(
                f"{source} is no workflow in API format: {node!r} has no class_type; in ComfyUI "
                "choose Workflow → Export (API)"
            )
        if not isinstance(content.setdefault("inputs", {}), dict):
            raise ConfigError(f"{source}: the inputs of {named(value, node)} are no object")
    for node, content in value.items():
        for name, given in content["inputs"].items():
            to = link(given)
            if to is not None and to.node not in value:
                raise ConfigError(
                    f"{source}: {name} of {named(value, node)} leads to node {to.node}, "
                    "which is not there"
                )
    return value
