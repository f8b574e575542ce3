"""The options of the AI Horde."""

from dataclasses import dataclass
from typing import Annotated

from msgspec import Meta

from limner.backends.images.support.service_backend import ServiceOptions
from limner.backends.options import option


@dataclass(frozen=True, slots=True, kw_only=True)
class HordeOptions(ServiceOptions):
    """What can be chosen; see ``help`` of each."""

    models: tuple[str, ...] = option((), help="models, any of which may draw; empty: any at all")
    steps: Annotated[int, Meta(ge=1, le=500)] = option(30, help="sampling steps", per_picture=True)
    cfg: Annotated[float, Meta(ge=0, le=100)] = option(
        7.5, help="how closely to follow the prompt", per_picture=True
    )
    sampler: str = option("k_euler", help="the sampler, by the Horde's name", per_picture=True)
    negative_prompt: str = option("", help="what no picture should show")
    karras: bool = option(False, help="Karras' noise schedule", per_picture=True)
    hires_fix: bool = option(False, help="draw small, then enlarge", per_picture=True)
    clip_skip: Annotated[int, Meta(ge=1, le=12)] | None = option(
        None, help="which last layer of CLIP to use"
    )
    post_processing: tuple[str, ...] = option((), help="such as GFPGAN, RealESRGAN_x4plus")
    loras: tuple[str, ...] = option(
        (), help="LoRAs by CivitAI's id or name, as name or name:weight", per_picture=True
    )
    nsfw: bool = option(False, help="the pictures are not for everybody")
    censor_nsfw: bool = option(False, help="have pictures that are not for everybody taken out")
    trusted_workers: bool = option(False, help="only workers the Horde trusts")
    slow_workers: bool = option(True, help="slow workers as well")
    allow_downgrade: bool = option(
        False, help="rather fewer steps and pixels than more kudos than there are"
    )
    replacement_filter: bool = option(
        True, help="have words that the Horde does not take replaced rather than refused"
    )
    shared: bool = option(False, help="give the pictures to the public for training")
    r2: bool = option(True, help="pictures by URL; no: in the answer itself")
    hosts: tuple[str, ...] = option(
        (), help="hosts beside Cloudflare R2 from which pictures may be fetched: host, *.domain"
    )
    strength: Annotated[float, Meta(ge=0.01, le=1)] = option(
        0.65, help="how much a reference picture may be changed", per_picture=True
    )
