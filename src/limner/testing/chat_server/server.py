"""A fake OpenAI-compatible model server: real HTTP on loopback, scripted answers and faults.

It speaks ``POST /v1/chat/completions`` and ``GET /v1/models``, and takes what other protocols ask
(the script says it in theirs: `limner.testing.chat_server.PROTOCOLS`), records what
it was asked, and tells whether a client went away before the end. Faults are steps of a `Reply`;
what has to happen at a certain moment waits for an `asyncio.Event` of the test, so no test needs
to sleep. It needs a real event loop, not virtual time.
"""

import asyncio
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from aiohttp import web

from limner.testing.chat_server.reply import (
    Cut,
    Hang,
    Reply,
    Step,
    error_body,
)
from limner.testing.loopback_server import LoopbackServer


@dataclass(slots=True)
class ChatRequest:
    """What a client asked.

    Attributes:
        path: The path with its query.
        headers: The headers, names in lower case.
        body: The JSON of the body; ``None`` if there is none, or it is no JSON.
        disconnected: Set when the client has gone away before its answer was complete.
        answered: Set when the answer was sent to its end.
    """

    path: str
    headers: Mapping[str, str]
    body: Any
    disconnected: asyncio.Event = field(default_factory=asyncio.Event)
    answered: asyncio.Event = field(default_factory=asyncio.Event)


ROOTED = (
    "/api/chat",
    "/api/generate",
    "/api/v1/generate",
    "/api/latest/generate",
    "/api/extra/generate/stream",
    "/api/extra/generate/check",
    "/completion",
)
"""Where other protocols than OpenAI's and Anthropic's ask."""

Script: TypeAlias = Reply | Sequence[Reply] | Callable[[ChatRequest], Reply]
"""What the server answers: always the same; one after the other, the last for ever; or what a
function makes of the request."""


class ChatServer(LoopbackServer):
    """A model server that does what its script says.

    Args:
        script: What it answers to chat completions.
        models: The ids it lists; ``None``: it has no list (404).
        key: If given, any request that does not show it (``Authorization: Bearer KEY``, or
            ``x-api-key``) gets a 401.
        prefix: Where the API's root is.
        rooted: More paths below the host at which it is asked.

    Attributes:
        requests: The chat completions that were asked for, in order.

    Examples:
        >>> import asyncio
        >>> from limner.backends.text import OpenAIChat
        >>> async def ask():
        ...     async with ChatServer(Reply.stream("Once ", "upon a time")) as server:
        ...         async with OpenAIChat(server.url) as chat:
        ...             text = "".join([piece async for piece in chat.stream("A story!")])
        ...         return text, server.requests[0].body["messages"]
        >>> asyncio.run(ask())
        ('Once upon a time', [{'role': 'user', 'content': 'A story!'}])
    """

    def __init__(
        self,
        script: Script,
        *,
        models: Iterable[str] | None = ("test-model",),
        key: str | None = None,
        prefix: str = "/v1",
        rooted: Iterable[str] = (),
    ) -> None:
        super().__init__(prefix)
        self._rooted = (*ROOTED, *rooted)
        self._answer = _answers(script)
        self._models = None if models is None else tuple(models)
        self._key = key
        self._arrived = asyncio.Event()
        self.requests: list[ChatRequest] = []

    def routes(self) -> list[web.RouteDef]:
        """The protocol's routes; another protocol's server overrides them."""
        return [
            web.post("/chat/completions", self._chat),
            web.post("/completions", self._chat),
            web.post("/messages", self._chat),
            web.post("/responses", self._chat),
            web.get("/models", self._list),
        ]

    def application(self) -> web.Application:
        """Besides, what other protocols ask below the host; see `PROTOCOLS`."""
        app = super().application()
        if self.prefix:
            app.add_routes([web.post(path, self._chat) for path in self._rooted])
            app.add_routes([web.get("/api/version", self._version)])
        return app

    async def _version(self, request: web.Request) -> web.StreamResponse:
        return web.json_response({"version": "0.0.0"})

    async def request(self, index: int = 0) -> ChatRequest:
        """The chat completion with this index, as soon as it has been asked for."""
        while len(self.requests) <= index:
            self._arrived.clear()
            await self._arrived.wait()
        return self.requests[index]

    async def _list(self, request: web.Request) -> web.StreamResponse:
        if self._models is None:
            raise web.HTTPNotFound
        if not self._let_in(request):
            return _refused()
        listed = [{"id": name, "object": "model"} for name in self._models]
        return web.json_response({"object": "list", "data": listed})

    async def _chat(self, request: web.Request) -> web.StreamResponse:
        try:
            body = json.loads(await request.read())
        except ValueError:
            body = None
        headers = {name.lower(): value for name, value in request.headers.items()}
        asked = ChatRequest(request.path_qs, headers, body)
        self.requests.append(asked)
        self._arrived.set()
        if not self._let_in(request):
            return _refused()
        try:
            response = await _play(request, self._answer(asked))
        except (asyncio.CancelledError, ConnectionError):
            if not self._closing:
                asked.disconnected.set()
            raise
        asked.answered.set()
        return response

    def _let_in(self, request: web.Request) -> bool:
        shown = request.headers.get("Authorization"), request.headers.get("x-api-key")
        return self._key is None or shown[0] == f"Bearer {self._key}" or shown[1] == self._key


def _answers(script: Script) -> Callable[[ChatRequest], Reply]:
    if isinstance(script, Reply):
        return lambda request: script
    if isinstance(script, Sequence):
        replies = list(script)
        return lambda request: replies.pop(0) if len(replies) > 1 else replies[0]
    return script


def _refused() -> web.Response:
    body = error_body(
        "Incorrect API key provided.", kind="invalid_request_error", code="invalid_api_key"
    )
    return web.Response(status=401, body=body, content_type="application/json")


async def _play(request: web.Request, reply: Reply) -> web.StreamResponse:
    for step in reply.before:
        await _do(step, request, None)
    response = web.StreamResponse(status=reply.status, headers=dict(reply.headers))
    await response.prepare(request)
    for step in reply.steps:
        await _do(step, request, response)
    await response.write_eof()
    return response


async def _do(step: Step, request: web.Request, response: web.StreamResponse | None) -> None:
    if isinstance(step, asyncio.Event):
        await step.wait()
    elif isinstance(step, Hang):
        await asyncio.Event().wait()
    elif isinstance(step, Cut):
        if request.transport is not None:
            request.transport.abort()
        raise ConnectionResetError("cut off, as the script says")
    elif response is not None:
        await response.write(step)
        await asyncio.sleep(0)  # let it go out by itself, not together with the next
