"""One message being illustrated: session, slots, operations and rendering."""

from limner.illustration.backend_address import BackendAddress
from limner.illustration.beat import Beat
from limner.illustration.blocking import illustrate
from limner.illustration.endurance import Endurance, Outage
from limner.illustration.generation.budget import Bound, Budget, BudgetReport, BudgetUse
from limner.illustration.generation.former_pictures import FormerPictures
from limner.illustration.generation.patience import PICTURE_TIMEOUT, SETTLE_TIMEOUT, Patience
from limner.illustration.generation.progress import Progress
from limner.illustration.generation.progress_board import ProgressChanged
from limner.illustration.generation.retry_policy import AWAY_TIMEOUT, RestartPatience, second_try
from limner.illustration.illustrated import Illustrated
from limner.illustration.illustrator import Illustrator
from limner.illustration.memory_store import MemoryStore
from limner.illustration.model.change import Change
from limner.illustration.model.cost import Cost, Price, allowances
from limner.illustration.model.image import (
    Image,
    ImageRequest,
    ProgressSink,
    Whereabouts,
    WhereaboutsSink,
)
from limner.illustration.model.message import Message, MessageState, Role
from limner.illustration.model.prompt_tree import PromptSource, PromptTree, PromptVersion
from limner.illustration.model.reference import ReferencePicture
from limner.illustration.model.request import Composer
from limner.illustration.model.slot import (
    Alternative,
    Failure,
    PendingDrawing,
    Slot,
    SlotId,
    SlotState,
)
from limner.illustration.operations.drawing_handle import DrawingHandle
from limner.illustration.operations.operations import MessageOperations
from limner.illustration.operations.redrawing import Refusal, Requested
from limner.illustration.operations.while_writing import WhileWriting
from limner.illustration.options import Look, PictureSize, PictureTimeouts, Policies
from limner.illustration.plugins import backend_names, make_backend
from limner.illustration.ports import (
    DrawingLedger,
    DrawingLimit,
    DrawingRecord,
    ImageBackend,
    MessageStore,
    ReferenceShelf,
    TagWriter,
    TextModel,
)
from limner.illustration.sessions.event_stream import EventStream
from limner.illustration.sessions.events import (
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
from limner.illustration.sessions.prompt_queue import PromptQueue
from limner.illustration.sessions.recovery import Recovered
from limner.illustration.sessions.registry import SessionManager, SessionPolicy, StopWhat
from limner.illustration.sessions.session import StreamingSession
from limner.illustration.sessions.session_base import Session
from limner.illustration.sessions.session_request import InsertMode, OnActive, VariantChoice
from limner.illustration.sessions.status import SessionKind, SessionStatus, WaitsFor
from limner.illustration.sessions.text.chunks import Chunks
from limner.illustration.sessions.text.monitor import StreamingMonitor
from limner.illustration.sessions.text.prompt_writer import PromptWriter
from limner.illustration.sessions.text.pushed_pieces import PushedPieces
from limner.illustration.sessions.text.scanned import NO_TAGS, Scanned
from limner.illustration.sessions.text.scanned_text import ScannedText
from limner.illustration.store_keeper import StoreKeeper

__all__ = [
    "AWAY_TIMEOUT",
    "NO_TAGS",
    "PICTURE_TIMEOUT",
    "SETTLE_TIMEOUT",
    "Alternative",
    "BackendAddress",
    "Beat",
    "Bound",
    "Budget",
    "BudgetReport",
    "BudgetUse",
    "Change",
    "Chunks",
    "Composer",
    "Cost",
    "DrawingHandle",
    "DrawingLedger",
    "DrawingLimit",
    "DrawingRecord",
    "Endurance",
    "Event",
    "EventStream",
    "Failure",
    "Finished",
    "FormerPictures",
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
    "Look",
    "MemoryStore",
    "Message",
    "MessageOperations",
    "MessageState",
    "MessageStore",
    "OnActive",
    "Outage",
    "Patience",
    "PendingDrawing",
    "PictureSize",
    "PictureTimeouts",
    "Policies",
    "Price",
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
    "PushedPieces",
    "Recovered",
    "ReferencePicture",
    "ReferenceShelf",
    "Refusal",
    "Requested",
    "RestartPatience",
    "Role",
    "Scanned",
    "ScannedText",
    "Session",
    "SessionKind",
    "SessionManager",
    "SessionPolicy",
    "SessionStatus",
    "Slot",
    "SlotId",
    "SlotState",
    "StopWhat",
    "StoreKeeper",
    "StreamingMonitor",
    "StreamingSession",
    "TagWriter",
    "TextChunk",
    "TextModel",
    "TextRewritten",
    "VariantChoice",
    "WaitsFor",
    "Whereabouts",
    "WhereaboutsSink",
    "WhileWriting",
    "allowances",
    "backend_names",
    "illustrate",
    "make_backend",
    "second_try",
]
