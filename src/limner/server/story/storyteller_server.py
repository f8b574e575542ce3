"""The bundled storyteller as a model server, so that front-ends can be tried before any model.

The proxy asks it as it asks any server, over HTTP, at a port of this machine that only it is told.
So a tale gets its pictures, is streamed, stopped and kept there as the answer of a real model is.
"""

import json
import secrets
import time
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager
from typing import Any

from aiohttp import web

from limner.server.story.telling.aside import aside
from limner.server.story.telling.storyteller import NAME
from limner.server.story.text_servers import TextServer

TO_DO = "start limner serve with --llm URL to have a real model"
BODY = 64 << 20
"""Bytes that a request may have; a conversation brings its pictures along."""
_MODEL = {"id": NAME, "object": "model", "created": 0, "owned_by": "limner"}


@asynccontextmanager
async def storyteller_server(teller: TextServer) -> AsyncIterator[str]:
    """Serve OpenAI's chat protocol for the time of the block; gives the address.

    Args:
        teller: Who tells.
    """
    app = web.Application(client_max_size=BODY)
    app.add_routes(_Answers(teller).routes())
    runner = web.AppRunner(app, handler_cancellation=True, access_log=None, shutdown_timeout=0.0)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
    finally:
        await runner.cleanup()


class _Answers:
    def __init__(self, teller: TextServer) -> None:
        self._teller = teller

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/v1/models", self._list),
            web.post("/v1/chat/completions", self._tell),
            web.route("*", "/{path:.*}", self._nothing),
        ]

    async def _list(self, request: web.Request) -> web.Response:
        return web.json_response({"object": "list", "data": [_MODEL]})

    async def _nothing(self, request: web.Request) -> web.Response:
        told = f"no model server is known, and the bundled {NAME} knows chats only; {TO_DO}"
        return _refused(404, told, "unknown_url")

    async def _tell(self, request: web.Request) -> web.StreamResponse:
        asked = await request.json()
        model, messages = asked.get("model") or NAME, _told(asked.get("messages"))
        if model != NAME:
            told = f"there is no model {model!r}, only the bundled {NAME!r}; {TO_DO}"
            return _refused(404, told, "model_not_found")
        head = {"id": f"chatcmpl-{secrets.token_hex(12)}", "created": int(time.time())}
        if asked.get("stream"):
            return await self._streamed(request, messages, head)
        async with aclosing(self._answer(messages, streamed=False)) as pieces:
            text = "".join([piece async for piece in pieces])
        message = {"role": "assistant", "content": text}
        return web.json_response(_answer(head, "chat.completion", "stop", message=message))

    async def _answer(
        self, messages: Sequence[Mapping[str, Any]], *, streamed: bool
    ) -> AsyncGenerator[str, None]:
        """A tale; what a front-end asks beside its chats is answered in a word."""
        said = aside(messages, streamed=streamed)
        if said is not None:
            yield said
            return
        async with aclosing(self._teller.stream(messages)) as pieces:
            async for piece in pieces:
                yield piece

    async def _streamed(
        self,
        request: web.Request,
        messages: Sequence[Mapping[str, Any]],
        head: Mapping[str, Any],
    ) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)

        async def send(delta: Mapping[str, str], end: str | None = None) -> None:
            chunk = _answer(head, "chat.completion.chunk", end, delta=delta)
            await response.write(b"data: " + json.dumps(chunk).encode() + b"\n\n")

        await send({"role": "assistant", "content": ""})
        async with aclosing(self._answer(messages, streamed=True)) as pieces:
            async for piece in pieces:
                await send({"content": piece})
        await send({}, "stop")
        await response.write(b"data: [DONE]\n\n")
        return response


def _answer(
    head: Mapping[str, Any], kind: str, end: str | None, **said: Mapping[str, str]
) -> dict[str, Any]:
    choice = {"index": 0, "finish_reason": end, **said}
    return {**head, "object": kind, "model": NAME, "choices": [choice]}


def _told(messages: Any) -> list[Mapping[str, Any]]:
    """The messages, each with its words as one text.

    Examples:
        >>> _told([{"role": "user", "content": [{"type": "text", "text": "A fox!"}]}])
        [{'role': 'user', 'content': 'A fox!'}]
    """
    given = messages if isinstance(messages, list) else []
    return [
        {"role": one.get("role"), "content": _words(one.get("content"))}
        for one in given
        if isinstance(one, dict)
    ]


def _words(content: Any) -> str:
    if not isinstance(content, list):
        return content if isinstance(content, str) else ""
    return " ".join(str(part.get("text", "")) for part in content if isinstance(part, dict))


def _refused(status: int, told: str, code: str) -> web.Response:
    error = {"message": told, "type": "invalid_request_error", "param": None, "code": code}
    return web.json_response({"error": error}, status=status)
