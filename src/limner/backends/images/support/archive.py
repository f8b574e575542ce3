"""Pictures that came in a ZIP archive."""

import io
import zipfile
import zlib
from collections.abc import Callable

from limner.errors import BadPicture

MOST_FILES, MOST_RATIO = 16, 200


def read_zip(data: bytes, *, largest: int, server: str | None = None) -> list[bytes]:
    """The files of an archive, in its order. Names and paths in it are not looked at.

    Args:
        data: The archive.
        largest: Bytes all files together may have.
        server: Who sent it, fit to be shown; for the error.

    Raises:
        limner.errors.BadPicture: It is no archive, is broken, encrypted or empty, has more than 16
            files, packs more than 200 bytes into one, or is larger than allowed.

    Examples:
        >>> whole = io.BytesIO()
        >>> with zipfile.ZipFile(whole, "w") as archive:
        ...     archive.writestr("../../image_0.png", b"picture")
        >>> read_zip(whole.getvalue(), largest=100)
        [b'picture']
    """
    sender = server or "the backend"

    def bad(why: str) -> BadPicture:
        return BadPicture(f"{sender} sent no pictures: {why}", server=server)

    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
            if not entries or len(entries) > MOST_FILES:
                raise bad(f"its archive holds {len(entries)} files")
            files: list[bytes] = []
            for entry in entries:
                room = largest - sum(map(len, files))
                files.append(_unpacked(archive, entry, room, bad))
            return files
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError) as error:
        raise bad("its archive is broken or none") from error
    except (RuntimeError, NotImplementedError) as error:
        raise bad("its archive is encrypted or packed in an unknown way") from error


def _unpacked(
    archive: zipfile.ZipFile, entry: zipfile.ZipInfo, room: int, bad: Callable[[str], BadPicture]
) -> bytes:
    """One file of an archive, of which nothing is believed that it says of itself."""
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise bad("its archive is packed in an unusual way")
    bound = min(room, max(1, entry.compress_size) * MOST_RATIO)
    with archive.open(entry) as file:
        data = file.read(bound + 1)  # what the entry claims is only a claim
    if len(data) > bound:
        raise bad(f"what is in its archive is too large ({entry.file_size:,} bytes)")
    return data
