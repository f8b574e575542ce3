"""What is told of a picture as spans: that it waits for its turn, is drawn, and is kept.

A picture's span goes from its being asked for to its being kept. In it stand each wait for a
permit, each try at a server, and the keeping. It never holds a prompt unless that is wished, nor an
error's words, which may quote one.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from functools import partial

from limner.illustration.capabilities import close, identity_of
from limner.illustration.generation.single_flight import Watcher
from limner.illustration.model.image import Image, ImageRequest
from limner.illustration.ports import ImageBackend
from limner.tracing import NO_FACTS, NOWHERE, Carrier, Facts, Part, Span, Tracer

PICTURE, WAIT, DRAW, ORDER, KEEP = (
    "limner.picture", "limner.picture.wait", "limner.picture.draw", "limner.picture.order",
    "limner.picture.keep",
)  # fmt: skip
"""The names of the spans."""


class PictureSpan:
    """The span of one picture, and what happens in it.

    Args:
        tracer: Begins the spans in it.
        span: It.
    """

    def __init__(self, tracer: Tracer, span: Span) -> None:
        self._tracer = tracer
        self._span = span
        self._home = tracer.here()
        self._waiting: Span | None = None
        self._job_id = ""
        self.attempts = 0
        """How often a server was asked."""

    def beside(self, watcher: Watcher) -> Watcher:
        """Who hears what another hears, and tells of each wait for a permit."""
        return Watcher(
            on_queued=partial(_both, self._queued, watcher.on_queued),
            on_start=partial(_both, self._started, watcher.on_start),
            on_stop=partial(_both, self._stopped, watcher.on_stop),
            on_progress=watcher.on_progress,
            on_sign=watcher.on_sign,
        )

    def keeping(self) -> AbstractContextManager[Span]:
        """That it is being kept, for the time of the block."""
        return self._tracer.span(KEEP, parent=self._home)

    def tried(self) -> int:
        """One more try; which it is, from 1."""
        self.attempts += 1
        return self.attempts

    def delivered(self, kept: bool, failure: str | None) -> None:
        """Tell what has come of it where nobody raises it.

        Args:
            kept: Whether that counts; else another has drawn it, or nobody wants it.
            failure: The kind of error; ``None``: there is a picture.
        """
        if failure is not None:
            self._span.failed(failure)
        self._span.add({"limner.kept": kept})

    def ended(self) -> None:
        """Nothing more comes."""
        self._wait_no_more()
        self._span.add({"limner.attempts": self.attempts, "limner.queued": bool(self._job_id)})

    def _queued(self, job_id: str) -> None:
        self._job_id = job_id
        self._wait()

    def _started(self) -> None:
        self._wait_no_more()

    def _stopped(self) -> None:
        self._wait()

    def _wait(self) -> None:
        self._wait_no_more()
        # Whoever tells of a picture that several wait for tells it in one of their places.
        facts: Facts = {"limner.job": self._job_id, "limner.attempt": self.attempts + 1}
        self._waiting = self._tracer.begin(WAIT, facts=facts, parent=self._home)

    def _wait_no_more(self) -> None:
        waiting, self._waiting = self._waiting, None
        if waiting is not None:
            waiting.end()


class PictureSpans:
    """Tells of pictures.

    Args:
        tracer: Who is told.
        prompts: Whether prompts are told.
    """

    def __init__(self, tracer: Tracer, *, prompts: bool = False) -> None:
        self.tracer = tracer
        self._prompts = prompts
        self._current: ContextVar[PictureSpan | None] = ContextVar("picture", default=None)

    @contextmanager
    def picture(
        self,
        prompt: str,
        facts: Facts,
        *,
        part: Part = Part.INSIDE,
        parent: Carrier = NOWHERE,
        links: Sequence[Carrier] = (),
    ) -> Iterator[PictureSpan]:
        """Tell of a picture for the time of the block.

        Args:
            prompt: What is drawn, told if that is wished.
            facts: What is known of it.
            part: As for `limner.tracing.Tracer.span`, as are all others.
            parent: What it is a part of.
            links: What it has to do with.
        """
        told = {**facts, "limner.prompt": prompt} if self._prompts else facts
        with self.tracer.span(PICTURE, part=part, facts=told, parent=parent, links=links) as span:
            here = PictureSpan(self.tracer, span)
            before = self._current.set(here)
            try:
                yield here
            finally:
                here.ended()
                self._current.reset(before)

    def drawn_by(
        self, backend: ImageBackend, facts: Facts = NO_FACTS, *, elsewhere: bool = False
    ) -> ImageBackend:
        """A backend that tells of each picture it is asked for.

        Args:
            backend: Draws.
            facts: Which server it is.
            elsewhere: Whether it has another limner draw, whose spans are a part of its own.
        """
        return _Told(backend, facts, self, *((ORDER, Part.PRODUCER) if elsewhere else ()))

    def trying(self) -> Facts:
        """Which try of a picture this is, where it is one."""
        here = self._current.get()
        return NO_FACTS if here is None else {"limner.attempt": here.tried()}


class _Told:
    """Draws with another backend, and tells of it; all else is that backend's.

    Attributes:
        inner: The other backend (see `limner.illustration.capabilities.unwrapped`).
    """

    def __init__(
        self,
        backend: ImageBackend,
        facts: Facts,
        spans: PictureSpans,
        name: str = DRAW,
        part: Part = Part.CLIENT,
    ) -> None:
        self.inner = backend
        self._facts = facts
        self._spans = spans
        self._name, self._part = name, part

    def __repr__(self) -> str:
        return repr(self.inner)

    @property
    def identity(self) -> str | None:
        """The other backend's."""
        return identity_of(self.inner)

    async def aclose(self) -> None:
        """Close the other backend."""
        await close(self.inner)

    async def generate(self, request: ImageRequest) -> Image:
        """Draw; see `limner.illustration.ImageBackend`."""
        size = {"limner.width": request.width, "limner.height": request.height}
        facts = {**self._facts, **self._spans.trying(), **size}
        with self._spans.tracer.span(self._name, part=self._part, facts=facts) as span:
            image = await self.inner.generate(request)
            span.add({"limner.outcome": "drawn"})
            return image


def _both(mine: Callable[..., None], theirs: Callable[..., None] | None, *told: str) -> None:
    mine(*told)
    if theirs is not None:
        theirs(*told)
