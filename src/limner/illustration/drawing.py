"""The one way to a picture, streamed or manual: request, global limiter, backend, deadline."""

import asyncio
import uuid
from collections.abc import Callable

from limner.errors import BackendBusy, BackendTimeout, BadPicture
from limner.illustration.image import Image, ImageRequest, ProgressSink
from limner.illustration.ports import ImageBackend
from limner.illustration.request import RequestDefaults, build_request
from limner.illustration.second_try import cooling
from limner.illustration.slot import Slot
from limner.scheduling import Limiter

STREAMED_PRIORITY, MANUAL_PRIORITY = 5, 4
"""A reader who clicks waits for that one picture, so it goes before those of the stream."""


class Drawing:
    """Draws the pictures of slots through the limiter that all pictures share.

    Args:
        backend: What draws.
        limiter: Decides when; every picture of every chat goes through it.
        defaults: What a picture is like unless its tag says otherwise.
        timeout: Seconds one picture may take once it was started; ``None`` for no bound.
    """

    def __init__(
        self,
        backend: ImageBackend,
        limiter: Limiter,
        *,
        defaults: RequestDefaults,
        timeout: float | None,
    ) -> None:
        if timeout is not None and not timeout > 0:
            raise ValueError(f"the picture timeout must be more than 0 seconds, not {timeout}")
        self._backend = backend
        self._limiter = limiter
        self._defaults = defaults
        self._timeout = timeout

    async def draw(
        self,
        slot: Slot,
        *,
        attempt: int = 0,
        owner: str | None = None,
        tags: tuple[str, ...] = (),
        priority: int = STREAMED_PRIORITY,
        on_start: Callable[[], None] | None = None,
        on_progress: ProgressSink | None = None,
    ) -> Image:
        """Draw the slot's prompt.

        Cancelling this call takes the job out of the limiter's queue, or reaches the backend and
        frees the limiter's slot when the backend has really stopped.

        Args:
            slot: What to draw, and its tag's attributes.
            attempt: Which drawing of this slot it is, from 0.
            owner: For whom, in the limiter's sense.
            tags: To find the job in the limiter.
            priority: In the limiter's sense.
            on_start: Called when the limiter lets it start.
            on_progress: Told how far it is, with a fraction from 0 to 1.

        Raises:
            limner.errors.BackendError: It could not be drawn. A server that is busy and says
                for how long (`BackendCooling`) cools the limiter down; whether the picture is
                then tried again is for the limiter's ``retry`` to say, such as `second_try`.
            limner.errors.SchedulingError: The limiter dropped or refused it.
        """

        def report(fraction: float, preview: bytes | None = None) -> None:
            if on_progress is not None:
                on_progress(min(max(fraction, 0.0), 1.0), preview)

        request = build_request(
            slot.prompt,
            slot.tag.attributes,
            self._defaults,
            occurrence=(slot.id.ordinal, attempt),
            progress=report,
        )
        return await self._limiter.run(
            self._start,
            request,
            on_start,
            priority=priority,
            # Never the prompt or the slot alone: equal prompts and repeated clicks are jobs of
            # their own.
            id=f"{slot.id}#{uuid.uuid4().hex[:12]}",
            owner=owner,
            tags=tags,
        )

    async def _start(self, request: ImageRequest, on_start: Callable[[], None] | None) -> Image:
        if on_start is not None:
            on_start()
        deadline = asyncio.timeout(self._timeout)
        try:
            async with deadline:
                image = await self._backend.generate(request)
        except TimeoutError as error:
            if not deadline.expired():
                raise
            raise BackendTimeout(f"no picture after {self._timeout:g} s") from error
        except BackendBusy as busy:
            raise cooling(busy) from busy.__cause__
        if not isinstance(image, Image) or not image.data:
            raise BadPicture(f"the backend gave {type(image).__name__} without a picture in it")
        return image
