"""A1111's ``/sdapi/v1`` as bytes and back: pure.

Sources: the ``modules/api`` of AUTOMATIC1111, Forge and SD.Next, and the routes that koboldcpp
and stable-diffusion.cpp's ``sd-server`` offer in their likeness.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import msgspec

from limner.backends.images.a1111.options import A1111Options
from limner.backends.images.support.extra import with_extra
from limner.backends.images.support.lora import Lora
from limner.backends.images.support.model_name import bare_name
from limner.backends.images.support.references import Reference
from limner.backends.images.support.server import ModelInfo
from limner.backends.options import told
from limner.illustration.model.image import ImageRequest

API = "/sdapi/v1"
LARGEST_PREVIEW = 8 << 20
"""Characters of a preview."""

LARGEST_INFO = 1 << 20
_LORA = re.compile(r"[^<>:]{1,200}(:-?\d{1,3}(\.\d{1,4})?)?")


class Flavour(StrEnum):
    """Who speaks the protocol."""

    A1111 = "AUTOMATIC1111"
    FORGE = "Forge"
    SDNEXT = "SD.Next"
    KOBOLDCPP = "koboldcpp"
    SDCPP = "stable-diffusion.cpp"
    DRAW_THINGS = "Draw Things"

    @property
    def has_progress(self) -> bool:
        """Whether it tells how far it is, and can be interrupted."""
        return self in (Flavour.A1111, Flavour.FORGE, Flavour.SDNEXT)

    @property
    def names_jobs(self) -> bool:
        """Whether it may tell pictures apart by the name given with them."""
        return self in (Flavour.A1111, Flavour.FORGE)

    def seed(self, seed: int) -> int:
        """A seed as it is understood: koboldcpp takes it as a signed number of 32 bits.

        One that is negative there, or does not fit, would be drawn by lot.

        Examples:
            >>> Flavour.KOBOLDCPP.seed((1 << 31) + 5), Flavour.A1111.seed((1 << 31) + 5)
            (5, 2147483653)
        """
        return seed % (1 << 31) if self is Flavour.KOBOLDCPP else seed

    @property
    def grid(self) -> int:
        """What each side is a multiple of, in pixels."""
        return 8 if self.has_progress else 64


def fitted(request: ImageRequest, flavour: Flavour) -> tuple[int, int]:
    """The size to ask for: the nearest that the flavour draws.

    Examples:
        >>> fitted(ImageRequest(prompt="x", width=770, height=500), Flavour.KOBOLDCPP)
        (768, 512)
    """
    grid = flavour.grid
    width, height = (max(64, round(side / grid) * grid) for side in (request.width, request.height))
    if flavour is Flavour.KOBOLDCPP and max(width, height) > 1024:
        shrink = 1024 / max(width, height)
        width, height = (max(64, int(side * shrink) // 64 * 64) for side in (width, height))
    return width, height


def payload(
    request: ImageRequest, options: A1111Options, flavour: Flavour, *, task_id: str
) -> dict[str, Any]:
    """The body of ``txt2img``.

    Args:
        request: What to draw.
        options: How.
        flavour: For whom; what it does not know is left out.
        task_id: A name for the job, where the server takes one.
    """
    body = _common(request, options, flavour)
    if options.hires and takes(flavour, "hires"):
        body |= _hires(options, flavour)
    if not flavour.has_progress:
        if options.clip_skip is not None:
            body["clip_skip"] = options.clip_skip
        if flavour is Flavour.DRAW_THINGS:
            body = draw_things(body, options)
        return with_extra(body, options.extra)
    body |= {"send_images": True, "save_images": False, "force_task_id": task_id}
    if options.distilled_cfg is not None and takes(flavour, "distilled_cfg"):
        body["distilled_cfg_scale"] = options.distilled_cfg
    if settings := _override_settings(options):
        body |= {"override_settings": settings, "override_settings_restore_afterwards": False}
    return with_extra(body, options.extra)


def img2img(references: Sequence[Reference], options: A1111Options) -> dict[str, Any]:
    """What is sent beside the rest to draw after a picture: the first, cut to the size asked for.

    Without one: nothing. The enlarging of ``hires`` is not for this route.
    """
    if not references:
        return {}
    return {
        "init_images": [references[0].base64],
        "denoising_strength": options.strength,
        "resize_mode": 1,
        "enable_hr": False,
    }


def draw_things(body: Mapping[str, Any], options: A1111Options) -> dict[str, Any]:
    """The body as Draw Things has it: guidance, sampler, model and LoRAs have names of its own.

    What is not sent stays as it is set in the app. Source: the fields that its ``GET /`` tells.

    Examples:
        >>> draw_things({"prompt": "a fox", "cfg_scale": 3.5}, A1111Options(loras=("ink:0.7",)))
        {'prompt': 'a fox', 'guidance_scale': 3.5, 'loras': [{'file': 'ink', 'weight': 0.7}]}
    """
    renamed = {"cfg_scale": "guidance_scale", "sampler_name": "sampler"}
    without = ("batch_size", "n_iter", "scheduler", "enable_hr", "hr_scale", "hr_upscaler")
    own = {renamed.get(name, name): value for name, value in body.items() if name not in without}
    if options.model:
        own["model"] = options.model
    if options.loras:
        parsed = [Lora.parse(text) for text in options.loras]
        own["loras"] = [{"file": lora.name, "weight": lora.weight} for lora in parsed]
    return own


_CANNOT = {
    Flavour.A1111: frozenset(("distilled_cfg",)),
    Flavour.SDNEXT: frozenset(("distilled_cfg",)),
    Flavour.FORGE: frozenset[str](),
    Flavour.SDCPP: frozenset(("model", "styles")),
    Flavour.KOBOLDCPP: frozenset(("model", "styles", "loras", "hires", "distilled_cfg")),
    Flavour.DRAW_THINGS: frozenset(("styles", "scheduler", "hires", "distilled_cfg")),
}
"""Options for which a flavour has no place."""


def takes(flavour: Flavour, option: str) -> bool:
    """Whether a flavour has a place for an option."""
    return option not in _CANNOT[flavour]


def left_out(options: A1111Options, flavour: Flavour) -> dict[str, str]:
    """The options that are set and that the server has no place for, and why.

    Examples:
        >>> left_out(A1111Options(model="dream", steps=9), Flavour.SDCPP)
        {'model': 'stable-diffusion.cpp has no place for it'}
    """
    return {
        name: f"{flavour.value} has no place for it"
        for name in told(options)
        if not takes(flavour, name)
    }


def _common(request: ImageRequest, options: A1111Options, flavour: Flavour) -> dict[str, Any]:
    """What every server of this family understands."""
    width, height = fitted(request, flavour)
    body: dict[str, Any] = {
        "prompt": " ".join((request.prompt, *_tags(options, flavour))),
        "negative_prompt": _joined(request.negative_prompt, options.negative_prompt),
        "width": width,
        "height": height,
        "steps": options.steps,
        "cfg_scale": options.cfg,
        "seed": -1 if request.seed is None else flavour.seed(request.seed),
        "batch_size": 1,
        "n_iter": 1,
    }
    chosen = {
        "sampler_name": options.sampler,
        "scheduler": options.scheduler,
        "styles": list(options.styles) if takes(flavour, "styles") else [],
    }
    return body | {name: value for name, value in chosen.items() if value}


def _override_settings(options: A1111Options) -> dict[str, Any]:
    """What the server has as settings of its own, for this picture alone."""
    settings: dict[str, Any] = {}
    if options.model:
        settings["sd_model_checkpoint"] = options.model
    if options.clip_skip is not None:
        settings["CLIP_stop_at_last_layers"] = options.clip_skip
    return settings


def _hires(options: A1111Options, flavour: Flavour) -> dict[str, Any]:
    steps = "hr_steps" if flavour is Flavour.SDCPP else "hr_second_pass_steps"
    body: dict[str, Any] = {
        "enable_hr": True,
        "hr_scale": options.hires_scale,
        steps: options.hires_steps,
        "denoising_strength": options.denoising,
    }
    if options.hires_upscaler:
        body["hr_upscaler"] = options.hires_upscaler
    if flavour is Flavour.FORGE:
        body["hr_additional_modules"] = ["Use same choices"]  # its own default crashes it
    return body


def _tags(options: A1111Options, flavour: Flavour) -> list[str]:
    """LoRAs in the prompt's own syntax, where it is read; what is no name is left out."""
    if not flavour.has_progress:
        return []
    good = (lora for lora in options.loras if _LORA.fullmatch(lora))
    return [f"<lora:{lora}>" if ":" in lora else f"<lora:{lora}:1>" for lora in good]


def _joined(*parts: str) -> str:
    return ", ".join(part.strip() for part in parts if part.strip())


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureInfo:
    """What ``info`` tells, as far as it can be read.

    Attributes:
        seed: The seed that was used.
        fields: Model, sampler, steps, …
    """

    seed: int | None
    fields: Mapping[str, object]


_INFO_FIELDS = {
    "sd_model_name": "model",
    "sd_model_hash": "model_hash",
    "sampler_name": "sampler",
    "cfg_scale": "cfg",
    "steps": "steps",
}


def read_info(info: object) -> PictureInfo:
    """Read ``info``: a JSON text, an object, or nothing at all.

    Examples:
        >>> read_info('{"seed": 7, "steps": 25, "sd_model_name": "dream"}')
        PictureInfo(seed=7, fields={'model': 'dream', 'steps': 25})
        >>> read_info("").seed is None
        True
    """
    if isinstance(info, str):
        try:
            info = msgspec.json.decode(info) if len(info) <= LARGEST_INFO else None
        except (msgspec.DecodeError, RecursionError):
            info = None
    if not isinstance(info, dict):
        return PictureInfo(seed=None, fields={})
    seeds = info.get("all_seeds")
    seed = seeds[0] if isinstance(seeds, list) and seeds else info.get("seed")
    fields = {
        name: value[:200] if isinstance(value, str) else value
        for key, name in _INFO_FIELDS.items()
        if isinstance(value := info.get(key), str | int | float)
    }
    infotexts = info.get("infotexts")
    if isinstance(infotexts, list) and infotexts and isinstance(infotexts[0], str):
        fields["parameters"] = infotexts[0][:LARGEST_INFO]
    good = type(seed) is int and 0 <= seed < 1 << 64
    return PictureInfo(seed=seed if good else None, fields=fields)


@dataclass(frozen=True, slots=True, kw_only=True)
class JobProgress:
    """How far a picture is.

    Attributes:
        fraction: 0 to 1.
        busy: Whether it is drawn now.
        waiting: Whether it waits in the server's line.
        preview: Base64 of a preview, if any.
    """

    fraction: float
    busy: bool
    waiting: bool = False
    preview: str | None = None

    @property
    def known(self) -> bool:
        """Whether it is known where it is."""
        return self.busy or self.waiting


def read_progress(answer: object) -> JobProgress:
    """Read ``/sdapi/v1/progress``: how far is whatever runs. Anything may be missing.

    Examples:
        >>> read_progress({"progress": 0.4, "state": {"job_count": 1}})
        JobProgress(fraction=0.4, busy=True, waiting=False, preview=None)
    """
    answer = answer if isinstance(answer, dict) else {}
    state = answer.get("state")
    count = state.get("job_count") if isinstance(state, dict) else None
    fraction = _fraction(answer.get("progress"))
    return JobProgress(
        fraction=fraction,
        busy=bool(fraction) or (isinstance(count, int) and count > 0),
        preview=_text(answer, "current_image", longest=LARGEST_PREVIEW) or None,
    )


def read_task(answer: object) -> JobProgress:
    """Read ``/internal/progress``: how far is the picture of this name.

    Examples:
        >>> read_task({"active": False, "queued": True, "completed": False})
        JobProgress(fraction=0.0, busy=False, waiting=True, preview=None)
    """
    answer = answer if isinstance(answer, dict) else {}
    return JobProgress(
        fraction=_fraction(answer.get("progress")),
        busy=answer.get("active") is True,
        waiting=answer.get("queued") is True,
        preview=_text(answer, "live_preview", longest=LARGEST_PREVIEW) or None,
    )


def _fraction(value: object) -> float:
    return float(value) if isinstance(value, int | float) and 0 <= value <= 1 else 0.0


def read_models(answer: object) -> list[ModelInfo]:
    """Read ``sd-models``."""
    entries = answer if isinstance(answer, list) else []
    return [
        ModelInfo(name=name, title=_text(entry, "title"), hash=_text(entry, "hash") or None)
        for entry in entries
        if isinstance(entry, dict) and (name := _text(entry, "model_name") or _text(entry, "title"))
    ]


def same_model(wanted: str, model: ModelInfo) -> bool:
    """Whether a model is the one that is wanted, however its file is called in full.

    Examples:
        >>> dream = ModelInfo(name="dream_8", title="sd15/dream_8.safetensors [879db523c3]")
        >>> [same_model(name, dream) for name in ("dream_8.safetensors", "dream_8", "dream")]
        [True, True, False]
    """
    names = {model.name, model.title, model.title.partition(" [")[0]}
    return bool({wanted, bare_name(wanted)} & (names | {bare_name(name) for name in names}))


def read_names(answer: object) -> list[str]:
    """The names in ``samplers`` or ``schedulers``."""
    entries = answer if isinstance(answer, list) else []
    return [name for e in entries if isinstance(e, dict) and (name := _text(e, "name"))]


def _text(entry: Mapping[str, object], name: str, *, longest: int = 300) -> str:
    value = entry.get(name)
    return value[:longest] if isinstance(value, str) else ""
