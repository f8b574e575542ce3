"""The branch of a tree of messages that was shown last."""

from collections.abc import Mapping
from typing import Any


def branch(nodes: Mapping[str, Any], last: Any, parent: str) -> list[Any]:
    """The nodes from the root to the last one.

    Args:
        nodes: All nodes, by their ids.
        last: The id of the last one; else the last of all that nothing follows.
        parent: The field that names the node before.

    Examples:
        >>> branch({"a": {"up": None}, "b": {"up": "a"}}, "b", "up")
        [{'up': None}, {'up': 'a'}]
    """
    if not isinstance(last, str) or last not in nodes:
        above = (node.get(parent) for node in nodes.values() if isinstance(node, dict))
        parents = {key for key in above if isinstance(key, str)}
        last = next((key for key in reversed(list(nodes)) if key not in parents), None)
    found: list[Any] = []
    seen: set[str] = set()
    while isinstance(last, str) and last in nodes and last not in seen:
        seen.add(last)
        node = nodes[last]
        found.append(node)
        last = node.get(parent) if isinstance(node, dict) else None
    return found[::-1]
