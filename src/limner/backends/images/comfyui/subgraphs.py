"""A workflow of ComfyUI's editor with its subgraphs taken apart: nodes and links on one level.

A subgraph is a definition and the nodes that stand for it. The nodes within get the names that the
editor itself gives them when it exports: the instance's id, a colon, their own. At its border each
input and output becomes a ``Reroute``, which the reader of the editor's format follows anyway. An
input that leads to a widget and that nothing is led to has the instance's value.

Source: the workflows that ComfyUI's frontend 1.27 saves, and what it exports of them.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from limner.errors import ConfigError

Node: TypeAlias = Mapping[str, Any]
Kinds: TypeAlias = tuple[str, ...]

NEVER, BYPASSED = 2, 4
"""Modes of a node: muted, and handing on what it is given."""

MOST_NODES = 20_000
"""Nodes of a workflow that is taken apart: definitions within definitions grow quickly."""

WRITTEN = "limner_written"
"""Where a node here has what its subgraph's instance has set of it, by the names of widgets."""

INPUTS, OUTPUTS = "-10", "-20"
"""The ids of a subgraph's border within it."""


@dataclass(frozen=True, slots=True)
class EditorLink:
    """What leads from an output to an input."""

    node: str
    output: int
    kind: str


class Flattened:
    """All nodes and links of a workflow.

    Args:
        value: Its JSON.
        source: What it is called, for errors.

    Raises:
        limner.errors.ConfigError: A subgraph holds itself, or there is no end of nodes.

    Attributes:
        nodes: By their names; their inputs lead to links by the names those have here.
        links: By their names.
    """

    def __init__(self, value: Mapping[str, Any], *, source: str) -> None:
        self.nodes: dict[str, Node] = {}
        self.links: dict[str, EditorLink] = {}
        self._source = source
        told = value.get("definitions")
        told = told.get("subgraphs") if isinstance(told, Mapping) else None
        self._definitions = {str(one.get("id")): one for one in dicts(told)}
        self._take(value, "", {}, ())

    def _take(
        self, scope: Mapping[str, Any], prefix: str, values: Mapping[int, Any], within: Kinds
    ) -> None:
        """Take what stands on one level, and below its instances.

        Args:
            scope: The workflow, or a definition.
            prefix: What stands before the names of its nodes.
            values: What its instance has set, by the numbers of its inputs.
            within: The definitions it stands in.
        """
        inner = {str(node["id"]): node for node in dicts(scope.get("nodes")) if "id" in node}
        written: dict[str, dict[str, Any]] = {}
        for number, link, target in _links(scope.get("links")):
            self.links[prefix + number] = self._named(link, prefix, inner)
            if target is None:
                continue
            if target[0] == OUTPUTS:
                self._reroute(f"{prefix}out{target[1]}", prefix + number)
            elif link.node == INPUTS and link.output in values and target[0] in inner:
                name = _widget(inner[target[0]], target[1])
                written.setdefault(target[0], {})[name] = values[link.output]
        for number, node in inner.items():
            slots = [_led(slot, prefix) for slot in dicts(node.get("inputs"))]
            own = {**node, "inputs": slots, WRITTEN: written.get(number, {})}
            definition = self._definition(node)
            if definition is None:
                self._add(prefix + number, own)
            else:
                self._take_apart(prefix + number, own, definition, within)

    def _definition(self, node: Node) -> Mapping[str, Any] | None:
        """What a node stands for; ``None``: for itself, or for nothing just now."""
        if node.get("mode") in (NEVER, BYPASSED):
            return None
        return self._definitions.get(str(node.get("type")))

    def _named(self, link: EditorLink, prefix: str, inner: Mapping[str, Node]) -> EditorLink:
        """A link by the name of what it comes from: a node, or the border of a subgraph."""
        if link.node == INPUTS:
            return EditorLink(f"{prefix}in{link.output}", 0, link.kind)
        node = inner.get(link.node)
        if node is None or self._definition(node) is None:
            return EditorLink(prefix + link.node, link.output, link.kind)
        return EditorLink(f"{prefix}{link.node}:out{link.output}", 0, link.kind)

    def _take_apart(
        self, name: str, node: Node, definition: Mapping[str, Any], within: Kinds
    ) -> None:
        kind = str(definition.get("id"))
        if kind in within:
            raise ConfigError(f"{self._source} has a subgraph that holds itself")
        border = [str(slot.get("name")) for slot in dicts(definition.get("inputs"))]
        led = {str(slot.get("name")): slot.get("link") for slot in node["inputs"]}
        for number, slot in enumerate(border):
            self._reroute(f"{name}:in{number}", led.get(slot))
        own = node.get("widgets_values")
        shown = [number for number in range(len(border)) if _is_widget(definition, number)]
        values = dict(zip(shown, own if isinstance(own, list) else (), strict=False))
        values |= {
            number: node[WRITTEN][slot]
            for number, slot in enumerate(border)
            if slot in node[WRITTEN]
        }
        self._take(definition, f"{name}:", values, (*within, kind))

    def _reroute(self, name: str, link: object) -> None:
        self._add(name, {"type": "Reroute", "inputs": [{"link": link}]})

    def _add(self, name: str, node: Node) -> None:
        self.nodes[name] = node
        if len(self.nodes) > MOST_NODES:
            raise ConfigError(f"{self._source} has more than {MOST_NODES:,} nodes")


def dicts(value: object) -> Iterator[Mapping[str, Any]]:
    """The objects in a list, if it is one."""
    yield from (one for one in value if isinstance(one, dict)) if isinstance(value, list) else ()


def _led(slot: Mapping[str, Any], prefix: str) -> dict[str, Any]:
    """An input with the name of its link."""
    link = slot.get("link")
    return {**slot, "link": None if link is None else f"{prefix}{link}"}


def _links(value: object) -> Iterator[tuple[str, EditorLink, tuple[str, int] | None]]:
    """Links by their ids, and where they lead: lists as always, or objects as newer ones are."""
    for link in value if isinstance(value, list) else ():
        if isinstance(link, list) and len(link) >= 6 and type(link[2]) is int:
            yield str(link[0]), EditorLink(str(link[1]), link[2], str(link[5])), None
        elif isinstance(link, dict) and type(link.get("origin_slot")) is int:
            made = EditorLink(
                str(link.get("origin_id")), link["origin_slot"], str(link.get("type"))
            )
            slot = link.get("target_slot")
            target = (str(link.get("target_id")), slot) if type(slot) is int else None
            yield str(link.get("id")), made, target


def _widget(node: Node, number: int) -> str:
    """The name of the widget that an input of a node is beside; ``""``: there is none."""
    slots = list(dicts(node.get("inputs")))
    slot = slots[number] if number < len(slots) else {}
    widget = slot.get("widget")
    return str(widget.get("name", "")) if isinstance(widget, Mapping) else ""


def _is_widget(definition: Mapping[str, Any], number: int) -> bool:
    """Whether an input of a subgraph leads to a widget within."""
    inner = {str(node.get("id")): node for node in dicts(definition.get("nodes"))}
    return any(
        _widget(inner[target[0]], target[1])
        for _, link, target in _links(definition.get("links"))
        if target is not None
        and (link.node, link.output) == (INPUTS, number)
        and target[0] in inner
    )
