"""Metrics of the limiter: how many pictures wait and run, how long, and how they ended."""

from collections.abc import Iterable

from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from limner.illustration.generation.waiting import waiting_for
from limner.scheduling import Done, Failed, JobState, Limiter, Retried

_WAITS = (0.01, 0.1, 0.5, 1.0, 5.0, 15.0, 60.0, 300.0, 1800.0)
_TIMES = (0.1, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 60.0, 180.0, 600.0)
_QUEUE = {
    "waiting": (JobState.RECEIVED, JobState.QUEUED),
    "drawing": (JobState.RUNNING, JobState.EXECUTING),
}


class PictureMetrics:
    """Listens to a limiter, until `close`.

    Args:
        registry: Where the figures are.
        limiter: Through which every picture goes.
    """

    def __init__(self, registry: CollectorRegistry, limiter: Limiter) -> None:
        self._ended = Counter(
            "limner_pictures", "Pictures that have ended, by how.", ["outcome"], registry=registry
        )
        self._failed = Counter(
            "limner_picture_failures", "Failed attempts, by the kind of error.", ["kind"],
            registry=registry,
        )  # fmt: skip
        self._retried = Counter(
            "limner_picture_retries", "Attempts that were followed by another.", registry=registry
        )
        self._waits = Histogram(
            "limner_picture_wait_seconds", "From being asked for to the start.", buckets=_WAITS,
            registry=registry,
        )  # fmt: skip
        self._times = Histogram(
            "limner_picture_seconds", "From the start to the end.", buckets=_TIMES,
            registry=registry,
        )  # fmt: skip
        registry.register(_Queue(limiter))
        self._unsubscribe = [
            limiter.on(Done, self._done),
            limiter.on(Failed, self._fail),
            limiter.on(Retried, lambda event: self._retried.inc()),
        ]

    def close(self) -> None:
        """Listen no longer."""
        for unsubscribe in self._unsubscribe:
            unsubscribe()

    def _done(self, event: Done) -> None:
        job = event.job
        self._ended.labels(job.outcome.name.lower() if job.outcome else "unknown").inc()
        if job.started_at is not None and job.received_at is not None:
            self._waits.observe(max(job.started_at - job.received_at, 0.0))
            if job.ended_at is not None:
                self._times.observe(max(job.ended_at - job.started_at, 0.0))

    def _fail(self, event: Failed) -> None:
        self._failed.labels(type(event.error).__name__).inc()


class _Queue(Collector):
    """The queue at the instant of being asked."""

    def __init__(self, limiter: Limiter) -> None:
        self._limiter = limiter

    def collect(self) -> Iterable[Metric]:
        """The figures."""
        depth = GaugeMetricFamily(
            "limner_queue_pictures", "Pictures that wait or are drawn.", labels=["state"]
        )
        counts = self._limiter.counts()
        for name, states in _QUEUE.items():
            depth.add_metric([name], sum(counts.get(state, 0) for state in states))
        yield depth
        paused = GaugeMetricFamily("limner_queue_paused", "Whether no picture is begun.")
        paused.add_metric([], float(bool(self._limiter.paused)))
        yield paused
        held = GaugeMetricFamily(
            "limner_queue_held_seconds",
            "For how long no picture is begun, and why; nothing where that is not known.",
            labels=["reason"],
        )
        wait = waiting_for(self._limiter)
        left = None if wait is None else wait.left(self._limiter.now)
        if wait is not None and left is not None:
            held.add_metric([wait.reason], left)
        yield held
