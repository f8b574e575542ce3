"""Where messages and pictures are kept: on disk, or in a database with files beside it."""

from limner.storage.bounding import Bounded, keep_within
from limner.storage.bucket.pieces import pieces_of
from limner.storage.copying import Copied
from limner.storage.files.stored_image import StoredImage, content_digest, is_far
from limner.storage.keeping.reports import CleanUp, Report
from limner.storage.keeping.surplus import Bound, Surplus
from limner.storage.library import Library
from limner.storage.repositories.cost_report import Spent
from limner.storage.repositories.recognition import AnswerLike, MessagePlace
from limner.storage.repositories.records import (
    Chat,
    ChatSummary,
    FailedSlot,
    NewChat,
    Order,
    OrderState,
    Passage,
    PictureEntry,
    PictureMark,
    PresetRecord,
    ReferenceRecord,
    SaidMessage,
)

__all__ = [
    "AnswerLike",
    "Bound",
    "Bounded",
    "Chat",
    "ChatSummary",
    "CleanUp",
    "Copied",
    "FailedSlot",
    "Library",
    "MessagePlace",
    "NewChat",
    "Order",
    "OrderState",
    "Passage",
    "PictureEntry",
    "PictureMark",
    "PresetRecord",
    "ReferenceRecord",
    "Report",
    "SaidMessage",
    "Spent",
    "StoredImage",
    "Surplus",
    "content_digest",
    "is_far",
    "keep_within",
    "pieces_of",
]
