"""Which picture backend a command draws with, from its option and the settings."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial

import typer

from limner.config import Settings
from limner.illustration import BackendAddress, ImageBackend, backend_names, make_backend


def choose_backend(given: str | None, settings: Settings) -> Callable[[], ImageBackend]:
    """What makes the backend. It is tried here, so that a mistake ends the command before any work.

    Its key and options come from the settings, by its kind.

    Args:
        given: The command's ``--backend``, which goes before the settings'.
        settings: The settings.

    Raises:
        limner.errors.UnknownBackend: There is none of this name, or the kind is missing.
        limner.errors.ConfigError: An option is unknown or wrong.
        limner.errors.BackendRejected: The address or the key cannot be used.
    """
    address = BackendAddress.parse(given or settings.backend, kinds=backend_names())
    make = partial(
        make_backend,
        given or settings.backend,
        options=settings.options_of(address.kind),
        key=settings.key_of(address.kind),
    )
    make()
    if given is not None and address.password:
        typer.echo(
            "limner: a password on the command line can be read by everybody on this machine; "
            "set LIMNER_BACKEND_KEY instead",
            err=True,
        )
    return make


def without_password(backend: str) -> str | None:
    """A backend's address as it can be kept; ``None`` if a password stands in it.

    Example:
        >>> without_password("a1111+http://host:7860?steps=9")
        'a1111+http://host:7860?steps=9'
        >>> without_password("a1111+http://me:secret@host:7860") is None
        True
    """
    return None if BackendAddress.parse(backend).password else backend


@asynccontextmanager
async def closing(backend: ImageBackend) -> AsyncIterator[ImageBackend]:
    """The backend for the time of the block; what it holds is given back at its end."""
    try:
        yield backend
    finally:
        close = getattr(backend, "aclose", None)
        if close is not None:
            await close()
