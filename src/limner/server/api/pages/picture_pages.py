"""``/picture/ID``: one picture on a page of its own, for a browser without scripts as well.

Pictures in answers may lead here (``serve.picture_links``).
"""

from functools import partial
from html import escape

from fastapi import FastAPI
from fastapi.responses import HTMLResponse, RedirectResponse

from limner.errors import LimnerError, UnknownSlot
from limner.illustration import Message, Slot, SlotId, SlotState
from limner.server.api.error_form import NotFound
from limner.server.api.fields import PicturePath
from limner.server.api.found import the_message
from limner.server.api.redrawing import Redrawing
from limner.server.index_page.document import document, policy
from limner.server.proxy.picture_id import PictureId
from limner.server.services import Services

PATH = "/picture/{picture_id}"


class PicturePages:
    """Shows pictures by themselves: each with its prompt, and why it is missing if it is.

    The picture itself is the live one, so the page needs no script to show how far it is.

    Args:
        services: What the server works with.
        redrawing: Has pictures drawn in the background.
    """

    def __init__(self, services: Services, redrawing: Redrawing) -> None:
        self._services = services
        self._redrawing = redrawing
        self._operations = services.illustrator.operations

    def add_to(self, app: FastAPI) -> None:
        """The routes; they are for people, and not in the API's description."""
        app.get(PATH, include_in_schema=False)(self.show)
        app.post(PATH, include_in_schema=False)(self.draw)

    async def show(self, picture_id: PicturePath) -> HTMLResponse:
        """The page of a picture."""
        try:
            message, slot = await self._found(picture_id)
        except (NotFound, UnknownSlot):
            return _page("No such picture", "<h1>limner</h1><p>There is no such picture.</p>", 404)
        return self._shown(picture_id, message, slot)

    async def draw(self, picture_id: PicturePath) -> HTMLResponse:
        """Have it drawn, or drawn again beside what there is, and lead back to its page."""
        message, slot = await self._found(picture_id)
        ask = partial(self._operations.request, slot.id, mode="append")
        if slot.image is None:
            ask = partial(self._operations.request_retry, slot.id)
        try:
            await self._redrawing.one(slot.id, ask)
        except LimnerError as error:
            return self._shown(picture_id, message, slot, error=str(error), status=409)
        return RedirectResponse(picture_id, 303)  # type: ignore[return-value] # both are answers

    async def _found(self, picture_id: str) -> tuple[Message, Slot]:
        name = PictureId.read(picture_id)
        if name is None:
            raise NotFound(f"picture {picture_id!r}")
        name = await name.whole(self._services.library.whole_ids)
        message = await the_message(self._services, name.message_id, name.variant)
        return message, message.slot(SlotId(name.message_id, name.variant, name.ordinal))

    def _shown(
        self, picture_id: str, message: Message, slot: Slot, *, error: str = "", status: int = 200
    ) -> HTMLResponse:
        prompt, image = escape(slot.prompt), slot.image
        width, height = self._services.illustrator.size_of(slot.tag.attributes)
        if image is not None:
            width, height = image.width, image.height
        told = f'<p class="error" role="alert">{escape(error)}</p>' if error else ""
        told_of = _facts(slot, width, height)
        facts = "".join(f"<dt>{name}</dt><dd>{escape(value)}</dd>" for name, value in told_of)
        button = "Draw it again" if image is not None else "Draw it"
        waits = slot.state in (SlotState.QUEUED, SlotState.DRAWING)
        form = "" if waits else f'<form method="post"><button>{button}</button></form>'
        chat = escape(message.chat_id)
        return _page(
            slot.prompt,
            f"""<p class="dim"><a href="../#/chat/{chat}">limner: the story it belongs to</a></p>
<a href="../images/{picture_id}.png"><img class="picture" src="../images/{picture_id}.png"
 alt="{prompt}" width="{width}" height="{height}"></a>
<h1 class="prompt">{prompt}</h1>{told}
<dl>{facts}</dl>{form}""",
            status,
        )


def _facts(slot: Slot, width: int, height: int) -> list[tuple[str, str]]:
    """What there is to say of a picture."""
    found = [("size", f"{width} × {height}")]
    if slot.image is not None and slot.image.seed is not None:
        found.append(("seed", str(slot.image.seed)))
    if len(slot.alternatives) > 1:
        found.append(("pictures", f"{len(slot.alternatives)}, of which one is shown"))
    if slot.pending and slot.image is not None:
        found.append(("state", "being drawn again; load the page again to see it"))
    elif slot.state is SlotState.DELETED:
        found.append(("state", "deleted"))
    if slot.failure is not None and not slot.pending:
        name = "last attempt" if slot.image is not None else "no picture"
        found.append((name, slot.failure.reason))
    return found


def _page(title: str, body: str, status: int) -> HTMLResponse:
    headers = {"Content-Security-Policy": policy(pictures=True), "Cache-Control": "no-store"}
    return HTMLResponse(document(title[:100], body), status, headers)
