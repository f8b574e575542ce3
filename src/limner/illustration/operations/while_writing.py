"""What operations do on a message that is still being written."""

from enum import StrEnum


class WhileWriting(StrEnum):
    """What an operation does on a message that is still being written."""

    REFUSE = "refuse"
    """It raises `limner.errors.MessageBusy`."""
    QUEUE = "queue"
    """It waits until the message is committed."""
