"""What a backend, a store or a source of text may be able to do besides its duty.

Each is a small protocol; whoever has its members can it, and `isinstance` tells. A wrapper around a
backend says what it is itself and leads to the rest by `inner` (see `unwrapped`).
"""

from collections.abc import Mapping, Sequence
from typing import Protocol, runtime_checkable

from limner.illustration.model.cost import Price
from limner.illustration.ports import ImageBackend


@runtime_checkable
class Closable(Protocol):
    """Holds something that must be given back."""

    async def aclose(self) -> None:
        """Give it back. Twice is fine."""
        ...


async def close(thing: object) -> None:
    """Close what can be closed; nothing happens to anything else.

    Examples:
        >>> import asyncio
        >>> asyncio.run(close("a plain text"))
    """
    if isinstance(thing, Closable):
        await thing.aclose()


@runtime_checkable
class HasIdentity(Protocol):
    """A backend whose pictures can be known again."""

    @property
    def identity(self) -> str | None:
        """A fingerprint of all that changes its pictures besides the request, without secrets.

        Kind, server, model and options. ``None``: there is none now, and nothing may be shared.
        """
        ...


def identity_of(backend: ImageBackend) -> str | None:
    """A backend's fingerprint; ``None`` if it has none: its pictures are kept for nobody else."""
    return backend.identity if isinstance(backend, HasIdentity) else None


@runtime_checkable
class HasPrices(Protocol):
    """A backend of which it is known what a picture will cost."""

    @property
    def prices(self) -> Sequence[Price]:
        """What a picture may cost at present; empty: nobody knows before it is drawn."""
        ...


def prices_of(backend: ImageBackend) -> Sequence[Price]:
    """What a picture of a backend may cost, as far as it, or what stands before it, knows."""
    while not isinstance(backend, HasPrices):
        if not isinstance(backend, BackendWrapper):
            return ()
        backend = backend.inner
    return backend.prices


@runtime_checkable
class HasPlaces(Protocol):
    """A backend that sends what it is given to servers."""

    @property
    def places(self) -> frozenset[str]:
        """Fingerprints of the servers: of their kinds and addresses, and of nothing else."""
        ...


def places_of(backend: ImageBackend) -> frozenset[str]:
    """The servers a backend sends to; none if it draws in this process, or does not tell."""
    backend = unwrapped(backend)
    return backend.places if isinstance(backend, HasPlaces) else frozenset()


@runtime_checkable
class MadeFromAddress(Protocol):
    """A class of backends that are made from an address with options."""

    def from_url(
        self, url: str | None, *, options: Mapping[str, str], key: str | None = None
    ) -> ImageBackend:
        """A backend for ``KIND+URL?option=value``; see `limner.illustration.make_backend`."""
        ...


@runtime_checkable
class BackendWrapper(Protocol):
    """A backend that draws with another one."""

    @property
    def inner(self) -> ImageBackend:
        """The other one."""
        ...


def unwrapped(backend: ImageBackend) -> ImageBackend:
    """What really draws, below all wrappers: ask this one what it can do."""
    while isinstance(backend, BackendWrapper):
        backend = backend.inner
    return backend
