"""What limner tells programs about chats, messages and pictures, as JSON has it.

The same shapes are in the answers of the API and in the events.
"""

from limner.server.schemas.chat import ChatView
from limner.server.schemas.message import MessageView, TextPiece
from limner.server.schemas.picture import PictureView
from limner.server.schemas.progress import ProgressView
from limner.server.schemas.schema import Schema
from limner.server.schemas.session import SessionView
from limner.server.schemas.slot import AlternativeView, FailureView, PromptVersionView, SlotView

__all__ = [
    "AlternativeView",
    "ChatView",
    "FailureView",
    "MessageView",
    "PictureView",
    "ProgressView",
    "PromptVersionView",
    "Schema",
    "SessionView",
    "SlotView",
    "TextPiece",
]
