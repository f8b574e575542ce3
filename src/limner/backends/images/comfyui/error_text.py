"""What ComfyUI says when it refuses or fails, in one line that helps: pure."""

import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any

from limner.backends.http.error_body import one_line
from limner.backends.images.comfyui.graph import Graph, upstream

MOST_NAMES = 12
"""Known names that are told where one is unknown."""

_MANY = re.compile(r"not in \(list of length (\d{1,9})\)\s*\Z")
"""How more than twenty names are told: none of them."""

_PATH = re.compile(r"(?<![\w:/.])(?:[A-Za-z]:)?(?:[\\/][\w.+@~-]+){2,}")


def cleaned(text: object) -> str:
    r"""A server's words without its traceback and the paths on its disk.

    Examples:
        >>> cleaned("no file /home/me/ComfyUI/models/a.safetensors\nTraceback (most recent …")
        'no file a.safetensors'
    """
    if not isinstance(text, str):
        return ""
    text = text[:20_000].partition("Traceback (most recent")[0]
    return one_line(_PATH.sub(lambda path: re.split(r"[\\/]", path[0])[-1], text))


def failure(data: Mapping[str, Any]) -> str:
    r"""What an ``execution_error`` tells.

    Examples:
        >>> failure({"node_id": "3", "node_type": "KSampler", "exception_type": "RuntimeError",
        ...          "exception_message": "out of memory\n", "traceback": ["/home/me/x.py"]})
        'KSampler (node 3): RuntimeError: out of memory'
    """
    node, kind = (cleaned(data.get(name)) for name in ("node_id", "node_type"))
    where = f"{kind} (node {node})" if kind and node else kind or node
    words = (where, cleaned(data.get("exception_type")), cleaned(data.get("exception_message")))
    return one_line(": ".join(word for word in words if word)) or "it does not say why"


def refusal(answer: object) -> str:
    """What the body of a 400 tells: the inputs that are wrong, else the error itself."""
    answer = answer if isinstance(answer, dict) else {}
    told = node_errors(answer.get("node_errors"))
    error = answer.get("error")
    if told or not isinstance(error, dict):
        return told or cleaned(error)
    words = (cleaned(error.get("message")).rstrip("."), cleaned(error.get("details")))
    return one_line(": ".join(word for word in words if word))


def concerns(errors: object, graph: Graph, output: str) -> dict[str, Any]:
    """Those of the ``node_errors`` that keep the picture from being drawn."""
    branch = set(upstream(graph, output))
    found = {}
    for node, error in errors.items() if isinstance(errors, dict) else ():
        dependent = error.get("dependent_outputs") if isinstance(error, dict) else None
        if node in branch or (isinstance(dependent, list) and output in dependent):
            found[node] = error
    return found


def node_errors(errors: object) -> str:
    """What ``node_errors`` tell, as one line."""
    found = errors if isinstance(errors, dict) else {}
    return one_line("; ".join(part for node, error in found.items() for part in _told(node, error)))


def _told(node: object, error: object) -> Iterator[str]:
    error = error if isinstance(error, dict) else {}
    where = f"{cleaned(error.get('class_type')) or 'a node'} (node {one_line(str(node))})"
    reasons = error.get("errors")
    for reason in reasons if isinstance(reasons, list) else []:
        if isinstance(reason, dict):
            yield f"{where}: {_reason(reason)}"


def _reason(reason: Mapping[str, Any]) -> str:
    extra = reason.get("extra_info")
    extra = extra if isinstance(extra, dict) else {}
    name, value = extra.get("input_name"), extra.get("received_value")
    if reason.get("type") == "value_not_in_list" and isinstance(name, str):
        known = choices(extra.get("input_config"))
        many = _MANY.search(str(reason.get("details")))
        there = f"there are {many[1]} others" if many else _known(known, str(value))
        return f"there is no {one_line(name)} {one_line(str(value))!r}; {there}"
    message = cleaned(reason.get("message")).rstrip(".") or cleaned(reason.get("type"))
    details = cleaned(reason.get("details"))
    return f"{message} ({details})" if details else message


def _known(known: list[str], wanted: str) -> str:
    if not known:
        return "the server has none at all"
    near = get_close_matches(wanted, known, n=3)
    names = [*near, *(name for name in known if name not in near)]
    more = f", and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
    return f"there are: {', '.join(one_line(name) for name in names[:MOST_NAMES])}{more}"


def choices(config: object) -> list[str]:
    """The names an input may have: ``[[…], {…}]``, or ``["COMBO", {"options": […]}]``.

    Examples:
        >>> choices([["a", "b"], {"tooltip": "…"}]), choices(["COMBO", {"options": ["a"]}])
        (['a', 'b'], ['a'])
    """
    if not isinstance(config, list) or not config:
        return []
    names: object = config[0]
    if isinstance(names, str) and len(config) > 1 and isinstance(config[1], dict):
        names = config[1].get("options")
    return [name for name in names if isinstance(name, str)] if isinstance(names, list) else []


def text_inputs(info: Mapping[str, Any]) -> tuple[str, ...]:
    """The inputs of a node that take texts of several lines, from what ``/object_info`` tells.

    Examples:
        >>> text_inputs({"input": {"required": {"llama": ["STRING", {"multiline": True}],
        ...                                     "file": ["STRING", {}], "clip": ["CLIP"]}}})
        ('llama',)
    """
    inputs = info.get("input")
    groups = inputs.values() if isinstance(inputs, dict) else ()
    return tuple(
        name
        for group in groups
        for name, config in (group.items() if isinstance(group, dict) else ())
        if _is_text(config)
    )


def _is_text(config: object) -> bool:
    match config:
        case ["STRING", dict(details), *_]:
            return details.get("multiline") is True
    return False
