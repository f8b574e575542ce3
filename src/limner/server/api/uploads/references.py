"""Reference pictures: what people upload so that pictures are drawn after it."""

import asyncio
from typing import Annotated

from fastapi import FastAPI, Path, Query, Request, Response
from pydantic import Field

from limner.backends.images.support.references import prepared
from limner.errors import BadPicture
from limner.illustration import Image
from limner.server.api.error_form import NotFound, Refused
from limner.server.api.found import only_own
from limner.server.api.routing.routes import Routes
from limner.server.schemas import Schema
from limner.server.schemas.schema import ReadableText
from limner.server.services import Services
from limner.storage import ReferenceRecord

MOST = 500
"""Reference pictures of one owner."""

CHAT_WORDS = frozenset(("last", "previous"))
"""Names that mean a picture of the chat."""

Name = Annotated[
    str,
    Path(
        pattern=r"^[^\x00-\x20/\\?#%,\x7f][^\x00-\x1f/\\?#%,\x7f]{0,99}$",
        description="What tags call it, such as ann.png.",
    ),
]
_SAFE = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
}


class ReferenceView(Schema):
    """One reference picture."""

    name: ReadableText = Field(description='What tags call it: reference="NAME".')
    digest: str = Field(description="The SHA-256 of its bytes, in hexadecimal.")
    width: int = Field(description="In pixels.")
    height: int
    kept_at: float = Field(description="Seconds since the epoch.")
    everybody: bool = Field(description="Whether it is there for all users.")
    kinds: list[str] = Field(description="The kinds of servers that may see it.")
    shown_now: bool = Field(description="Whether a server that draws now may see it.")


class ReferenceList(Schema):
    """The reference pictures, by name."""

    references: list[ReferenceView]
    kinds: list[str] = Field(description="The kinds of servers that draw now.")


class References:
    """Keeps what people upload.

    Args:
        services: What the server works with.
    """

    def __init__(self, services: Services) -> None:
        self._services = services
        self._library = services.library
        self._preparing = asyncio.Lock()

    def add_to(self, app: FastAPI) -> None:
        """The routes."""
        api = Routes(app, "references")
        api.get("/references")(self.list_references)
        api.get("/references/{name}", response_class=Response)(self.get_reference)
        api.put(
            "/references/{name}",
            openapi_extra={"requestBody": {"required": True, "content": {
                "application/octet-stream": {"schema": {"type": "string", "format": "binary"}},
            }}},
        )(self.keep_reference)  # fmt: skip
        api.delete("/references/{name}", status_code=204)(self.delete_reference)

    async def list_references(self, request: Request) -> ReferenceList:
        """What is there for whoever asks: their own, and what is everybody's."""
        found = await self._library.references(only_own(request))
        return ReferenceList(
            references=[self._view(one) for one in found], kinds=_kinds(self._places())
        )

    async def get_reference(self, name: Name, request: Request) -> Response:
        """The picture's bytes, as servers see them."""
        record = await self._library.reference_record(name, only_own(request) or "")
        if record is None:
            raise NotFound(f"reference picture {name!r}")
        data = await asyncio.to_thread(lambda: record.image.data)
        return Response(data, media_type=record.image.media_type, headers=_SAFE)

    async def keep_reference(
        self,
        name: Name,
        request: Request,
        kinds: Annotated[
            str | None,
            Query(
                max_length=300,
                description="Kinds of servers that may see it, with commas, among those that draw "
                "now; by default all that draw now. No other server is ever sent it.",
            ),
        ] = None,
    ) -> ReferenceView:
        """Keep a picture (PNG, JPEG, WebP or AVIF: the body is the file) under a name.

        It is checked, freed of its metadata, and brought to 1024 pixels at most.
        """
        if name in CHAT_WORDS:
            raise Refused(f"{name!r} means a picture of the chat; call it otherwise", field="name")
        meant_for, owner = self._meant_for(kinds), only_own(request) or ""
        own = [one.name for one in await self._library.references(owner) if one.owner == owner]
        if len(own) >= MOST and name not in own:
            raise Refused(f"there are {MOST} reference pictures already; delete some first")
        image = await self._ready(name, await request.body())
        kept = await self._library.keep_reference(name, image, owner=owner, meant_for=meant_for)
        self._services.hub.publish("references", {})
        return self._view(kept)

    async def delete_reference(self, name: Name, request: Request) -> None:
        """Forget it; pictures that were drawn after it stay."""
        if not await self._library.delete_reference(name, only_own(request) or ""):
            raise NotFound(f"reference picture {name!r}")
        self._services.hub.publish("references", {})

    async def _ready(self, name: str, body: bytes) -> Image:
        try:
            async with self._preparing:  # one at a time: a large one takes much memory
                made = await asyncio.to_thread(prepared, name, body)
        except BadPicture as error:
            why = str(error).rpartition("sent no picture: ")[2]
            raise Refused(f"that is no picture that can be used: {why}") from error
        return Image(data=made.data, media_type="image/png", width=made.width, height=made.height)

    def _places(self) -> frozenset[str]:
        return self._services.facts.places()

    def _meant_for(self, kinds: str | None) -> frozenset[str]:
        places = self._places()
        if kinds is None:
            return places
        wanted = {kind.strip() for kind in kinds.split(",") if kind.strip()}
        if unknown := sorted(wanted - set(_kinds(places))):
            there = ", ".join(_kinds(places)) or "none"
            raise Refused(
                f"no server of the kind {', '.join(unknown)} draws now; there are: {there}",
                field="kinds",
            )
        return frozenset(place for place in places if _kind(place) in wanted)

    def _view(self, record: ReferenceRecord) -> ReferenceView:
        return ReferenceView(
            name=record.name,
            digest=record.image.digest,
            width=record.image.width,
            height=record.image.height,
            kept_at=record.kept_at,
            everybody=not record.owner,
            kinds=_kinds(record.meant_for),
            shown_now=bool(record.meant_for & self._places()),
        )


def _kinds(places: frozenset[str]) -> list[str]:
    return sorted({_kind(place) for place in places})


def _kind(place: str) -> str:
    return place.partition(":")[0]
