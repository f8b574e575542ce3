"""Each picture server by itself."""

import asyncio
import time

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from limner.illustration import Image, ImageBackend, ImageRequest
from limner.illustration.capabilities import close, identity_of

_TIMES = (0.1, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 60.0, 180.0, 600.0)


class BackendMetrics:
    """Measures backends.

    Args:
        registry: Where the figures are.
    """

    def __init__(self, registry: CollectorRegistry) -> None:
        self.drawing = Gauge(
            "limner_backend_drawing", "Pictures a server draws now.", ["backend"],
            registry=registry,
        )  # fmt: skip
        self.seconds = Histogram(
            "limner_backend_seconds", "How long a server took for a picture.", ["backend"],
            buckets=_TIMES, registry=registry,
        )  # fmt: skip
        self.failures = Counter(
            "limner_backend_failures", "Pictures a server did not make, by the kind of error.",
            ["backend", "kind"], registry=registry,
        )  # fmt: skip

    def measured(self, backend: ImageBackend, name: str) -> ImageBackend:
        """The backend, measured under a name that is fit to be shown."""
        return _Measured(backend, name, self)


class _Measured:
    """Draws with another backend, and takes the time; all else is that backend's.

    Attributes:
        inner: The other backend (see `limner.illustration.capabilities.unwrapped`).
    """

    def __init__(self, backend: ImageBackend, name: str, metrics: BackendMetrics) -> None:
        self.inner = backend
        self._name = name
        self._metrics = metrics

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
        metrics, began = self._metrics, time.monotonic()
        with metrics.drawing.labels(self._name).track_inprogress():
            try:
                image = await self.inner.generate(request)
            except asyncio.CancelledError:
                metrics.failures.labels(self._name, "cancelled").inc()
                raise
            except Exception as error:
                metrics.failures.labels(self._name, type(error).__name__).inc()
                raise
        metrics.seconds.labels(self._name).observe(time.monotonic() - began)
        return image
