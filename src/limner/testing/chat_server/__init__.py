"""A fake server of language models: real HTTP on loopback, scripted answers and faults."""

from limner.testing.chat_server.protocols import PROTOCOLS, Protocol
from limner.testing.chat_server.reply import (
    Cut,
    Dialect,
    Hang,
    Reply,
    Step,
    chunk,
    error_body,
    joined,
)
from limner.testing.chat_server.server import ChatRequest, ChatServer, Script

__all__ = [
    "PROTOCOLS",
    "ChatRequest",
    "ChatServer",
    "Cut",
    "Dialect",
    "Hang",
    "Protocol",
    "Reply",
    "Script",
    "Step",
    "chunk",
    "error_body",
    "joined",
]
