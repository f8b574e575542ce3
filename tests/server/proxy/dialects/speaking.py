"""What the tests of the protocols share: each dialect beside the servers that speak it."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from tests.server.proxy.dialects import ending
from tests.server.proxy.serving import Proxy
from tests.server.proxy.streams import RecordingSink

from limner.server.proxy.dialects.anthropic_messages import ANTHROPIC_MESSAGES
from limner.server.proxy.dialects.koboldai import KOBOLD_STREAM
from limner.server.proxy.dialects.llamacpp_completion import LLAMACPP_COMPLETION
from limner.server.proxy.dialects.ollama import OLLAMA_CHAT, OLLAMA_GENERATE
from limner.server.proxy.dialects.openai_chat import OPENAI_CHAT
from limner.server.proxy.dialects.openai_completions import OPENAI_COMPLETIONS
from limner.server.proxy.dialects.openai_responses import OPENAI_RESPONSES
from limner.server.proxy.mode import Mode
from limner.server.proxy.protocol.dialect import Dialect
from limner.server.proxy.protocol.rewriter import StreamRewriter
from limner.testing.chat_server import PROTOCOLS, Protocol

Reader = Callable[[Any], str]
Judge = Callable[[Sequence[Any]], bool]


@dataclass(frozen=True, slots=True)
class Spoken:
    """A dialect, a server that speaks it, and how a client reads and asks.

    Attributes:
        dialect: What limner knows of it.
        server: How its servers write.
        delta: The text that an event's data adds.
        asks: A request that asks for so much.
        asked: The text of what was asked for, out of a request that a server got.
        ends: Whether the data of a stream's events are those of one that ended well; see `ending`.
    """

    dialect: Dialect
    server: Protocol
    delta: Reader
    asks: Callable[[str], dict[str, Any]]
    asked: Reader
    ends: Judge

    def __str__(self) -> str:
        return self.dialect.name

    def text(self, stream: bytes) -> str:
        """What a client has read when a stream has ended."""
        return "".join(self.delta(told) for told in self.data(stream))

    def data(self, stream: bytes) -> list[Any]:
        """The JSON of a stream's events."""
        lines = stream.decode().replace("\r", "\n").split("\n")
        told = [line.removeprefix("data:").strip() for line in lines]
        return [json.loads(line) for line in told if line.startswith("{")]

    def ends_well(self, stream: bytes) -> bool:
        """Whether a program that has read this stream knows that the answer is over, and why."""
        told = self.data(stream)
        done = stream.count(b"data: [DONE]")
        said = done == 1 and stream.endswith(b"data: [DONE]\n\n")
        return self.ends(told) and (said if "openai c" in str(self) else not done)

    def rewrite(
        self, *parts: bytes, mode: Mode = Mode.INLINE, sink: RecordingSink | None = None
    ) -> bytes:
        """Everything that is sent when a stream comes in these parts."""
        rewriter = StreamRewriter(sink or RecordingSink(), self.dialect, mode=mode)
        sent = [chunk for part in parts for chunk in rewriter.feed(part)]
        return b"".join(sent + rewriter.finish())


def _anthropic(told: Any) -> str:
    delta = told.get("delta") or {}
    return str(delta.get("text", "")) if delta.get("type") == "text_delta" else ""


def _responses(told: Any) -> str:
    return str(told["delta"]) if told["type"] == "response.output_text.delta" else ""


def _prompt(text: str) -> dict[str, Any]:
    return {"model": "m", "prompt": text, "stream": True}


def _chat(text: str) -> dict[str, Any]:
    return {"model": "m", "stream": True, "messages": [{"role": "user", "content": text}]}


def _choices(told: Any) -> str:
    return "".join(one["delta"].get("content") or "" for one in told.get("choices", ()))


SPOKEN = (
    Spoken(
        OPENAI_CHAT,
        PROTOCOLS["openai chat"],
        _choices,
        _chat,
        lambda body: str(body["messages"][-1]["content"]),
        ending.by_choices,
    ),
    Spoken(
        OPENAI_COMPLETIONS,
        PROTOCOLS["openai completions"],
        lambda told: "".join(one["text"] for one in told.get("choices", ())),
        _prompt,
        lambda body: str(body["prompt"]),
        ending.by_choices,
    ),
    Spoken(
        OPENAI_RESPONSES,
        PROTOCOLS["openai responses"],
        _responses,
        lambda text: {"model": "m", "input": text, "stream": True},
        lambda body: str(body["input"]),
        ending.of_a_response,
    ),
    Spoken(
        ANTHROPIC_MESSAGES,
        PROTOCOLS["anthropic messages"],
        _anthropic,
        lambda text: {"max_tokens": 99, **_chat(text)},
        lambda body: str(body["messages"][-1]["content"]),
        ending.of_a_message,
    ),
    Spoken(
        OLLAMA_CHAT,
        PROTOCOLS["ollama chat"],
        lambda told: str(told.get("message", {}).get("content", "")),
        _chat,
        lambda body: str(body["messages"][-1]["content"]),
        ending.by_last("done", True),
    ),
    Spoken(
        OLLAMA_GENERATE,
        PROTOCOLS["ollama generate"],
        lambda told: str(told.get("response", "")),
        _prompt,
        lambda body: str(body["prompt"]),
        ending.by_last("done", True),
    ),
    Spoken(
        KOBOLD_STREAM,
        PROTOCOLS["koboldai stream"],
        lambda told: str(told.get("token", "")),
        _prompt,
        lambda body: str(body["prompt"]),
        ending.by_last("finish_reason", "stop"),
    ),
    Spoken(
        LLAMACPP_COMPLETION,
        PROTOCOLS["llama.cpp completion"],
        lambda told: str(told.get("content", "")),
        _prompt,
        lambda body: str(body["prompt"]),
        ending.by_last("stop", True),
    ),
)
BY_NAME = {one.dialect.name: one for one in SPOKEN}


def place(limner: Proxy, spoken: Spoken) -> str:
    """Where a client asks."""
    below = limner.url if not spoken.dialect.rooted else limner.address
    return below + spoken.dialect.path
