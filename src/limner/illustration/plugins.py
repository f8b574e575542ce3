"""Finding picture backends by name, wherever they are installed from."""

from importlib.metadata import entry_points
from typing import cast

from limner.errors import UnknownBackend
from limner.illustration.ports import ImageBackend

GROUP = "limner.image_backends"
"""The entry point group in which a package names its backend classes."""


def backend_names() -> list[str]:
    """The names of all installed picture backends."""
    return sorted({point.name for point in entry_points(group=GROUP)})


def make_backend(name: str) -> ImageBackend:
    """A new backend of this name, made without arguments.

    limner's own backends are found the same way as those of other packages: by an entry point in
    the group ``limner.image_backends`` that names a class.

    Raises:
        limner.errors.UnknownBackend: There is none of this name.

    Example:
        >>> make_backend("crayon")
        Traceback (most recent call last):
        limner.errors.UnknownBackend: unknown backend 'crayon'; known: sketch
    """
    for point in entry_points(group=GROUP, name=name):
        return cast(ImageBackend, point.load()())
    raise UnknownBackend(name, backend_names())
