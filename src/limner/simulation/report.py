"""The figures of a run: waits, use, failures, fairness."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, median

from limner.scheduling import Spread
from limner.simulation.cluster.cluster import Lived
from limner.simulation.curve import drawing, waiting
from limner.simulation.fairness import fairness
from limner.simulation.picture import Outcome, Picture


@dataclass(frozen=True, slots=True)
class Report:
    """The figures of one run. All times are seconds.

    Attributes:
        pictures: How many were asked for.
        made, failed, dropped: How they ended.
        attempts: How often drawing began.
        makespan: From 0 to the end of the last picture.
        wait: From a picture's tag to its first start, of those that started.
        typical_wait: The mean wait of the median owner: half of the owners wait less in the mean.
        delay: From a picture's tag to the picture, of those that were made.
        slots: How many pictures could be drawn at once: the limit, or, if there is none, the most
            that ever were.
        utilisation: The share of ``slots * makespan`` in which a slot was held.
        throughput: Pictures made a second, over the makespan.
        longest_queue: The most pictures that were without a slot at one instant.
        fairness: See `fairness`; 1 is fair.
        nodes: What became of nodes; ``None``: there are none.
    """

    pictures: int
    made: int
    failed: int
    dropped: int
    attempts: int
    makespan: float
    wait: Spread
    typical_wait: float
    delay: Spread
    slots: int
    utilisation: float
    throughput: float
    longest_queue: int
    fairness: float
    nodes: "OfNodes | None" = None


@dataclass(frozen=True, slots=True)
class OfNodes:
    """What deaths have cost.

    Attributes:
        died: How many nodes died.
        cut: How many drawings they cut off, each to be made once more.
        back: Seconds until all that one of them cut off was begun again, at most.
    """

    died: int
    cut: int
    back: float


def report(
    pictures: Sequence[Picture], slots: int | None = None, *, lived: Lived | None = None
) -> Report:
    """Compute the figures of a run.

    Args:
        pictures: The record of each picture.
        slots: How many could be drawn at once, if that was limited.
        lived: What became of the nodes, if it was a cluster.

    Examples:
        >>> from limner.simulation import Attempt
        >>> made = [Picture(0, 0.0, 4.0, Outcome.MADE, (Attempt(0.0, 4.0),)),
        ...         Picture(0, 0.0, 8.0, Outcome.MADE, (Attempt(4.0, 8.0),))]
        >>> figures = report(made, slots=1)
        >>> figures.wait.mean, figures.utilisation, figures.longest_queue
        (2.0, 1.0, 1)
    """
    held = [attempt for picture in pictures for attempt in picture.attempts]
    room = slots or int(drawing(pictures).highest)
    makespan = max((picture.ended for picture in pictures), default=0.0)
    made = [picture for picture in pictures if picture.outcome is Outcome.MADE]
    busy = sum(attempt.ended - attempt.began for attempt in held)
    return Report(
        pictures=len(pictures),
        made=len(made),
        failed=sum(picture.outcome is Outcome.FAILED for picture in pictures),
        dropped=sum(picture.outcome is Outcome.DROPPED for picture in pictures),
        attempts=len(held),
        makespan=makespan,
        wait=Spread.of(picture.wait for picture in pictures if picture.wait is not None),
        typical_wait=_typical_wait(pictures),
        delay=Spread.of(picture.ended - picture.requested for picture in made),
        slots=room,
        utilisation=busy / (room * makespan) if room and makespan else 0.0,
        throughput=len(made) / makespan if makespan else 0.0,
        longest_queue=int(waiting(pictures).highest),
        fairness=fairness(pictures),
        nodes=None if lived is None else _of_nodes(lived),
    )


def _of_nodes(lived: Lived) -> OfNodes:
    cut = sum(death.drew for death in lived.deaths)
    return OfNodes(len(lived.deaths), cut, lived.back)


def _typical_wait(pictures: Sequence[Picture]) -> float:
    waits: dict[int, list[float]] = defaultdict(list)
    for picture in pictures:
        if picture.wait is not None:
            waits[picture.owner].append(picture.wait)
    return median(fmean(own) for own in waits.values()) if waits else 0.0
