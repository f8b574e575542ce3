"""Finding picture backends by name or address, wherever they are installed from."""

import sys
from collections.abc import Mapping
from functools import lru_cache
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any, cast

from limner.errors import ConfigError, UnknownBackend
from limner.errors.installation import needing
from limner.illustration.backend_address import BackendAddress
from limner.illustration.capabilities import MadeFromAddress
from limner.illustration.ports import ImageBackend

GROUP = "limner.image_backends"
"""The entry point group in which a package names its backend classes."""


def installed() -> tuple[EntryPoint, ...]:
    """What packages name in the group: also one that was installed a moment ago."""
    return _named(tuple((place, _changed(place)) for place in sys.path))


@lru_cache(maxsize=1)  # the names of every package are read for it, and a command asks ten times
def _named(places: tuple[tuple[str, int], ...]) -> tuple[EntryPoint, ...]:
    return tuple(entry_points(group=GROUP))


def _changed(place: str) -> int:
    """When something was last put into a folder, or taken out of it."""
    try:
        return Path(place).stat().st_mtime_ns
    except OSError:
        return 0


def backend_names() -> list[str]:
    """The names of all installed picture backends."""
    return sorted({point.name for point in installed()})


def make_backend(
    name: str, *, options: Mapping[str, str] | None = None, key: str | None = None
) -> ImageBackend:
    """A new backend: by name (``sketch``, ``horde``) or by ``KIND+URL``.

    limner's own backends are found the same way as those of other packages: by an entry point in
    the group ``limner.image_backends`` that names a class. A class with the class method
    ``from_url(url: str | None, *, options: Mapping[str, str], key: str | None)`` is made by it;
    any other is made without arguments, and takes neither URL nor options. Making one does no
    I/O.

    Args:
        name: ``sketch``, ``a1111+http://host:7860``, ``a1111+http://host:7860?steps=25``, …
        options: The backend's options; those in the address go before them.
        key: What lets us in; handed to the backend, never shown.

    Raises:
        limner.errors.UnknownBackend: There is none of this name, or a URL stands without its kind.
        limner.errors.ConfigError: An option is unknown or wrong.
        limner.errors.MissingExtra: It is one of limner's own, and what it needs is not installed.
        limner.errors.BackendRejected: The URL or the key cannot be used.

    Examples:
        >>> make_backend("crayon")
        Traceback (most recent call last):
        limner.errors.UnknownBackend: unknown backend 'crayon'; known: ...
        >>> make_backend("http://localhost:7860")
        Traceback (most recent call last):
        limner.errors.UnknownBackend: ... write KIND+URL, such as a1111+http://localhost:7860
    """
    kinds = backend_names()
    address = BackendAddress.parse(name, kinds=kinds)
    for point in installed():
        if point.name != address.kind:
            continue
        made = _loaded(point)
        if isinstance(made, MadeFromAddress):
            given = {**(options or {}), **address.options}
            return made.from_url(address.url, options=given, key=key)
        if address.url is not None or address.options:
            raise ConfigError(f"the backend {address.kind!r} takes no address and no options")
        return cast(ImageBackend, made())
    raise UnknownBackend(str(address), kinds)


def _loaded(point: EntryPoint) -> Any:
    try:
        return point.load()
    except ModuleNotFoundError:
        if point.module.partition(".")[0] != "limner":
            raise  # what another package needs is its own to say
        with needing(f"the picture backend {point.name!r}"):
            raise
