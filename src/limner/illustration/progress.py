"""How far the pictures of a message are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil

from limner.illustration.slot import SlotState


@dataclass(frozen=True, slots=True)
class Progress:
    """A snapshot of how many pictures stand where.

    The total grows while tags arrive, and ``ready + failed + drawing + queued == total`` always.

    Attributes:
        total: Pictures asked for so far.
        ready: Made.
        failed: Given up, each with its reason.
        drawing: Being made now.
        queued: Waiting for the limiter.
        eta: Estimated seconds until all asked for so far have ended; ``None`` if unknown.
    """

    total: int
    ready: int
    failed: int
    drawing: int
    queued: int
    eta: float | None = None

    @classmethod
    def of(cls, counts: Mapping[SlotState, int], *, durations: Sequence[float] = ()) -> "Progress":
        """Count the states and estimate the rest from how long pictures took so far.

        The estimate supposes that as many pictures are drawn side by side as are being drawn now,
        and that those are half done on average.

        Args:
            counts: How many slots stand in each state.
            durations: Seconds that finished pictures took.

        Example:
            >>> counts = {SlotState.READY: 2, SlotState.DRAWING: 2, SlotState.QUEUED: 4}
            >>> Progress.of(counts, durations=[3.0, 5.0])
            Progress(total=8, ready=2, failed=0, drawing=2, queued=4, eta=10.0)
        """
        drawing, queued = counts.get(SlotState.DRAWING, 0), counts.get(SlotState.QUEUED, 0)
        eta: float | None = None
        if not drawing and not queued:
            eta = 0.0
        elif durations:
            mean = sum(durations) / len(durations)
            eta = mean * ((0.5 if drawing else 0.0) + ceil(queued / max(drawing, 1)))
        return cls(
            total=sum(counts.values()),
            ready=counts.get(SlotState.READY, 0),
            failed=counts.get(SlotState.FAILED, 0),
            drawing=drawing,
            queued=queued,
            eta=eta,
        )
