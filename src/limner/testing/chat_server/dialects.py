"""Streams of chat completions as the model servers really write them, down to the line ends.

Each `ChatDialect` is one server: what its chunks hold besides the text, how it begins and ends,
what it leaves out. What is said is handed in, so that the same story can be told by all of them.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from limner.testing.chat_server.reply import Reply

Spoken = str | tuple[int, str] | Mapping[str, Any]
"""A piece of choice 0's text, of another choice's, or a whole delta of choice 0."""

USAGE = {"prompt_tokens": 9, "completion_tokens": 2, "total_tokens": 11}


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatDialect:
    """How one server writes.

    Attributes:
        name: The server.
        fields: What stands in every chunk besides ``choices``.
        choice: What stands in every choice besides ``index``, ``delta`` and ``finish_reason``.
        first: The first delta of each choice; ``None``: there is none.
        every: What stands in every delta with text.
        finish: The delta of the chunk with the finish reason; ``None``: it is the last text's.
        usage_key: Whether chunks without usage say ``"usage": null``.
        usage: Whether a last chunk tells it.
        newline: The line end.
        prefix: What begins a line of data.
        comment: A comment that stands before the third event.
        done: Whether ``[DONE]`` follows.
        blank_line: Whether the last event has its blank line.
        spaced: Whether the JSON has blanks, as Python's has.
        ascii: Whether characters and ``<`` are escaped.
    """

    name: str
    fields: Mapping[str, Any] = field(
        default_factory=lambda: {
            "id": "chatcmpl-1",
            "object": "chat.completion.chunk",
            "created": 1700000000,
            "model": "m",
        }
    )
    choice: Mapping[str, Any] = field(default_factory=dict)
    first: Mapping[str, Any] | None = field(
        default_factory=lambda: {"role": "assistant", "content": ""}
    )
    every: Mapping[str, Any] = field(default_factory=dict)
    finish: Mapping[str, Any] | None = field(default_factory=dict)
    usage_key: bool = False
    usage: bool = True
    newline: str = "\n"
    prefix: str = "data: "
    comment: str = ""
    done: bool = True
    blank_line: bool = True
    spaced: bool = False
    ascii: bool = False

    def __str__(self) -> str:
        return self.name

    def chunk(self, *choices: Mapping[str, Any], **more: Any) -> bytes:
        """One event with these choices."""
        body = {**self.fields, "choices": list(choices)}
        if self.usage_key:
            body["usage"] = None
        return self.event(body | more)

    def event(self, data: Any) -> bytes:
        """One event with this data: text as it is, anything else as JSON."""
        if not isinstance(data, str):
            separators = (", ", ": ") if self.spaced else (",", ":")
            data = json.dumps(data, ensure_ascii=self.ascii, separators=separators)
            data = data.replace("<", "\\u003c") if self.ascii else data
        return f"{self.prefix}{data}{self.newline * 2}".encode()

    def events(self, spoken: Iterable[Spoken], *, finish: str = "stop") -> list[bytes]:
        """The events of one answer."""
        said = [_said(piece) for piece in spoken]
        indices = sorted({index for index, _ in said} | {0})
        events = []
        if self.first is not None:
            events += [self.chunk(self._choice(index, self.first)) for index in indices]
        last = {index: at for at, (index, _) in enumerate(said)}
        for at, (index, delta) in enumerate(said):
            ends = self.finish is None and last[index] == at
            made = self._choice(index, {**self.every, **delta}, finish if ends else None)
            events.append(self.chunk(made))
        if self.finish is not None:
            events += [self.chunk(self._choice(i, self.finish, finish)) for i in indices]
        if self.usage:
            events.append(self.chunk(usage=USAGE))
        if self.done:
            events.append(self.event("[DONE]"))
        if self.comment:
            events.insert(2, f"{self.comment}{self.newline * 2}".encode())
        if not self.blank_line:
            events[-1] = events[-1].removesuffix((self.newline * 2).encode())
        return events

    def reply(self, spoken: Iterable[Spoken], *, finish: str = "stop") -> Reply:
        """The answer of a fake server."""
        headers = {"Content-Type": "text/event-stream; charset=utf-8"}
        return Reply(tuple(self.events(spoken, finish=finish)), headers=headers)

    def _choice(
        self, index: int, delta: Mapping[str, Any], finish: str | None = None
    ) -> dict[str, Any]:
        return {"index": index, "delta": dict(delta), **self.choice, "finish_reason": finish}


def _said(piece: Spoken) -> tuple[int, Mapping[str, Any]]:
    if isinstance(piece, str):
        return 0, {"content": piece}
    if isinstance(piece, tuple):
        return piece[0], {"content": piece[1]}
    return 0, piece


def _identity(**fields: Any) -> dict[str, Any]:
    known = {"object": "chat.completion.chunk", "created": 1700000000, "model": "m"}
    return {"id": "chatcmpl-7f3"} | known | fields


DIALECTS: Sequence[ChatDialect] = (
    ChatDialect(
        name="openai",
        fields=_identity(system_fingerprint="fp", service_tier="default", obfuscation="aX3"),
        choice={"logprobs": None},
        first={"role": "assistant", "content": "", "refusal": None},
        usage_key=True,
    ),
    ChatDialect(
        name="llama.cpp",
        fields=_identity(system_fingerprint="b6000", timings={"predicted_per_second": 41.25}),
        first={"role": "assistant", "content": None},
        comment=":",
    ),
    ChatDialect(name="llama.cpp, old", first=None, usage=False, prefix="data:", blank_line=False),
    ChatDialect(
        name="ollama",
        fields=_identity(id="chatcmpl-417", system_fingerprint="fp_ollama"),
        first=None,
        every={"role": "assistant"},
        finish={"role": "assistant", "content": ""},
        usage=False,
    ),
    ChatDialect(name="vllm", finish=None, ascii=True, choice={"stop_reason": None}),
    ChatDialect(
        name="koboldcpp",
        fields=_identity(id="koboldcpp"),
        first=None,
        every={"role": "assistant"},
        finish={"role": "assistant", "content": ""},
        usage=False,
        spaced=True,
    ),
    ChatDialect(name="koboldcpp, old", first=None, usage=False, blank_line=False),
    ChatDialect(
        name="text-generation-webui",
        first={"role": "assistant", "refusal": None, "content": ""},
        usage_key=True,
        newline="\r\n",
        comment=": ping - 2026-11-24 10:00:00.000000",
        spaced=True,
    ),
    ChatDialect(
        name="openrouter",
        fields=_identity(id="gen-1", provider="Some"),
        choice={"native_finish_reason": None, "logprobs": None},
        comment=": OPENROUTER PROCESSING",
        every={"role": "assistant"},
    ),
    ChatDialect(name="without an end", done=False, usage=False, newline="\r"),
)
"""The servers of which it is known how they write."""
