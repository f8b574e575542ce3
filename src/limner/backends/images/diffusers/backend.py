"""Pictures drawn in this process, with Hugging Face's diffusers and a model on this machine.

``--backend diffusers+/path/of/model?steps=30``, or the name of a model at the hub
(``diffusers+stable-diffusion-v1-5/stable-diffusion-v1-5``), which is taken from this machine's
cache; it is fetched only with ``download=true``. Needs ``pip install limner[diffusers]``.

Everything that computes runs in one thread, so the event loop is never held up and two pictures
never share the device.
"""

import asyncio
import random
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from importlib.util import find_spec
from types import MappingProxyType
from typing import TypeVar

from limner.backends.images.diffusers.failure import Stopped
from limner.backends.images.diffusers.options import SAMPLERS, DiffusersOptions, sampler_named
from limner.backends.images.diffusers.pipeline_worker import (
    DrawnPicture,
    PictureJob,
    PipelineWorker,
)
from limner.backends.images.support.references import Found, ReferencePictures, told_of
from limner.backends.images.support.server import ModelInfo, ServerFacts, identity
from limner.backends.options import overridden, read_options, told
from limner.closing import Closing
from limner.errors import BackendRejected, BackendUnavailable, ConfigError
from limner.illustration.model.image import Image, ImageRequest
from limner.illustration.model.reference import ATTRIBUTE

KIND = "diffusers"
SEED_BITS = 32
PACKAGES = ("torch", "diffusers", "transformers")

T = TypeVar("T")


class DiffusersBackend(Closing):
    """Draws with a diffusers pipeline in a thread of its own.

    The model is loaded with the first picture (or by `load`) and stays until `aclose`. Pictures
    are drawn one after the other.

    Args:
        model: A folder in diffusers' layout, or a model's name at the hub.
        options: What to draw with.
        key: A token for the hub.

    Raises:
        limner.errors.BackendRejected: A package is not installed.
        limner.errors.ConfigError: There is no such sampler, or a LoRA's weight is no number.

    Example::

        async with DiffusersBackend("/models/dreamshaper") as backend:
            image = await backend.generate(ImageRequest(prompt="a small fox in the snow"))
    """

    def __init__(
        self, model: str, *, options: DiffusersOptions | None = None, key: str | None = None
    ) -> None:
        missing = [name for name in PACKAGES if find_spec(name) is None]
        if missing:
            raise BackendRejected(
                f"the backend {KIND!r} needs {', '.join(missing)}: pip install 'limner[diffusers]'",
                server=KIND,
            )
        self.model = model
        self.options = options or DiffusersOptions()
        _check_sampler(self.options.sampler)
        self._references = ReferencePictures(self.options.references, None)
        self._worker = PipelineWorker(model, self.options, key)
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="limner-diffusers")
        self._running: set[PictureJob] = set()
        self._closed = False

    @classmethod
    def from_url(
        cls, url: str | None, *, options: Mapping[str, str], key: str | None = None
    ) -> "DiffusersBackend":
        """As `limner.illustration.make_backend` makes it.

        Raises:
            limner.errors.ConfigError: No model is named, or an option is unknown or wrong.
            limner.errors.BackendRejected: A package is not installed.
        """
        if not url:
            raise ConfigError(
                "which model? write diffusers+/path/of/model, or diffusers+NAME for one at the hub"
            )
        read = read_options(DiffusersOptions, options, backend=KIND)
        return cls(url, key=key, options=read)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.model!r})"

    @property
    def identity(self) -> str:
        """A fingerprint of the model's place and the options."""
        shown = {"references": self._references.fingerprint} if self.options.references else {}
        return identity(KIND, self.model, {**told(self.options), **shown})

    async def aclose(self) -> None:
        """Stop what is drawn, free the model's memory, end the thread. Twice is fine.

        Pictures that wait or are being drawn fail with `limner.errors.BackendUnavailable`.
        """
        if self._closed:
            return
        self._closed = True
        for job in self._running:
            job.stop.set()
        try:
            await _finished(self._thread.submit(self._worker.unload))
        finally:
            self._thread.shutdown(wait=False)

    async def load(self) -> None:
        """Load the model now rather than with the first picture.

        Cancelling this call leaves the loading to go on: the next picture needs it.

        Raises:
            limner.errors.BackendRejected: The model is not there or cannot be loaded.
            limner.errors.BackendUnavailable: There is not enough memory, or this is closed.
        """
        if not self._worker.loaded:
            await self._in_thread(self._worker.load)

    async def generate(self, request: ImageRequest) -> Image:
        """Draw one picture; see `limner.illustration.ImageBackend`.

        A tag may set ``steps``, ``cfg`` and ``sampler``; what it sets wrongly is left out and told
        in ``info["ignored"]``. Sides are brought to multiples of 8 and ``info["asked_for"]`` tells
        the size that was asked for. Cancelling ends the drawing after the step that is under way;
        the call ends when it has.

        Raises:
            limner.errors.BackendError: It cannot be drawn, and why.
        """
        await self.load()
        self._check_open()
        options, ignored = overridden(self.options, request.attributes)
        if sampler_named(options.sampler or "Euler") is None:
            ignored["sampler"] = f"{options.sampler[:40]!r}: no sampler is called so"
            options, _ = overridden(self.options, _without_sampler(request.attributes))
        seed = request.seed
        if seed is None:
            seed = random.SystemRandom().getrandbits(SEED_BITS)
        negative = ", ".join(filter(None, (request.negative_prompt, options.negative_prompt)))
        shown = await self._shown(request)
        job = PictureJob(
            prompt=request.prompt,
            negative_prompt=negative,
            width=request.width,
            height=request.height,
            seed=seed % (1 << 63),
            options=options,
            references=tuple(one.data for one in shown.pictures),
        )
        drawn = await self._drawn(job, request)
        return self._image(drawn, request, job, told_of(shown), {**shown.ignored, **ignored})

    async def _shown(self, request: ImageRequest) -> Found:
        """The reference pictures, if there is something to look at them with."""
        if self.options.ip_adapter:
            return await self._references.find(request)
        if not request.attributes.get(ATTRIBUTE):
            return Found()
        return Found(
            ignored={ATTRIBUTE: "the option ip_adapter names nothing to look at them with"}
        )

    async def _drawn(self, job: PictureJob, request: ImageRequest) -> DrawnPicture:
        loop = asyncio.get_running_loop()
        sink = request.progress
        if sink is not None:

            def tell(fraction: float, preview: bytes | None) -> None:
                if job in self._running:  # never after `generate` has ended
                    sink(fraction, preview)

            def report(fraction: float, preview: bytes | None) -> None:
                with suppress(RuntimeError):  # the loop is closed: nobody listens
                    loop.call_soon_threadsafe(tell, fraction, preview)

            job.report = report
        self._running.add(job)
        try:
            return await self._in_thread(lambda: self._worker.draw(job), stop=job.stop.set)
        except Stopped:
            raise self._closed_error() from None
        finally:
            self._running.discard(job)

    def _image(
        self,
        drawn: DrawnPicture,
        request: ImageRequest,
        job: PictureJob,
        shown: Mapping[str, object],
        ignored: Mapping[str, str],
    ) -> Image:
        info: dict[str, object] = {
            "backend": KIND,
            "model": self.model,
            "steps": job.options.steps,
            "cfg": job.options.cfg,
            "sampler": drawn.sampler,
            **shown,
        }
        if (drawn.width, drawn.height) != (request.width, request.height):
            info["asked_for"] = f"{request.width}x{request.height}"
        if ignored:
            info["ignored"] = dict(ignored)
        return Image(
            data=drawn.data,
            media_type="image/png",
            width=drawn.width,
            height=drawn.height,
            seed=job.seed,
            info=MappingProxyType(info),
        )

    async def _in_thread(self, work: Callable[[], T], stop: Callable[[], None] | None = None) -> T:
        """Run something in the thread. If cancelled, tell it to stop and wait until it has."""
        self._check_open()
        running = self._thread.submit(work)
        ending = asyncio.wrap_future(running)
        try:
            return await asyncio.shield(ending)
        except asyncio.CancelledError:
            if stop is not None:
                stop()
                if not running.cancel():
                    await _finished(running)
            raise

    # What it is

    async def models(self) -> list[ModelInfo]:
        """The one model."""
        return [ModelInfo(name=self.model, title=self.model.rstrip("/").rpartition("/")[2])]

    async def samplers(self) -> list[str]:
        """The samplers that have names; every class of diffusers that fits may be given too."""
        return list(SAMPLERS)

    async def check(self) -> ServerFacts:
        """Look whether model and device are there, without loading anything.

        Raises:
            limner.errors.BackendRejected: They are not.
            limner.errors.BackendUnavailable: The backend is closed.
        """
        version, device, dtype = await self._in_thread(self._worker.look)
        models = await self.models()
        return ServerFacts(
            kind=KIND,
            version=version,
            models=models,
            current_model=self.model if self._worker.loaded else None,
            notes=(f"draws on {device} with {dtype}",),
        )

    def _check_open(self) -> None:
        if self._closed:
            raise self._closed_error()

    @staticmethod
    def _closed_error() -> BackendUnavailable:
        return BackendUnavailable(
            "this DiffusersBackend has been closed; make a new one", server=KIND
        )


def _check_sampler(name: str) -> None:
    if name and sampler_named(name) is None:
        raise ConfigError(
            f"the backend {KIND!r} knows no sampler {name!r}; there are {', '.join(SAMPLERS)}, "
            "and the names of diffusers' scheduler classes"
        )


def _without_sampler(attributes: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in attributes.items() if name != "sampler"}


async def _finished(running: "Future[T]") -> None:
    """Wait until the thread has done with something, however it ends and whoever cancels us."""
    ending = asyncio.wrap_future(running)
    cancelled = False
    while not ending.done():
        try:
            await asyncio.wait([ending])
        except asyncio.CancelledError:
            cancelled = True
    if not ending.cancelled():
        ending.exception()  # nobody's business any more
    if cancelled:
        raise asyncio.CancelledError
