"""The options of the ComfyUI backend."""

from dataclasses import dataclass
from typing import Annotated

from msgspec import Meta

from limner.backends.options import option


@dataclass(frozen=True, slots=True, kw_only=True)
class ComfyUIOptions:
    """What can be chosen; see ``help`` of each.

    What is left empty stays as it is in a workflow of the user's own; limner's own workflow then
    draws with 25 steps, cfg 7, euler, normal.
    """

    model: str = option("", help="the checkpoint's file; empty: the workflow's, or the first one")
    steps: Annotated[int, Meta(ge=1, le=150)] | None = option(
        None, help="sampling steps", per_picture=True
    )
    cfg: Annotated[float, Meta(ge=0, le=100)] | None = option(
        None, help="how closely to follow the prompt", per_picture=True
    )
    sampler: str = option("", help="the sampler, such as euler", per_picture=True)
    scheduler: str = option("", help="the noise schedule, such as karras", per_picture=True)
    denoise: Annotated[float, Meta(ge=0, le=1)] | None = option(
        None, help="how much the sampler may change", per_picture=True
    )
    loras: tuple[str, ...] = option((), help="LoRAs as file or file:weight", per_picture=True)
    clip_skip: Annotated[int, Meta(ge=1, le=24)] | None = option(
        None, help="which last layer of CLIP to use"
    )
    negative_prompt: str = option("", help="what no picture should show")
    workflow: str = option(
        "",
        help="a workflow of your own: a file from Export (API) or Save, or a PNG of ComfyUI's",
    )
    reference_workflow: str = option(
        "",
        help="a workflow for pictures that are drawn after others; empty: the workflow, if it has "
        "%reference%, or limner's own where there is none",
    )
    strength: Annotated[float, Meta(ge=0, le=1)] = option(
        0.65, help="how much limner's own workflow may change a reference picture", per_picture=True
    )
    output_node: str = option("", help="the node that gives the picture, by id or title")
    previews: bool = option(True, help="show pictures while they are drawn")
    websocket: bool = option(True, help="listen on a websocket; false: ask again and again")
    comfy_org_key: str = option(
        "", help="the key of a Comfy account, for API nodes that cost money", secret=True
    )
    references: str = option("", help="the folder of the reference pictures meant for this server")
