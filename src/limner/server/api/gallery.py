"""Pictures apart from the messages they are in."""

import asyncio
from typing import Annotated

from fastapi import FastAPI, Query, Request, Response
from pydantic import Field

from limner.server.api.error_form import NotFound
from limner.server.api.fields import ID, PAGE, Digest, Limit
from limner.server.api.routing.routes import Routes
from limner.server.http.entity_tag import has_already
from limner.server.picture_search import PictureSearch, found_pictures
from limner.server.schemas import FailureView, PictureView, Schema
from limner.server.schemas.schema import ReadableText
from limner.server.services import Services
from limner.storage import PictureEntry, StoredImage

OfChat = Annotated[str | None, Query(pattern=ID, description="Of this conversation only.")]
_SAFE = {
    # These addresses have the digest of the content in them, so what they lead to never changes.
    # Only the browser itself may keep it: a cache for many would give it out without a token.
    "Cache-Control": "private, max-age=31536000, immutable",
    # Pages on the list are named in the answer to them; a copy got without must not serve them.
    "Vary": "Origin",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
}


class EntryView(Schema):
    """A picture as a gallery shows it."""

    number: int = Field(description="Newer pictures have higher ones.")
    chat: str
    message: str
    slot: str = Field(description="MESSAGE/VARIANT/ORDINAL.")
    alternative: str = Field(description="Which of the slot's pictures it is.")
    prompt: ReadableText
    made_at: float = Field(description="Seconds since the epoch.")
    selected: bool = Field(description="Whether its slot shows it.")
    bytes: int
    picture: PictureView

    @classmethod
    def of(cls, entry: PictureEntry) -> "EntryView":
        """The view of an entry."""
        return cls(
            number=entry.number,
            chat=entry.chat_id,
            message=entry.slot_id.message_id,
            slot=str(entry.slot_id),
            alternative=entry.alternative_id,
            prompt=entry.prompt,
            made_at=entry.made_at,
            selected=entry.selected,
            bytes=entry.size,
            picture=PictureView.of(entry.image),
        )


class GalleryPage(Schema):
    """Some pictures, the newest first."""

    pictures: list[EntryView]
    next: int | None = Field(description="`after` of the next page; null: this is the last.")


class FailedView(Schema):
    """A place without a picture."""

    chat: str
    slot: str
    prompt: ReadableText
    failure: FailureView


class FailedList(Schema):
    """The places whose drawing failed, in reading order."""

    failed: list[FailedView]


class Gallery:
    """Shows pictures.

    Args:
        services: What the server works with.
    """

    def __init__(self, services: Services) -> None:
        self._library = services.library

    def add_to(self, app: FastAPI) -> None:
        """The routes."""
        api = Routes(app, "pictures")
        api.get("/pictures")(self.list_pictures)
        api.get("/pictures/{digest}", response_class=Response)(self.picture)
        api.get("/pictures/{digest}/info")(self.info)
        api.get("/pictures/{digest}/thumbnail", response_class=Response)(self.thumbnail)
        api.get("/failed")(self.failed)

    async def list_pictures(
        self,
        chat: OfChat = None,
        prompt: Annotated[
            str | None, Query(max_length=200, description="Words its prompt holds.")
        ] = None,
        selected: Annotated[
            bool | None, Query(description="Only those that are shown, or only the others.")
        ] = None,
        limit: Limit = PAGE,
        after: Annotated[int | None, Query(ge=0, le=2**63 - 1)] = None,
    ) -> GalleryPage:
        """Pictures, the newest first. With filters a page may be short and not the last."""
        search = PictureSearch(chat=chat, prompt=prompt, selected=selected)
        found, cursor = await found_pictures(self._library, search, limit=limit, after=after)
        return GalleryPage(pictures=[EntryView.of(entry) for entry in found], next=cursor)

    async def picture(self, digest: Digest, request: Request) -> Response:
        """The bytes of a picture; they never change."""
        found = await self._known(digest)
        if not found.media_type.startswith("image/"):
            raise NotFound(f"picture {digest}")
        headers = _SAFE | {"ETag": f'"{digest}"'}
        if has_already(request.headers.get("if-none-match"), headers["ETag"]):
            return Response(status_code=304, headers=headers)
        data = await asyncio.to_thread(lambda: found.data)
        return Response(data, media_type=found.media_type, headers=headers)

    async def info(self, digest: Digest) -> PictureView:
        """What is known of a picture."""
        return PictureView.of(await self._known(digest))

    async def thumbnail(
        self,
        digest: Digest,
        request: Request,
        side: Annotated[int, Query(ge=16, le=1024, description="The longer side.")] = 256,
    ) -> Response:
        """A small copy of a picture, as WebP."""
        headers = _SAFE | {"ETag": f'"{digest}-{side}"'}
        if has_already(request.headers.get("if-none-match"), headers["ETag"]):
            await self._known(digest)
            return Response(status_code=304, headers=headers)
        data = await self._library.thumbnail(digest, side=side)
        return Response(data, media_type="image/webp", headers=headers)

    async def _known(self, digest: str) -> StoredImage:
        found = await self._library.image(digest)
        if found is None:
            raise NotFound(f"picture {digest}")
        return found

    async def failed(self, chat: OfChat = None) -> FailedList:
        """The places whose drawing failed, of one conversation or of all."""
        found = await self._library.failed_slots(chat)
        return FailedList(
            failed=[
                FailedView(
                    chat=one.chat_id,
                    slot=str(one.slot_id),
                    prompt=one.prompt,
                    failure=FailureView(kind=one.failure.kind, reason=one.failure.reason),
                )
                for one in found
            ]
        )
