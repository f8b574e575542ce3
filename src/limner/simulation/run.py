"""A workload goes through a real limiter, in virtual time."""

from collections import deque
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext, suppress

from limner.errors import BackendError, ConfigError, SchedulingError
from limner.illustration import second_try
from limner.scheduling import Job, JobState, Limiter
from limner.simulation.arrivals import requests
from limner.simulation.chance import chance_of
from limner.simulation.cluster.cluster import Cluster, Lived
from limner.simulation.instant import until
from limner.simulation.limit_set import LimitSet
from limner.simulation.picture import OUTCOMES, Outcome, Picture
from limner.simulation.serving import Serving
from limner.simulation.under_way import Drawing, DrawingFailed
from limner.simulation.workload import Workload
from limner.virtual_time import Deadlock, run_virtual

Steered = Callable[[Limiter], AbstractContextManager[object]]
"""Steers a limiter, for the time of a block, by what the server behind it bears."""


class _Run:
    """One run: the requests go in as their time comes, the records come out in the same order."""

    def __init__(self, workload: Workload, limiter: Limiter) -> None:
        self._workload = workload
        self._limiter = limiter
        self._server = None if workload.server is None else Serving(workload.server)
        self._open: deque[tuple[Drawing, Job[None]]] = deque()
        self._pictures: list[Picture] = []
        self.left = 0
        """Pictures that had not ended when the run was broken off."""

    async def main(self) -> list[Picture]:
        try:
            return await self._all()
        except BaseException:
            self.left = sum(job.state is not JobState.DONE for _, job in self._open)
            # Whoever is interrupted stops the limiter, else each slot that is given back starts
            # another job that nobody would see to its end.
            await self._limiter.stop(timeout=0)
            raise

    async def _all(self) -> list[Picture]:
        pictures = self._workload.pictures
        for request in requests(self._workload):
            await until(request.at)
            drawing = Drawing(request, self._workload, self._server)
            job = self._limiter.submit(
                drawing.draw,
                owner=request.owner,
                expiration=pictures.expiration,
                queue_timeout=pictures.queue_timeout,
            )
            self._open.append((drawing, job))
            while self._open and self._open[0][1].state is JobState.DONE:
                await self._close()
        while self._open:
            await self._close()
        return self._pictures

    async def _close(self) -> None:
        """Wait for the oldest picture that is still open, and record it."""
        drawing, job = self._open[0]
        with suppress(DrawingFailed, BackendError, SchedulingError):  # its outcome says so
            await job
        self._open.popleft()
        if job.outcome is None or job.ended_at is None:
            raise AssertionError(f"{job!r} was awaited and has not ended")
        outcome = OUTCOMES.get(job.outcome, Outcome.FAILED)
        self._pictures.append(drawing.picture(job.ended_at, outcome))


def simulate(
    workload: Workload, limits: LimitSet, *, steered: Steered | None = None
) -> list[Picture]:
    """Run a workload through a limiter to the last picture, in virtual time.

    Args:
        workload: The traffic.
        limits: What the limiter keeps to.
        steered: Steers the limiter by what the server bears, if there is a server, such as
            `limner.backends.images.learning.LearnedLimits`. What the server refuses is tried again
            as `illustrate` does it, unless the limits have a ``retry``.

    Returns:
        A record of each picture, in the order of their requests. The same arguments give the same
        records.

    Raises:
        limner.errors.ConfigError: Some pictures could never start under these limits.
        limner.errors.Overweight: No picture at all could.

    Examples:
        >>> from limner.simulation import scenario_from
        >>> scenario = scenario_from({
        ...     "duration": "1m",
        ...     "users": {"count": 1, "answers_per_hour": 60, "arrivals": "fixed"},
        ...     "answers": {"tags": 2, "writing_time": "0s"},
        ...     "pictures": {"time": "4s"},
        ...     "limits": {"max_concurrent": 1},
        ... })
        >>> [picture.ended for picture in simulate(scenario.workload, scenario.limits[0])]
        [4.0, 8.0]
    """
    return simulate_nodes(workload, limits, steered=steered).pictures


def simulate_nodes(
    workload: Workload, limits: LimitSet, *, steered: Steered | None = None
) -> Lived:
    """The same, with the deaths of the workload's nodes, if it has any.

    A limiter of many nodes does not learn what a server bears, so nothing is steered there.

    Args:
        workload: As for `simulate`.
        limits: Likewise.
        steered: Likewise.

    Raises:
        ConfigError: As `simulate`.
    """
    run: _Run | Cluster | None = None

    async def main() -> Lived:
        nonlocal run
        if workload.nodes is not None:
            run = Cluster(workload.nodes, workload, limits)
            return await run.main()
        limiter = limits.limiter(chance_of(workload.seed, "retries").random)
        run = _Run(workload, limiter)
        if workload.server is None:
            return Lived(await run.main(), [])
        if "retry" not in limits.options:
            limiter.update(retry=second_try)
        with steered(limiter) if steered is not None else nullcontext():
            return Lived(await run.main(), [])

    try:
        return run_virtual(main())
    except Deadlock:
        if run is None or not run.left:
            raise
        raise ConfigError(
            f"{run.left} pictures can never start under these limits ({limits.label}): "
            "give them a limit that opens again"
        ) from None
