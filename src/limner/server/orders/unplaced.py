"""What a worker draws for a slot when no server is left that would say it."""

from dataclasses import replace

from limner.illustration.generation.drawing import request_for
from limner.illustration.generation.easel.draw_context import DrawContext
from limner.illustration.model.request import RequestDefaults
from limner.server.orders.request_text import Asked
from limner.server.preferences import LiveSettings
from limner.storage import Library, Order


class Unplaced:
    """Says what is to be drawn as a server would, from what is kept.

    Args:
        library: Where slots are.
        settings: What people chose.
    """

    def __init__(self, library: Library, settings: LiveSettings) -> None:
        self._library = library
        self._settings = settings

    async def __call__(self, order: Order) -> Asked | None:
        """What is to be drawn; ``None``: only a server can say it.

        Raises:
            limner.errors.StorageError: The library cannot be read.
        """
        if order.slot is None:
            return None
        message = await self._library.load(order.slot.message_id, order.slot.variant)
        if message is None or order.slot.ordinal >= len(message.slots):
            return None
        slot = message.slots[order.slot.ordinal]
        waiting = [one for one in slot.pending if one.attempt == order.attempt]
        if not waiting:
            return None
        now = self._settings.now
        defaults = RequestDefaults(
            width=now.width,
            height=now.height,
            seed=now.seed,
            negative_prompt=now.negative_prompt,
        )
        request, _ = request_for(slot, waiting[0], defaults, composer=self._settings.compose)
        if request.attributes.get("reference"):
            return None  # whose pictures those are, and who may see them, servers know
        context = DrawContext.of(message.owner, message.chat_id, str(slot.id))
        return Asked(
            request=replace(request, progress=None),
            owner=context.owner,
            priority=context.priority,
        )
