"""A1111's ``/sdapi/v1`` as bytes and back: pure.

Sources: the ``modules/api`` of AUTOMATIC1111, Forge and SD.Next, and the routes that koboldcpp
and stable-diffusion.cpp's ``sd-server`` offer in their likeness.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import msgspec

from limner.backends.images.a1111.options import A1111Options
from limner.backends.images.support.server import ModelInfo
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

    @property
    def has_progress(self) -> bool:
        """Whether it tells how far it is, and can be interrupted."""
        return self not in (Flavour.KOBOLDCPP, Flavour.SDCPP)

    @property
    def names_jobs(self) -> bool:
        """Whether it may tell pictures apart by the name given with them."""
        return self in (Flavour.A1111, Flavour.FORGE)

    def seed(self, seed: int) -> int:
        """A seed as it is understood: koboldcpp takes it as a signed number of 32 bits.

        One that is negative there, or does not fit, would be drawn by lot.

        Example:
            >>> Flavour.KOBOLDCPP.seed((1 << 31) + 5), Flavour.A1111.seed((1 << 31) + 5)
            (5, 2147483653)
        """
        return seed % (1 << 31) if self is Flavour.KOBOLDCPP else seed

    @property
    def grid(self) -> int:
        """What each side is a multiple of, in pixels."""
        return 64 if self in (Flavour.KOBOLDCPP, Flavour.SDCPP) else 8


def fitted(request: ImageRequest, flavour: Flavour) -> tuple[int, int]:
    """The size to ask for: the nearest that the flavour draws.

    Example:
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
    if not flavour.has_progress:
        return body if options.clip_skip is None else body | {"clip_skip": options.clip_skip}
    body |= {"send_images": True, "save_images": False, "force_task_id": task_id}
    if options.distilled_cfg is not None:
        body["distilled_cfg_scale"] = options.distilled_cfg
    if settings := _override_settings(options):
        body |= {"override_settings": settings, "override_settings_restore_afterwards": False}
    return body | (_hires(options, flavour) if options.hires else {})


def _common(request: ImageRequest, options: A1111Options, flavour: Flavour) -> dict[str, Any]:
    """What every server of this family understands."""
    width, height = fitted(request, flavour)
    body: dict[str, Any] = {
        "prompt": " ".join((request.prompt, *_loras(options.loras))),
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
        "styles": list(options.styles),
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
    body: dict[str, Any] = {
        "enable_hr": True,
        "hr_scale": options.hires_scale,
        "hr_second_pass_steps": options.hires_steps,
        "denoising_strength": options.denoising,
    }
    if options.hires_upscaler:
        body["hr_upscaler"] = options.hires_upscaler
    if flavour is Flavour.FORGE:
        body["hr_additional_modules"] = ["Use same choices"]  # its own default crashes it
    return body


def _loras(loras: tuple[str, ...]) -> list[str]:
    """LoRAs in the prompt's own syntax; what is no name is left out."""
    good = (lora for lora in loras if _LORA.fullmatch(lora))
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

    Example:
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

    Example:
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

    Example:
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


def read_names(answer: object) -> list[str]:
    """The names in ``samplers`` or ``schedulers``."""
    entries = answer if isinstance(answer, list) else []
    return [name for e in entries if isinstance(e, dict) and (name := _text(e, "name"))]


def _text(entry: Mapping[str, object], name: str, *, longest: int = 300) -> str:
    value = entry.get(name)
    return value[:longest] if isinstance(value, str) else ""
