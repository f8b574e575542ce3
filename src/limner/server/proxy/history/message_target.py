"""The place of one answer: which message it becomes, and what is there before it."""

from dataclasses import dataclass

from limner.server.proxy.history.fingerprint import Turn


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageTarget:
    """The place of one answer.

    Attributes:
        message_id: Its message.
        variant: Which of the message's answers it is.
        goes_on: Whether it goes on where that answer ended.
        before: The text that is there before it, with its tags.
        slots: How many slots are kept with that text; those of a `seed` come with it.
        seed: What it begins with, if that is to be kept first.
        seen: Whether the reader has all of that text, even if it ends in an open tag.
    """

    message_id: str
    variant: int = 0
    goes_on: bool = False
    before: str = ""
    slots: int = 0
    seed: Turn | None = None
    seen: bool = True

    @property
    def key(self) -> tuple[str, int]:
        """Message and variant."""
        return self.message_id, self.variant
