"""The Images API ``/images/generations`` and its dialects as bytes and back: pure.

Sources: OpenAI's SDK of November 2026 (GPT image models give base64 and reject
``response_format``), and the servers in its likeness: LocalAI, Together, stable-diffusion.cpp's
``sd-server``, koboldcpp, text-generation-webui; https://docs.x.ai (no ``size``, an
``aspect_ratio``).
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from math import log
from typing import Any

from limner.backends.images.openai.dialect import Dialect
from limner.backends.images.openai.options import OpenAIOptions
from limner.backends.images.support.extra import with_extra
from limner.backends.options import told
from limner.illustration.model.image import ImageRequest

DEFAULT_MODEL = "gpt-image-1-mini"
CLASSIC = ((1024, 1024), (1536, 1024), (1024, 1536))
DALL_E_3 = ((1024, 1024), (1792, 1024), (1024, 1792))
DALL_E_2 = ((256, 256), (512, 512), (1024, 1024))
XAI_SHAPES = ((1, 1), (4, 3), (3, 4), (3, 2), (2, 3), (16, 9), (9, 16), (2, 1), (1, 2))


def is_gpt_image(model: str) -> bool:
    """Whether it is one of OpenAI's GPT image models."""
    return "gpt-image" in model or "chatgpt-image" in model


def fitted(request: ImageRequest, model: str, dialect: Dialect) -> tuple[int, int]:
    """The size to ask for: the one nearest in shape that the model draws.

    Examples:
        >>> fitted(ImageRequest(prompt="x", width=768, height=512), "gpt-image-1-mini",
        ...        Dialect.GPT_IMAGE)
        (1536, 1024)
        >>> fitted(ImageRequest(prompt="x", width=770, height=512), "gpt-image-2",
        ...        Dialect.GPT_IMAGE)
        (768, 512)
    """
    if dialect is Dialect.GPT_IMAGE and not _is_free(model):
        return _nearest(request, CLASSIC)
    if dialect is Dialect.DALL_E and "dall-e-3" in model:
        return _nearest(request, DALL_E_3)
    if dialect is Dialect.DALL_E and "dall-e-2" in model:
        return min(DALL_E_2, key=lambda size: abs(size[0] - max(request.width, request.height)))
    grid = 64 if dialect in (Dialect.SD_SERVER, Dialect.KOBOLDCPP) else 16
    width, height = (max(grid, round(s / grid) * grid) for s in (request.width, request.height))
    if dialect is Dialect.GPT_IMAGE:  # no side more than three times the other
        width, height = (
            max(width, -(-height // 3 // grid) * grid), max(height, -(-width // 3 // grid) * grid),
        )  # fmt: skip
    return width, height


def _is_free(model: str) -> bool:
    """Whether a GPT image model takes any size: those after the first generation do."""
    _, found, version = model.partition("gpt-image-")
    return bool(found) and version[:1].isdigit() and int(version[:1]) >= 2


def _nearest(request: ImageRequest, sizes: tuple[tuple[int, int], ...]) -> tuple[int, int]:
    shape = request.width / request.height
    return min(sizes, key=lambda size: abs(size[0] / size[1] - shape))


def payload(request: ImageRequest, options: OpenAIOptions, dialect: Dialect) -> dict[str, Any]:
    """The body of ``/images/generations`` in a dialect."""
    model = options.model or (DEFAULT_MODEL if dialect is Dialect.GPT_IMAGE else "")
    width, height = fitted(request, model, dialect)
    negative = ", ".join(p for p in (request.negative_prompt, options.negative_prompt) if p.strip())
    body: dict[str, Any] = {"prompt": request.prompt, "n": 1, "size": f"{width}x{height}"}
    if model:
        body["model"] = model
    body |= _OWN[dialect](request, options, negative)
    chosen = {"quality": options.quality, "style": options.style}
    takes = _TAKES[dialect].split()
    body |= {name: value for name, value in chosen.items() if value and name in takes}
    body |= {"size": options.size} if options.size else {}
    if options.size == "none" or (dialect is Dialect.XAI and not options.size):
        for name in ("size", "width", "height"):
            body.pop(name, None)
    return with_extra(body, options.extra)


def _gpt_image(request: ImageRequest, options: OpenAIOptions, negative: str) -> dict[str, Any]:
    own = {
        "background": options.background,
        "moderation": options.moderation,
        "output_format": options.output_format,
    }
    body: dict[str, Any] = {name: value for name, value in own.items() if value}
    if options.partial_images and request.progress is not None:
        body |= {"stream": True, "partial_images": options.partial_images}
    return body


def _dall_e(request: ImageRequest, options: OpenAIOptions, negative: str) -> dict[str, Any]:
    return {"response_format": "b64_json"}


def _xai(request: ImageRequest, options: OpenAIOptions, negative: str) -> dict[str, Any]:
    """It takes a shape in the place of a size."""
    shape = request.width / request.height
    ratio = min(XAI_SHAPES, key=lambda sides: abs(log(sides[0] / sides[1] / shape)))
    return {"response_format": "b64_json", "aspect_ratio": f"{ratio[0]}:{ratio[1]}"}


def _localai(request: ImageRequest, options: OpenAIOptions, negative: str) -> dict[str, Any]:
    body: dict[str, Any] = {"response_format": "b64_json"}
    # A bar parts the prompt from what to avoid: one within either would begin it anew.
    parts = (request.prompt, negative) if negative else (request.prompt,)
    body["prompt"] = "|".join(part.replace("|", " ") for part in parts)
    if options.steps is not None:
        body["step"] = options.steps
    if request.seed is not None:
        body["seed"] = request.seed
    return body


def _together(request: ImageRequest, options: OpenAIOptions, negative: str) -> dict[str, Any]:
    width, height = fitted(request, options.model, Dialect.TOGETHER)
    body: dict[str, Any] = {
        "width": width, "height": height, "response_format": "base64",
        "negative_prompt": negative or None, "steps": options.steps, "seed": request.seed,
    }  # fmt: skip
    return {name: value for name, value in body.items() if value is not None}


def _sd_server(request: ImageRequest, options: OpenAIOptions, negative: str) -> dict[str, Any]:
    """What it takes beside the prompt stands inside the prompt."""
    sample: dict[str, Any] = {} if options.steps is None else {"sample_steps": options.steps}
    sample |= {} if options.cfg is None else {"guidance": {"txt_cfg": options.cfg}}
    extra: dict[str, Any] = {"sample_params": sample} if sample else {}
    extra |= {"seed": request.seed} if request.seed is not None else {}
    extra |= {"negative_prompt": negative} if negative else {}
    body = {"output_format": options.output_format or "png"}
    if not extra:
        return body
    clean = request.prompt.replace("<sd_cpp_extra_args>", " ")
    told_in_it = f"<sd_cpp_extra_args>{json.dumps(extra)}</sd_cpp_extra_args>"
    return body | {"prompt": f"{clean} {told_in_it}"}


def _textgen(request: ImageRequest, options: OpenAIOptions, negative: str) -> dict[str, Any]:
    body: dict[str, Any] = {
        "response_format": "b64_json", "negative_prompt": negative or None,
        "steps": options.steps, "cfg_scale": options.cfg, "image_seed": request.seed,
    }  # fmt: skip
    return {name: value for name, value in body.items() if value is not None}


_OWN = {
    Dialect.GPT_IMAGE: _gpt_image,
    Dialect.DALL_E: _dall_e,
    Dialect.XAI: _xai,
    Dialect.LOCALAI: _localai,
    Dialect.TOGETHER: _together,
    Dialect.SD_SERVER: _sd_server,
    Dialect.KOBOLDCPP: _dall_e,
    Dialect.TEXTGEN: _textgen,
}

_TAKES = {
    Dialect.GPT_IMAGE: "quality background moderation output_format",
    Dialect.DALL_E: "quality style",
    Dialect.XAI: "",
    Dialect.LOCALAI: "quality steps negative_prompt",
    Dialect.TOGETHER: "steps negative_prompt",
    Dialect.SD_SERVER: "output_format steps cfg negative_prompt",
    Dialect.KOBOLDCPP: "",
    Dialect.TEXTGEN: "steps cfg negative_prompt",
}
"""Options for which a dialect has a place."""

_ANYWHERE = frozenset(("model", "dialect", "size", "extra", "hosts", "partial_images"))


def left_out(request: ImageRequest, options: OpenAIOptions, dialect: Dialect) -> dict[str, str]:
    """The options that are set and that the server has no place for, and why.

    Examples:
        >>> left_out(ImageRequest(prompt="x"), OpenAIOptions(steps=9), Dialect.GPT_IMAGE)
        {'steps': 'an Images API of the kind gpt-image has no place for it'}
    """
    wanted = set(told(options)) | ({"negative_prompt"} if request.negative_prompt else set())
    missing = sorted(wanted - _ANYWHERE - set(_TAKES[dialect].split()))
    return dict.fromkeys(missing, f"an Images API of the kind {dialect.value} has no place for it")


EDITS = frozenset((Dialect.GPT_IMAGE, Dialect.SD_SERVER))
"""The dialects that draw after other pictures, by the route ``/images/edits``."""

SEEDED = frozenset((Dialect.LOCALAI, Dialect.TOGETHER, Dialect.SD_SERVER, Dialect.TEXTGEN))
"""The dialects that take a seed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureData:
    """A picture in an answer: as base64, or where it is.

    Attributes:
        base64: Its text.
        url: Its address.
        revised_prompt: What the model really drew.
    """

    base64: str | None = None
    url: str | None = None
    revised_prompt: str | None = None


def read_answer(answer: object) -> PictureData | None:
    """The first picture in an answer; ``None`` if there is none.

    Examples:
        >>> read_answer({"data": [{"url": "http://here/1.png"}]}).url
        'http://here/1.png'
        >>> read_answer({"images": [{"url": "http://here/1.png"}]}).url
        'http://here/1.png'
        >>> read_answer({"data": []}) is None
        True
    """
    told = answer if isinstance(answer, dict) else {}
    data = told.get("data") or told.get("images")
    entry = data[0] if isinstance(data, list) and data else None
    return read_picture(entry) if isinstance(entry, dict) else None


def read_picture(entry: Mapping[str, object]) -> PictureData | None:
    """A picture out of an entry of ``data``, or out of an event of a stream."""
    base64 = entry.get("b64_json") or entry.get("base64")
    url, revised = entry.get("url"), entry.get("revised_prompt")
    if isinstance(base64, str) and base64:
        return PictureData(base64=base64, revised_prompt=_short(revised))
    if isinstance(url, str) and url:
        return PictureData(url=url, revised_prompt=_short(revised))
    return None


def _short(value: object) -> str | None:
    return value[:4000] if isinstance(value, str) else None
