"""How the pictures in a text stand, in few bytes: a page asks for all it shows at once."""

from collections import defaultdict
from typing import Annotated, Self

from fastapi import FastAPI, Query, Request
from pydantic import Field

from limner.illustration import Slot
from limner.prompts import PICTURE_ID
from limner.server.api.found import only_own
from limner.server.api.routing.routes import Routes
from limner.server.proxy.picture_id import STEM, PictureId
from limner.server.schemas import Schema
from limner.server.schemas.picture import PictureView
from limner.server.schemas.schema import ReadableText
from limner.server.services import Services

MOST = 200
Ids = Annotated[
    str,
    Query(
        pattern=rf"^{PICTURE_ID}(,{PICTURE_ID}){{0,{MOST - 1}}}$",
        description=f"What stands in /images/ID.png, with commas between; {MOST} at most.",
    ),
]


class PictureState(Schema):
    """How one picture stands."""

    slot: str = Field(description="MESSAGE/VARIANT/ORDINAL.")
    chat: str
    state: str = Field(description="queued, drawing, ready, failed or deleted.")
    prompt: ReadableText
    pending: int = Field(description="How many drawings were asked for and have not ended.")
    count: int = Field(description="How many pictures there are.")
    selected: int | None = Field(description="Index of the one that is shown.")
    digest: str | None = Field(description="Its name below /api/pictures/.")
    width: int | None
    height: int | None
    reason: ReadableText | None = Field(description="Why there is none, in one sentence.")
    size: str | None = Field(description="What its tag says of its size.")

    @classmethod
    def of(cls, slot: Slot, chat: str) -> Self:
        """The state of a slot."""
        shown = None if slot.selected is None else slot.alternatives[slot.selected]
        view = PictureView.of(shown.image) if shown else None
        return cls(
            slot=str(slot.id),
            chat=chat,
            state=slot.state.value,
            prompt=slot.prompt,
            pending=len(slot.pending),
            count=len(slot.alternatives),
            selected=slot.selected,
            digest=view.digest if view else None,
            width=view.width if view else None,
            height=view.height if view else None,
            reason=slot.failure.reason if slot.failure else None,
            size=slot.tag.attributes.get("size"),
        )


class PictureStates(Schema):
    """How pictures stand, by their ids; those that nobody knows are left out."""

    pictures: dict[str, PictureState]


class PictureStateRoutes:
    """Tells how pictures stand.

    Args:
        services: What the server works with.
    """

    def __init__(self, services: Services) -> None:
        self._services = services

    def add_to(self, app: FastAPI) -> None:
        """The route."""
        api = Routes(app, "front-ends")
        api.get("/pictures/states")(self.picture_states)

    async def picture_states(self, request: Request, ids: Ids) -> PictureStates:
        """How the pictures that a text shows stand, each in a few hundred bytes."""
        library = self._services.library
        read = {name: PictureId.read(name) for name in dict.fromkeys(ids.split(","))}
        begun = [one.message_id for one in read.values() if one and len(one.message_id) == STEM]
        whole = await library.whole_ids(begun)
        wanted: dict[tuple[str, int], list[tuple[str, int]]] = defaultdict(list)
        for name, one in read.items():
            if one is not None:
                message_id = whole.get(one.message_id, one.message_id)
                wanted[message_id, one.variant].append((name, one.ordinal))
        own, told = only_own(request), {}
        for (message_id, variant), places in wanted.items():
            message = await self._services.illustrator.store.load(message_id, variant)
            if message is None or (own is not None and message.owner != own):
                continue
            for name, ordinal in places:
                if ordinal < len(message.slots):
                    told[name] = PictureState.of(message.slots[ordinal], message.chat_id)
        return PictureStates(pictures=told)
