"""What is not ours under ``/v1`` goes on to the model server: embeddings, speech and the like."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import aiohttp

from limner.errors import RequestRejected
from limner.server.http.exchange import Exchange, Header
from limner.server.proxy.answering import begin, passed_headers, refuse
from limner.server.proxy.chat_request import ChatRequest
from limner.server.proxy.dialects.every import spoken_at
from limner.server.proxy.dialects.openai_chat import OPENAI_CHAT
from limner.server.proxy.history.conversation import Recall, without_links
from limner.server.proxy.model_routes import ModelRoutes
from limner.server.proxy.model_server import ModelServer
from limner.server.proxy.own_address import OwnAddress
from limner.server.proxy.protocol.pass_through import PassThrough
from limner.server.proxy.relay import Relay
from limner.server.proxy.settings import ProxySettings

_MODEL = re.compile(rb'name="?model"?\r\n(?:[^\r\n]+\r\n)*\r\n([^\r\n]{1,300})\r\n')
"""The model in a form, as those who send recordings name it."""
_SENT = ("content-type", "accept")


@dataclass(frozen=True, slots=True)
class Target:
    """Where a request goes.

    Attributes:
        path: Below the server's root.
        family: What the server speaks.
        rooted: Whether the path is below its host instead.
    """

    path: str
    family: str = "openai"
    rooted: bool = False


class PassingOn:
    """Sends requests on as they are, and gives the answers as they come.

    Args:
        settings: Which, and how long it may take.
        routes: Finds the model server.
        recall: Knows our pictures, of which no model is shown any.
    """

    def __init__(self, settings: ProxySettings, routes: ModelRoutes, recall: Recall) -> None:
        self._settings = settings
        self._routes = routes
        self._recall = recall

    def takes(self, path: str) -> bool:
        """Whether a path, without ``/v1``, is sent on.

        Examples:
            >>> from limner.server.proxy import Upstream
            >>> settings = ProxySettings(upstreams=(Upstream(url="http://h"),))
            >>> passing = PassingOn(settings, ModelRoutes([], clock=float), None)
            >>> passing.takes("/audio/speech"), passing.takes("/audios"), passing.takes("/files")
            (True, False, False)
        """
        return any(path == one or path.startswith(f"{one}/") for one in self._settings.pass_through)

    async def answer(
        self, exchange: Exchange, target: Target, change: Callable[[bytes], bytes] | None = None
    ) -> None:
        """Answer a request.

        Args:
            exchange: The client.
            target: Where it goes.
            change: What becomes of an answer that is no stream.

        Raises:
            LimnerError: It cannot be answered; nothing was sent yet.
            ClientGone: There is nobody to answer any more.
        """
        body = await exchange.body(self._settings.body_limit)
        await exchange.unless_gone(self._answer(exchange, target, body, change))

    async def _answer(
        self,
        exchange: Exchange,
        target: Target,
        body: bytes,
        change: Callable[[bytes], bytes] | None,
    ) -> None:
        request = _read(exchange, body)
        named = _MODEL.search(body) if request is None else None
        model = named[1].decode("utf-8", "replace") if named else ""
        model = model if request is None else request.model
        server, known = await self._routes.find(model, target.family)
        if request is not None:
            request = await self._without_links(exchange, request)
            if known != request.model:
                request = request.replaced(model=known)
            body = request.encoded()
        headers = {name: exchange.headers[name] for name in _SENT if name in exchange.headers}
        with server.asking(known, target.path.rpartition("/")[2]) as span:
            response = await server.send(
                exchange.method,
                target.path,
                body or None,
                exchange.headers,
                headers,
                exchange.raw_query,
                rooted=target.rooted,
            )
            if span is not None:
                span.add({"http.response.status_code": response.status})
            try:
                await self._give(exchange, server, response, change)
            finally:
                response.close()

    async def _without_links(self, exchange: Exchange, request: ChatRequest) -> ChatRequest:
        """The request without our pictures in what a model is to go on from."""
        own = OwnAddress.of(self._settings.public_url, exchange.header("host"))
        given = request.get("input")
        as_chat = isinstance(given, list) and all(isinstance(one, dict) for one in given)
        field = "messages" if as_chat else "prompt"
        if field in request.fields or not isinstance(given, str | list):
            return await without_links(request, recall=self._recall, own=own)
        asked = request.replaced(**{field: given})
        made = await without_links(asked, recall=self._recall, own=own)
        if made is asked:
            return request
        return request.replaced(input=made.get(field))

    async def _give(
        self,
        exchange: Exchange,
        server: ModelServer,
        response: aiohttp.ClientResponse,
        change: Callable[[bytes], bytes] | None,
    ) -> None:
        if not 200 <= response.status < 300:
            await refuse(exchange, spoken_at(exchange.path) or OPENAI_CHAT, server, response)
            return
        if response.content_type == OPENAI_CHAT.media_type:
            await begin(exchange, OPENAI_CHAT, response)
            relay = Relay(
                exchange,
                response,
                PassThrough(OPENAI_CHAT),
                OPENAI_CHAT,
                server=server,
                settings=self._settings,
            )
            await relay.run()
            return
        settings = self._settings
        body = await server.read(response, settings.answer_limit, settings.idle_timeout)
        body = body if change is None else change(body)
        kind = response.headers.get("Content-Type", "application/octet-stream")
        told: Header = (b"content-type", kind.encode("latin-1", "replace"))
        await exchange.respond(response.status, body, [told, *passed_headers(response)])


def _read(exchange: Exchange, body: bytes) -> ChatRequest | None:
    """The fields of a request, if it is JSON."""
    if "json" not in (exchange.header("content-type") or "") or not body:
        return None
    try:
        return ChatRequest.read(body)
    except RequestRejected:
        return None  # the model server will say so in its own words


def below(paths: Sequence[str]) -> tuple[str, ...]:
    """Paths as they stand in requests, without ``/v1``.

    Examples:
        >>> below(["embeddings", "/v1/audio/"])
        ('/embeddings', '/audio')
    """
    return tuple(f"/{one.strip('/').removeprefix('v1/')}" for one in paths)
