"""Where a request becomes a picture: in its turn, and for as long as the server shows life."""

import logging
import uuid
from dataclasses import replace
from types import MappingProxyType

from limner.errors import BackendBusy, BackendError, BadPicture, LeaseLost
from limner.illustration.generation.budget import Budget
from limner.illustration.generation.budget_guard import BudgetGuard, Reservation
from limner.illustration.generation.easel.draw_context import DrawContext
from limner.illustration.generation.patience import Patience
from limner.illustration.generation.retry_policy import (
    AcquaintedRetry,
    SteeredRetry,
    cooling,
    noticing,
)
from limner.illustration.generation.single_flight import Flight
from limner.illustration.model.image import Image, ImageRequest
from limner.illustration.model.slot import SlotId
from limner.illustration.ports import ImageBackend
from limner.scheduling import Limiter

log = logging.getLogger(__name__)


class Easel:
    """Has requests drawn through the limiter that all pictures share.

    Args:
        backend: What draws.
        limiter: Decides when.
        patience: How long a picture is waited for.
        budget: Bounds how many are drawn; by default nothing does.
    """

    def __init__(
        self,
        backend: ImageBackend,
        limiter: Limiter,
        *,
        patience: Patience,
        budget: BudgetGuard | None = None,
    ) -> None:
        self.limiter = limiter
        self.patience = patience
        self._backend = backend
        self._budget = budget or BudgetGuard(Budget(), None, lambda: 0.0)
        self._slots: dict[str, SlotId] = {}

    async def draw(
        self, slot_id: SlotId, request: ImageRequest, context: DrawContext, flight: Flight
    ) -> Image:
        """Have it drawn; where the limits are shared and its place was lost, in another place."""
        while True:
            try:
                return await self._in_its_place(slot_id, request, context, flight)
            except LeaseLost as lost:
                flight.stop()
                log.warning("the picture of %s is drawn again: %s", slot_id, lost)

    async def _in_its_place(
        self, slot_id: SlotId, request: ImageRequest, context: DrawContext, flight: Flight
    ) -> Image:
        async with self._budget.reserve(slot_id.message_id, context.owner) as reservation:
            # Never the prompt or the slot alone: equal prompts and repeated clicks are jobs of
            # their own.
            job_id = f"{slot_id}#{uuid.uuid4().hex[:12]}"
            self._slots[job_id] = slot_id
            flight.queued(job_id)
            try:
                with context.urgency.job(self.limiter, job_id, context.priority) as priority:
                    return await self.limiter.run(
                        self._start,
                        request,
                        flight,
                        reservation,
                        priority=priority,
                        id=job_id,
                        owner=context.owner,
                        tags=context.tags,
                    )
            finally:
                del self._slots[job_id]

    def slot_of(self, job_id: str) -> SlotId | None:
        """The slot for which a job of the limiter was begun, until that job has ended."""
        return self._slots.get(job_id)

    async def _start(
        self, request: ImageRequest, flight: Flight, reservation: Reservation
    ) -> Image:
        await self._budget.use(reservation)
        flight.start()
        retry = self.limiter.limits.retry
        try:
            async with self.patience.watch(flight.sign) as watch:
                if isinstance(retry, AcquaintedRetry):
                    request = noticing(request, retry.met)
                with reservation.timed():
                    image = await self._backend.generate(watch.watched(request))
                if isinstance(image, Image):
                    reservation.drawn(image)
                    image = _timed(image, reservation.seconds)
        except BackendBusy as busy:
            flight.stop()
            if isinstance(retry, SteeredRetry):
                raise
            raise cooling(busy) from busy.__cause__
        except BackendError:
            flight.stop()
            raise
        finally:
            # While it still has its place, so that the next one knows what is left.
            self._budget.tell(reservation)
        if isinstance(retry, AcquaintedRetry):
            retry.met()
        if not isinstance(image, Image) or not image.data:
            raise BadPicture(f"the backend gave {type(image).__name__} without a picture in it")
        return image


def _timed(image: Image, seconds: float) -> Image:
    """The picture, which also tells how long it was drawn, unless its server has told that."""
    if "seconds" in image.info:
        return image
    return replace(image, info=MappingProxyType({**image.info, "seconds": round(seconds, 3)}))
