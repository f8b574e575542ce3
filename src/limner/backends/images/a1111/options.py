"""The options of A1111-like servers."""

from dataclasses import dataclass
from typing import Annotated, Literal

from msgspec import Meta

from limner.backends.options import option


@dataclass(frozen=True, slots=True, kw_only=True)
class A1111Options:
    """What can be chosen; see ``help`` of each."""

    model: str = option("", help="the checkpoint, by title or name; empty: the loaded one")
    steps: Annotated[int, Meta(ge=1, le=150)] = option(25, help="sampling steps", per_picture=True)
    cfg: Annotated[float, Meta(ge=0, le=30)] = option(
        7.0, help="how closely to follow the prompt", per_picture=True
    )
    distilled_cfg: Annotated[float, Meta(ge=0, le=30)] | None = option(
        None, help="the same for Flux models on Forge", per_picture=True
    )
    sampler: str = option("", help="the sampler; empty: the server's own", per_picture=True)
    scheduler: str = option(
        "", help="the noise schedule; empty: the server's own", per_picture=True
    )
    negative_prompt: str = option("", help="what no picture should show")
    styles: tuple[str, ...] = option((), help="names of the server's styles")
    loras: tuple[str, ...] = option((), help="LoRAs as name or name:weight", per_picture=True)
    clip_skip: Annotated[int, Meta(ge=1, le=12)] | None = option(
        None, help="which last layer of CLIP to use"
    )
    hires: bool = option(False, help="draw small, then enlarge", per_picture=True)
    hires_scale: Annotated[float, Meta(ge=1, le=4)] = option(2.0, help="by how much")
    hires_upscaler: str = option("", help="with what; empty: the server's own")
    hires_steps: Annotated[int, Meta(ge=0, le=150)] = option(0, help="steps; 0: as before")
    denoising: Annotated[float, Meta(ge=0, le=1)] = option(
        0.5, help="how much the enlarging may change"
    )
    strength: Annotated[float, Meta(ge=0, le=1)] = option(
        0.65, help="how much a reference picture may be changed", per_picture=True
    )
    reference_by: Literal["auto", "img2img", "controlnet"] = option(
        "auto", help="how reference pictures are shown; auto: by ControlNet where the server has it"
    )
    controlnet: Annotated[str, Meta(min_length=1)] = option(
        "reference_only", help="the part of ControlNet for them, as module or module:model"
    )
    controlnet_weight: Annotated[float, Meta(ge=0, le=2)] = option(
        1.0, help="how much a reference picture counts there", per_picture=True
    )
    previews: bool = option(True, help="ask for progress while it draws")
    extra: str = option("", help="a JSON object whose fields are added to each request")
    references: str = option("", help="the folder of the reference pictures meant for this server")
