"""Scripted answers of a model server, good and bad, as the bytes that go over the wire."""

import asyncio
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

Dialect: TypeAlias = Literal["openai", "fastapi", "koboldcpp", "ollama", "openrouter", "plain"]
"""Whose shape of error body: see `Reply.error`."""


class Cut:
    """A step of a `Reply`: the connection is reset, in the middle of the body."""


class Hang:
    """A step of a `Reply`: nothing more comes, until the client goes away."""


Step: TypeAlias = bytes | asyncio.Event | Cut | Hang
"""What a reply does next: write these bytes at once, wait for the event, cut off, or hang."""


@dataclass(frozen=True, slots=True)
class Reply:
    r"""One answer: a status, headers, and what is done with the body, step by step.

    Attributes:
        steps: The body, in writes; between them it may wait for events of the test.
        status: The HTTP status.
        headers: Headers. Unless there is a ``Content-Length``, the body is chunked.
        before: Steps before anything at all is sent, to let the client wait for the first byte.

    Examples:
        >>> Reply.stream("Once", " upon").steps[-1]
        b'data: [DONE]\n\n'
    """

    steps: tuple[Step, ...] = ()
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    before: tuple[Step, ...] = ()

    @classmethod
    def stream(
        cls,
        *pieces: str | Step | Mapping[str, Any],
        newline: str = "\n",
        space: bool = True,
        role: bool = True,
        finish: str | None = "stop",
        finish_with_text: bool = False,
        usage: Mapping[str, int] | None = None,
        done: bool = True,
        last_newline: bool = True,
    ) -> "Reply":
        """An event stream of a chat completion.

        Args:
            *pieces: In order: a text becomes a chunk with that content, a mapping a chunk as it
                is, and a step stays one (bytes are written raw: a comment, garbage, …).
            newline: The line end: LF, CRLF or CR.
            space: Whether a blank follows ``data:``.
            role: Whether a first chunk with a role and empty content comes before all.
            finish: The finish reason; ``None``: none is given.
            finish_with_text: Whether the last text and the finish reason share a chunk.
            usage: The counts of a last chunk without choices.
            done: Whether ``[DONE]`` follows.
            last_newline: Whether the last event has its blank line.
        """
        steps: list[Step] = []

        def event(data: str) -> None:
            steps.append(f"data:{' ' * space}{data}{newline * 2}".encode())

        if role:
            event(chunk(delta={"role": "assistant", "content": ""}))
        last = len(pieces) - 1
        for index, piece in enumerate(pieces):
            if isinstance(piece, str):
                merged = finish if finish_with_text and index == last else None
                event(chunk(delta={"content": piece}, finish=merged))
            elif isinstance(piece, Mapping):
                event(json.dumps(piece, ensure_ascii=False))
            else:
                steps.append(piece)
        if finish is not None and not finish_with_text:
            event(chunk(delta={}, finish=finish))
        if usage is not None:
            event(json.dumps({"choices": [], "usage": dict(usage)}))
        if done:
            event("[DONE]")
        if not last_newline and steps and isinstance(steps[-1], bytes):
            steps[-1] = steps[-1].removesuffix((newline * 2).encode())
        return cls(tuple(steps), headers={"Content-Type": "text/event-stream; charset=utf-8"})

    @classmethod
    def completion(cls, text: str, *, keep_alive: bytes = b"") -> "Reply":
        """A plain JSON completion, as a server gives that ignores ``stream``.

        Args:
            text: The whole answer.
            keep_alive: What comes before the JSON: blank lines, comments.
        """
        message = {"role": "assistant", "content": text}
        choice = {"index": 0, "message": message, "finish_reason": "stop"}
        body = json.dumps({"object": "chat.completion", "choices": [choice]}, ensure_ascii=False)
        return cls((keep_alive + body.encode(),), headers={"Content-Type": "application/json"})

    @classmethod
    def error(
        cls,
        status: int,
        message: str = "",
        *,
        dialect: Dialect = "openai",
        kind: str = "error",
        code: str | int | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> "Reply":
        """An error before the stream, in a server's own shape.

        Args:
            status: The HTTP status.
            message: What the server says.
            dialect: Whose shape the body has; ``"plain"`` is bare text.
            kind: The ``type`` of the error, where the dialect has one.
            code: The ``code`` of the error, where the dialect has one.
            headers: More headers, such as ``Retry-After``.
        """
        body = error_body(message, dialect=dialect, kind=kind, code=code)
        media_type = "text/plain" if dialect == "plain" else "application/json"
        return cls((body,), status, {"Content-Type": media_type} | dict(headers or {}))

    @classmethod
    def page(cls, title: str, *, status: int = 200) -> "Reply":
        """A web page, as one gets from a wrong address."""
        body = f"<!doctype html>\n<html><head><title>{title}</title></head><body></body></html>"
        return cls((body.encode(),), status, {"Content-Type": "text/html; charset=utf-8"})

    @classmethod
    def silence(cls) -> "Reply":
        """Nothing, not even a status, until the client goes away."""
        return cls(before=(Hang(),))

    def split(self, size: int = 1) -> "Reply":
        """The same reply, its body written in pieces of so many bytes."""
        steps: list[Step] = []
        for step in self.steps:
            if isinstance(step, bytes):
                steps += [step[i : i + size] for i in range(0, len(step), size)]
            else:
                steps.append(step)
        return Reply(tuple(steps), self.status, self.headers, self.before)


def chunk(*, delta: Mapping[str, Any], finish: str | None = None, index: int = 0) -> str:
    """The JSON of one chunk with one choice."""
    choice = {"index": index, "delta": delta, "finish_reason": finish}
    return json.dumps({"choices": [choice]}, ensure_ascii=False)


def error_body(
    message: str, *, dialect: Dialect = "openai", kind: str = "error", code: str | int | None = None
) -> bytes:
    """The body of an error in a server's own shape."""
    if dialect == "plain":
        return message.encode()
    shapes: dict[str, Any] = {
        "openai": {"error": {"message": message, "type": kind, "param": None, "code": code}},
        "fastapi": {"detail": message},
        "koboldcpp": {"detail": {"msg": message, "type": kind}},
        "ollama": {"error": message},
        "openrouter": {"error": {"code": code, "message": message, "metadata": {}}},
    }
    return json.dumps(shapes[dialect], ensure_ascii=False).encode()


def joined(steps: Iterable[Step]) -> bytes:
    """All bytes of some steps, as a client that waits for everything would see them."""
    return b"".join(step for step in steps if isinstance(step, bytes))
