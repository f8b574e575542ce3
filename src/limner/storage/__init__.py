"""Where messages and pictures are kept: on disk, or in a database with files beside it."""

from limner.storage.files.stored_image import StoredImage, content_digest
from limner.storage.library import Library
from limner.storage.repositories.cost_report import Spent
from limner.storage.repositories.recognition import AnswerLike, MessagePlace
from limner.storage.repositories.records import (
    Chat,
    ChatSummary,
    CleanUp,
    FailedSlot,
    Passage,
    PictureEntry,
    PictureMark,
    PresetRecord,
    ReferenceRecord,
    Report,
)

__all__ = [
    "AnswerLike",
    "Chat",
    "ChatSummary",
    "CleanUp",
    "FailedSlot",
    "Library",
    "MessagePlace",
    "Passage",
    "PictureEntry",
    "PictureMark",
    "PresetRecord",
    "ReferenceRecord",
    "Report",
    "Spent",
    "StoredImage",
    "content_digest",
]
