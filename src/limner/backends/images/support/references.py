"""Reference pictures: what a character or a place looks like, shown to a server beside the prompt.

A tag, a character or a style names them (``reference="ann.png"``). The request brings along those
that were uploaded, or stand in the chat, each with the servers that may see it. The others are
files in the folder that the option ``references`` of a backend names: that folder is meant for that
server, and its pictures go to no other. A text can name what is in the folder and nothing else.
All are checked like any picture, freed of metadata, and made no larger than servers need.
"""

import asyncio
import base64
import hashlib
import io
import os
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath

from PIL import Image as Pillow

from limner.backends.images.support.checking import PictureLimits, check_picture
from limner.errors import BadPicture, ConfigError
from limner.illustration.model.image import ImageRequest
from limner.illustration.model.reference import (
    ATTRIBUTE,
    MOST,
    ReferencePicture,
    reference_names,
)

LONGEST_SIDE = 1024
LARGEST = 32 << 20
REMEMBERED = 32
"""Pictures that are kept ready, by their content."""

_ENDINGS = frozenset((".png", ".jpg", ".jpeg", ".webp", ".avif"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """A reference picture, ready to be sent.

    Attributes:
        name: What it was called.
        data: A PNG.
        width: In pixels.
        height: In pixels.
    """

    name: str
    data: bytes = field(repr=False)
    width: int
    height: int

    @property
    def digest(self) -> str:
        """A fingerprint of its content."""
        return hashlib.sha256(self.data).hexdigest()

    @property
    def base64(self) -> str:
        """Its bytes as text."""
        return base64.b64encode(self.data).decode()

    @property
    def data_uri(self) -> str:
        """Its bytes as an address."""
        return f"data:image/png;base64,{self.base64}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The reference pictures that were asked for.

    Attributes:
        pictures: Those that there are.
        ignored: What was left out and why, for a picture's ``info``; empty if nothing was.
    """

    pictures: tuple[Reference, ...] = ()
    ignored: Mapping[str, str] = field(default_factory=dict)


class ReferencePictures:
    """The reference pictures that a server may see: a request's, and those in a folder.

    Args:
        path: The folder; ``""``: there is none.
        place: The server; ``None``: it is drawn in this process, and whatever is asked for may be
            looked at.

    Raises:
        limner.errors.ConfigError: It is no folder.
    """

    def __init__(self, path: str, place: str | None) -> None:
        self._place = place
        self._folder = Path(path).expanduser().resolve() if path else None
        if self._folder is not None and not self._folder.is_dir():
            raise ConfigError(f"the option 'references' names no folder: {path!r}")
        self._ready: OrderedDict[tuple[str, int, int], Reference] = OrderedDict()

    @property
    def fingerprint(self) -> str:
        """Changes when a picture in the folder does; ``""`` without a folder."""
        if self._folder is None:
            return ""
        with os.scandir(self._folder) as entries:
            told = sorted((e.name, e.stat().st_size, e.stat().st_mtime_ns) for e in entries)
        return hashlib.sha256(repr(told).encode()).hexdigest()[:16]

    async def find(self, request: ImageRequest) -> Found:
        """The pictures that a request names; a name that leads nowhere is told, and costs nothing.

        Those that the request brings along go before those of the folder that have the same name.
        """
        names = reference_names(request.attributes.get(ATTRIBUTE, ""))
        if not names:
            return Found()
        brought = {one.name: one for one in request.references}
        if self._folder is None and not any(one.data for one in brought.values()):
            return self._found(names, brought)  # none of them is there
        return await asyncio.to_thread(self._found, names, brought)

    def _found(self, names: Sequence[str], brought: Mapping[str, ReferencePicture]) -> Found:
        pictures, missing = list[Reference](), list[str]()
        for name in names[:MOST]:
            try:
                one = brought.get(name)
                pictures.append(self._read(name) if one is None else self._brought(one))
            except (OSError, ValueError, BadPicture) as error:
                missing.append(f"{name[:60]!r}: {_why(error)}")
        missing += [f"{name[:60]!r}: more than {MOST} are not sent" for name in names[MOST:]]
        told = {ATTRIBUTE: "; ".join(missing)} if missing else {}
        return Found(pictures=tuple(pictures), ignored=told)

    def _brought(self, one: ReferencePicture) -> Reference:
        """A picture of the request, if this server may see it."""
        if one.missing:
            raise ValueError(one.missing)
        if self._place is not None and self._place not in one.meant_for:
            raise ValueError("it is not meant for this server")
        content = hashlib.sha256(one.data).hexdigest()
        return self._made_ready((content, 0, 0), one.name, lambda: one.data)

    def _read(self, name: str) -> Reference:
        file = self._file(name)
        stat = file.stat()
        if stat.st_size > LARGEST:
            raise ValueError(f"it has more than {LARGEST:,} bytes")
        return self._made_ready((str(file), stat.st_size, stat.st_mtime_ns), name, file.read_bytes)

    def _made_ready(
        self, key: tuple[str, int, int], name: str, data: Callable[[], bytes]
    ) -> Reference:
        if key not in self._ready:
            self._ready[key] = prepared(name, data())
            if len(self._ready) > REMEMBERED:
                self._ready.popitem(last=False)
        return replace(self._ready[key], name=name)

    def _file(self, name: str) -> Path:
        """Where a picture is, if it may be read at all: inside the folder, links included."""
        if self._folder is None:
            raise ValueError("nobody has uploaded it, and the option references names no folder")
        path = PurePosixPath(name)
        if path.is_absolute() or ".." in path.parts or "\\" in name or not name.isprintable():
            raise ValueError("it leads out of the folder")
        if path.suffix.lower() not in _ENDINGS:
            raise ValueError("it is no PNG, JPEG, WebP or AVIF")
        file = (self._folder / path).resolve()
        if not file.is_relative_to(self._folder):
            raise ValueError("it leads out of the folder")
        if not file.is_file():
            raise ValueError("there is no such file in the folder")
        return file


def prepared(name: str, data: bytes) -> Reference:
    """A picture that was checked, without its metadata, no larger than is needed."""
    checked = check_picture(data, limits=PictureLimits(bytes=LARGEST))
    with Pillow.open(io.BytesIO(checked.data)) as picture:
        plain = picture.convert("RGBA" if picture.has_transparency_data else "RGB")
        plain.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
        whole = io.BytesIO()
        plain.save(whole, "PNG")
    return Reference(name=name, data=whole.getvalue(), width=plain.width, height=plain.height)


def _why(error: Exception) -> str:
    if isinstance(error, OSError):
        return (error.strerror or "it cannot be read").lower()
    return str(error).rpartition("sent no picture: ")[2]


def told_of(found: Found) -> dict[str, object]:
    """What a picture's ``info`` tells of the references it was drawn with."""
    return {"references": [one.name for one in found.pictures]} if found.pictures else {}
