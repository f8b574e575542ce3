"""LoRA loaders and a CLIP layer, put between a workflow's checkpoint and all that uses it."""

import re
from collections.abc import Iterable, Iterator

from limner.backends.images.comfyui.graph import Graph, NodeInput, link, upstream

FILE = re.compile(r".*\.(safetensors|pt|pth|ckpt|bin|sft)", re.IGNORECASE)
_LORA = re.compile(r"(?P<name>[^:]{1,200}?)(:(?P<weight>-?\d{1,3}(\.\d{1,4})?))?")
MODEL, CLIP = 0, 1
"""Outputs of a checkpoint loader, and of a LoRA loader."""


LOADED = ("ckpt_name", "unet_name")
"""The inputs that name a model: a whole checkpoint, or a diffusion model alone."""


def model_inputs(graph: Graph, output: str) -> list[NodeInput]:
    """The inputs that name the picture's models, nearest first."""
    return [
        NodeInput(node, name)
        for node in upstream(graph, output)
        for name in LOADED
        if name in graph[node]["inputs"]
    ]


def insert_loras(
    graph: Graph, loader: str, loras: Iterable[str], *, with_clip: bool = True
) -> None:
    """Put a `LoraLoader` for each behind a checkpoint loader, in this order.

    Args:
        graph: The workflow; it is changed.
        loader: The checkpoint loader.
        loras: ``file`` or ``file:weight``; a file without an ending is ``.safetensors``.
        with_clip: Whether the loader gives a CLIP, too; one of a diffusion model alone does not.

    Examples:
        >>> nodes = {"1": {"class_type": "CheckpointLoaderSimple", "inputs": {}},
        ...          "2": {"class_type": "KSampler", "inputs": {"model": ["1", 0]}}}
        >>> insert_loras(nodes, "1", ["ink:0.7"])
        >>> nodes["2"]["inputs"], nodes["limner_lora_1"]["inputs"]["lora_name"]
        ({'model': ['limner_lora_1', 0]}, 'ink.safetensors')
    """
    at = loader
    for number, (name, weight) in enumerate(_read(loras), 1):
        node = _free(graph, f"limner_lora_{number}")
        _lead(graph, at, MODEL, node, MODEL)
        inputs = {"lora_name": name, "strength_model": weight, "model": [at, MODEL]}
        if with_clip:
            _lead(graph, at, CLIP, node, CLIP)
            inputs |= {"strength_clip": weight, "clip": [at, CLIP]}
        kind = "LoraLoader" if with_clip else "LoraLoaderModelOnly"
        graph[node] = {"class_type": kind, "inputs": inputs}
        at = node


def insert_clip_skip(graph: Graph, loader: str, layers: int) -> None:
    """Use an earlier layer of the checkpoint's CLIP: 1 is the last, 2 the one before."""
    node = _free(graph, "limner_clip")
    _lead(graph, loader, CLIP, node, 0)
    graph[node] = {
        "class_type": "CLIPSetLastLayer",
        "inputs": {"stop_at_clip_layer": -layers, "clip": [loader, CLIP]},
    }


def _lead(graph: Graph, node: str, output: int, to: str, to_output: int) -> None:
    """Lead all that uses one output to another."""
    for content in graph.values():
        for name, value in content["inputs"].items():
            source = link(value)
            if source is not None and (source.node, source.output) == (node, output):
                content["inputs"][name] = [to, to_output]


def _free(graph: Graph, name: str) -> str:
    while name in graph:
        name += "_"
    return name


def _read(loras: Iterable[str]) -> Iterator[tuple[str, float]]:
    """Names and weights; what is no name is left out."""
    for lora in loras:
        found = _LORA.fullmatch(lora)
        if found is not None:
            name = found["name"].strip()
            yield (
                (name if FILE.fullmatch(name) else f"{name}.safetensors"),
                float(found["weight"] or 1.0),
            )
