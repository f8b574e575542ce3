"""A fake Ollama: its own API over real HTTP, scripted answers and faults."""

import json
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from limner.testing.chat_server import ChatServer
from limner.testing.chat_server.reply import Reply, Step

NDJSON = {"Content-Type": "application/x-ndjson"}


class OllamaServer(ChatServer):
    """An Ollama that does what its script says; see `limner.testing.chat_server.ChatServer`.

    Its root is the bare address. A ``model`` named with ``embed`` is one that cannot write.

    Examples:
        >>> import asyncio
        >>> from limner.backends.text import OllamaChat
        >>> async def ask():
        ...     async with OllamaServer(lines("Once ", "upon a time")) as server:
        ...         async with OllamaChat(server.url) as chat:
        ...             text = await chat.complete("A story!")
        ...         return text, server.requests[0].body["messages"]
        >>> asyncio.run(ask())
        ('Once upon a time', [{'role': 'user', 'content': 'A story!'}])
    """

    def __init__(self, *args: Any, **common: Any) -> None:
        super().__init__(*args, **{"prefix": "", **common})

    def routes(self) -> list[web.RouteDef]:
        """The routes that limner uses."""
        return [
            web.post("/api/chat", self._chat),
            web.get("/api/tags", self._tags),
        ]

    async def _tags(self, request: web.Request) -> web.StreamResponse:
        if self._models is None:
            raise web.HTTPNotFound
        if not self._let_in(request):
            return web.json_response({"error": "unauthorized"}, status=401)
        listed = [
            {"name": name, "model": name, "size": 1,
             "details": {"family": "nomic-bert" if "embed" in name else "llama"}}
            for name in self._models
        ]  # fmt: skip
        return web.json_response({"models": listed})


def line(content: str = "", **fields: Any) -> bytes:
    """One line of an answer that goes on."""
    message = {"role": "assistant", "content": content, **fields}
    told = {"model": "m", "created_at": "2026-11-01T00:00:00Z", "message": message, "done": False}
    return json.dumps(told, ensure_ascii=False).encode() + b"\n"


def lines(
    *pieces: str | Step | Mapping[str, Any],
    reason: str | None = "stop",
    usage: tuple[int, int] = (9, 2),
    last_newline: bool = True,
) -> Reply:
    """A whole answer.

    Args:
        *pieces: In order: a text becomes a line with that content, a mapping a line as it is, and
            a step stays one (bytes are written raw).
        reason: The ``done_reason`` of the last line; ``None``: there is no such line.
        usage: Tokens of the question and of the answer.
        last_newline: Whether the last line has its line feed.
    """
    steps: list[Step] = []
    for piece in pieces:
        if isinstance(piece, str):
            steps.append(line(piece))
        elif isinstance(piece, Mapping):
            steps.append(json.dumps(piece, ensure_ascii=False).encode() + b"\n")
        else:
            steps.append(piece)
    if reason is not None:
        told = {
            "model": "m", "message": {"role": "assistant", "content": ""}, "done": True,
            "done_reason": reason, "total_duration": 5, "prompt_eval_count": usage[0],
            "eval_count": usage[1],
        }  # fmt: skip
        steps.append(json.dumps(told).encode() + b"\n" * last_newline)
    return Reply(tuple(steps), headers=NDJSON)
