"""The seams of the illustration layer: what it needs from backends and from storage."""

from typing import Protocol

from limner.illustration.image import Image, ImageRequest
from limner.illustration.message import Message
from limner.illustration.slot import Slot


class ImageBackend(Protocol):
    """Something that draws pictures."""

    async def generate(self, request: ImageRequest) -> Image:
        """Draw one picture.

        Cancelling the call must reach the server-side work, and the call must not end before
        that work has stopped or has been given up.

        Raises:
            limner.errors.BackendError: With the reason, in words that help.
        """
        ...


class MessageStore(Protocol):
    """Where messages are kept. Each call is atomic; messages are immutable snapshots."""

    async def load(self, message_id: str) -> Message | None:
        """The message as last saved, or ``None`` if there is none (or it was deleted)."""
        ...

    async def save(self, message: Message) -> None:
        """Keep this snapshot in the place of the former one, whole or not at all."""
        ...

    async def save_slots(self, *slots: Slot) -> bool:
        """Keep these slots of one message in the place of their former selves, all or none.

        A slot whose ordinal follows the last one is added. Tells whether the message is there;
        if it is not (it was deleted meanwhile), nothing is kept.
        """
        ...

    async def delete(self, message_id: str) -> bool:
        """Forget the message; tells whether there was one."""
        ...
