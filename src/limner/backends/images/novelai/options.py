"""The options of NovelAI."""

from dataclasses import dataclass
from typing import Annotated, Literal

from msgspec import Meta

from limner.backends.images.support.service_backend import ServiceOptions
from limner.backends.options import option


@dataclass(frozen=True, slots=True, kw_only=True)
class NovelAIOptions(ServiceOptions):
    """What can be chosen; see ``help`` of each."""

    model: str = option("nai-diffusion-4-5-full", help="the model")
    steps: Annotated[int, Meta(ge=1, le=50)] = option(
        28, help="sampling steps; more than 28 always cost Anlas", per_picture=True
    )
    scale: Annotated[float, Meta(ge=0, le=10)] = option(
        5.0, help="how closely to follow the prompt", per_picture=True
    )
    sampler: str = option("k_euler_ancestral", help="the sampler", per_picture=True)
    noise_schedule: str = option("karras", help="the noise schedule")
    cfg_rescale: Annotated[float, Meta(ge=0, le=1)] = option(0.0, help="takes from the scale again")
    negative_prompt: str = option("", help="what no picture should show")
    uc_preset: Annotated[int, Meta(ge=0, le=4)] = option(
        0, help="the preset of undesired content: 0 heavy, 1 light, further ones by model"
    )
    quality: bool = option(True, help="the switch for quality tags")
    stream: bool = option(False, help="show previews while it draws")
    reference_by: Literal["auto", "precise", "vibe"] = option(
        "auto", help="how reference pictures are looked at; auto: precisely, where the model can"
    )
    vibe_strength: Annotated[float, Meta(ge=-1, le=1)] = option(
        0.6, help="how much a vibe counts", per_picture=True
    )
    vibe_detail: Annotated[float, Meta(ge=0.01, le=1)] = option(
        1.0, help="how much of a picture a vibe holds"
    )
    reference_type: Literal["character", "style", "character&style"] = option(
        "character&style", help="what a reference picture is looked at for", per_picture=True
    )
    reference_strength: Annotated[float, Meta(ge=0, le=1)] = option(
        1.0, help="how much it counts", per_picture=True
    )
    reference_fidelity: Annotated[float, Meta(ge=0, le=1)] = option(
        1.0, help="how faithful to it", per_picture=True
    )
