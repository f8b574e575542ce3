"""One picture's place: drawn again, chosen, changed."""

from collections.abc import Awaitable
from functools import partial
from typing import Annotated, Literal

from fastapi import Depends, FastAPI, Response
from pydantic import Field

from limner.illustration import Slot, SlotId
from limner.illustration.model.request import SEED_BITS
from limner.server.api.error_form import NotFound
from limner.server.api.fields import Body, MessageId, Ordinal, PicturePath, Prompt, Variant
from limner.server.api.found import the_slot
from limner.server.api.operation_routes import open_message
from limner.server.api.redrawing import Redrawing
from limner.server.api.routing.routes import Routes
from limner.server.proxy.picture_id import PictureId
from limner.server.schemas import SlotView
from limner.server.services import Services

PATH = "/slots/{message_id}/{variant}/{ordinal}"
Mode = Literal["replace", "append"]
Which = Annotated[int, Field(ge=0, le=2**31 - 1)] | Annotated[str, Field(max_length=100)]


class Redraw(Body):
    """Options of a redraw."""

    mode: Mode | None = Field(
        None, description="Whether the old picture goes or stays; by default as the settings say."
    )
    alternative: Which | None = Field(
        None, description="Which picture is drawn again, by index or id, with its own prompt."
    )
    prompt_version: int | None = Field(None, ge=0, le=2**31 - 1)
    reference: str | None = Field(
        None,
        max_length=500,
        pattern=r"^[^\x00]*$",
        description="Pictures to draw after, with commas, in place of those that the tag names: "
        "names of reference pictures, `last`, `#2`, or MESSAGE/VARIANT/ORDINAL of the same chat.",
    )
    size: str | None = Field(
        None,
        max_length=40,
        pattern=r"^(?:\d{2,5}x\d{2,5}|[a-z:0-9-]+)$",
        description="Another size than its tag's, as a tag says it: 768x512, portrait, 16:9.",
    )
    seed: int | None = Field(
        None, ge=0, lt=1 << SEED_BITS, description="In place of a seed of its own."
    )


class Selection(Body):
    """The alternative to show."""

    alternative: Which = Field(description="By index or id.")


class Deletion(Body):
    """The alternative to delete."""

    alternative: Which | None = Field(None, description="By default the one that is shown.")
    for_good: bool = Field(
        False,
        description="Whether nothing can bring it back, and its file goes as well; "
        "what was done to its place before cannot be undone then.",
    )


class NewPrompt(Body):
    """A new prompt for a slot."""

    prompt: Prompt


class Feedback(Body):
    """The reader's feedback, by which a model changes the prompt."""

    feedback: Prompt


class Version(Body):
    """A version of the prompt to go back to."""

    version: int = Field(ge=0, le=2**31 - 1)


class Slots:
    """Changes the places of pictures.

    Args:
        services: What the server works with.
        redrawing: Has pictures drawn in the background.
    """

    def __init__(self, services: Services, redrawing: Redrawing) -> None:
        self._services = services
        self._redrawing = redrawing
        self._operations = services.illustrator.operations

    def add_to(self, app: FastAPI) -> None:
        """The routes."""
        api = Routes(app, "slots")
        api.get(PATH)(self.get_slot)
        api.get("/pictures/by-id/{picture_id}")(self.find_slot)
        api.get(f"{PATH}/preview", response_class=Response)(self.preview)
        changing = Routes(app, "slots", dependencies=[Depends(open_message(self._services))])
        changing.post(f"{PATH}/regenerate", status_code=202)(self.regenerate)
        changing.post(f"{PATH}/retry", status_code=202)(self.retry)
        changing.post(f"{PATH}/select")(self.select)
        changing.post(f"{PATH}/delete")(self.delete)
        changing.put(f"{PATH}/prompt")(self.edit_prompt)
        changing.post(f"{PATH}/refine")(self.refine)
        changing.post(f"{PATH}/restore")(self.restore)

    async def get_slot(self, message_id: MessageId, variant: Variant, ordinal: Ordinal) -> SlotView:
        """One place, with all its pictures and all versions of its prompt."""
        slot_id = SlotId(message_id, variant, ordinal)
        return SlotView.of(await the_slot(self._services, slot_id))

    async def find_slot(self, picture_id: PicturePath) -> SlotView:
        """The place whose picture is shown at ``/images/ID.png``."""
        name = PictureId.read(picture_id)
        if name is None:
            raise NotFound(f"picture {picture_id!r}")
        name = await name.whole(self._services.library.whole_ids)
        slot_id = SlotId(name.message_id, name.variant, name.ordinal)
        return SlotView.of(await the_slot(self._services, slot_id))

    async def preview(
        self, message_id: MessageId, variant: Variant, ordinal: Ordinal, number: int | None = None
    ) -> Response:
        """The newest preview of the picture that is being drawn for it, while it is."""
        slot_id = SlotId(message_id, variant, ordinal)
        made = await self._services.previews.found(str(slot_id))
        if made is None:
            raise NotFound(f"preview of slot {slot_id}")
        headers = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
        return Response(made.data, media_type=made.media_type, headers=headers)

    async def regenerate(
        self,
        message_id: MessageId,
        variant: Variant,
        ordinal: Ordinal,
        body: Redraw | None = None,
    ) -> SlotView:
        """Draw it again; `slot.changed` or `slot.failed` tells how that ended."""
        slot_id = SlotId(message_id, variant, ordinal)
        asked = body or Redraw()
        ask = partial(
            self._operations.request,
            slot_id,
            mode=asked.mode or self._services.settings.now.default_mode,
            alternative=asked.alternative,
            prompt_version=asked.prompt_version,
            reference=asked.reference or "",
            size=asked.size or "",
            seed=asked.seed,
        )
        await self._redrawing.one(slot_id, ask)
        return await self._view(slot_id)

    async def retry(self, message_id: MessageId, variant: Variant, ordinal: Ordinal) -> SlotView:
        """Draw it if it has no picture; one that has is left as it is."""
        slot_id = SlotId(message_id, variant, ordinal)
        ask = partial(self._operations.request_retry, slot_id)
        await self._redrawing.one(slot_id, ask)
        return await self._view(slot_id)

    async def select(
        self, message_id: MessageId, variant: Variant, ordinal: Ordinal, body: Selection
    ) -> SlotView:
        """Show another of its pictures."""
        slot_id = SlotId(message_id, variant, ordinal)
        return await self._done(slot_id, self._operations.select(slot_id, body.alternative))

    async def delete(
        self,
        message_id: MessageId,
        variant: Variant,
        ordinal: Ordinal,
        body: Deletion | None = None,
    ) -> SlotView:
        """Delete one of its pictures; the next one is shown. It can be undone, or is for good."""
        slot_id, asked = SlotId(message_id, variant, ordinal), body or Deletion()
        if not asked.for_good:
            return await self._done(slot_id, self._operations.delete(slot_id, asked.alternative))
        slot = await the_slot(self._services, slot_id)
        which = slot.selected if asked.alternative is None else asked.alternative
        if which is None:
            raise NotFound(f"picture of slot {slot_id}")
        made = slot.alternatives[slot.alternative(which)]
        view = await self._done(slot_id, self._operations.delete(slot_id, made.id))
        await self._services.library.erase(message_id, made.image)
        return view

    async def edit_prompt(
        self, message_id: MessageId, variant: Variant, ordinal: Ordinal, body: NewPrompt
    ) -> SlotView:
        """Give it another prompt, for the next drawing."""
        slot_id = SlotId(message_id, variant, ordinal)
        return await self._done(slot_id, self._operations.edit_prompt(slot_id, body.prompt))

    async def refine(
        self, message_id: MessageId, variant: Variant, ordinal: Ordinal, body: Feedback
    ) -> SlotView:
        """Let a model change its prompt as somebody wishes, for the next drawing."""
        slot_id = SlotId(message_id, variant, ordinal)
        return await self._done(slot_id, self._operations.refine_prompt(slot_id, body.feedback))

    async def restore(
        self, message_id: MessageId, variant: Variant, ordinal: Ordinal, body: Version
    ) -> SlotView:
        """Make an earlier version of its prompt the current one."""
        slot_id = SlotId(message_id, variant, ordinal)
        return await self._done(slot_id, self._operations.restore_prompt(slot_id, body.version))

    async def _done(self, slot_id: SlotId, change: Awaitable[Slot | None]) -> SlotView:
        slot = await change
        if slot is None:
            raise NotFound(f"message {slot_id.message_id!r}")
        return SlotView.of(slot)

    async def _view(self, slot_id: SlotId) -> SlotView:
        return SlotView.of(await the_slot(self._services, slot_id))
