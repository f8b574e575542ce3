"""What limner tells programs about chats, messages and pictures, as JSON has it.

The same shapes are in the answers of the API and in the events.
"""

from limner.server.shapes.chat import ChatView
from limner.server.shapes.message import MessageView, TextPiece
from limner.server.shapes.picture import PictureView
from limner.server.shapes.progress import ProgressView
from limner.server.shapes.shape import Shape
from limner.server.shapes.slot import AlternativeView, FailureView, PromptVersionView, SlotView

__all__ = [
    "AlternativeView",
    "ChatView",
    "FailureView",
    "MessageView",
    "PictureView",
    "ProgressView",
    "PromptVersionView",
    "Shape",
    "SlotView",
    "TextPiece",
]
