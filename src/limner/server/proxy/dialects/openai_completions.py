"""OpenAI's text completions: a text goes on, without turns (platform.openai.com/docs, legacy).

Role-players use them with local servers: SillyTavern's text completion, TabbyAPI, Aphrodite,
text-generation-webui. The prompt holds the whole story, with our pictures in it.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from limner.server.proxy.dialects.event_streams import DoneStreams
from limner.server.proxy.dialects.prompts import Prompted
from limner.server.proxy.dialects.said import OpenAIErrors, ReadEvents, decoded
from limner.server.proxy.protocol.chunk_writing import event, identity, json_text
from limner.server.proxy.protocol.dialect import TextPart
from limner.server.proxy.protocol.json_paths import put

_encode = msgspec.json.Encoder().encode


class _Choice(msgspec.Struct):
    index: int | None = 0
    text: str = ""
    finish_reason: str | None = None

    @property
    def role(self) -> None:
        """Nobody speaks."""


class _Chunk(msgspec.Struct):
    choices: list[_Choice] | None = None
    error: Any = None

    @property
    def failed(self) -> bool:
        """Whether it tells that the server failed."""
        return bool(self.error)


class OpenAICompletions(DoneStreams, ReadEvents[_Chunk], Prompted, OpenAIErrors):
    """Text completions."""

    kind, decoder = _Chunk, msgspec.json.Decoder(_Chunk)
    name = "openai completions"
    family = "openai"
    path = asks = "/completions"
    rooted = False

    def told(self, event: _Chunk) -> _Chunk:
        """It is what it says."""
        return event

    def parts(self, body: bytes) -> Sequence[TextPart]:
        """The text of each choice."""
        known: _Chunk | None = decoded(self.decoder, body)
        choices = (known.choices if known is not None else None) or ()
        return [
            TextPart(at if one.index is None else one.index, ("choices", at, "text"), one.text)
            for at, one in enumerate(choices)
        ]

    def say(self, origin: bytes | None, index: int, text: str, end: bytes) -> bytes:
        """An event that adds a text to a choice."""
        return event(_chunk_of(origin, index, json_text(text), None), end)

    def finished(self, origin: bytes | None, index: int) -> bytes:
        """An event that says of a choice that it has ended."""
        return event(_chunk_of(origin, index, "", "stop"))

    def changed(self, data: bytes, texts: Mapping[int, str], end: bytes) -> tuple[bytes, bool]:
        """An event with other texts, and whether it says anything else."""
        made = put(data, {("choices", at, "text"): text for at, text in texts.items()})
        chunk = self.read(data) or self.halves(data)
        choices = (chunk.choices if chunk is not None else None) or ()
        says = len(texts) < len(choices) or any(texts.values())
        return event(made, end), says or any(one.finish_reason for one in choices)


def _chunk_of(
    origin: bytes | None, index: int, text: str | msgspec.Raw, finish: str | None
) -> bytes:
    choice = {"index": index, "text": text, "logprobs": None, "finish_reason": finish}
    return _encode({**identity(origin, "text_completion"), "choices": [choice]})


OPENAI_COMPLETIONS = OpenAICompletions()
