"""One message being illustrated: session, slots, operations and rendering."""

from limner.illustration.backend_address import BackendAddress
from limner.illustration.budget import Bound, Budget, BudgetReport, BudgetUse
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
    PromptGone,
    TextChunk,
    TextRewritten,
)
from limner.illustration.illustrated import Illustrated
from limner.illustration.illustrator import Illustrator
from limner.illustration.image import (
    Image,
    ImageRequest,
    ProgressSink,
    Whereabouts,
    WhereaboutsSink,
)
from limner.illustration.memory import MemoryStore
from limner.illustration.message import Message, MessageState, Role
from limner.illustration.monitor import StreamingMonitor
from limner.illustration.opening import InsertMode, VariantChoice
from limner.illustration.operations import MessageOperations
from limner.illustration.patience import PICTURE_TIMEOUT, SETTLE_TIMEOUT, Patience
from limner.illustration.plugins import backend_names, make_backend
from limner.illustration.ports import (
    DrawingLedger,
    DrawingRecord,
    ImageBackend,
    MessageStore,
    TextModel,
)
from limner.illustration.progress import Progress
from limner.illustration.progress_board import ProgressChanged
from limner.illustration.prompt_queue import PromptQueue
from limner.illustration.prompt_tree import PromptSource, PromptTree, PromptVersion
from limner.illustration.prompt_writer import PromptWriter
from limner.illustration.recovery import Recovered
from limner.illustration.request import Composer
from limner.illustration.second_try import second_try
from limner.illustration.session import StreamingSession
from limner.illustration.session_manager import SessionManager, SessionPolicy
from limner.illustration.slot import (
    Alternative,
    Failure,
    PendingDrawing,
    Slot,
    SlotId,
    SlotState,
)
from limner.illustration.turns import WhileWriting

__all__ = [
    "PICTURE_TIMEOUT",
    "SETTLE_TIMEOUT",
    "Alternative",
    "BackendAddress",
    "Bound",
    "Budget",
    "BudgetReport",
    "BudgetUse",
    "Change",
    "Chunks",
    "Composer",
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
    "Patience",
    "PendingDrawing",
    "Progress",
    "ProgressChanged",
    "ProgressSink",
    "PromptFound",
    "PromptGone",
    "PromptQueue",
    "PromptSource",
    "PromptTree",
    "PromptVersion",
    "PromptWriter",
    "Recovered",
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
    "TextRewritten",
    "VariantChoice",
    "Whereabouts",
    "WhereaboutsSink",
    "WhileWriting",
    "backend_names",
    "make_backend",
    "second_try",
]
