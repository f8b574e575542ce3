"""The AI Horde's ``/api/v2`` as objects and back: pure.

Source: the API's own description at ``https://aihorde.net/api/swagger.json`` and the sources of
AI-Horde.
"""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from limner.backends.images.horde.options import HordeOptions
from limner.backends.images.support.extra import with_extra
from limner.backends.images.support.references import Reference
from limner.backends.images.support.server import ModelInfo
from limner.illustration.model.image import ImageRequest

GRID = 64
_LORA = re.compile(r"([^<>:]{1,255})(?::(-?\d{1,2}(?:\.\d{1,4})?))?")


def fitted(request: ImageRequest) -> tuple[int, int]:
    """The size to ask for: the nearest that is a multiple of 64.

    Examples:
        >>> fitted(ImageRequest(prompt="x", width=770, height=100))
        (768, 128)
    """
    width, height = (
        max(GRID, math.floor(side / GRID + 0.5) * GRID) for side in (request.width, request.height)
    )
    return width, height


def whole_prompt(prompt: str, *negative: str) -> str:
    """Prompt and what to avoid in one text, as the Horde wants them.

    ``###`` parts them, so that in either it is made ``##``.

    Examples:
        >>> whole_prompt("a fox ### a hare", "blur", "", "text")
        'a fox ## a hare ### blur, text'
        >>> whole_prompt("a fox")
        'a fox'
    """
    avoided = ", ".join(part.strip() for part in negative if part.strip())
    parts = (prompt, avoided) if avoided else (prompt,)
    return " ### ".join(re.sub("#{3,}", "##", part) for part in parts)


def payload(
    request: ImageRequest, options: HordeOptions, references: Sequence[Reference] = ()
) -> dict[str, Any]:
    """The body of ``generate/async``; the first reference picture is drawn after."""
    body: dict[str, Any] = {
        "prompt": whole_prompt(request.prompt, request.negative_prompt, options.negative_prompt),
        "params": _params(request, options),
        "nsfw": options.nsfw,
        "censor_nsfw": options.censor_nsfw,
        "trusted_workers": options.trusted_workers,
        "slow_workers": options.slow_workers,
        "r2": options.r2,
        "shared": options.shared,
        "replacement_filter": options.replacement_filter,
        "allow_downgrade": options.allow_downgrade,
        "models": list(options.models),  # empty: any; without the field it is one old model
    }
    if references:
        body |= {"source_image": references[0].base64, "source_processing": "img2img"}
        body["params"]["denoising_strength"] = round(options.strength, 2)
    return with_extra(body, options.extra)


def _params(request: ImageRequest, options: HordeOptions) -> dict[str, Any]:
    """What a worker is told: size, sampler and the rest."""
    width, height = fitted(request)
    params: dict[str, Any] = {
        "sampler_name": options.sampler,
        "cfg_scale": round(options.cfg, 2),  # more decimals are refused
        "width": width,
        "height": height,
        "steps": options.steps,
        "n": 1,
        "karras": options.karras,
        "hires_fix": options.hires_fix,
    }
    if request.seed is not None:
        params["seed"] = str(request.seed)
    if options.clip_skip is not None:
        params["clip_skip"] = options.clip_skip
    if options.post_processing:
        params["post_processing"] = list(options.post_processing)
    if loras := _loras(options.loras):
        params["loras"] = loras
    return params


def _loras(loras: tuple[str, ...]) -> list[dict[str, Any]]:
    """LoRAs as the Horde names them; what is no name is left out."""
    found = [match for lora in loras if (match := _LORA.fullmatch(lora.strip()))]
    return [{"name": match[1].strip(), "model": float(match[2] or 1), "clip": 1} for match in found]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """What the Horde said when it took a request.

    Attributes:
        id: The request's name there.
        kudos: What it will cost.
        warnings: What it found odd; a message to its users among them.
    """

    id: str
    kudos: float | None
    warnings: tuple[str, ...]


def read_ticket(answer: object) -> Ticket | None:
    """Read the answer of ``generate/async``; ``None`` if it names no request.

    Examples:
        >>> read_ticket({"id": "a-1", "kudos": 10.0, "warnings": [{"message": "odd sampler"}]})
        Ticket(id='a-1', kudos=10.0, warnings=('odd sampler',))
        >>> read_ticket({"message": "hm"}) is None
        True
    """
    told = answer if isinstance(answer, dict) else {}
    name = told.get("id")
    if not isinstance(name, str) or not re.fullmatch(r"[\w.-]{1,100}", name):
        return None
    warnings = told.get("warnings")
    said = [told.get("message"), *(warnings if isinstance(warnings, list) else ())]
    words = [item.get("message") if isinstance(item, dict) else item for item in said[:10]]
    return Ticket(
        id=name,
        kudos=_number(told.get("kudos")),
        warnings=tuple(word[:500] for word in words if isinstance(word, str) and word),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class GenerationStatus:
    """What ``generate/check`` tells.

    Attributes:
        done: Whether the picture is there.
        faulted: Whether it went wrong.
        possible: Whether there is any worker that could draw it.
        wait: Seconds it will take, as the Horde guesses; ``None``: it does not say.
        place: Place in the queue; 0: it is being drawn.
        kudos: What it has cost so far.
    """

    done: bool = False
    faulted: bool = False
    possible: bool = True
    wait: float | None = None
    place: int = 0
    kudos: float | None = None


def read_status(answer: object) -> GenerationStatus:
    """Read the answer of ``generate/check``, whatever is missing.

    Examples:
        >>> read_status({"done": False, "wait_time": 7, "queue_position": 3}).wait
        7.0
        >>> read_status(None)
        GenerationStatus(done=False, faulted=False, possible=True, wait=None, place=0, kudos=None)
    """
    told = answer if isinstance(answer, dict) else {}
    return GenerationStatus(
        done=told.get("done") is True,
        faulted=told.get("faulted") is True,
        possible=told.get("is_possible") is not False,
        wait=_number(told.get("wait_time")),
        place=int(_number(told.get("queue_position")) or 0),
        kudos=_number(told.get("kudos")),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Generation:
    """A finished picture, as ``generate/status`` tells of it.

    Attributes:
        picture: A URL, or base64; ``None``: there is none.
        seed: The seed that was used.
        censored: Whether a filter took the picture away.
        fields: Model and worker.
    """

    picture: str | None
    seed: int | None
    censored: bool
    fields: Mapping[str, object]


def read_generation(answer: object) -> Generation | None:
    """The first picture in the answer of ``generate/status``; ``None`` if there is none."""
    told = answer if isinstance(answer, dict) else {}
    generations = told.get("generations")
    first = generations[0] if isinstance(generations, list) and generations else None
    if not isinstance(first, dict):
        return None
    picture, seed = first.get("img"), str(first.get("seed", ""))
    fields = {"model": first.get("model"), "worker": first.get("worker_name")}
    return Generation(
        picture=picture if isinstance(picture, str) and picture else None,
        seed=int(seed) if re.fullmatch(r"[0-9]{1,19}", seed) else None,
        censored=_is_censored(first),
        fields={name: word[:200] for name, word in fields.items() if isinstance(word, str)},
    )


def _is_censored(generation: Mapping[str, object]) -> bool:
    metadata = generation.get("gen_metadata")
    kinds = [
        item.get("type") for item in metadata if isinstance(item, dict)
    ] if isinstance(metadata, list) else []  # fmt: skip
    return (
        generation.get("censored") is True
        or generation.get("state") == "censored"
        or "censorship" in kinds
    )


def read_models(answer: object) -> list[ModelInfo]:
    """Read ``status/models``: those that most workers have first."""
    entries = answer if isinstance(answer, list) else []
    drawing = [e for e in entries if isinstance(e, dict) and e.get("type", "image") == "image"]
    drawing = [entry for entry in drawing if _name(entry)]
    drawing.sort(key=lambda entry: -(_number(entry.get("count")) or 0))
    return [
        ModelInfo(name=_name(entry), title=f"{_name(entry)} (workers: {_workers(entry)})")
        for entry in drawing
    ]


def _name(entry: Mapping[str, object]) -> str:
    name = entry.get("name")
    return name[:300] if isinstance(name, str) else ""


def _workers(entry: Mapping[str, object]) -> int:
    return int(_number(entry.get("count")) or 0)


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) and number >= 0 else None
