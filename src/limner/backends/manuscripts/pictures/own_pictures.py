"""The pictures that the files of a story bring along."""

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from limner.backends.manuscripts.kind import Kind, kind_of
from limner.backends.manuscripts.pictures.pictures_beside import PicturesBeside
from limner.backends.manuscripts.pictures.pictures_inside import PicturesInside
from limner.errors import SourceError
from limner.illustration.model.image import Image


class Finder(Protocol):
    """Finds pictures by their addresses."""

    def has(self, address: str) -> bool:
        """Whether there is one."""
        ...

    def picture(self, address: str) -> Image | None:
        """The picture; ``None`` if it cannot be read after all."""
        ...


class _FirstOf:
    """Looks into several files' pictures, one after the other."""

    def __init__(self, finders: Sequence[Finder]) -> None:
        self._finders = finders

    def has(self, address: str) -> bool:
        return any(finder.has(address) for finder in self._finders)

    def picture(self, address: str) -> Image | None:
        found = (one.picture(address) for one in self._finders if one.has(address))
        return next((image for image in found if image is not None), None)


def pictures_of(files: Sequence[Path]) -> Finder:
    """What finds the pictures of a story by their addresses in its text.

    Args:
        files: The files of the story.
    """
    packed = [file for file in files if _is_packed(file)]
    folders = dict.fromkeys(file.parent for file in files if file not in packed)
    return _FirstOf([*map(PicturesInside, packed), *map(PicturesBeside, folders)])


def _is_packed(file: Path) -> bool:
    try:
        return kind_of(file) in (Kind.EPUB, Kind.WORD)
    except (OSError, SourceError):
        return False
