"""What draws, as the settings say."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from limner.backends.images.pool import make_pool, pool_addresses
from limner.backends.images.support.priced import PricedBackend
from limner.config import Settings
from limner.illustration import BackendAddress, ImageBackend, backend_names, make_backend
from limner.illustration.capabilities import close, prices_of

Wrap = Callable[[ImageBackend, str], ImageBackend]
"""Makes of a backend, and of a name that is fit to be shown, what draws in its place."""


def backend_addresses(settings: Settings) -> list[str]:
    """The picture servers, as they were written.

    Examples:
        >>> backend_addresses(Settings(backends=["a1111+http://desk:7860,sketch", "horde"]))
        ['a1111+http://desk:7860', 'sketch', 'horde']
    """
    return pool_addresses(settings.backends or (settings.backend,))


def shown_backends(settings: Settings) -> list[str]:
    """The picture servers, without anything secret."""
    return [str(BackendAddress.parse(one)) for one in backend_addresses(settings)]


def keepable_backend(settings: Settings) -> str | None:
    """What draws, as it can be kept for later; ``None`` if a password stands in it.

    Examples:
        >>> keepable_backend(Settings(backend="a1111+http://host:7860?steps=9"))
        'a1111+http://host:7860?steps=9'
        >>> keepable_backend(Settings(backend="a1111+http://me:secret@host:7860")) is None
        True
    """
    addresses = backend_addresses(settings)
    if any(BackendAddress.parse(one).password for one in addresses):
        return None
    return ",".join(addresses)


def make_backend_at(address: str, settings: Settings) -> ImageBackend:
    """What draws at one address, with the key and the options for its kind. It does no I/O.

    Raises:
        limner.errors.UnknownBackend: There is none of this name, or the kind is missing.
        limner.errors.ConfigError: An option is unknown or wrong.
        limner.errors.BackendRejected: The address or the key cannot be used.
    """
    kind = BackendAddress.parse(address, kinds=backend_names()).kind
    return make_backend(address, options=settings.options_of(kind), key=settings.key_of(kind))


def make_backends(settings: Settings, wrap: Wrap | None = None) -> ImageBackend:
    """What draws: one server, or several as one. It does no I/O.

    Args:
        settings: Say which, with their keys and options.
        wrap: What stands before each of them.

    Raises:
        limner.errors.LimnerError: As `make_backend_at`.
    """

    def make(address: str) -> ImageBackend:
        made = _priced(make_backend_at(address, settings), address, settings)
        return made if wrap is None else wrap(made, str(BackendAddress.parse(address)))

    addresses = backend_addresses(settings)
    return make(addresses[0]) if len(addresses) == 1 else make_pool(addresses, make)


def _priced(backend: ImageBackend, address: str, settings: Settings) -> ImageBackend:
    """The backend, telling what its pictures cost if the settings or it itself know.

    Raises:
        limner.errors.ConfigError: A price cannot be read.
    """
    own = settings.price_of(BackendAddress.parse(address))
    prices = [own] if own is not None else [*prices_of(backend)]
    return PricedBackend(backend, prices) if prices else backend


def check_backends(settings: Settings) -> None:
    """Find a mistake in what draws now, before any work is done.

    Raises:
        limner.errors.LimnerError: As `make_backend_at`.
    """
    make_backends(settings)


@asynccontextmanager
async def closing(backend: ImageBackend) -> AsyncIterator[ImageBackend]:
    """The backend for the time of the block; what it holds is given back at its end."""
    try:
        yield backend
    finally:
        await close(backend)
