"""The options of pictures in chat completions."""

from dataclasses import dataclass
from typing import Literal

from limner.backends.images.support.service_backend import ServiceOptions
from limner.backends.options import option


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatImageOptions(ServiceOptions):
    """What can be chosen; see ``help`` of each."""

    model: str = option("google/gemini-2.5-flash-image", help="the model, one that draws")
    text: bool = option(
        True, help="let the model write too, as Gemini must; false for those that only draw"
    )
    stream: bool = option(True, help="show what comes before the picture is whole")
    shape: Literal["image_config", "words"] = option(
        "image_config", help="how the shape is said: in a field of the request, or in the prompt"
    )
    image_size: Literal["", "1K", "2K", "4K"] = option("", help="how large, where the model knows")
    instructions: str = option(
        "Draw this as one picture.", help="what stands before each prompt; empty: nothing"
    )
    negative_prompt: str = option("", help="what no picture should show; said in words")
    hosts: tuple[str, ...] = option(
        (), help="other hosts from which its pictures may be fetched: host, *.domain"
    )
