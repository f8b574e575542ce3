"""The options of Images APIs."""

from dataclasses import dataclass
from typing import Annotated, Literal

from msgspec import Meta

from limner.backends.images.support.service_backend import ServiceOptions
from limner.backends.options import option


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenAIOptions(ServiceOptions):
    """What can be chosen; see ``help`` of each. An empty one is left to the server."""

    model: str = option("", help="the model; empty: gpt-image-1-mini at OpenAI, else the server's")
    dialect: Literal["", "gpt-image", "dall-e", "xai", "localai", "together", "sd-server",
                     "koboldcpp", "text-generation-webui"] = option(
        "", help="whose habits the server has; empty: it is asked"
    )  # fmt: skip
    quality: str = option("", help="low, medium, high, … as the model has it", per_picture=True)
    style: str = option("", help="vivid or natural, where the model knows it")
    background: Literal["", "auto", "transparent", "opaque"] = option(
        "", help="of GPT image models", per_picture=True
    )
    moderation: Literal["", "auto", "low"] = option("", help="of GPT image models")
    output_format: Literal["", "png", "jpeg", "webp"] = option("", help="of GPT image models")
    partial_images: Annotated[int, Meta(ge=0, le=3)] = option(
        2, help="previews of GPT image models; 0: do not stream"
    )
    size: Annotated[str, Meta(pattern=r"^(|none|auto|\d{2,4}x\d{2,4})$")] = option(
        "", help="WxH or auto in place of each picture's own; none: do not send a size"
    )
    steps: Annotated[int, Meta(ge=1, le=150)] | None = option(
        None, help="sampling steps, where the server takes them", per_picture=True
    )
    cfg: Annotated[float, Meta(ge=0, le=30)] | None = option(
        None, help="how closely to follow the prompt, where taken", per_picture=True
    )
    negative_prompt: str = option("", help="what no picture should show, where taken")
    hosts: tuple[str, ...] = option(
        (), help="other hosts from which its pictures may be fetched: host, *.domain"
    )
