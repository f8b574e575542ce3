"""Which picture backend a command draws with, from its option and the settings."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial

import typer

from limner.config import Settings
from limner.illustration import BackendAddress, ImageBackend, backend_names, make_backend
from limner.scheduling import Limiter


def joined(given: list[str] | None) -> str | None:
    """Several ``--backend`` as one address: together they draw as a pool.

    Example:
        >>> joined(["a1111+http://desk:7860", "horde"])
        'a1111+http://desk:7860,horde'
    """
    return ",".join(given) if given else None


def choose_backend(given: str | None, settings: Settings) -> Callable[[], ImageBackend]:
    """What makes the backend. It is tried here, so that a mistake ends the command before any work.

    Keys and options come from the settings, by kind. Several addresses, with commas between them,
    make a pool.

    Args:
        given: The command's ``--backend``, which goes before the settings'.
        settings: The settings.

    Raises:
        limner.errors.UnknownBackend: There is none of this name, or the kind is missing.
        limner.errors.ConfigError: An option is unknown or wrong.
        limner.errors.BackendRejected: The address or the key cannot be used.
    """
    addresses = _addresses(given or ",".join(settings.backends) or settings.backend)
    make = partial(_make, addresses, settings)
    make()
    if given is not None and any(BackendAddress.parse(one).password for one in addresses):
        typer.echo(
            "limner: a password on the command line can be read by everybody on this machine; "
            "set LIMNER_BACKEND_KEY instead",
            err=True,
        )
    return make


def _addresses(backend: str) -> list[str]:
    """The servers that an address names."""
    if "," not in backend:
        return [backend]
    from limner.backends.images.pool import pool_addresses

    return pool_addresses([backend])


def _make(addresses: list[str], settings: Settings) -> ImageBackend:
    def one(address: str) -> ImageBackend:
        kind = BackendAddress.parse(address, kinds=backend_names()).kind
        return make_backend(address, options=settings.options_of(kind), key=settings.key_of(kind))

    if len(addresses) == 1:
        return one(addresses[0])
    # Imported here: most people have one server.
    from limner.backends.images.pool import make_pool

    return make_pool(addresses, one)


def without_password(backend: str) -> str | None:
    """A backend's address as it can be kept; ``None`` if a password stands in it.

    Example:
        >>> without_password("a1111+http://host:7860?steps=9")
        'a1111+http://host:7860?steps=9'
        >>> without_password("a1111+http://me:secret@host:7860") is None
        True
    """
    passwords = (BackendAddress.parse(one).password for one in _addresses(backend))
    return None if any(passwords) else backend


@asynccontextmanager
async def learning(
    limiter: Limiter, backend: ImageBackend
) -> AsyncIterator[Callable[[], str | None]]:
    """Keep the limiter just below what makes the server refuse, for the time of the block.

    A pool does so by itself, member by member; what draws on this machine refuses nothing.

    Yields:
        Tells what was learnt so far, as a sentence; ``None``: nothing.
    """
    from limner.backends.images.learning import LearnedLimits
    from limner.backends.images.pool import PoolBackend

    if isinstance(backend, PoolBackend) or not hasattr(backend, "check"):
        yield lambda: None
        return
    with LearnedLimits(limiter, rates=lambda: getattr(backend, "rates", None)) as limits:

        def told() -> str | None:
            learned = limits.learned
            said = [one.told for one in limits.waited]
            if learned.refusals:
                said.append(f"the server refused {learned.refusals} times")
            if learned.words:
                said.append(f"it bears {learned.words}")
            return "; ".join(said) or None

        yield told


@asynccontextmanager
async def closing(backend: ImageBackend) -> AsyncIterator[ImageBackend]:
    """The backend for the time of the block; what it holds is given back at its end."""
    try:
        yield backend
    finally:
        close = getattr(backend, "aclose", None)
        if close is not None:
            await close()
