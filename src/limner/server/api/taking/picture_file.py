"""Pictures as files to keep, one or many, with prompt and seed in them if that is wished."""

import asyncio
import io
import zipfile
from collections.abc import Iterator
from typing import Annotated

from fastapi import FastAPI, Query, Response
from fastapi.responses import StreamingResponse
from pydantic import Field

from limner.errors import StorageError
from limner.illustration import SlotId
from limner.server.api.error_form import NotFound
from limner.server.api.exports import file_name
from limner.server.api.fields import Body, MessageId, Ordinal, Prompt, Variant
from limner.server.api.found import the_slot
from limner.server.api.routing.routes import Routes
from limner.server.api.taking.inscribed import inscribed, words_of
from limner.server.services import Services
from limner.storage import StoredImage

MOST = 500
ENDINGS = {
    "image/png": "png",
    "image/jpeg": "jpg",
    "image/webp": "webp",
    "image/gif": "gif",
    "image/svg+xml": "svg",
    "image/avif": "avif",
}
Described = Annotated[bool, Query(description="Write prompt and seed into the file.")]


class Wanted(Body):
    """One picture of an archive."""

    digest: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    prompt: Prompt = Field(description="Becomes its name, and stands in it.")


class Archive(Body):
    """Which pictures are wanted together."""

    pictures: list[Wanted] = Field(min_length=1, max_length=MOST)
    described: bool = Field(True, description="Write prompts and seeds into the files.")


class PictureFiles:
    """Gives pictures out as files.

    Args:
        services: What the server works with.
    """

    def __init__(self, services: Services) -> None:
        self._services = services
        self._library = services.library

    def add_to(self, app: FastAPI) -> None:
        """The routes."""
        api = Routes(app, "pictures")
        path = "/slots/{message_id}/{variant}/{ordinal}/file"
        api.get(path, response_class=Response)(self.slot_file)
        api.post("/pictures/archive", response_class=StreamingResponse)(self.archive)

    async def slot_file(
        self,
        message_id: MessageId,
        variant: Variant,
        ordinal: Ordinal,
        alternative: Annotated[int, Query(ge=0, le=2**31 - 1, description="Which one.")] = 0,
        described: Described = True,
    ) -> Response:
        """One of a place's pictures as a file, with its prompt as its name."""
        slot = await the_slot(self._services, SlotId(message_id, variant, ordinal))
        if alternative >= len(slot.alternatives):
            raise NotFound(f"picture {alternative} of slot {slot.id}")
        chosen = slot.alternatives[alternative]
        words = words_of(
            chosen.prompt,
            seed=chosen.image.seed,
            width=chosen.image.width,
            height=chosen.image.height,
        )
        data = await asyncio.to_thread(lambda: chosen.image.data)
        kind = chosen.image.media_type
        ending = ENDINGS.get(kind, "bin")
        return Response(
            inscribed(data, kind, words) if described else data,
            media_type=kind,
            headers=_saved(f"{file_name(chosen.prompt)}.{ending}"),
        )

    async def archive(self, body: Archive) -> StreamingResponse:
        """Many pictures in one ZIP file, given out while it is made; files that are gone are not.

        They are not compressed: pictures are already.
        """
        found: list[tuple[Wanted, StoredImage]] = []
        for one in body.pictures:
            image = await self._library.image(one.digest)
            if image is not None:
                found.append((one, image))
        if not found:
            raise NotFound("pictures")
        pieces = _zipped(found, described=body.described)
        return StreamingResponse(
            pieces, media_type="application/zip", headers=_saved("limner-pictures.zip")
        )


def _saved(name: str) -> dict[str, str]:
    return {
        "Content-Disposition": f'attachment; filename="{name}"',
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-store",
    }


def _zipped(found: list[tuple[Wanted, StoredImage]], *, described: bool) -> Iterator[bytes]:
    """The archive piece by piece; asked in a thread."""
    out = _Pieces()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for number, (wanted, image) in enumerate(found, start=1):
            name = f"{number:03}-{file_name(wanted.prompt)}"
            try:
                data = image.data
            except StorageError:
                continue
            words = words_of(wanted.prompt, seed=image.seed, width=image.width, height=image.height)
            kind = image.media_type
            written = inscribed(data, kind, words) if described else data
            archive.writestr(f"{name}.{ENDINGS.get(kind, 'bin')}", written)
            yield out.taken()
    yield out.taken()


class _Pieces(io.RawIOBase):
    """A file that only grows, and whose pieces are taken away as they come."""

    def __init__(self) -> None:
        super().__init__()
        self._held = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override] # zipfile writes bytes
        self._held += data
        return len(data)

    def taken(self) -> bytes:
        """What came since the last time."""
        data, self._held = bytes(self._held), bytearray()
        return data
