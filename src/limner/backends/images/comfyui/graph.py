"""A workflow in ComfyUI's API format, as a graph: nodes by id, linked by ``[node, output]``."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

from limner.errors import ConfigError

Graph: TypeAlias = dict[str, dict[str, Any]]
"""``{id: {"class_type": str, "inputs": {name: literal | [id, output]}}}``."""

SAVING = ("SaveImage", "SaveImageWebsocket")
SHOWING = ("PreviewImage",)
STREAMING = "SaveImageWebsocket"
"""The node that sends its picture over the websocket and keeps no file."""


@dataclass(frozen=True, slots=True)
class Link:
    """Where an input comes from.

    Attributes:
        node: The id of the node.
        output: Which of its outputs.
    """

    node: str
    output: int


@dataclass(frozen=True, slots=True)
class NodeInput:
    """An input of a node, to be written to."""

    node: str
    input: str


def link(value: object) -> Link | None:
    """The link that an input holds; ``None`` for a literal.

    Examples:
        >>> link(["4", 1]), link("a fox")
        (Link(node='4', output=1), None)
    """
    if isinstance(value, list) and len(value) == 2:
        node, output = value
        if isinstance(node, str) and type(output) is int:
            return Link(node, output)
    return None


def upstream(graph: Graph, node: str) -> Iterator[str]:
    """A node and all that it is made from, nearest first, each once."""
    seen, waiting = {node}, [node]
    while waiting:
        at = waiting.pop(0)
        yield at
        for value in graph[at]["inputs"].values():
            source = link(value)
            if source is not None and source.node in graph and source.node not in seen:
                seen.add(source.node)
                waiting.append(source.node)


def named(graph: Graph, node: str) -> str:
    """A node in words: its title or class, and its id.

    Examples:
        >>> named({"3": {"class_type": "KSampler", "inputs": {}}}, "3")
        'KSampler (node 3)'
    """
    return f"{title(graph, node) or graph[node]['class_type']} (node {node})"


def title(graph: Graph, node: str) -> str:
    """The title that the user gave a node, if any."""
    meta = graph[node].get("_meta")
    told = meta.get("title") if isinstance(meta, dict) else None
    return told if isinstance(told, str) else ""


def output_node(graph: Graph, wanted: str, *, source: str) -> str:
    """The node that gives the picture.

    Args:
        graph: The workflow.
        wanted: Its id or title; ``""``: find it.
        source: The workflow's name, for the error.

    Raises:
        limner.errors.ConfigError: There is none, or it is not clear which.
    """
    if wanted:
        found = [node for node in graph if wanted == title(graph, node)]
        found = [wanted] if wanted in graph else found
        trouble = f"has {'several nodes' if found else 'no node'} called {wanted!r}"
    else:
        found = _of_class(graph, SAVING) or _of_class(graph, SHOWING) or _likely(graph)
        trouble = "has several nodes that may give the picture" if found else "saves no picture"
    if len(found) == 1:
        return found[0]
    there = ", ".join(named(graph, node) for node in found or _ends(graph)) or "none"
    raise ConfigError(f"{source} {trouble}; set the option output_node to one of: {there}")


def _of_class(graph: Graph, classes: tuple[str, ...]) -> list[str]:
    return [node for node in graph if graph[node]["class_type"] in classes]


def _likely(graph: Graph) -> list[str]:
    """Ends of the graph that take images: saving nodes of other makers."""
    return [node for node in _ends(graph) if link(graph[node]["inputs"].get("images")) is not None]


def _ends(graph: Graph) -> list[str]:
    used = {
        source.node
        for node in graph.values()
        for value in node["inputs"].values()
        if (source := link(value)) is not None
    }
    return [node for node in graph if node not in used]
