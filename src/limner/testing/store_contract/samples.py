"""Messages, slots and pictures to try a store with."""

# ruff: noqa: S101 - these checks are assertions

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Protocol

from limner.illustration import (
    Alternative,
    DrawingLedger,
    Image,
    Message,
    MessageState,
    MessageStore,
    Slot,
    SlotId,
    SlotState,
)
from limner.prompts import PromptTag
from limner.testing.scripted_backend import PIXEL

WILD = "tale \x00 \ud83d half \udc00, 🦊 é \u202e \ufdd0 ' \" % _ \\ \n"
"""Text that databases stumble over: NUL, halves of surrogate pairs, marks of queries."""


class Store(MessageStore, DrawingLedger, Protocol):
    """Both ports in one, as `MemoryStore` and `Library` are."""


Check = Callable[[Store], Awaitable[None]]
"""Raises `AssertionError` if a fresh, empty store breaks its promise."""


def a_picture(number: int = 0, *, seed: int | None = None) -> Image:
    """A picture unlike those of other numbers."""
    return Image(
        data=PIXEL + number.to_bytes(4, "big"),
        media_type="image/png",
        width=64 + number,
        height=64,
        seed=seed,
        info={"steps": number, "model": "none"},
    )


def a_slot(message_id: str = "m", ordinal: int = 0, *, variant: int = 0, pictures: int = 0) -> Slot:
    """A slot with some pictures, the last of which is shown; without any, a queued one."""
    prompt = f"fox {ordinal}"
    slot = Slot.of(
        SlotId(message_id, variant, ordinal),
        PromptTag(prompt, f"<{prompt}>", ordinal * 10, ordinal * 10 + 8, {"size": "64x64"}),
    )
    made = tuple(
        Alternative(a_picture(100 * ordinal + number), prompt, id=f"{ordinal}-{number}")
        for number in range(pictures)
    )
    if not made:
        return slot
    return replace(
        slot, state=SlotState.READY, alternatives=made, selected=pictures - 1, attempts=pictures
    )


def a_message(message_id: str = "m", *slots: Slot, variant: int = 0, text: str = "") -> Message:
    """A complete message."""
    return Message(
        id=message_id,
        chat_id="chat",
        variant=variant,
        text=text or f"text of {message_id}",
        slots=slots,
        state=MessageState.COMPLETE,
    )


async def loaded(store: Store, message_id: str = "m", variant: int | None = None) -> Message:
    """The message, which must be there."""
    message = await store.load(message_id, variant)
    assert message is not None, f"the message {message_id} is not there"
    return message
