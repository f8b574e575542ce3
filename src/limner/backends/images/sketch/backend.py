"""The embedded backend: pictures painted from the words of the prompt, in child processes."""

import asyncio
import os
import sys
from collections.abc import AsyncGenerator
from types import MappingProxyType

from limner.backends.images.sketch.wire import Fault, Job, Painted
from limner.backends.images.sketch.worker import Worker, WorkerDied
from limner.closing import Closing
from limner.errors import BackendUnavailable
from limner.illustration.model.image import Image, ImageRequest

NAME = "sketch"

EDITION = 5
"""Raised with every change that lets a prompt look otherwise: kept pictures are then drawn anew."""


class _WorkerPool:
    """The workers of one event loop."""

    def __init__(self, workers: int) -> None:
        self.turns = asyncio.Semaphore(workers)
        self.idle: list[Worker] = []
        self.busy: set[Worker] = set()
        self.guard: AsyncGenerator[None] | None = None

    async def acquire(self) -> Worker:
        """An idle worker, or a new one."""
        if self.guard is None:
            # A loop that shuts down closes its generators: workers end even if nobody calls
            # aclose().
            self.guard = self._until_the_loop_ends()
            await anext(self.guard)
        worker = self.idle.pop() if self.idle else await Worker.start()
        self.busy.add(worker)
        return worker

    async def discard(self, worker: Worker) -> None:
        """End a worker for good."""
        self.busy.discard(worker)
        await worker.stop()

    async def close(self) -> None:
        """End all workers."""
        while self.idle:
            await self.idle.pop().stop()
        for worker in tuple(self.busy):  # who waits for these tidies up after them
            worker.kill()
            await worker.gone()
        guard, self.guard = self.guard, None
        if guard is not None:
            await guard.aclose()

    async def _until_the_loop_ends(self) -> AsyncGenerator[None]:
        try:
            yield
        finally:
            self.guard = None
            await self.close()


class SketchBackend(Closing):
    """Paints storybook pictures from the words of a prompt: no model, no network, no waiting.

    The painting happens in child processes, so the event loop is never held up. They start when
    they are first needed, stay for the next picture, and end with `aclose` (or with the event
    loop). The same prompt, size and seed give the same picture.

    Args:
        workers: How many pictures may be painted at once; by default as many as there are CPUs
            this process may use. Further calls wait for their turn.

    Raises:
        ValueError: `workers` is less than 1.

    Example::

        async with SketchBackend() as sketch:
            image = await sketch.generate(ImageRequest(prompt="a small fox in the snow"))
    """

    def __init__(self, *, workers: int | None = None) -> None:
        if workers is not None and workers < 1:
            raise ValueError(f"workers must be at least 1, not {workers}")
        self._workers = workers or _cpus()
        self._pools: dict[asyncio.AbstractEventLoop, _WorkerPool] = {}
        self._closed = False

    @property
    def identity(self) -> str:
        """What makes its pictures besides the request: they are kept and shared by it.

        >>> SketchBackend(workers=1).identity == SketchBackend(workers=2).identity
        True
        """
        return f"{NAME}:{EDITION}"

    async def aclose(self) -> None:
        """End the worker processes and wait until they are gone. Safe to call twice.

        Pictures still being painted fail with `limner.errors.BackendUnavailable`.
        """
        self._closed = True
        pool = self._pools.pop(asyncio.get_running_loop(), None)
        if pool is not None:
            await pool.close()

    async def generate(self, request: ImageRequest) -> Image:
        """Paint one picture.

        Cancelling the call ends the worker process that paints it, and waits until it is gone.

        Args:
            request: What to paint. The negative prompt and the attributes are not used.

        Returns:
            A WebP picture of exactly the size asked for; its `info` names the backend, the
            scene and the subjects that were understood.

        Raises:
            limner.errors.BackendUnavailable: The backend is closed, or the painting failed twice.
        """
        self._check_open()
        pool = self._pool()
        async with pool.turns:
            self._check_open()
            painted = await self._painted_at_last(pool, request)
        return Image(
            data=painted.data,
            media_type="image/webp",
            width=request.width,
            height=request.height,
            seed=painted.seed,
            info=MappingProxyType(
                {"backend": NAME, "subjects": painted.subjects, "scene": painted.place}
            ),
        )

    async def _painted_at_last(self, pool: _WorkerPool, request: ImageRequest) -> Painted:
        """What a worker gave; one that dies is replaced once, as it may be ended from outside."""
        job = Job(_encodable(request.prompt), request.width, request.height, request.seed)
        try:
            return await self._painted(pool, job, request)
        except WorkerDied:
            self._check_open()
        try:
            return await self._painted(pool, job, request)
        except WorkerDied as death:
            self._check_open()
            raise BackendUnavailable(
                f"the painter stopped twice while at this picture: {death}", server=NAME
            ) from death

    async def _worker(self, pool: _WorkerPool) -> Worker:
        try:
            return await pool.acquire()
        except OSError as error:
            raise BackendUnavailable(
                f"no worker process can be started: {error}", server=NAME
            ) from error

    async def _painted(self, pool: _WorkerPool, job: Job, request: ImageRequest) -> Painted:
        def progress(fraction: float) -> None:
            if request.progress is not None:
                request.progress(fraction, None)

        worker = await self._worker(pool)
        try:
            self._check_open()
            answer = await worker.paint(job, progress)
        except BaseException:
            await pool.discard(worker)
            raise
        pool.busy.discard(worker)
        pool.idle.append(worker)
        if isinstance(answer, Fault):
            raise BackendUnavailable(
                f"the painter failed at this picture: {answer.reason}", server=NAME
            )
        return answer

    def _pool(self) -> _WorkerPool:
        """The workers of the running loop; those of loops that are closed are forgotten."""
        loop = asyncio.get_running_loop()
        self._pools = {known: pool for known, pool in self._pools.items() if not known.is_closed()}
        return self._pools.setdefault(loop, _WorkerPool(self._workers))

    def _check_open(self) -> None:
        if self._closed:
            raise BackendUnavailable(
                "this SketchBackend has been closed; make a new one", server=NAME
            )


def _cpus() -> int:
    """How many CPUs this process may use."""
    if sys.platform == "linux":
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _encodable(prompt: str) -> str:
    """The prompt without lone surrogates, which no encoding can carry."""
    return prompt.encode("utf-8", "replace").decode("utf-8")
