"""OpenAI's chat completions, as every server of models speaks them (platform.openai.com/docs)."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import msgspec

from limner.server.proxy.dialects.event_streams import DoneStreams
from limner.server.proxy.dialects.said import OpenAIErrors, ToldAll
from limner.server.proxy.protocol.chunk_writing import (
    as_chunk,
    event,
    identity,
    small_chunk,
    with_texts,
)
from limner.server.proxy.protocol.delta import read_delta, read_halves
from limner.server.proxy.protocol.dialect import TextPart

if TYPE_CHECKING:
    from limner.server.proxy.chat_request import ChatRequest


class _Message(msgspec.Struct):
    content: msgspec.Raw = msgspec.Raw(b"null")


class _Choice(msgspec.Struct):
    index: msgspec.Raw = msgspec.Raw(b"null")
    message: msgspec.Raw = msgspec.Raw(b"{}")


class _Completion(msgspec.Struct):
    choices: list[_Choice]


_completion = msgspec.json.Decoder(_Completion)
_message = msgspec.json.Decoder(_Message)
_encode = msgspec.json.Encoder().encode


class OpenAIChat(DoneStreams, ToldAll, OpenAIErrors):
    """Chat completions: the house's own form, of which the others are told apart."""

    name = "openai chat"
    family = "openai"
    path = asks = "/chat/completions"
    rooted = False
    read = staticmethod(read_delta)
    halves = staticmethod(read_halves)
    say = staticmethod(small_chunk)

    def conversation(self, request: "ChatRequest") -> "ChatRequest":
        """It is one."""
        return request

    def asked(self, request: "ChatRequest", conversation: "ChatRequest") -> "ChatRequest":
        """The conversation is what is asked."""
        return conversation

    def repeated(self, data: bytes) -> Sequence[TextPart]:
        """No event says again what was said."""
        return ()

    def parts(self, body: bytes) -> Sequence[TextPart]:
        """The content of each choice's message, or its parts of text."""
        try:
            choices = _completion.decode(body).choices
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return ()
        return [
            part
            for at, choice in enumerate(choices)
            for part in _texts(_index(choice, at), at, choice)
        ]

    def changed(self, data: bytes, texts: Mapping[int, str], end: bytes) -> tuple[bytes, bool]:
        """An event with other texts, and whether it says anything else but who speaks."""
        made, says = with_texts(data, texts)
        return event(made, end), says

    def finished(self, origin: bytes | None, index: int) -> bytes:
        """A chunk that says of a choice that it has ended."""
        choice = {"index": index, "delta": {}, "finish_reason": "stop"}
        return event(_encode({**identity(origin, "chat.completion.chunk"), "choices": [choice]}))

    def streamed(self, body: bytes) -> bytes:
        """A whole answer as one chunk, and the end."""
        return super().streamed(as_chunk(body))


def _index(choice: _Choice, at: int) -> int:
    try:
        index = msgspec.json.decode(choice.index)
    except msgspec.DecodeError:
        return at
    return index if type(index) is int else at


def _texts(index: int, at: int, choice: _Choice) -> list[TextPart]:
    path = ("choices", at, "message", "content")
    try:
        content = msgspec.json.decode(_message.decode(choice.message).content)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return []
    if isinstance(content, str):
        return [TextPart(index, path, content)]
    return [
        TextPart(index, (*path, place, "text"), part["text"])
        for place, part in enumerate(content if isinstance(content, list) else ())
        if isinstance(part, dict)
        and part.get("type") == "text"
        and isinstance(part.get("text"), str)
    ]


OPENAI_CHAT = OpenAIChat()
