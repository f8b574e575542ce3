"""Pictures that a text brings along as files in its folder, and in no other."""

from pathlib import Path
from urllib.parse import unquote

from limner.backends.manuscripts.pictures.own_picture_file import LIMITS, own_picture
from limner.illustration.model.image import Image

LONGEST = 1000
"""Characters of an address that can be a file's."""


class PicturesBeside:
    """Finds pictures in a folder and in those below it.

    What leads out of the folder — a path that climbs, an absolute one, a link of the file system —
    is not found.

    Args:
        folder: The folder of the text.

    Examples:
        >>> PicturesBeside(Path("/usr")).has("../etc/map.png")
        False
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def has(self, address: str) -> bool:
        """Whether there is a file under an address, as it is written in the text."""
        return self._file(address) is not None

    def picture(self, address: str) -> Image | None:
        """The picture; ``None`` if it cannot be read, or is none."""
        file = self._file(address)
        if file is None:
            return None
        try:
            if file.stat().st_size > LIMITS.bytes:
                return None
            return own_picture(file.read_bytes())
        except OSError:
            return None

    def _file(self, address: str) -> Path | None:
        if not address or len(address) > LONGEST or "\0" in address or "://" in address:
            return None
        for name in dict.fromkeys((address, unquote(address))):
            try:
                folder = self._folder.resolve()
                file = (folder / name).resolve()
                if file.is_relative_to(folder) and file.is_file():
                    return file
            except (OSError, ValueError, RuntimeError):
                continue  # too long a name, or links in a circle
        return None
