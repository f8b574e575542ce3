"""A message for pictures that belong to no text."""

import secrets

from limner.illustration import Message, MessageState, Slot, SlotId
from limner.prompts import PromptTag, format_tag, tag_prompt
from limner.server.proxy.picture_id import STEM


def single_message(
    prompt: str, count: int, size: str | None, chat_id: str, owner: str | None
) -> Message:
    """A message that is nothing but pictures."""
    message_id = secrets.token_hex(STEM // 2)
    attributes = {} if size is None else {"size": size}
    source = format_tag(prompt, size=size)
    slots = tuple(
        Slot.of(
            SlotId(message_id, 0, ordinal),
            PromptTag(
                prompt=tag_prompt(prompt),
                source=source,
                start=ordinal * len(source),
                end=(ordinal + 1) * len(source),
                attributes=attributes,
            ),
        )
        for ordinal in range(count)
    )
    return Message(
        id=message_id,
        chat_id=chat_id,
        text=source * count,
        slots=slots,
        state=MessageState.COMPLETE,
        owner=owner,
    )
