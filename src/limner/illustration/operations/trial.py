"""A picture that belongs nowhere: drawn to be looked at once, through the same limiter."""

import uuid
from collections.abc import Callable, Mapping
from types import MappingProxyType

from limner.illustration.generation.drawing import Drawing
from limner.illustration.generation.easel.draw_context import MANUAL_PRIORITY, DrawContext
from limner.illustration.generation.single_flight import Watcher
from limner.illustration.model.image import Image
from limner.illustration.model.pending import asked_for
from limner.illustration.model.prompt_tree import PromptTree
from limner.illustration.model.slot import Slot, SlotId
from limner.prompts import PromptTag, format_tag


async def drawn_apart(
    drawing: Drawing,
    prompt: str,
    *,
    attributes: Mapping[str, str],
    owner: str | None,
    on_start: Callable[[], None] | None = None,
) -> Image:
    """Draw a prompt as a tag would have it drawn, and keep nothing of it.

    Args:
        drawing: Draws.
        prompt: What.
        attributes: As a tag has them.
        owner: For whom, in the sense of limiter and budget.
        on_start: Called when it begins to be drawn.

    Raises:
        As `limner.illustration.generation.drawing.Drawing.draw`.
    """
    source = format_tag(prompt)
    tag = PromptTag(prompt, source, 0, len(source), MappingProxyType(dict(attributes)))
    slot_id = SlotId(f"trial-{uuid.uuid4().hex}", 0, 0)
    asked, pending = asked_for(Slot(id=slot_id, tag=tag, prompts=PromptTree.of(prompt)), at=0.0)
    context = DrawContext.of(
        owner, slot_id.message_id, str(slot_id), priority=MANUAL_PRIORITY, from_cache=False
    )
    return (await drawing.draw(asked, pending, context, Watcher(on_start))).image
