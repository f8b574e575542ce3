"""From a slot's prompt and its tag's attributes to the request a backend gets. Pure."""

import random
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Protocol

from limner.illustration.model.image import (
    SIDE_MAXIMUM,
    SIDE_MINIMUM,
    Image,
    ImageRequest,
    ProgressSink,
)
from limner.illustration.model.size_names import named_size
from limner.prompts import Composed
from limner.prompts.composition.shot import framed

SIZE = re.compile(r"\s*(\d{1,5})\s*[x×*]\s*(\d{1,5})\s*", re.IGNORECASE)
SEED_BITS = 32


class Composer(Protocol):
    """Joins to a prompt what styles and characters add; only for the call, never for the store."""

    def __call__(
        self, prompt: str, attributes: Mapping[str, str], negative_prompt: str, /
    ) -> Composed:
        """What the backend is told.

        Args:
            prompt: What the slot asks for.
            attributes: Its tag's attributes.
            negative_prompt: What no picture should show.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestDefaults:
    """What a picture is like unless its tag says otherwise.

    Attributes:
        width: In pixels, 64 to 2048.
        height: In pixels, 64 to 2048.
        seed: Makes all pictures of a message repeatable, each with a seed of its own;
            ``None`` gives every picture a fresh one.
        negative_prompt: What to avoid.
    """

    width: int = 768
    height: int = 512
    seed: int | None = None
    negative_prompt: str = ""

    def __post_init__(self) -> None:
        # The request knows the rules; ask it now rather than at the first picture.
        ImageRequest(prompt="-", width=self.width, height=self.height)


def size_of(attributes: Mapping[str, str], default: tuple[int, int]) -> tuple[int, int]:
    """The size a tag asks for, brought into the allowed range; the default if it makes no sense.

    Examples:
        >>> size_of({"size": "512x9999"}, (768, 512))
        (512, 2048)
        >>> size_of({"size": "big"}, (768, 512))
        (768, 512)
        >>> size_of({"size": "portrait"}, (768, 512))
        (512, 768)
    """
    if (named := named_size(attributes.get("size", ""))) is not None:
        return named
    match = SIZE.fullmatch(attributes.get("size", ""))
    if match is None:
        return default
    width, height = (min(max(int(side), SIDE_MINIMUM), SIDE_MAXIMUM) for side in match.groups())
    return width, height


def asked_seed(attributes: Mapping[str, str], attempt: int) -> int | None:
    """The seed that a tag asks for; only its first drawing has it, so that others differ."""
    asked = attributes.get("seed", "").strip()
    if asked.isdecimal() and len(asked) <= 18 and attempt == 0:
        return int(asked) % (1 << SEED_BITS)
    return None


def seed_of(attributes: Mapping[str, str], base: int | None, occurrence: tuple[int, int]) -> int:
    """The seed of one drawing: the tag's own, else one derived from the base, else a fresh one.

    Args:
        attributes: The tag's attributes; ``seed`` counts if it is a whole number.
        base: The seed of the whole message, if it is to be repeatable.
        occurrence: Which slot, and which drawing of it, so that equal prompts differ.
    """
    asked = asked_seed(attributes, occurrence[1])
    if asked is not None:
        return asked
    if base is None:
        return random.SystemRandom().getrandbits(SEED_BITS)
    return random.Random(f"{base}/{occurrence[0]}/{occurrence[1]}").getrandbits(SEED_BITS)  # noqa: S311 - pictures, not secrets


def as_before(request: ImageRequest, drawn: Image) -> ImageRequest:
    """The request with the seed and the size that a picture had which is to be drawn once more.

    A side that no request may have, because something enlarged the picture, stays as asked for.
    """
    seed = request.seed if drawn.seed is None else drawn.seed
    sides = drawn.width, drawn.height
    if not all(SIDE_MINIMUM <= side <= SIDE_MAXIMUM for side in sides):
        return replace(request, seed=seed)
    return replace(request, seed=seed, width=sides[0], height=sides[1])


def build_request(
    prompt: str,
    attributes: Mapping[str, str],
    defaults: RequestDefaults,
    *,
    occurrence: tuple[int, int],
    composer: Composer | None = None,
    progress: ProgressSink | None = None,
) -> ImageRequest:
    """The request for one drawing of a slot.

    Args:
        prompt: What to draw.
        attributes: The tag's attributes.
        defaults: What holds where the tag says nothing.
        occurrence: Which slot (its ordinal), and which drawing of it, from 0.
        composer: Joins styles and characters to the prompt.
        progress: Told how far the picture is.
    """
    width, height = size_of(attributes, (defaults.width, defaults.height))
    if shot := attributes.get("shot"):
        prompt = framed(prompt, shot)
    composed = composer(prompt, attributes, defaults.negative_prompt) if composer else None
    return ImageRequest(
        prompt=composed.prompt if composed else prompt,
        negative_prompt=composed.negative_prompt if composed else defaults.negative_prompt,
        width=width,
        height=height,
        seed=seed_of(attributes, defaults.seed, occurrence),
        attributes=_with_references(attributes, composed),
        progress=progress,
    )


def _with_references(attributes: Mapping[str, str], composed: Composed | None) -> Mapping[str, str]:
    """The attributes, with the reference pictures of those who occur behind the tag's own."""
    if composed is None or not composed.references:
        return attributes
    own = attributes.get("reference", "")
    return {**attributes, "reference": ", ".join(filter(None, (own, *composed.references)))}
