"""A prompt in a fake ComfyUI's queue, and what its nodes make."""

import asyncio
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from PIL import Image as Pillow
from PIL.PngImagePlugin import PngInfo

from limner.testing.comfyui_server.mishap import Mishap
from limner.testing.picture_fault import EmptyAnswer, GarbageBase64, HugePicture, Sent
from limner.testing.picture_job import FakeJob

CHECKPOINTS = ("dreamshaper_8.safetensors", "sd_xl_base_1.0.safetensors")
SAMPLERS = ("euler", "euler_ancestral", "dpmpp_2m")
MANY_LORAS = tuple(f"style_{number}.safetensors" for number in range(30))
SCHEDULERS = ("normal", "karras", "simple")
UNETS = ("flux1-dev.safetensors", "z_image.safetensors")
LORAS = ("ink.safetensors", "paper.safetensors", *MANY_LORAS)
OUTPUTS = ("SaveImage", "PreviewImage", "SaveImageWebsocket", "PreviewAny")

CLASSES: Mapping[str, tuple[str, ...]] = {
    "CheckpointLoaderSimple": ("ckpt_name",),
    "LoraLoader": ("model", "clip", "lora_name", "strength_model", "strength_clip"),
    "CLIPSetLastLayer": ("clip", "stop_at_clip_layer"),
    "CLIPTextEncode": ("text", "clip"),
    "CLIPTextEncodeHiDream": ("clip", "clip_l", "clip_g", "t5xxl", "llama"),
    "ForeignEncode": ("clip", "text", "style_words", "preset"),
    "UNETLoader": ("unet_name", "weight_dtype"),
    "LoraLoaderModelOnly": ("model", "lora_name", "strength_model"),
    "ConditioningZeroOut": ("conditioning",),
    "ConditioningCombine": ("conditioning_1", "conditioning_2"),
    "EmptyLatentImage": ("width", "height", "batch_size"),
    "KSampler": (
        "model", "seed", "steps", "cfg", "sampler_name", "scheduler", "positive", "negative",
        "latent_image", "denoise",
    ),
    "VAEDecode": ("samples", "vae"),
    "VAEEncode": ("pixels", "vae"),
    "ImageScale": ("image", "upscale_method", "width", "height", "crop"),
    "EmptyImage": ("width", "height", "batch_size", "color"),
    "LoadImage": ("image",),
    "ImageAddNoise": ("image", "seed", "strength"),
    "PrimitiveString": ("value",),
    "PrimitiveInt": ("value",),
    "SaveImage": ("images", "filename_prefix"),
    "PreviewImage": ("images",),
    "SaveImageWebsocket": ("images",),
    "PreviewAny": ("source",),
}  # fmt: skip
"""The nodes there are, and the inputs they must have."""

TEXTS = ("text", "clip_l", "clip_g", "t5xxl", "llama", "style_words")
"""The inputs that take texts of several lines."""

LISTS: Mapping[str, tuple[str, ...]] = {
    "ckpt_name": CHECKPOINTS, "sampler_name": SAMPLERS, "scheduler": SCHEDULERS, "lora_name": LORAS,
    "unet_name": UNETS,
}  # fmt: skip
DEFAULTS: Mapping[str, tuple[str, Any]] = {
    "seed": ("INT", 0), "steps": ("INT", 20), "width": ("INT", 512), "height": ("INT", 512),
    "batch_size": ("INT", 1), "color": ("INT", 0), "cfg": ("FLOAT", 8.0), "denoise": ("FLOAT", 1.0),
    "strength": ("FLOAT", 0.5), "strength_model": ("FLOAT", 1.0), "strength_clip": ("FLOAT", 1.0),
    "filename_prefix": ("STRING", "ComfyUI"), "stop_at_clip_layer": ("INT", -1),
}  # fmt: skip
"""The inputs that have a widget of one value: of what type, and its default."""

LINKED = {"model": "MODEL", "clip": "CLIP", "vae": "VAE", "images": "IMAGE", "image": "IMAGE",
          "samples": "LATENT", "latent_image": "LATENT", "positive": "CONDITIONING",
          "negative": "CONDITIONING"}  # fmt: skip
"""The inputs that only take a link, and its type."""

LARGEST_SIDE = 16_384


@dataclass(slots=True, eq=False)
class FakePrompt:
    """A prompt.

    Attributes:
        id: As the client gave it.
        number: Its place in the queue.
        graph: Its workflow.
        client_id: Who is told about it; ``None``: nobody.
        job: The drawing that the tests see.
        mishap: What goes wrong with it.
        targets: Its output nodes that are valid, in the order of running.
        interrupted: Set when somebody stops it.
        answered: Set when the POST has been answered.
        frames: How many frames about it have been sent.
    """

    id: str
    number: int
    graph: dict[str, dict[str, Any]]
    client_id: str | None
    job: FakeJob
    mishap: Mishap | None
    targets: list[str]
    interrupted: bool = False
    answered: asyncio.Event = field(default_factory=asyncio.Event)
    frames: int = 0

    def queued(self) -> list[Any]:
        """As it stands in ``/queue`` and in the history."""
        return [self.number, self.id, self.graph, {"client_id": self.client_id}, self.targets]

    def order(self) -> list[str]:
        """Its nodes in the order of running."""
        done: list[str] = []

        def visit(node: str) -> None:
            for source in sources(self.graph, node):
                visit(source)
            if node not in done:
                done.append(node)

        for target in self.targets:
            visit(target)
        return done


def sources(graph: Mapping[str, Any], node: str) -> list[str]:
    """The nodes a node is made from."""
    return [
        value[0]
        for value in graph[node]["inputs"].values()
        if isinstance(value, list) and len(value) == 2 and value[0] in graph
    ]


def signature(graph: Mapping[str, Any], node: str) -> str:
    """What a node's result depends on."""
    content = graph[node]
    inputs = {
        name: [signature(graph, value[0]), value[1]] if isinstance(value, list) else value
        for name, value in content["inputs"].items()
    }
    return json.dumps([content["class_type"], inputs], sort_keys=True)


def found(graph: Mapping[str, Any], node: str, name: str) -> Any:
    """The first value of an input of this name, at a node or at what it is made from."""
    value = graph[node]["inputs"].get(name)
    if isinstance(value, list) and value[0] in graph:
        held = graph[value[0]]["inputs"]
        return held.get("value", held.get("seed"))
    if value is not None:
        return value
    below = (found(graph, source, name) for source in sources(graph, node))
    return next((value for value in below if value is not None), None)


def pictures(prompt: FakePrompt, node: str) -> list[bytes]:
    """The PNGs that an output node makes; they carry the whole workflow, as real ones do."""
    job, graph = prompt.job, prompt.graph
    width, height = (found(graph, node, name) or 64 for name in ("width", "height"))
    job.size(width, height, seed=found(graph, node, "seed") or found(graph, node, "noise_seed"))
    job.count = found(graph, node, "batch_size") or 1
    made = job.pictures()
    if isinstance(job.fault, Sent | HugePicture | GarbageBase64 | EmptyAnswer):
        return made
    return [_with_workflow(picture, graph) for picture in made]


def _with_workflow(picture: bytes, graph: Mapping[str, Any]) -> bytes:
    whole, text = io.BytesIO(), PngInfo()
    text.add_text("prompt", json.dumps(graph))
    with Pillow.open(io.BytesIO(picture)) as image:
        image.save(whole, "PNG", pnginfo=text)
    return whole.getvalue()


def trouble(graph: Mapping[str, Any], node: str) -> list[dict[str, Any]]:
    """What is wrong with a node, as ``node_errors`` tell it."""
    content = graph[node]
    errors = []
    for name in CLASSES[content["class_type"]]:
        value = content["inputs"].get(name)
        extra: dict[str, Any] = {"input_name": name, "received_value": value}
        if name not in content["inputs"]:
            errors.append(_error("required_input_missing", "Required input is missing", name, {
                "input_name": name}))  # fmt: skip
        elif isinstance(value, list):
            if value[0] not in graph:
                errors.append(_error(
                    "exception_during_inner_validation", "Exception when validating inner node",
                    f"'{value[0]}'",
                    {"traceback": ['  File "/srv/ComfyUI/execution.py", line 1, in validate']},
                ))  # fmt: skip
        elif name in LISTS and value not in LISTS[name]:
            names = LISTS[name]
            many = len(names) > 20  # then none of them is told
            told = f"(list of length {len(names)})" if many else list(names)
            details = f"{name}: {value!r} not in {told}"
            extra["input_config"] = None if many else [list(names), {}]
            errors.append(_error("value_not_in_list", "Value not in list", details, extra))
        elif name in ("width", "height") and not isinstance(value, int):
            errors.append(_error("invalid_input_type", "Failed to convert an input value to a INT "
                                 "value", f"{name}, {value}", extra))  # fmt: skip
        elif name in ("width", "height") and value > LARGEST_SIDE:
            message = f"Value {value} bigger than max of {LARGEST_SIDE}"
            errors.append(_error("value_bigger_than_max", message, name, extra))
    return errors


def _error(kind: str, message: str, details: str, extra: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": kind, "message": message, "details": details, "extra_info": dict(extra)}
