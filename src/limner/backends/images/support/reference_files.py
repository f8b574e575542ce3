"""Reference pictures in files that somebody has named, who so lets every server see them."""

import asyncio
import hashlib
from collections.abc import Collection, Mapping
from pathlib import Path

from limner.backends.images.support.references import LARGEST, prepared
from limner.errors import BadPicture
from limner.illustration.model.reference import ReferencePicture
from limner.illustration.ports import ReferenceShelf


class ReferenceFiles:
    """A `limner.illustration.ReferenceShelf` of files.

    Args:
        files: Where they are, by the names that tags, styles and characters have for them.
        meant_for: The places of the servers that may see them.
        others: Where pictures of other names are; ``None``: nowhere.
    """

    def __init__(
        self,
        files: Mapping[str, Path],
        meant_for: Collection[str],
        others: ReferenceShelf | None = None,
    ) -> None:
        self._files = dict(files)
        self._meant_for = frozenset(meant_for)
        self._others = others
        self._read: dict[str, ReferencePicture] = {}

    async def reference(self, name: str, owner: str) -> ReferencePicture | None:
        """See `limner.illustration.ReferenceShelf`."""
        if name not in self._files:
            return await self._others.reference(name, owner) if self._others is not None else None
        if name not in self._read:
            self._read[name] = await asyncio.to_thread(self._picture, name)
        return self._read[name]

    def _picture(self, name: str) -> ReferencePicture:
        try:
            data = read_reference(self._files[name])
        except (OSError, ValueError) as error:
            return ReferencePicture(name=name, missing=str(error))
        digest = hashlib.sha256(data).hexdigest()
        return ReferencePicture(name=name, data=data, digest=digest, meant_for=self._meant_for)


def read_reference(file: Path) -> bytes:
    """A picture as servers are shown it: a PNG without metadata, no larger than is needed.

    Raises:
        OSError: It cannot be read.
        ValueError: It is no picture that can be used.
    """
    if file.stat().st_size > LARGEST:
        raise ValueError(f"it has more than {LARGEST:,} bytes")
    try:
        return prepared(file.name, file.read_bytes()).data
    except BadPicture as error:
        raise ValueError(str(error).rpartition("sent no picture: ")[2]) from error
