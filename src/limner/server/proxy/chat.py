"""A question to a model: asked, illustrated, answered."""

from codecs import BOM_UTF8
from collections.abc import Mapping
from typing import Any

import aiohttp

from limner.backends.text.refusal import failure_in_stream, not_an_endpoint
from limner.errors import RequestRejected
from limner.server.http.exchange import Exchange, Header
from limner.server.proxy.chat_request import ChatRequest
from limner.server.proxy.history.conversation import (
    going_on,
    instructed,
    with_tags,
    without_links,
)
from limner.server.proxy.instruction import Instruction
from limner.server.proxy.mode import Decision, Mode, Reason
from limner.server.proxy.mode_decision import decide
from limner.server.proxy.model_routes import ModelRoutes
from limner.server.proxy.model_server import ModelServer
from limner.server.proxy.own_address import OwnAddress
from limner.server.proxy.pictures.picture_sink import AnswerContext, PictureService, PictureSink
from limner.server.proxy.pictures.waiting import all_kept, all_ready, recognised
from limner.server.proxy.protocol.completion import rewrite_completion
from limner.server.proxy.protocol.errors import translated
from limner.server.proxy.protocol.pass_through import PassThrough
from limner.server.proxy.protocol.rewriter import StreamRewriter
from limner.server.proxy.relay import Relay, early_head
from limner.server.proxy.settings import ProxySettings

EVENT_STREAM = "text/event-stream"
JSON: Header = (b"content-type", b"application/json")
STREAMED: list[Header] = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-cache"),
    (b"x-accel-buffering", b"no"),
]
_PASSED = frozenset({"x-request-id", "openai-processing-ms", "retry-after", "x-should-retry"})
_CHAT_HEADERS = ("x-limner-chat", "x-openwebui-chat-id", "x-session-id")


class Chat:
    """Answers ``/chat/completions``, and ``/completions`` without pictures.

    Args:
        settings: How it works.
        routes: Finds the model server.
        pictures: Draws the pictures.
        instruction: What models are told about pictures.

    Attributes:
        instruction: The same; another one counts for what is asked from then on.
    """

    def __init__(
        self,
        settings: ProxySettings,
        routes: ModelRoutes,
        pictures: PictureService,
        instruction: Instruction,
    ) -> None:
        self._settings = settings
        self._routes = routes
        self._pictures = pictures
        self.instruction = instruction

    async def answer(self, exchange: Exchange) -> None:
        """Answer a question to a chat model.

        Raises:
            LimnerError: It cannot be answered; nothing was sent yet.
            ClientGone: There is nobody to answer any more.
        """
        settings = self._settings
        request = ChatRequest.read(await exchange.body(settings.body_limit))
        decision = self._decision(exchange, request)
        _tell(exchange, decision)
        work = self._answer(exchange, request, decision.mode)
        await exchange.unless_gone(work)

    async def complete(self, exchange: Exchange) -> None:
        """Answer a request for a plain completion; it passes as it is, but for our pictures.

        Raises:
            As `answer`.
        """
        request = ChatRequest.read(await exchange.body(self._settings.body_limit))
        _tell(exchange, Decision(Mode.OFF, Reason.COMPLETION))
        await exchange.unless_gone(self._leave_alone(exchange, "/completions", request))

    def _decision(self, exchange: Exchange, request: ChatRequest) -> Decision:
        try:
            return decide(
                request,
                asked=exchange.header("x-limner-mode"),
                setting=self._settings.mode,
                unstreamed=self._settings.unstreamed,
                named=_chat_of(exchange.headers) is not None,
            )
        except ValueError:
            raise RequestRejected(
                f"X-Limner-Mode must be one of {', '.join(Mode)}", code="unknown_mode"
            ) from None

    async def _answer(self, exchange: Exchange, request: ChatRequest, mode: Mode) -> None:
        if mode is Mode.OFF:
            await self._leave_alone(exchange, "/chat/completions", request)
            return
        instruction = self.instruction
        told = await with_tags(
            request,
            recall=self._pictures.recall,
            own=self._address(exchange),
            patterns=self._settings.patterns,
        )
        sink = self._pictures.open(_context(exchange.headers, request, told))
        try:
            await recognised(sink, self._settings.keep_timeout)
            told = going_on(told, sink.unseen)
            asked = instructed(told, instruction.text, depth=instruction.depth)
            await self._forward(exchange, "/chat/completions", asked, mode, sink)
        except BaseException:
            sink.cancel()
            raise

    async def _leave_alone(self, exchange: Exchange, path: str, request: ChatRequest) -> None:
        """Have a request answered without pictures, and show the model none."""
        asked = await without_links(
            request, recall=self._pictures.recall, own=self._address(exchange)
        )
        await self._forward(exchange, path, asked, Mode.OFF)

    def _address(self, exchange: Exchange) -> OwnAddress:
        return OwnAddress.of(self._settings.public_url, exchange.header("host"))

    async def _forward(
        self,
        exchange: Exchange,
        path: str,
        request: ChatRequest,
        mode: Mode,
        sink: PictureSink | None = None,
    ) -> None:
        server, model = await self._routes.find(request.model)
        if model != request.model:
            request = request.replaced(model=model)
        response = await self._asked(exchange, server, path, request)
        try:
            if not 200 <= response.status < 300:
                await refuse(exchange, server, response)
                if sink is not None:
                    sink.cancel()
                return
            begun, streamed = b"", response.content_type == EVENT_STREAM
            if not streamed:
                begun = await server.beginning(response, self._settings.idle_timeout)
                streamed = _is_stream(response, begun, asked=request.get("stream") is True)
            if sink is None:
                await self._pass(exchange, server, response, streamed, begun)
                return
            illustrate = self._illustrate_stream if streamed else self._illustrate
            await illustrate(exchange, server, response, sink, mode, begun)
        finally:
            response.close()

    async def _asked(
        self, exchange: Exchange, server: ModelServer, path: str, request: ChatRequest
    ) -> aiohttp.ClientResponse:
        """Ask a model; who waits long for a stream is told that it comes."""
        body = request.encoded()
        if request.get("stream") is not True:
            return await server.post(path, body, exchange.headers)
        with early_head(exchange, STREAMED, after=self._settings.keep_alive):
            return await server.post(path, body, exchange.headers)

    async def _pass(
        self,
        exchange: Exchange,
        server: ModelServer,
        response: aiohttp.ClientResponse,
        streamed: bool,
        begun: bytes,
    ) -> None:
        settings = self._settings
        if streamed:
            await begin(exchange, response)
            relay = Relay(
                exchange, response, PassThrough(), server=server, settings=settings, begun=begun
            )
            await relay.run()
            return
        body = await self._read(server, response, begun)
        await _give(exchange, response, body)

    async def _illustrate_stream(
        self,
        exchange: Exchange,
        server: ModelServer,
        response: aiohttp.ClientResponse,
        sink: PictureSink,
        mode: Mode,
        begun: bytes,
    ) -> None:
        machine = StreamRewriter(sink, mode=mode)
        await begin(exchange, response)
        relay = Relay(
            exchange,
            response,
            machine,
            server=server,
            settings=self._settings,
            sink=sink,
            begun=begun,
        )
        if mode is Mode.HOLD:
            await relay.run_holding()
        else:
            await relay.run()

    async def _illustrate(
        self,
        exchange: Exchange,
        server: ModelServer,
        response: aiohttp.ClientResponse,
        sink: PictureSink,
        mode: Mode,
        begun: bytes,
    ) -> None:
        body = await self._read(server, response, begun)
        body, tickets = rewrite_completion(body, sink, mode=mode)
        if mode is Mode.HOLD:
            await all_ready(sink, tickets, self._settings.hold_timeout)
        else:
            await all_kept(sink, tickets, self._settings.keep_timeout)
        for ticket in tickets:
            body = ticket.moved(body, sink.placed(ticket))
        await _give(exchange, response, body)

    async def _read(
        self, server: ModelServer, response: aiohttp.ClientResponse, begun: bytes
    ) -> bytes:
        """The whole of an answer that is JSON.

        Raises:
            BackendError: It is something else, or an error after all.
        """
        settings = self._settings
        body = await server.read(
            response, settings.answer_limit, settings.idle_timeout, begun=begun
        )
        start = body.lstrip()[:1]
        if start not in (b"{", b"["):
            text = body.decode("utf-8", "replace")
            raise not_an_endpoint(text, response.content_type, server=server.shown)
        if start == b"{" and b'"error"' in body and b'"choices"' not in body:
            raise failure_in_stream(body, server=server.shown)
        return body


async def refuse(exchange: Exchange, server: ModelServer, response: aiohttp.ClientResponse) -> None:
    """Pass an error on, with its status, in the one form that every client shows."""
    body = await server.error(response)
    status = response.status if response.status >= 400 else 502
    if response.status < 400:
        body = b"it redirects elsewhere; give the address it leads to"
    told = translated(status, body, server=server.shown)
    if exchange.started:
        await exchange.end(in_stream(told))
        return
    await exchange.respond(status, told, [JSON, *passed_headers(response)])


async def begin(exchange: Exchange, response: aiohttp.ClientResponse) -> None:
    """Begin to answer with a stream, unless that has begun while the model was waited for."""
    if not exchange.started:
        await exchange.start(200, [*STREAMED, *passed_headers(response)])


async def _give(exchange: Exchange, response: aiohttp.ClientResponse, body: bytes) -> None:
    """Give a whole answer; where a stream has begun, as its only event."""
    if exchange.started:
        await exchange.end(in_stream(body))
        return
    await exchange.respond(response.status, body, [JSON, *passed_headers(response)])


def in_stream(body: bytes) -> bytes:
    """JSON as the last event of a stream."""
    line = b" ".join(body.splitlines())
    return b"data: " + line + b"\n\ndata: [DONE]\n\n"


def _is_stream(response: aiohttp.ClientResponse, begun: bytes, *, asked: bool) -> bool:
    """Whether an answer comes as events, whatever its server calls it."""
    first = begun.removeprefix(BOM_UTF8).lstrip()
    if first[:1] in (b"{", b"[", b"<"):
        return False
    if first.startswith((b"data:", b"event:", b"id:", b"retry:", b":", b"error:")):
        return True
    return asked and response.content_type not in ("application/json", "text/html")


def passed_headers(response: aiohttp.ClientResponse) -> list[Header]:
    """Those headers of a model server that concern the client."""
    return [
        (name.lower().encode("latin-1"), value.encode("latin-1", "replace"))
        for name, value in response.headers.items()
        if name.lower() in _PASSED or name.lower().startswith("x-ratelimit-")
    ]


def _tell(exchange: Exchange, decision: Decision) -> None:
    """Have the answer say how it is illustrated, and if it is not, why."""
    exchange.extra = [*exchange.extra, (b"x-limner-mode", str(decision).encode())]


def _chat_of(headers: Mapping[str, str]) -> str | None:
    """The conversation, where a front-end names it."""
    named: Any = next((headers[name] for name in _CHAT_HEADERS if headers.get(name)), None)
    return None if named is None else str(named)[:200]


def _context(
    headers: Mapping[str, str], request: ChatRequest, restored: ChatRequest
) -> AnswerContext:
    user = request.get("user")
    shown = request.get("messages")
    return AnswerContext(
        model=request.model,
        chat=_chat_of(headers),
        streamed=request.get("stream") is True,
        user=user if isinstance(user, str) and user else None,
        credential=headers.get("authorization"),
        shown=shown,
        restored=shown if restored is request else restored.get("messages"),
    )
