"""One message being illustrated: session, slots, operations and rendering."""

from limner.illustration.backend_address import BackendAddress
from limner.illustration.change import Change
from limner.illustration.chunks import Chunks
from limner.illustration.event_stream import EventStream
from limner.illustration.events import (
    Event,
    Finished,
    ImageFailed,
    ImageProgress,
    ImageReady,
    ImageStarted,
    PromptFound,
    TextChunk,
)
from limner.illustration.illustrated import Illustrated
from limner.illustration.illustrator import Illustrator
from limner.illustration.image import Image, ImageRequest, ProgressSink
from limner.illustration.memory import MemoryStore
from limner.illustration.message import Message, MessageState, Role
from limner.illustration.monitor import StreamingMonitor
from limner.illustration.operations import MessageOperations, WhileWriting
from limner.illustration.plugins import backend_names, make_backend
from limner.illustration.ports import (
    DrawingLedger,
    DrawingRecord,
    ImageBackend,
    MessageStore,
    TextModel,
)
from limner.illustration.progress import Progress
from limner.illustration.prompt_queue import PromptQueue
from limner.illustration.prompt_tree import PromptSource, PromptTree, PromptVersion
from limner.illustration.second_try import second_try
from limner.illustration.session import InsertMode, StreamingSession
from limner.illustration.session_manager import SessionManager, SessionPolicy
from limner.illustration.slot import (
    Alternative,
    Failure,
    PendingDrawing,
    Slot,
    SlotId,
    SlotState,
)

__all__ = [
    "Alternative",
    "BackendAddress",
    "Change",
    "Chunks",
    "DrawingLedger",
    "DrawingRecord",
    "Event",
    "EventStream",
    "Failure",
    "Finished",
    "Illustrated",
    "Illustrator",
    "Image",
    "ImageBackend",
    "ImageFailed",
    "ImageProgress",
    "ImageReady",
    "ImageRequest",
    "ImageStarted",
    "InsertMode",
    "MemoryStore",
    "Message",
    "MessageOperations",
    "MessageState",
    "MessageStore",
    "PendingDrawing",
    "Progress",
    "ProgressSink",
    "PromptFound",
    "PromptQueue",
    "PromptSource",
    "PromptTree",
    "PromptVersion",
    "Role",
    "SessionManager",
    "SessionPolicy",
    "Slot",
    "SlotId",
    "SlotState",
    "StreamingMonitor",
    "StreamingSession",
    "TextChunk",
    "TextModel",
    "WhileWriting",
    "backend_names",
    "make_backend",
    "second_try",
]
