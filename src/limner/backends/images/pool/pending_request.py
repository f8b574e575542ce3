"""A picture that waits for a member of a pool, or is drawn by one."""

import asyncio
from contextvars import Context, copy_context
from dataclasses import dataclass, field, replace

from limner.backends.images.pool.active_member import ActiveMember
from limner.illustration.model.image import Image, ImageRequest, Whereabouts
from limner.scheduling import Job


@dataclass(slots=True, eq=False)
class PendingRequest:
    """One call of `PoolBackend.generate`.

    Attributes:
        number: Its place: whoever came first goes first, also after a member failed.
        request: What is asked for.
        model: The model it wants, ``""`` for any.
        turn: Done when it has a member, with that; failed when it gets none.
        job: Its job at the member.
        failed_on: What members failed at it with, by their names.
        refusals: How often a member was too busy for it.
        gives_up_at: When it stops waiting for members that are down.
        context: The caller's, in which it is drawn.
    """

    number: int
    request: ImageRequest
    model: str
    turn: "asyncio.Future[ActiveMember]"
    job: Job[Image] | None = None
    failed_on: dict[str, Exception] = field(default_factory=dict)
    refusals: int = 0
    gives_up_at: float | None = None
    context: Context = field(default_factory=copy_context)

    @property
    def left_at(self) -> str | None:
        """The server that has been asked for it by somebody who died, until it is looked there."""
        errand = self.request.errand
        return None if errand is None else errand.place

    def tell(self, place: Whereabouts) -> None:
        """Tell where it is."""
        if self.request.whereabouts is not None:
            self.request.whereabouts(place)

    def at(self, member: str) -> ImageRequest:
        """The request for a member, whose news say whose they are."""
        self.tell(Whereabouts(server=member))
        return replace(
            self.request,
            whereabouts=lambda place: self.tell(replace(place, server=member)),
        )
