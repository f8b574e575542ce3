"""One message being illustrated: session, slots, operations and rendering."""

from limner.illustration.image import Image, ImageRequest, ProgressSink
from limner.illustration.message import Message, MessageState
from limner.illustration.ports import ImageBackend, MessageStore
from limner.illustration.slot import Alternative, Failure, Slot, SlotId, SlotState

__all__ = [
    "Alternative",
    "Failure",
    "Image",
    "ImageBackend",
    "ImageRequest",
    "Message",
    "MessageState",
    "MessageStore",
    "ProgressSink",
    "Slot",
    "SlotId",
    "SlotState",
]
