"""Look-ups that answer 404 where there is nothing."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

from starlette.requests import Request

from limner.illustration import Message, Role, Slot, SlotId, StreamingSession
from limner.illustration.rendering import BlockHtml
from limner.server.api.error_form import NotFound
from limner.server.events import place_prefix
from limner.server.schemas import MessageView
from limner.server.services import Services
from limner.storage import ChatSummary

OWNER = "limner.owner"
"""The key of an ASGI scope under which whoever checks tokens says for whom a request is."""

ADMIN = "limner.admin"
"""The same for whether that is somebody who may do everything; without it, everybody may."""

ADMITTED = "limner.admitted"
"""The same for a question: whether they still are let in; without it, everybody is."""


def owner_of(request: Request) -> str | None:
    """For whom a request is: fair turns and budgets count by it."""
    owner = request.scope.get(OWNER)
    return owner if isinstance(owner, str) and owner else None


def only_own(request: Request) -> str | None:
    """Whose conversations a list holds: those of whoever asks; ``None``: everybody's."""
    return None if request.scope.get(ADMIN, True) else owner_of(request) or ""


def admission(request: Request) -> Callable[[], Awaitable[bool]]:
    """Tells, as often as it is asked, whether whoever asked is still let in."""
    asked: Callable[[], Awaitable[bool]] = request.scope.get(ADMITTED, _everybody)
    return asked


async def _everybody() -> bool:
    return True


async def the_chat(services: Services, chat_id: str) -> ChatSummary:
    """A conversation.

    Raises:
        NotFound: It is not there.
    """
    chat = await services.library.chat(chat_id)
    if chat is None:
        raise NotFound(f"chat {chat_id!r}")
    return chat


async def the_message(services: Services, message_id: str, variant: int | None = None) -> Message:
    """A message with one of its answers, by default the one that is shown.

    Raises:
        NotFound: It is not there.
    """
    message = await services.illustrator.store.load(message_id, variant)
    if message is None:
        answer = "" if variant is None else f"answer {variant} of the "
        raise NotFound(f"{answer}message {message_id!r}")
    return message


async def the_slot(services: Services, slot_id: SlotId) -> Slot:
    """A slot.

    Raises:
        NotFound: Its message or answer is not there.
        limner.errors.UnknownSlot: The answer has no such slot.
    """
    message = await the_message(services, slot_id.message_id, slot_id.variant)
    return message.slot(slot_id)


async def message_view(
    services: Services, message: Message, *, blocks: bool = False
) -> MessageView:
    """A message as programs see it, with what only the running server knows.

    Args:
        services: What the server works with.
        message: The message.
        blocks: Whether its text is wanted as HTML, too.
    """
    variants = await services.illustrator.store.variants(message.id)
    busy = services.illustrator.sessions.current(message.id) is not None
    if not blocks:
        return MessageView.of(message, variants=variants, busy=busy)
    session = services.illustrator.sessions.current(message.id, message.variant)
    if isinstance(session, StreamingSession) and session.variant == message.variant:
        message = shown_now(message, session.readable())
    view = MessageView.of(message, variants=variants, busy=busy)
    if message.role is Role.USER:
        return view
    html = await asyncio.to_thread(BlockHtml(place_prefix(message)).render, message)
    return view.model_copy(update={"blocks": html})


def shown_now(kept: Message, written: Message) -> Message:
    """An answer that is being written, as far as readers may see it, with its kept pictures."""
    pictures = {slot.id: slot for slot in kept.slots}
    slots = tuple(replace(pictures.get(slot.id, slot), tag=slot.tag) for slot in written.slots)
    return replace(written, slots=slots)
