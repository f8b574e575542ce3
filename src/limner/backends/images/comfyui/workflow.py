"""A workflow as it stands in a file: ComfyUI's API format, its editor's, or a picture with one."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from limner.backends.images.comfyui.editor_format import (
    EditorWorkflow,
    NodeInfo,
    is_editor_format,
)
from limner.backends.images.comfyui.graph import Graph, link, named
from limner.backends.images.comfyui.placeholders import check_spelling
from limner.backends.images.formats import png
from limner.backends.images.formats.parts import Malformed
from limner.errors import ConfigError

LARGEST = 32 << 20
"""Bytes of a workflow's file; it may be a picture."""

IN_PICTURE = ("prompt", "workflow")
"""The texts in which a PNG of ComfyUI's holds its workflow: as it was sent, and the editor's."""


@dataclass(frozen=True, slots=True)
class Workflow:
    """A workflow that ComfyUI can be given.

    Attributes:
        source: Where it is from, to be shown.
        text: Its JSON.
        editor: The same where it is in the editor's format: it cannot be sent before a server has
            told of its nodes (`as_sent`).
    """

    source: str
    text: bytes = field(repr=False)
    editor: EditorWorkflow | None = field(default=None, repr=False, compare=False)

    @classmethod
    def read(cls, path: str) -> "Workflow":
        """The workflow in a file.

        Raises:
            limner.errors.ConfigError: It cannot be read, or is no workflow.
        """
        try:
            with Path(path).expanduser().open("rb") as file:
                text = file.read(LARGEST + 1)
        except (OSError, ValueError, RuntimeError) as error:
            why = (error.strerror if isinstance(error, OSError) else None) or str(error)
            raise ConfigError(f"cannot read the workflow {path!r}: {why.lower()}") from None
        if len(text) > LARGEST:
            raise ConfigError(f"the workflow {path!r} has more than {LARGEST:,} bytes")
        source = f"the workflow {path!r}"
        return cls.parse(_in_picture(text, source) if is_png(text) else text, source=source)

    @classmethod
    def parse(cls, text: bytes | str, *, source: str = "the workflow") -> "Workflow":
        """The workflow in a JSON text; one that stands under ``prompt`` is taken out.

        Raises:
            limner.errors.ConfigError: It is no workflow; the message says what it is, or which
                node is wrong.

        Examples:
            >>> Workflow.parse('{"nodes": [], "links": []}')
            Traceback (most recent call last):
            limner.errors.ConfigError: the workflow has no nodes
        """
        try:
            value = msgspec.json.decode(text)
        except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
            raise ConfigError(f"{source} is no JSON: {error}") from None
        if is_editor_format(value):
            text = text.encode("utf-8", "replace") if isinstance(text, str) else text
            return cls(source, text, EditorWorkflow(value, source=source))
        if isinstance(value, dict) and isinstance(value.get("prompt"), dict):
            value = value["prompt"]
        graph = _checked(value, source)
        check_spelling(graph, source=source)
        return cls(source, msgspec.json.encode(graph))

    def as_sent(self, infos: Mapping[str, NodeInfo]) -> "Workflow":
        """The workflow in the format that can be sent.

        Args:
            infos: What the server tells of the editor's classes (`EditorWorkflow.classes`).

        Raises:
            limner.errors.ConfigError: The server does not know a class, or the workflow is broken.
        """
        if self.editor is None:
            return self
        return Workflow.parse(msgspec.json.encode(self.editor.graph(infos)), source=self.source)

    def graph(self) -> Graph:
        """Its nodes; a new copy at every call."""
        graph: Graph = msgspec.json.decode(self.text)
        return graph

    @property
    def digest(self) -> str:
        """A fingerprint of its content."""
        return hashlib.sha256(self.text).hexdigest()[:24]


def is_png(data: bytes) -> bool:
    """Whether a file is a PNG."""
    return data.startswith(png.SIGNATURE)


def _in_picture(data: bytes, source: str) -> str:
    """The workflow that stands in a picture of ComfyUI's."""
    try:
        text = png.separate(data).text
    except Malformed as why:
        raise ConfigError(f"{source} is a broken picture: {why}") from None
    for name in IN_PICTURE:
        if name in text:
            return text[name]
    raise ConfigError(f"{source} is a picture without a workflow in it")


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
