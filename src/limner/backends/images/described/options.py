"""The options of services that are spoken to by a description."""

from dataclasses import dataclass
from typing import Annotated

from msgspec import Meta

from limner.backends.options import option


@dataclass(frozen=True, slots=True, kw_only=True)
class DescribedOptions:
    """What can be chosen; see ``help`` of each."""

    service: str = option("", help="a service that is ready, or the path of a description")
    model: str = option("", help="the model; empty: the description's", per_picture=False)
    steps: Annotated[int, Meta(ge=1, le=150)] | None = option(
        None, help="sampling steps, where there is a place for them", per_picture=True
    )
    cfg: Annotated[float, Meta(ge=0, le=30)] | None = option(
        None, help="how closely to follow the prompt, where there is a place", per_picture=True
    )
    sampler: str = option("", help="the sampler, where there is a place for it", per_picture=True)
    negative_prompt: str = option("", help="what no picture should show, where there is a place")
    extra: str = option("", help="a JSON object whose fields are added to each request")
    hosts: tuple[str, ...] = option(
        (), help="other hosts from which its pictures may be fetched: host, *.domain"
    )
    references: str = option("", help="the folder of the reference pictures meant for this server")
