"""Pictures that a text brings along in the archive that it is in: an EPUB, a Word document."""

from pathlib import Path
from urllib.parse import unquote

from limner.backends.manuscripts.bounded_zip import inside, opened
from limner.backends.manuscripts.pictures.own_picture_file import LIMITS, own_picture
from limner.errors import SourceError
from limner.illustration.model.image import Image


class PicturesInside:
    """Finds pictures by their paths in an archive.

    Args:
        path: The archive.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._names: frozenset[str] | None = None

    def has(self, address: str) -> bool:
        """Whether there is a file under an address."""
        return self._name(address) is not None

    def picture(self, address: str) -> Image | None:
        """The picture; ``None`` if it cannot be read, or is none."""
        name = self._name(address)
        if name is None:
            return None
        try:
            with opened(self._path) as archive:
                return own_picture(archive.read(name, LIMITS.bytes))
        except SourceError:
            return None

    def _name(self, address: str) -> str | None:
        if self._names is None:
            try:
                with opened(self._path) as archive:
                    self._names = frozenset(archive.names)
            except SourceError:
                self._names = frozenset()
        for name in (address, unquote(address)):
            path = inside("", name)
            if path in self._names:
                return path
        return None
