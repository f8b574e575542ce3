"""One JSON chunk of a chat completion, streamed or whole, as events.

Servers differ in what they leave out, add and set to null, so everything is optional and unknown
fields are skipped. Only choice 0 is read. A chunk whose known fields have types no server gives
them is not understood: `read_chunk` returns ``None`` and the caller goes on with the next one.
"""

from typing import Any

import msgspec

from limner.backends.text.events import ChatEvent, Finish, ReasoningDelta, TextDelta, Usage
from limner.backends.text.openai.surrogates import with_halves


class _Part(msgspec.Struct):
    type: str = ""
    text: str | None = None


class _Delta(msgspec.Struct):
    content: str | list[_Part] | None = None
    reasoning_content: str | None = None
    reasoning: str | None = None


class _Choice(msgspec.Struct):
    index: int | None = 0
    delta: _Delta | None = None
    message: _Delta | None = None
    finish_reason: str | None = None


class _Usage(msgspec.Struct):
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    total_tokens: int | None = None


class Chunk(msgspec.Struct):
    """What limner reads of a chunk, or of a whole completion, which differs only in `message`."""

    choices: list[_Choice] | None = None
    usage: _Usage | None = None
    error: Any = None
    object: Any = None

    @property
    def failed(self) -> bool:
        """Whether it reports that the server failed."""
        return bool(self.error) or self.object == "error"

    @property
    def says_anything(self) -> bool:
        """Whether it has anything that belongs to a chat completion, or reports a failure."""
        return self.choices is not None or self.usage is not None or self.failed

    def events(self) -> list[ChatEvent]:
        """What it tells, in the order it happened: thought, text, end, cost."""
        events: list[ChatEvent] = []
        for choice in self.choices or ():
            if choice.index in (0, None):
                events += _choice_events(choice)
        if self.usage is not None:
            usage = self.usage
            events.append(
                Usage(
                    usage.prompt_tokens or 0, usage.completion_tokens or 0, usage.total_tokens or 0
                )
            )
        return events


_decoder = msgspec.json.Decoder(Chunk)


def read_chunk(data: str | bytes) -> Chunk | None:
    """A chunk, or ``None`` if it is not understood.

    Examples:
        >>> read_chunk('{"choices": [{"delta": {"content": "Once"}}]}').events()
        [TextDelta(text='Once')]
        >>> read_chunk('{"choices": [{"delta": ["?"]}]}') is None
        True
    """
    try:
        return _decoder.decode(data)
    except (msgspec.DecodeError, RecursionError):
        return with_halves(data, Chunk)


def _choice_events(choice: _Choice) -> list[ChatEvent]:
    events: list[ChatEvent] = []
    delta = choice.delta or choice.message
    if delta is not None:
        if thought := delta.reasoning_content or delta.reasoning:
            events.append(ReasoningDelta(thought))
        if text := _text(delta.content):
            events.append(TextDelta(text))
    if choice.finish_reason:
        events.append(Finish(choice.finish_reason))
    return events


def _text(content: str | list[_Part] | None) -> str:
    if isinstance(content, list):  # parts, as Mistral's reasoning models send them
        return "".join(part.text or "" for part in content if part.type == "text")
    return content or ""
