"""How far pictures are, as programs see it."""

from typing import Self

from pydantic import Field

from limner.illustration import Progress
from limner.server.schemas.schema import Schema


class ProgressView(Schema):
    """How many pictures stand where; the parts add up to the total."""

    total: int
    ready: int
    failed: int
    drawing: int
    queued: int
    eta: float | None = Field(description="Estimated seconds until all have ended.")

    @classmethod
    def of(cls, progress: Progress) -> Self:
        """The view of a progress."""
        return cls(
            total=progress.total,
            ready=progress.ready,
            failed=progress.failed,
            drawing=progress.drawing,
            queued=progress.queued,
            eta=progress.eta,
        )
