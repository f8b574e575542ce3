"""Where messages and pictures are kept: on disk, or in a database with files beside it."""

from limner.storage.library import Library
from limner.storage.records import (
    Chat,
    ChatSummary,
    CleanUp,
    FailedSlot,
    Passage,
    PictureEntry,
    PresetRecord,
    Report,
)
from limner.storage.stored_image import StoredImage, content_digest

__all__ = [
    "Chat",
    "ChatSummary",
    "CleanUp",
    "FailedSlot",
    "Library",
    "Passage",
    "PictureEntry",
    "PresetRecord",
    "Report",
    "StoredImage",
    "content_digest",
]
