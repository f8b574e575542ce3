"""The half of the diffusers backend that works in its thread: loading and drawing.

Nothing here is asynchronous, and nothing is called from two threads at once, except that a
`PictureJob` may be told to stop. torch and diffusers are imported when they are first needed.
"""

import gc
import importlib
import inspect
import io
import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from limner.backends.images.diffusers.failure import (
    Stopped,
    absent,
    drawing_failure,
    loading_failure,
)
from limner.backends.images.diffusers.ip_adapter import add_ip_adapter, shown_pictures
from limner.backends.images.diffusers.options import DiffusersOptions, sampler_named
from limner.backends.images.diffusers.preview import LatentColours
from limner.errors import BackendRejected, ContentRefused

SIDE_STEP = 8
"""Sides are multiples of this many pixels."""

_HUB_NAME = re.compile(r"\w[\w.-]{0,95}(/\w[\w.-]{0,95})?", re.ASCII)


@dataclass(slots=True, kw_only=True, eq=False)
class PictureJob:
    """One picture to be drawn.

    Attributes:
        prompt: What to draw.
        negative_prompt: What to avoid.
        width: In pixels.
        height: In pixels.
        seed: Fixes the picture.
        options: How.
        references: Encoded pictures to look at.
        report: Told the fraction done and a preview, from the thread.
        stop: Set when nobody wants it any more.
    """

    prompt: str
    negative_prompt: str
    width: int
    height: int
    seed: int
    options: DiffusersOptions
    references: tuple[bytes, ...] = ()
    report: Callable[[float, bytes | None], None] | None = None
    stop: threading.Event = field(default_factory=threading.Event)


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnPicture:
    """A finished picture.

    Attributes:
        data: As PNG.
        width: In pixels.
        height: In pixels.
        sampler: The scheduler's class.
    """

    data: bytes
    width: int
    height: int
    sampler: str


class PipelineWorker:
    """A pipeline and the device it is on.

    Args:
        model: A folder in diffusers' layout, or a model's name at the hub.
        options: What to draw with.
        token: Lets us in at the hub.
    """

    def __init__(self, model: str, options: DiffusersOptions, token: str | None) -> None:
        self.model = model
        self.options = options
        self._token = token
        self._pipeline: Any = None
        self._colours: LatentColours | None = None
        self._schedule: Any = None
        self._torch: Any = None

    @property
    def loaded(self) -> bool:
        """Whether the model is in memory."""
        return self._pipeline is not None

    def look(self) -> tuple[str, str, str]:
        """Diffusers' version, the device, and the kind of numbers, without loading the model.

        Raises:
            limner.errors.BackendRejected: The model or the device is not there.
        """
        diffusers = importlib.import_module("diffusers")
        self._torch = importlib.import_module("torch")
        if self._find() is None and not self.options.download:
            hub = importlib.import_module("huggingface_hub")
            if not isinstance(hub.try_to_load_from_cache(self.model, "model_index.json"), str):
                raise absent(self.model, self.options)
        device = self._device()
        return diffusers.__version__, device, self._dtype_name(device)

    def load(self) -> None:
        """Load the model, if it is not loaded yet.

        Raises:
            limner.errors.BackendError: It cannot be, and why.
        """
        if self._pipeline is not None:
            return
        diffusers = importlib.import_module("diffusers")
        self._torch = importlib.import_module("torch")
        place = self._find() or self.model
        device = self._device()
        diffusers.utils.logging.disable_progress_bar()  # it would write over ours
        importlib.import_module("transformers").utils.logging.disable_progress_bar()
        try:
            pipeline = diffusers.AutoPipelineForText2Image.from_pretrained(
                place, **self._loading_arguments(device)
            )
            pipeline.set_progress_bar_config(disable=True)
            self._add_loras(pipeline)
            if self.options.ip_adapter:
                add_ip_adapter(pipeline, self.options.ip_adapter, self.model)
            if self.options.offload:
                pipeline.enable_model_cpu_offload(device=device)
            else:
                pipeline.to(device)
        except Exception as error:
            self.unload()
            raise loading_failure(error, self.model, self.options) from error
        self._schedule = pipeline.scheduler
        self._pipeline = pipeline

    def _loading_arguments(self, device: str) -> dict[str, Any]:
        """How diffusers is to load the model."""
        wanted: dict[str, Any] = {
            "dtype": getattr(self._torch, self._dtype_name(device)),
            "local_files_only": not self.options.download,
            "use_safetensors": True,  # other formats can hold programs
            "token": self._token,
        }
        if self.options.variant:
            wanted["variant"] = self.options.variant
        if not self.options.safety:
            wanted |= {"safety_checker": None, "requires_safety_checker": False}
        return wanted

    def unload(self) -> None:
        """Free the memory."""
        self._pipeline = self._colours = self._schedule = None
        gc.collect()
        torch = self._torch
        if torch is not None and torch.cuda.is_available():
            torch.cuda.empty_cache()

    def draw(self, job: PictureJob) -> DrawnPicture:
        """Draw one picture.

        Raises:
            limner.errors.BackendError: It cannot be drawn, and why.
            Stopped: It was told to stop, and has.
        """
        self._check_stop(job)
        self.load()
        pipeline = self._pipeline
        width, height = self._fitted(job.width), self._fitted(job.height)
        try:
            pipeline.scheduler = self._sampler(job.options.sampler)
            result = pipeline(**self._arguments(job, width, height))
            self._check_stop(job)
            self._check_content(result)
            picture = result.images[0]
            data = io.BytesIO()
            picture.save(data, "PNG")
        except (Stopped, ContentRefused):
            raise
        except Exception as error:
            if self._torch.cuda.is_available():
                self._torch.cuda.empty_cache()
            raise drawing_failure(error, self.model, f"{width}x{height}") from error
        return DrawnPicture(
            data=data.getvalue(),
            width=picture.width,
            height=picture.height,
            sampler=type(pipeline.scheduler).__name__,
        )

    def _check_content(self, result: Any) -> None:
        """Refuse what the model's own filter has found."""
        refused = getattr(result, "nsfw_content_detected", None)
        if refused and refused[0]:
            raise ContentRefused(
                f"the content filter of {self.model} refused the picture", server=self.model
            )

    # How

    def _arguments(self, job: PictureJob, width: int, height: int) -> dict[str, Any]:
        generator = self._torch.Generator("cpu").manual_seed(job.seed)
        wanted: Mapping[str, Any] = {
            "prompt": job.prompt,
            "negative_prompt": job.negative_prompt or None,
            "width": width,
            "height": height,
            "num_inference_steps": job.options.steps,
            "guidance_scale": job.options.cfg,
            "generator": generator,
            "callback_on_step_end": self._after_step(job),
            "output_type": "pil",
        }
        if self.options.ip_adapter:
            strength = job.options.ip_adapter_strength
            shown = shown_pictures(self._pipeline, job.references, strength)
            wanted = {**wanted, "ip_adapter_image": shown}
        known = inspect.signature(type(self._pipeline).__call__).parameters
        return {name: value for name, value in wanted.items() if name in known}

    def _after_step(self, job: PictureJob) -> Callable[..., dict[str, Any]]:
        shown = max(1, job.options.steps // 6)

        def after_step(
            pipeline: Any, step: int, timestep: Any, tensors: dict[str, Any]
        ) -> dict[str, Any]:
            if job.stop.is_set():
                if not hasattr(pipeline, "_interrupt"):
                    raise Stopped
                pipeline._interrupt = True  # it leaves out the steps that are left
            elif job.report is not None:
                steps = getattr(pipeline, "num_timesteps", None) or job.options.steps
                preview = None
                if job.options.previews and (step + 1) % shown == 0:
                    preview = self._preview(tensors.get("latents"))
                job.report(min((step + 1) / steps, 1.0), preview)
            return {}

        return after_step

    def _preview(self, latents: Any) -> bytes | None:
        if latents is None or latents.ndim != 4:
            return None  # packed ones have no width and height
        if self._colours is None:
            self._colours = LatentColours.of(self._torch, self._pipeline.vae)
        return self._colours.picture(latents)

    @staticmethod
    def _check_stop(job: PictureJob) -> None:
        if job.stop.is_set():
            raise Stopped

    def _fitted(self, side: int) -> int:
        step = max(SIDE_STEP, int(getattr(self._pipeline, "vae_scale_factor", SIDE_STEP)))
        return max(step, (side + step // 2) // step * step)

    def _sampler(self, name: str) -> Any:
        found = sampler_named(name) if name else None
        if found is None:
            return self._schedule
        kind, settings = found
        made = getattr(importlib.import_module("diffusers"), kind, None)
        if made is None or type(self._schedule) not in {made, *self._schedule.compatibles}:
            raise BackendRejected(
                f"{self.model} cannot be drawn with the sampler {name!r}", server=self.model
            )
        return made.from_config(self._schedule.config, **settings)

    def _add_loras(self, pipeline: Any) -> None:
        names, weights = [], []
        for number, written in enumerate(self.options.loras):
            place, weight = lora_and_weight(written)
            if not place.is_file():
                raise BackendRejected(f"there is no LoRA at {place}", server=self.model)
            names.append(f"lora{number}")
            weights.append(weight)
            pipeline.load_lora_weights(
                str(place.parent), weight_name=place.name, adapter_name=names[-1],
                local_files_only=True, use_safetensors=True,
            )  # fmt: skip
        if names:
            pipeline.set_adapters(names, weights)

    def _find(self) -> str | None:
        """The folder the model is in; ``None`` if it has a name at the hub."""
        place = Path(self.model).expanduser()
        if place.is_file():
            raise BackendRejected(
                f"{self.model} is a single file; give a folder in diffusers' layout, with a "
                "model_index.json in it",
                server=self.model,
            )
        if (place / "model_index.json").is_file():
            return str(place.absolute())
        if place.is_dir() or not _HUB_NAME.fullmatch(self.model):
            raise BackendRejected(
                f"there is no model at {self.model}: a folder in diffusers' layout has a "
                "model_index.json in it",
                server=self.model,
            )
        return None

    def _device(self) -> str:
        cuda, mps = self._torch.cuda, self._torch.backends.mps
        there = {"cuda": cuda.is_available(), "mps": mps.is_available(), "cpu": True}
        if self.options.device == "auto":
            return next(name for name, is_there in there.items() if is_there)
        if not there.get(self.options.device.partition(":")[0]):
            able = ", ".join(name for name, is_there in there.items() if is_there)
            raise BackendRejected(
                f"there is no device {self.options.device!r} here; there is: {able}",
                server=self.model,
            )
        return self.options.device

    def _dtype_name(self, device: str) -> str:
        if self.options.dtype != "auto":
            return self.options.dtype
        return "float32" if device == "cpu" else "float16"


def lora_and_weight(written: str) -> tuple[Path, float]:
    """A LoRA's file and how much of it.

    Examples:
        >>> lora_and_weight("/loras/ink.safetensors:0.6")[1], lora_and_weight("C:/ink")[1]
        (0.6, 1.0)
    """
    place, colon, weight = written.rpartition(":")
    try:
        return (Path(place), float(weight)) if colon else (Path(written), 1.0)
    except ValueError:
        return Path(written), 1.0
