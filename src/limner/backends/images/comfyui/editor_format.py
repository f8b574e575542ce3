"""A workflow as ComfyUI's editor saves it, made into one that can be sent: pure.

The editor keeps the values of a node's widgets as a list without names; which is which follows
from the order of the node's inputs, which only the server knows (``/object_info``). Nodes that are
muted are left out, those that are bypassed hand on what they are given, and ``Reroute``,
``PrimitiveNode`` and notes are the editor's alone.

Sources: the workflows that ComfyUI's frontend 1.27 saves, and ``/object_info`` of ComfyUI 0.3.64.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from limner.backends.images.comfyui.error_text import choices
from limner.backends.images.comfyui.graph import Graph
from limner.backends.images.comfyui.subgraphs import (
    BYPASSED,
    NEVER,
    WRITTEN,
    EditorLink,
    Flattened,
    dicts,
)
from limner.errors import ConfigError

NodeInfo: TypeAlias = Mapping[str, Any]
"""What ``/object_info`` tells of a class of nodes."""

_EDITOR_ONLY = frozenset(("Note", "MarkdownNote", "Reroute", "PrimitiveNode"))
_WIDGETS = frozenset(("INT", "FLOAT", "STRING", "BOOLEAN", "COMBO"))
_CONTROLS = frozenset(("fixed", "increment", "decrement", "randomize"))
_SEEDS = frozenset(("seed", "noise_seed"))


class EditorWorkflow:
    """A workflow as the editor saves it.

    Args:
        value: Its JSON.
        source: What it is called, for errors.

    Raises:
        limner.errors.ConfigError: It is broken, or has parts that only the editor can resolve.
    """

    def __init__(self, value: Mapping[str, Any], *, source: str = "the workflow") -> None:
        self._source = source
        flat = Flattened(value, source=source)
        self._nodes, self._links = flat.nodes, flat.links
        if not self._nodes:
            raise ConfigError(f"{source} has no nodes")

    @property
    def classes(self) -> list[str]:
        """The classes of nodes of which the server must be asked."""
        return sorted({str(node.get("type")) for _, node in self._sent()})

    def graph(self, infos: Mapping[str, NodeInfo]) -> Graph:
        """The workflow in the format that can be sent.

        Args:
            infos: What the server tells of the classes, by name.

        Raises:
            limner.errors.ConfigError: A class is unknown to the server.
        """
        missing = [kind for kind in self.classes if not infos.get(kind)]
        if missing:
            raise ConfigError(
                f"{self._source} has nodes that the server does not know: {', '.join(missing)}"
            )
        return {
            number: {
                "class_type": node["type"],
                "inputs": self._inputs(node, infos[node["type"]]),
                "_meta": {"title": str(node.get("title") or node["type"])},
            }
            for number, node in self._sent()
        }

    def _sent(self) -> Iterator[tuple[str, Mapping[str, Any]]]:
        for number, node in self._nodes.items():
            if node.get("type") not in _EDITOR_ONLY and node.get("mode") not in (NEVER, BYPASSED):
                yield number, node

    def _inputs(self, node: Mapping[str, Any], info: NodeInfo) -> dict[str, Any]:
        values = {**dict(_widget_values(node.get("widgets_values"), info)), **node[WRITTEN]}
        for slot in dicts(node.get("inputs")):
            name, given = slot.get("name"), slot.get("link")
            if not isinstance(name, str) or given is None:
                continue
            source = self._source_of(given)
            if source is None:
                continue
            held = self._nodes[source.node]
            if held.get("type") == "PrimitiveNode":
                values[name] = next(iter(held.get("widgets_values") or ()), None)
            else:
                values[name] = [source.node, source.output]
        return values

    def _source_of(self, given: object) -> EditorLink | None:
        """Where a link comes from, past what is the editor's alone; ``None``: from nowhere."""
        for _ in range(len(self._links) + 1):
            found = self._links.get(str(given))
            node = self._nodes.get(found.node) if found is not None else None
            if found is None or node is None or node.get("mode") == NEVER:
                return None
            slots = list(dicts(node.get("inputs")))
            if node.get("mode") == BYPASSED:
                slots = _handed_on(slots, found)
            elif node.get("type") != "Reroute":
                return found
            given = slots[0].get("link") if slots else None
        return None


def _handed_on(slots: list[Mapping[str, Any]], link: EditorLink) -> list[Mapping[str, Any]]:
    """The inputs that a bypassed node may hand on: the one opposite first, if it is of the kind."""
    if link.kind == "*":
        return slots[link.output :] or slots
    opposite = slots[link.output : link.output + 1]
    return [slot for slot in (*opposite, *slots) if slot.get("type") in (link.kind, "*")]


def is_editor_format(value: object) -> bool:
    """Whether a JSON value is a workflow as the editor saves it.

    Examples:
        >>> is_editor_format({"nodes": [], "links": []}), is_editor_format({"1": {}})
        (True, False)
    """
    return isinstance(value, dict) and isinstance(value.get("nodes"), list)


def _widget_values(values: object, info: NodeInfo) -> Iterator[tuple[str, Any]]:
    """The values of a node's widgets by the names of its inputs."""
    if isinstance(values, Mapping):
        names = {name for name, _ in _widgets(info)}
        yield from ((name, value) for name, value in values.items() if name in names)
        return
    left = list(values) if isinstance(values, Sequence) and not isinstance(values, str) else []
    for name, config in _widgets(info):
        if not left:
            yield from _default(name, config)
            continue
        yield name, left.pop(0)
        if left and _is_beside(left[0], name, config):
            left.pop(0)


def _default(name: str, config: Sequence[Any]) -> Iterator[tuple[str, Any]]:
    """The value of a widget that a node of an older editor has not saved."""
    if "default" in _settings(config):
        yield name, _settings(config)["default"]
    elif choices(config):
        yield name, choices(config)[0]


def _is_beside(value: object, name: str, config: object) -> bool:
    """Whether the editor keeps a value beside another: what becomes of a seed, a file's button."""
    if _has_control(name, config):
        return value in _CONTROLS if isinstance(value, str) else isinstance(value, bool)
    return value == "image" and bool(_settings(config).get("image_upload"))


def _has_control(name: str, config: object) -> bool:
    return name in _SEEDS or bool(_settings(config).get("control_after_generate"))


def _widgets(info: NodeInfo) -> Iterator[tuple[str, Any]]:
    """The inputs of a class that have a widget, in their order."""
    inputs = info.get("input")
    inputs = inputs if isinstance(inputs, Mapping) else {}
    for group in ("required", "optional"):
        told = inputs.get(group)
        for name, config in told.items() if isinstance(told, Mapping) else ():
            kind = config[0] if isinstance(config, list) and config else None
            is_widget = isinstance(kind, list) or kind in _WIDGETS
            if is_widget and not _settings(config).get("forceInput"):
                yield name, config


def _settings(config: object) -> Mapping[str, Any]:
    told = config[1] if isinstance(config, list) and len(config) > 1 else None
    return told if isinstance(told, Mapping) else {}
