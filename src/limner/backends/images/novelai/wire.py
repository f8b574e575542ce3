"""NovelAI's ``/ai/generate-image`` as objects and back: pure.

Source: ``https://image.novelai.net/docs/doc.json``, and what its own page sends.
"""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from limner.backends.images.novelai.options import NovelAIOptions
from limner.backends.images.support.extra import with_extra
from limner.illustration.model.image import ImageRequest

GRID = 64
MOST_PIXELS = 2048 * 1536
MOST_CHARACTERS = 6
SEEDS = 1 << 32
_PART = re.compile(r"\|\|.*?\|\||[^|]+|\|", re.DOTALL)
_CENTRE = {"x": 0.5, "y": 0.5}


def fitted(request: ImageRequest) -> tuple[int, int]:
    """The size to ask for: multiples of 64, and not more pixels than any model draws.

    Examples:
        >>> fitted(ImageRequest(prompt="x", width=770, height=500))
        (768, 512)
        >>> fitted(ImageRequest(prompt="x", width=2048, height=2048))
        (1728, 1728)
    """
    width, height = (
        max(GRID, math.floor(side / GRID + 0.5) * GRID) for side in (request.width, request.height)
    )
    if width * height > MOST_PIXELS:
        shrink = math.sqrt(MOST_PIXELS / (width * height))
        width, height = (int(side * shrink) // GRID * GRID for side in (width, height))
    return width, height


def generation_of(model: str) -> int:
    """Which generation a model is of; one without a number counts as the newest.

    Examples:
        >>> [generation_of(f"nai-diffusion-{name}") for name in ("3", "furry-3", "4-5-full", "5")]
        [3, 3, 4, 5]
    """
    found = re.search(r"-(\d{1,2})(?:-|$)", model)
    return int(found[1]) if found else 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Captions:
    """A prompt in parts.

    Attributes:
        scene: What the picture shows as a whole.
        characters: Who is in it, one by one.
    """

    scene: str
    characters: tuple[str, ...] = ()

    def joined(self) -> str:
        """All in one, for models that know no parts."""
        return ", ".join(part for part in (self.scene, *self.characters) if part)


def split_characters(prompt: str) -> Captions:
    """The scene, and the characters that follow it, each after a ``|``.

    What stands between ``||`` and ``||`` is NovelAI's choice among variants and stays whole.
    Characters beyond the sixth belong to the scene.

    Examples:
        >>> split_characters("a market, rain | girl, red hair | boy, ||blue|green|| cap")
        Captions(scene='a market, rain', characters=('girl, red hair', 'boy, ||blue|green|| cap'))
    """
    parts = [""]
    for piece in _PART.findall(prompt):
        if piece == "|":
            parts.append("")
        else:
            parts[-1] += piece
    scene, *characters = (part.strip(" ,\t\n") for part in parts)
    found = [character for character in characters if character]
    rest = ", ".join(part for part in (scene, *found[MOST_CHARACTERS:]) if part)
    return Captions(scene=rest, characters=tuple(found[:MOST_CHARACTERS]))


def payload(request: ImageRequest, options: NovelAIOptions) -> dict[str, Any]:
    """The body of both routes that draw."""
    width, height = fitted(request)
    prompt = split_characters(request.prompt)
    undesired = split_characters(  # the request's last: its characters are those of the prompt
        ", ".join(
            p.strip() for p in (options.negative_prompt, request.negative_prompt) if p.strip()
        )
    )
    generation = generation_of(options.model)
    parameters = {"width": width, "height": height, **_sampling(options, generation)}
    if request.seed is not None:
        parameters["seed"] = request.seed % SEEDS
    if generation >= 4:
        scene, avoided = prompt.scene, undesired.scene
        parameters |= _structured(prompt, undesired)
    else:
        scene, avoided = prompt.joined(), undesired.joined()
    parameters["negative_prompt"] = avoided
    body = {
        "input": scene,
        "model": options.model,
        "action": "generate",
        "parameters": parameters,
    }
    return with_extra(body, options.extra)


def _sampling(options: NovelAIOptions, generation: int) -> dict[str, Any]:
    """How the picture is made, whatever is on it."""
    parameters: dict[str, Any] = {
        "params_version": 4 if generation >= 5 else 3,
        "scale": options.scale,
        "sampler": options.sampler,
        "steps": options.steps,
        "n_samples": 1,
        "ucPreset": options.uc_preset,
        "qualityToggle": options.quality,
        "noise_schedule": options.noise_schedule,
        "cfg_rescale": options.cfg_rescale,
        "legacy": False,
        "add_original_image": False,
        "dynamic_thresholding": False,
    }
    return parameters | ({"stream": "sse"} if options.stream else {})


def _structured(prompt: Captions, undesired: Captions) -> dict[str, Any]:
    """Prompts as models from the fourth generation on want them."""
    count = len(prompt.characters)
    avoided = (*undesired.characters, *[""] * count)[:count]  # one for each, in their order
    return {
        "legacy_v3_extend": False,
        "deliberate_euler_ancestral_bug": False,
        "prefer_brownian": True,
        "v4_prompt": {
            "caption": _caption(prompt.scene, prompt.characters),
            "use_coords": False,
            "use_order": True,
        },
        "v4_negative_prompt": {
            "caption": _caption(undesired.scene, avoided),
            "legacy_uc": False,
        },
    }


def _caption(scene: str, characters: Sequence[str]) -> dict[str, Any]:
    return {
        "base_caption": scene,
        "char_captions": [
            {"char_caption": character, "centers": [dict(_CENTRE)]} for character in characters
        ],
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamEvent:
    """An event of the streaming route.

    Attributes:
        kind: ``intermediate``, ``final``, ``error``, or what else it says.
        step: Steps that are done, from 1; 0: it does not say.
        picture: Base64.
        told: The whole.
    """

    kind: str
    step: int
    picture: str | None
    told: Mapping[str, Any]


def read_event(data: str, name: str) -> StreamEvent:
    """Read an event, whatever is missing.

    Examples:
        >>> event = read_event('{"event_type": "intermediate", "step_ix": 4, "image": "aaaa"}', "x")
        >>> event.kind, event.step, event.picture
        ('intermediate', 5, 'aaaa')
    """
    try:
        told = msgspec.json.decode(data)
    except (msgspec.DecodeError, RecursionError):
        told = {}
    told = told if isinstance(told, dict) else {}
    kind, step, picture = told.get("event_type"), told.get("step_ix"), told.get("image")
    return StreamEvent(
        kind=kind if isinstance(kind, str) else name,
        step=step + 1 if type(step) is int and 0 <= step < 1000 else 0,
        picture=picture if isinstance(picture, str) and picture else None,
        told=told,
    )


def read_seed(text: Mapping[str, str]) -> int | None:
    """The seed out of the picture's own text.

    Examples:
        >>> read_seed({"Comment": '{"seed": 7}'}), read_seed({})
        (7, None)
    """
    try:
        told = msgspec.json.decode(text.get("Comment", "null"))
    except (msgspec.DecodeError, RecursionError):
        return None
    seed = told.get("seed") if isinstance(told, dict) else None
    return seed if type(seed) is int and 0 <= seed < 1 << 64 else None


def read_anlas(answer: object) -> int | None:
    """The Anlas that are left, out of ``user/subscription``."""
    left = answer.get("trainingStepsLeft") if isinstance(answer, dict) else None
    if not isinstance(left, dict):
        return None
    amounts = [left.get("fixedTrainingStepsLeft"), left.get("purchasedTrainingSteps")]
    return sum(amount for amount in amounts if type(amount) is int)
