"""Where an answer is written, decided the moment its first picture needs an address."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Protocol

from limner.server.proxy.history.fingerprint import Turn


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageTarget:
    """The place of one answer.

    Attributes:
        message_id: Its message.
        variant: Which of the message's answers it is.
        goes_on: Whether it goes on where that answer ended.
        before: The text that is there before it, with its tags.
        slots: How many slots are there before it.
        seed: What it begins with, if that is to be kept first.
    """

    message_id: str
    variant: int = 0
    goes_on: bool = False
    before: str = ""
    slots: int = 0
    seed: Turn | None = None

    @property
    def key(self) -> tuple[str, int]:
        """Message and variant."""
        return self.message_id, self.variant


class TargetResolver(Protocol):
    """Finds the place of an answer while its first words come."""

    @property
    def at_once(self) -> bool:
        """Whether an answer is kept from its first word on, even if no picture comes."""
        ...

    async def ready(self) -> None:
        """Wait until the place is known, or cannot be found out."""
        ...

    def take(self) -> MessageTarget:
        """The place, as far as it is known by now; asked once for each choice."""
        ...

    async def keep(self, target: MessageTarget) -> str:
        """Keep what stands before the answer; gives its conversation. Never fails."""
        ...

    async def turn(self, target: MessageTarget) -> None:
        """Wait until nobody else writes the answer that goes on."""
        ...

    def answers(self, ids: Collection[str]) -> bool:
        """Whether the answer may be to one of these messages."""
        ...

    def close(self) -> None:
        """There is no answer after all."""
        ...
