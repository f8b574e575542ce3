"""Where in a workflow without placeholders the prompt, the size and the seed belong.

The samplers tell: what their ``positive`` input leads to takes the prompt, what ``negative``
leads to the negative prompt, what ``latent_image`` leads to the size. Where that leaves a choice
nothing is guessed: the error says which nodes there are and what to mark.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from limner.backends.images.comfyui.graph import Graph, Link, NodeInput, link, named, upstream
from limner.errors import ConfigError

TEXTS = (
    "text", "text_g", "text_l", "clip_l", "clip_g", "t5xxl", "llama", "bert", "mt5xl", "prompt",
    "user_prompt",
)  # fmt: skip
"""Inputs of text encoders: those of ComfyUI itself."""

Told: TypeAlias = Mapping[str, tuple[str, ...]]
"""The inputs for texts, by the class of the node, as the server tells them."""

LITERALS = ("value", "string", "text", "int", "number", "seed")
"""Inputs of nodes that only hold a value for others."""

SAMPLING = frozenset(("latent_image", "steps", "sampler_name", "cfg"))
"""Inputs by which a sampler is known, or what it is put together from."""

SEEDS = ("seed", "noise_seed")
NOTHING = ("ConditioningZeroOut",)
"""Nodes that make nothing of a prompt."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkflowInputs:
    """Where what belongs.

    Attributes:
        prompt: Inputs for the prompt.
        negative_prompt: Inputs for the negative prompt; may be empty.
        width: Inputs for the width; may be empty.
        height: Inputs for the height.
    """

    prompt: tuple[NodeInput, ...]
    negative_prompt: tuple[NodeInput, ...] = ()
    width: tuple[NodeInput, ...] = ()
    height: tuple[NodeInput, ...] = ()


def places(graph: Graph, output: str, *, source: str, told: Told | None = None) -> WorkflowInputs:
    """Find where what belongs, from the samplers that the picture comes from.

    Args:
        graph: The workflow.
        output: The node that gives the picture.
        source: The workflow's name, for the error.
        told: What the server tells of its nodes; ``None``: it was not asked yet, and a text that
            nobody knows stays without complaint.

    Raises:
        limner.errors.ConfigError: It is not clear; the message says what to mark.
    """
    positive = _encoders(graph, _guides(graph, output, ("positive", "conditioning")))
    negative = _encoders(graph, _guides(graph, output, ("negative",))) - positive
    if len(positive) != 1:
        raise _unclear(graph, source, sorted(positive), "prompt")
    if len(negative) > 1:
        raise _unclear(graph, source, sorted(negative), "negative_prompt")
    sized = _sized(graph, output)
    if len(sized) > 1:
        raise _unclear(graph, source, sized, "width", "height")
    if told is not None:
        _check_texts(graph, sorted(positive | negative), told, source)
    return WorkflowInputs(
        prompt=tuple(_texts(graph, positive, told or {})),
        negative_prompt=tuple(_texts(graph, negative, told or {})),
        width=tuple(held(graph, NodeInput(node, "width")) for node in sized),
        height=tuple(held(graph, NodeInput(node, "height")) for node in sized),
    )


def samplers(graph: Graph, output: str) -> list[str]:
    """The nodes that sample, nearest to the picture first.

    Examples:
        >>> from limner.backends.images.comfyui.built_in import text_to_image
        >>> samplers(text_to_image().graph(), "7")
        ['5']
    """
    return [node for node in upstream(graph, output) if SAMPLING & graph[node]["inputs"].keys()]


def seeds(graph: Graph, output: str) -> list[NodeInput]:
    """Every input that holds a seed of the picture."""
    found = {
        held(graph, NodeInput(node, name))
        for node in upstream(graph, output)
        for name in SEEDS
        if name in graph[node]["inputs"]
    }
    return sorted(
        (place for place in found if type(graph[place.node]["inputs"].get(place.input)) is int),
        key=lambda place: (place.node, place.input),
    )


def held(graph: Graph, place: NodeInput) -> NodeInput:
    """The place that a value is written to: the input itself, or that of the node it is from."""
    for _ in range(len(graph)):  # links may run in a circle
        source = link(graph[place.node]["inputs"].get(place.input))
        if source is None or source.node not in graph:
            return place
        inputs = graph[source.node]["inputs"]
        names = [name for name in LITERALS if name in inputs]
        if not names:
            return place
        place = NodeInput(source.node, names[0])
    return place


def _guides(graph: Graph, output: str, names: Iterable[str]) -> list[Link]:
    """What the samplers, or their guiders, are guided by."""
    ends = [
        node
        for node in upstream(graph, output)
        if "latent_image" in graph[node]["inputs"] or "Guider" in graph[node]["class_type"]
    ]
    return [
        source
        for node in ends
        for name in names
        if (source := link(graph[node]["inputs"].get(name))) is not None
    ]


def _encoders(graph: Graph, guides: Iterable[Link]) -> set[str]:
    """The text encoders behind conditionings; nodes between them are passed through."""
    found: set[str] = set()
    seen: set[Link] = set()
    waiting = list(guides)
    while waiting:
        at = waiting.pop()
        if at in seen or graph[at.node]["class_type"] in NOTHING:
            continue
        seen.add(at)
        inputs = graph[at.node]["inputs"]
        if any(name in inputs for name in TEXTS):
            found.add(at.node)  # what adds to a conditioning has one behind it that counts as well
        names = [name for name in inputs if name.startswith("conditioning")]
        if {"positive", "negative"} <= inputs.keys():
            names = ["positive" if at.output == 0 else "negative"]
        waiting += [source for name in names if (source := link(inputs[name])) is not None]
    return found


def _texts(graph: Graph, encoders: Iterable[str], told: Told) -> Iterator[NodeInput]:
    for node in encoders:
        for name in graph[node]["inputs"]:
            if name in TEXTS or name in told.get(graph[node]["class_type"], ()):
                yield held(graph, NodeInput(node, name))


def _check_texts(graph: Graph, encoders: Iterable[str], told: Told, source: str) -> None:
    """Refuse an encoder of which a text would stay as it is beside the new prompt.

    Where the server does not tell what is a text, several words are taken for one.

    Raises:
        limner.errors.ConfigError: There is one.
    """
    for node in encoders:
        kind = graph[node]["class_type"]
        for name, value in graph[node]["inputs"].items():
            if name in TEXTS or kind in told or not isinstance(value, str):
                continue
            if len(value.split()) > 1:
                raise ConfigError(
                    f"{source}: it is not known whether {name} of {named(graph, node)} is a part "
                    'of the prompt; write "%prompt%" where the prompt belongs, and the other '
                    "placeholders where they belong"
                )


def encoder_classes(graph: Graph, output: str) -> set[str]:
    """The classes of the text encoders that the picture comes from."""
    guides = _guides(graph, output, ("positive", "conditioning", "negative"))
    return {graph[node]["class_type"] for node in _encoders(graph, guides)}


def _sized(graph: Graph, output: str) -> list[str]:
    """The nodes that make what is drawn upon: an empty latent, or an empty picture."""
    latents = [
        source.node
        for node in upstream(graph, output)
        if (source := link(graph[node]["inputs"].get("latent_image"))) is not None
    ]
    found = {
        node
        for start in latents or [output]
        for node in upstream(graph, start)
        if "Empty" in graph[node]["class_type"]
        and {"width", "height"} <= graph[node]["inputs"].keys()
    }
    return sorted(found)


def _unclear(graph: Graph, source: str, found: list[str], *names: str) -> ConfigError:
    marks = " and ".join(f'"%{name}%"' for name in names)
    if not found:
        return ConfigError(
            f"{source} does not say where the {names[0]} belongs: write {marks} in its place, and "
            "the other placeholders where they belong"
        )
    there = ", ".join(named(graph, node) for node in found)
    return ConfigError(
        f"{source} has several nodes for the {' and '.join(names)}: {there}; mark the right one "
        f"with {marks}, and the other placeholders where they belong"
    )
