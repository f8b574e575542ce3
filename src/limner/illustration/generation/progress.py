"""How far the pictures of a message are."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from math import ceil

from limner.illustration.model.slot import SlotState


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

    @property
    def ended(self) -> int:
        """How many came to their end, one way or the other."""
        return self.ready + self.failed

    @classmethod
    def of(
        cls,
        counts: Mapping[SlotState, int],
        *,
        durations: Collection[float] = (),
        starts_in: float | None = None,
    ) -> "Progress":
        """Count the states and estimate the rest from how long pictures took so far.

        Where nobody knows when the last one starts, the estimate supposes that as many pictures
        are drawn side by side as are being drawn now, and that those are half done on average.

        Args:
            counts: How many slots stand in each state. Deleted ones do not count.
            durations: Seconds that finished pictures took.
            starts_in: Seconds until the last of those that wait starts, if that is foreseen.

        Examples:
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
            if queued and starts_in is not None:
                eta = starts_in + mean
            else:
                eta = mean * ((0.5 if drawing else 0.0) + ceil(queued / max(drawing, 1)))
        ready, failed = counts.get(SlotState.READY, 0), counts.get(SlotState.FAILED, 0)
        return cls(
            total=ready + failed + drawing + queued,
            ready=ready,
            failed=failed,
            drawing=drawing,
            queued=queued,
            eta=eta,
        )
