"""What a request asks for, as the values that a description can put in. Pure."""

from collections.abc import Iterable, Sequence
from itertools import zip_longest
from math import log

from limner.backends.images.described.description import REFERENCES, Description
from limner.backends.images.described.options import DescribedOptions
from limner.backends.images.described.template import fill
from limner.backends.images.support.references import Reference
from limner.illustration.model.image import ImageRequest

LARGEST_SEED = 1 << 31
"""Most services take no larger seed."""


def fitted(request: ImageRequest, description: Description) -> tuple[int, int]:
    """The size to ask for: the nearest that the service draws.

    Examples:
        >>> from limner.backends.images.described.description import Draw
        >>> service = Description(name="x", draw=Draw(path="/"), grid=64, largest=1024)
        >>> fitted(ImageRequest(prompt="x", width=2000, height=1010), service)
        (1024, 512)
    """
    grid, longest = description.grid, max(request.width, request.height)
    shrink = min(1.0, description.largest / longest)
    width, height = (
        max(grid, round(side * shrink / grid) * grid) for side in (request.width, request.height)
    )
    return width, height


def nearest(width: int, height: int, aspects: Iterable[str]) -> str:
    """The shape that is most like a size.

    Examples:
        >>> nearest(768, 512, ["1:1", "3:2", "16:9"])
        '3:2'
    """

    def distance(aspect: str) -> float:
        wide, _, high = aspect.partition(":")
        return abs(log(float(wide) / float(high) / (width / height)))

    return min(aspects, key=distance)


def values_of(
    request: ImageRequest,
    options: DescribedOptions,
    description: Description,
    references: Sequence[Reference] = (),
) -> dict[str, str | int | float | None]:
    """What is put into a description's requests; ``None``: nobody asked for it."""
    width, height = fitted(request, description)
    negative = ", ".join(p for p in (request.negative_prompt, options.negative_prompt) if p.strip())
    sides = {"width": width, "height": height}
    return {
        **sides,
        "prompt": request.prompt,
        "negative_prompt": negative or None,
        "size": fill({"size": description.size}, sides)["size"],
        "aspect": nearest(width, height, description.aspects),
        "seed": None if request.seed is None else request.seed % LARGEST_SEED,
        "model": options.model or description.model or None,
        "steps": options.steps,
        "cfg": options.cfg,
        "sampler": options.sampler or None,
        **_shown(references),
    }


def _shown(references: Sequence[Reference]) -> dict[str, str | None]:
    """What is put in the place of the marks of reference pictures."""
    values: dict[str, str | None] = {}
    for mark, one in zip_longest(REFERENCES, references[: len(REFERENCES)]):
        values[mark] = one.data_uri if one else None
        values[f"{mark}_base64"] = one.base64 if one else None
        values[f"{mark}_type"] = "image/png" if one else None
    return values


def left_out(
    request: ImageRequest, options: DescribedOptions, description: Description
) -> dict[str, str]:
    """What was asked for and has no place in the service's requests, and why."""
    values = values_of(request, options, description)
    wanted = ("negative_prompt", "steps", "cfg", "sampler")
    return {
        name: f"{description.name} has no place for it"
        for name in wanted
        if values[name] is not None and not description.takes(name)
    }
