"""The illustrating OpenAI-compatible proxy: a model's stream with pictures in its text.

General layout, from the wire inwards:

- `ProxyApp` is the ASGI application; `ProxySettings` and `Upstream` say how it works.
- `StreamRewriter` and what it is made of are pure: bytes in, bytes out.
- `PictureService` is the seam behind which pictures are drawn; `IllustratorPictureService` has an
  `limner.illustration.Illustrator` do it.
"""

from limner.server.proxy.app import ProxyApp
from limner.server.proxy.instruction import Instruction
from limner.server.proxy.mode import Mode
from limner.server.proxy.model_server import client_session
from limner.server.proxy.pictures.answer_scanning import ReasoningOptions
from limner.server.proxy.pictures.picture_service import IllustratorPictureService
from limner.server.proxy.pictures.picture_sink import (
    AnswerContext,
    AnswerState,
    DrawnPicture,
    PictureService,
    PictureSink,
    PictureTicket,
)
from limner.server.proxy.protocol.picture_chunk import PictureChunk
from limner.server.proxy.protocol.rewriter import StreamRewriter
from limner.server.proxy.recalled_picture import RecalledPicture
from limner.server.proxy.settings import ProxySettings, Upstream

__all__ = [
    "AnswerContext",
    "AnswerState",
    "DrawnPicture",
    "IllustratorPictureService",
    "Instruction",
    "Mode",
    "PictureChunk",
    "PictureService",
    "PictureSink",
    "PictureTicket",
    "ProxyApp",
    "ProxySettings",
    "ReasoningOptions",
    "RecalledPicture",
    "StreamRewriter",
    "Upstream",
    "client_session",
]
