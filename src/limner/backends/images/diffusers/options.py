"""The options of pictures drawn in this process, and the samplers people know by name."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Annotated, Literal

from msgspec import Meta

from limner.backends.options import option

SAMPLERS: Mapping[str, tuple[str, Mapping[str, object]]] = MappingProxyType(
    {
        "DDIM": ("DDIMScheduler", {}),
        "DPM++ 2M": ("DPMSolverMultistepScheduler", {}),
        "DPM++ 2M Karras": ("DPMSolverMultistepScheduler", {"use_karras_sigmas": True}),
        "DPM++ 2M SDE": (
            "DPMSolverMultistepScheduler",
            {"algorithm_type": "sde-dpmsolver++"},
        ),
        "DPM++ SDE": ("DPMSolverSinglestepScheduler", {}),
        "Euler": ("EulerDiscreteScheduler", {}),
        "Euler a": ("EulerAncestralDiscreteScheduler", {}),
        "Heun": ("HeunDiscreteScheduler", {}),
        "LCM": ("LCMScheduler", {}),
        "PNDM": ("PNDMScheduler", {"skip_prk_steps": True}),
        "UniPC": ("UniPCMultistepScheduler", {}),
    }
)
"""The names that A1111 has made usual: which of diffusers' schedulers, and how it is set."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DiffusersOptions:
    """What can be chosen; see ``help`` of each."""

    steps: Annotated[int, Meta(ge=1, le=150)] = option(25, help="sampling steps", per_picture=True)
    cfg: Annotated[float, Meta(ge=0, le=30)] = option(
        7.0, help="how closely to follow the prompt", per_picture=True
    )
    sampler: str = option(
        "", help="Euler a, DPM++ 2M Karras, …; empty: the model's own", per_picture=True
    )
    negative_prompt: str = option("", help="what no picture should show")
    loras: tuple[str, ...] = option((), help="LoRA files, as path or path:weight")
    ip_adapter: str = option(
        "", help="an IP-Adapter's .safetensors; its image_encoder is the folder beside it"
    )
    ip_adapter_strength: Annotated[float, Meta(ge=0, le=1)] = option(
        0.6, help="how much reference pictures count", per_picture=True
    )
    references: str = option("", help="a folder of reference pictures, beside those brought along")
    device: str = option("auto", help="cuda, cuda:1, mps, cpu; auto: the best there is")
    dtype: Literal["auto", "float16", "bfloat16", "float32"] = option(
        "auto", help="of the weights; auto: float16, on a CPU float32"
    )
    variant: str = option("", help="of the files of the weights, such as fp16")
    offload: bool = option(False, help="keep only what draws just now on the device")
    safety: bool = option(True, help="use the model's own content filter, if it has one")
    download: bool = option(False, help="fetch the model if it is not on this machine")
    previews: bool = option(True, help="show how far a picture is")


def sampler_named(name: str) -> tuple[str, Mapping[str, object]] | None:
    """The scheduler class of a sampler and its settings; ``None`` if nobody knows the name.

    Args:
        name: As in `SAMPLERS`, whatever its case, or the name of one of diffusers' classes.

    Examples:
        >>> sampler_named("euler A"), sampler_named("DEISMultistepScheduler")
        (('EulerAncestralDiscreteScheduler', {}), ('DEISMultistepScheduler', {}))
        >>> sampler_named("magic") is None
        True
    """
    wanted = name.strip()
    if wanted.endswith("Scheduler") and wanted.isidentifier():
        return wanted, {}
    folded = " ".join(wanted.replace("_", " ").casefold().split())
    return next((found for known, found in SAMPLERS.items() if known.casefold() == folded), None)
