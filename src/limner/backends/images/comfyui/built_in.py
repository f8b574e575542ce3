"""The workflow that is used where the user gives none, and what it draws with by default."""

import msgspec

from limner.backends.images.comfyui.graph import Graph
from limner.backends.images.comfyui.placeholders import Values
from limner.backends.images.comfyui.workflow import Workflow

DEFAULTS: Values = {
    "steps": 25, "cfg": 7.0, "sampler": "euler", "scheduler": "normal", "denoise": 1.0, "model": "",
}  # fmt: skip
"""What placeholders become that no option sets."""


def image_to_image() -> Workflow:
    """The same, drawn after a reference picture: cut to the size, and changed in part.

    Examples:
        >>> image_to_image().graph()["4"]["class_type"]
        'VAEEncode'
    """
    graph = text_to_image().graph()
    graph["4"] = _node("VAEEncode", pixels=["9", 0], vae=["1", 2])
    graph["5"]["inputs"]["denoise"] = "%strength%"
    graph["8"] = _node("LoadImage", image="%reference%")
    graph["9"] = _node(
        "ImageScale", image=["8", 0], upscale_method="lanczos", width="%width%", height="%height%",
        crop="center",
    )  # fmt: skip
    return Workflow("the built-in workflow for reference pictures", msgspec.json.encode(graph))


def text_to_image() -> Workflow:
    """A checkpoint, two prompts, one sampler: what every ComfyUI can draw.

    Examples:
        >>> sorted(node["class_type"] for node in text_to_image().graph().values())[:3]
        ['CLIPTextEncode', 'CLIPTextEncode', 'CheckpointLoaderSimple']
    """
    graph: Graph = {
        "1": _node("CheckpointLoaderSimple", ckpt_name="%model%"),
        "2": _node("CLIPTextEncode", text="%prompt%", clip=["1", 1]),
        "3": _node("CLIPTextEncode", text="%negative_prompt%", clip=["1", 1]),
        "4": _node("EmptyLatentImage", width="%width%", height="%height%", batch_size=1),
        "5": _node(
            "KSampler", seed="%seed%", steps="%steps%", cfg="%cfg%", sampler_name="%sampler%",
            scheduler="%scheduler%", denoise="%denoise%", model=["1", 0], positive=["2", 0],
            negative=["3", 0], latent_image=["4", 0],
        ),
        "6": _node("VAEDecode", samples=["5", 0], vae=["1", 2]),
        "7": _node("SaveImage", images=["6", 0], filename_prefix="limner"),
    }  # fmt: skip
    return Workflow("the built-in workflow", msgspec.json.encode(graph))


def _node(class_type: str, **inputs: object) -> dict[str, object]:
    return {"class_type": class_type, "inputs": inputs}
