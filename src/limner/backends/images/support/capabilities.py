"""What a backend of pictures may tell of its server, each as a small protocol.

A backend of limner's own has them all (`limner.backends.images.support.server.PictureServer`);
another package's may have any of them. Ask with `isinstance`, of what
`limner.illustration.capabilities.unwrapped` gives.
"""

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from limner.backends.http.rate_headers import RateHeaders
from limner.backends.images.support.server import ModelInfo, ServerFacts
from limner.illustration.capabilities import unwrapped
from limner.illustration.ports import ImageBackend


@runtime_checkable
class ListsModels(Protocol):
    """Tells what it can draw with."""

    async def models(self) -> Sequence[ModelInfo]:
        """Its models; empty if the server does not tell."""
        ...


@runtime_checkable
class ListsSamplers(Protocol):
    """Tells its samplers."""

    async def samplers(self) -> Sequence[str]:
        """Its samplers; empty if the server has none or does not tell."""
        ...


@runtime_checkable
class Checkable(Protocol):
    """Can be looked at without drawing."""

    async def check(self) -> ServerFacts:
        """What its server is.

        Raises:
            limner.errors.BackendError: It cannot be reached, refuses, or is something else.
        """
        ...


@runtime_checkable
class TellsQuota(Protocol):
    """Hears from its server how much may be asked of it."""

    @property
    def rates(self) -> RateHeaders:
        """The quota as the latest answer told it."""
        ...


@runtime_checkable
class KnowsServer(Protocol):
    """Knows whether its server is there at all."""

    @property
    def met(self) -> bool:
        """Whether the server has ever answered, whatever it said."""
        ...


def has_met(backend: ImageBackend) -> bool:
    """Whether a backend's server has answered in this run, as far as the backend knows."""
    inner = unwrapped(backend)
    return isinstance(inner, KnowsServer) and inner.met


def quota_of(backend: ImageBackend) -> RateHeaders | None:
    """The quota that a backend's server told with its latest answer; ``None``: it never does."""
    inner = unwrapped(backend)
    return inner.rates if isinstance(inner, TellsQuota) else None
