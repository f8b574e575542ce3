"""Pictures as an answer holds them: small copies for a model to look at, and links to the whole."""

import asyncio
import base64
from collections.abc import Sequence
from pathlib import Path

import mcp_types as types

from limner.errors import LimnerError, PictureMissing
from limner.illustration import Image, Slot
from limner.server.mcp.results import PictureFacts, Shown
from limner.server.proxy.picture_id import PictureId
from limner.server.proxy.pictures.picture_variants import PictureVariants
from limner.storage import Library, PictureEntry, StoredImage, content_digest

MOST = 8
"""Small copies in one answer."""
ROOM = 700_000
"""Characters of base64 that the small copies of one answer may take: clients cut at a megabyte."""
KEPT = 8 << 20
"""Bytes of small copies that are kept, as models look at the same picture again."""
SCHEME = "limner://pictures/"
_DIGEST = 64


class ShownPictures:
    """Tells of pictures, makes small copies of them, and finds them again by their links.

    Args:
        library: Has them.
        public_url: Under which browsers reach the server; ``None``: there is no server, and whoever
            asks is on this machine and finds the files.
    """

    def __init__(self, library: Library, *, public_url: str | None) -> None:
        self._library = library
        self._url = None if public_url is None else public_url.rstrip("/")
        self._variants = PictureVariants(kept=KEPT)

    def of_slot(self, slot: Slot, chat_id: str) -> PictureFacts:
        """What is told of a place."""
        return PictureFacts(
            picture=str(slot.id),
            chat=chat_id,
            prompt=slot.prompt,
            state=slot.state.value,
            failure=slot.failure.reason if slot.failure else None,
            url=self._address(slot) if slot.image else None,
            **self._whereabouts(slot.image),
        )

    def of_entry(self, entry: PictureEntry) -> PictureFacts:
        """What is told of a picture in the library: its own address shows what its place shows."""
        return PictureFacts(
            picture=str(entry.slot_id),
            chat=entry.chat_id,
            prompt=entry.prompt,
            state="ready",
            **self._whereabouts(entry.image),
        )

    def link(self, slot: Slot) -> str:
        """The address of a place's picture, as a text shows it."""
        return self._address(slot) or (SCHEME + content_digest(slot.image) if slot.image else "")

    def _address(self, slot: Slot) -> str | None:
        if self._url is None:
            return None
        try:
            name = PictureId(slot.id.message_id, slot.id.variant, slot.id.ordinal).written()
        except ValueError:
            return None  # a message that somebody named: only its pictures' digests lead to it
        return f"{self._url}/images/{name}.png"

    def _whereabouts(self, image: Image | None) -> dict[str, int | str | None]:
        if image is None:
            return {}
        file = image.path if self._url is None and isinstance(image, StoredImage) else None
        return {
            "width": image.width,
            "height": image.height,
            "resource": SCHEME + content_digest(image),
            "file": str(file) if isinstance(file, Path) else None,
        }

    async def blocks(self, pictures: Sequence[Shown], side: int) -> list[types.ContentBlock]:
        """Small copies of the first pictures, as many as there is room for, and links to all."""
        small: list[types.ContentBlock] = []
        room = ROOM
        for one in pictures[: MOST if side else 0]:
            copy = await self._small(one.image, side)
            room -= 0 if copy is None else len(copy.data)
            if room < 0:
                break
            small += [copy] if copy is not None else []
        return [*small, *(_link(one) for one in pictures)]

    async def _small(self, image: Image, side: int) -> types.ImageContent | None:
        """A copy that every model can read; ``None``: the picture itself cannot be read."""
        longer = max(image.width, image.height)
        width = max(image.width * side // longer, 1) if longer > side else None
        try:
            digest = content_digest(image)
            data = await self._variants.get(digest, image, "image/jpeg", width)
        except (OSError, LimnerError):
            return None
        return types.ImageContent(data=base64.b64encode(data).decode(), mime_type="image/jpeg")

    async def read(self, uri: str) -> types.BlobResourceContents:
        """The whole picture that a link leads to.

        Raises:
            PictureMissing: There is none.
            limner.errors.StorageError: It cannot be read.
        """
        digest = uri.removeprefix(SCHEME)
        named = uri.startswith(SCHEME) and len(digest) == _DIGEST and digest.isalnum()
        image = await self._library.image(digest) if named else None
        if image is None:
            told = f"the library has no picture {uri[:200]!r}"
            raise PictureMissing(told, place=self._library.place, digest=digest[:_DIGEST])
        data = await asyncio.to_thread(lambda: image.data)
        return types.BlobResourceContents(
            uri=uri, mime_type=image.media_type, blob=base64.b64encode(data).decode()
        )


def _link(one: Shown) -> types.ResourceLink:
    facts = one.facts
    return types.ResourceLink(
        uri=SCHEME + content_digest(one.image),
        name=facts.picture,
        description=facts.prompt[:300],
        mime_type=one.image.media_type,
    )
