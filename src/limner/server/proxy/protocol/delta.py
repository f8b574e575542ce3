"""What limner reads of one chunk of a streamed chat completion.

Servers differ in what they leave out, add and set to null, so everything is optional. A chunk
whose known fields have types no server gives them is not understood and passes untouched.
"""

from typing import Any

import msgspec

from limner.backends.text.openai.surrogates import with_halves


class TextPart(msgspec.Struct):
    """One part of a content that is a list."""

    type: str = ""
    text: str | None = None


class Delta(msgspec.Struct):
    """What a choice adds. Reasoning, tool calls and refusals are not looked at."""

    content: str | list[TextPart] | None = None
    role: str | None = None

    @property
    def text(self) -> str:
        """The text it adds; of a list, its parts of text."""
        content = self.content
        if isinstance(content, str):
            return content
        return "".join(part.text or "" for part in content or () if part.type == "text")


class Choice(msgspec.Struct):
    """One of the answers a chunk goes on with."""

    index: int | None = 0
    delta: Delta | None = None
    finish_reason: str | None = None

    @property
    def text(self) -> str:
        """The text it adds."""
        delta = self.delta
        if delta is None:
            return ""
        content = delta.content  # nearly always a text: one call fewer for each chunk
        return content if isinstance(content, str) else delta.text

    @property
    def role(self) -> str | None:
        """Who speaks, if it says so."""
        return self.delta.role if self.delta is not None else None


class Chunk(msgspec.Struct):
    """One chunk."""

    choices: list[Choice] | None = None
    error: Any = None
    object: Any = None

    @property
    def failed(self) -> bool:
        """Whether it reports that the server failed."""
        return bool(self.error) or self.object == "error"


_decoder = msgspec.json.Decoder(Chunk)


def read_delta(data: bytes) -> Chunk | None:
    """A chunk, or ``None`` if it is not understood.

    Examples:
        >>> chunk = read_delta(b'{"choices": [{"delta": {"content": "Once"}}]}')
        >>> chunk.choices[0].delta.text
        'Once'
        >>> read_delta(b'{"choices": "?"}') is None
        True
    """
    if b"{" not in data:  # such as [DONE]
        return None
    try:
        return _decoder.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def read_halves(data: bytes) -> Chunk | None:
    """A chunk that was not understood because it holds halves of characters; else ``None``."""
    return with_halves(data, Chunk)
