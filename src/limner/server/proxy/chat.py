"""A question to a model: asked, illustrated, answered."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import aiohttp

from limner.backends.text.refusal import failure_in_stream, not_an_endpoint
from limner.errors import RequestRejected
from limner.server.http.exchange import Exchange
from limner.server.open_answers import AnswerStopped, OpenAnswer, OpenAnswers
from limner.server.proxy.answering import begin, give, refuse, stopped, stream_headers
from limner.server.proxy.chat_request import ChatRequest
from limner.server.proxy.history.conversation import (
    going_on,
    instructed,
    with_tags,
    without_links,
)
from limner.server.proxy.history.transcript import told_in
from limner.server.proxy.instruction import Instruction
from limner.server.proxy.mode import Decision, Illustrating, Mode, Prompting
from limner.server.proxy.mode_decision import decide
from limner.server.proxy.model_routes import ModelRoutes
from limner.server.proxy.model_server import ModelServer
from limner.server.proxy.own_address import OwnAddress
from limner.server.proxy.pictures.picture_sink import AnswerContext, PictureService, PictureSink
from limner.server.proxy.pictures.waiting import (
    all_kept,
    all_ready,
    conversation_of,
    recognised,
)
from limner.server.proxy.prompts_after import PromptsAfter
from limner.server.proxy.protocol.completion import rewrite_completion
from limner.server.proxy.protocol.dialect import Dialect
from limner.server.proxy.protocol.errors import is_error
from limner.server.proxy.protocol.pass_through import PassThrough
from limner.server.proxy.protocol.rewriter import StreamRewriter
from limner.server.proxy.relay import Relay, early_head
from limner.server.proxy.settings import ProxySettings

MOST_CHOICES = 128
"""Answers to one question that are kept apart from those that other servers write."""
_CHAT_HEADERS = ("x-limner-chat", "x-openwebui-chat-id", "x-session-id")


@dataclass(frozen=True, slots=True)
class _Question:
    """What a client asks.

    Attributes:
        exchange: The client.
        dialect: Its protocol.
        request: What it sends, in that protocol.
        talk: The same as a chat completion would have it.
        mode: How it is illustrated.
        opened: By which it can be stopped.
        prompts: Adds what a second model asks for.
    """

    exchange: Exchange
    dialect: Dialect
    request: ChatRequest
    talk: ChatRequest
    mode: Mode
    opened: OpenAnswer
    prompts: PromptsAfter | None = None

    def after(self, prompts: PromptsAfter) -> "_Question":
        """The same, with prompts that a second model writes when the text has ended."""
        mode = Mode.APPEND if self.mode is Mode.INLINE and self.streamed else self.mode
        return replace(self, prompts=prompts, mode=mode)

    @property
    def streamed(self) -> bool:
        """Whether a stream is asked for."""
        return self.talk.get("stream") is True

    def asking(self, talk: ChatRequest) -> "_Question":
        """The same with another conversation."""
        if talk is self.talk:
            return self
        return replace(self, request=self.dialect.asked(self.request, talk), talk=talk)


@dataclass(frozen=True, slots=True)
class _Answer:
    """What a server answers.

    Attributes:
        server: Which.
        response: Its answer, whose head has come.
        begun: What was read of it already.
    """

    server: ModelServer
    response: aiohttp.ClientResponse
    begun: bytes = b""


class Chat:
    """Answers what is asked of models, in any protocol.

    Args:
        settings: How it works.
        routes: Finds the model server.
        pictures: Draws the pictures.
        instruction: What models are told about pictures.
        opened: Where what is being answered is entered.

    Attributes:
        illustrating: How answers are illustrated that are asked for from then on.
    """

    def __init__(
        self,
        settings: ProxySettings,
        routes: ModelRoutes,
        pictures: PictureService,
        instruction: Instruction,
        opened: OpenAnswers,
    ) -> None:
        self._settings = settings
        self._open = opened
        self._routes = routes
        self._pictures = pictures
        self.illustrating = Illustrating(
            mode=settings.mode, prompting=Prompting(instruction=instruction)
        )  # fmt: skip

    async def answer(self, exchange: Exchange, dialect: Dialect) -> None:
        """Answer a question to a model.

        Args:
            exchange: The client.
            dialect: In which protocol it asks.

        Raises:
            LimnerError: It cannot be answered; nothing was sent yet.
            ClientGone: There is nobody to answer any more.
        """
        request = ChatRequest.read(await exchange.body(self._settings.body_limit))
        talk = dialect.conversation(request)
        decision = self._decision(exchange, talk)
        _tell(exchange, decision)
        with self._open.one() as opened:
            question = _Question(exchange, dialect, request, talk, decision.mode, opened)
            try:
                await exchange.unless_gone(opened.unless_stopped(self._answer(question)))
            except AnswerStopped:
                await stopped(exchange, dialect, streamed=question.streamed)

    def _decision(self, exchange: Exchange, talk: ChatRequest) -> Decision:
        try:
            return decide(
                talk,
                asked=exchange.header("x-limner-mode"),
                setting=self.illustrating.mode,
                on=self.illustrating.on,
                unstreamed=self._settings.unstreamed,
                named=_chat_of(exchange.headers) is not None,
                generation=exchange.header("x-limner-generation"),
            )
        except ValueError:
            raise RequestRejected(
                f"X-Limner-Mode must be one of {', '.join(Mode)}", code="unknown_mode"
            ) from None

    async def _prompting(self, sink: PictureSink) -> Prompting:
        """What was chosen for the conversation of an answer; else what holds everywhere."""
        own, usual = self.illustrating.own, self.illustrating.prompting
        if own is None or not own.known:
            return usual
        chat = await conversation_of(sink, self._settings.keep_timeout)
        return usual if chat is None else await own.of(chat) or usual

    async def _answer(self, question: _Question) -> None:
        own = OwnAddress.of(self._settings.public_url, question.exchange.header("host"))
        recall, talk = self._pictures.recall, question.talk
        if question.mode is Mode.OFF:
            # It is answered without pictures, and the model is shown none.
            talk = await without_links(talk, recall=recall, own=own)
            await self._forward(question.asking(talk))
            return
        wish = _wished_prompts(question.exchange)
        told = await with_tags(talk, recall=recall, own=own, patterns=self._settings.patterns)
        if question.mode is Mode.QUIET:
            await self._forward(question.asking(told))
            return
        sink = self._pictures.open(_context(question, told))
        question.opened.pictures = sink
        try:
            await recognised(sink, self._settings.keep_timeout)
            told = going_on(told, sink.unseen)
            prompting = await self._prompting(sink)
            if (proposer := prompting.proposer_for(wish)) is None:
                told_of, place = prompting.instruction, self._settings.prompt_place
                asked = instructed(told, told_of.text, depth=told_of.depth, place=place)
                await self._forward(question.asking(asked), sink)
                return
            plain = await without_links(talk, recall=recall, own=own)
            said = [one for one in told_in(plain)[0] or () if isinstance(one, dict)]
            after = PromptsAfter(proposer, question.dialect, said, self._settings.patterns)
            await self._forward(question.asking(plain).after(after), sink)
        except BaseException:
            sink.cancel()
            raise

    async def _forward(self, question: _Question, sink: PictureSink | None = None) -> None:
        request = question.request
        server, model = await self._routes.find(request.model, question.dialect.family)
        if model != request.model:
            request = request.replaced(model=model)
        with server.asking(model) as span:
            response = await self._asked(question, server, request)
            if span is not None:
                span.add({"http.response.status_code": response.status})
            await self._passed(question, server, response, sink)

    async def _passed(
        self,
        question: _Question,
        server: ModelServer,
        response: aiohttp.ClientResponse,
        sink: PictureSink | None,
    ) -> None:
        exchange, dialect = question.exchange, question.dialect
        try:
            if not 200 <= response.status < 300:
                await refuse(exchange, dialect, server, response)
                if sink is not None:
                    sink.cancel()
                return
            begun, streamed = b"", response.content_type == dialect.media_type
            if not streamed:
                begun = await server.beginning(response, self._settings.idle_timeout)
                asked = question.talk.get("stream") is True
                streamed = dialect.is_stream(begun, response.content_type, asked=asked)
            answer = _Answer(server, response, begun)
            await (self._stream if streamed else self._whole)(question, answer, sink)
        finally:
            response.close()

    async def _asked(
        self, question: _Question, server: ModelServer, request: ChatRequest
    ) -> aiohttp.ClientResponse:
        """Ask a model; who waits long for a stream is told that it comes."""
        exchange, dialect, body = question.exchange, question.dialect, request.encoded()
        if question.talk.get("stream") is not True:
            return await server.post(dialect.asks, body, exchange.headers, rooted=dialect.rooted)
        headers, after = stream_headers(dialect), self._settings.keep_alive
        with early_head(exchange, headers, dialect.keep_alive, after=after):
            return await server.post(dialect.asks, body, exchange.headers, rooted=dialect.rooted)

    async def _stream(self, question: _Question, answer: _Answer, sink: PictureSink | None) -> None:
        exchange, dialect, mode = question.exchange, question.dialect, question.mode
        machine = StreamRewriter(sink, dialect, mode=mode) if sink else PassThrough(dialect)
        await begin(exchange, dialect, answer.response)
        relay = Relay(
            exchange,
            answer.response,
            machine,
            dialect,
            server=answer.server,
            settings=self._settings,
            sink=sink,
            begun=answer.begun,
            prompts=question.prompts,
        )
        question.opened.leave = relay.stop
        await (relay.run_holding() if sink and mode is Mode.HOLD else relay.run())

    async def _whole(self, question: _Question, answer: _Answer, sink: PictureSink | None) -> None:
        body = await self._read(answer, question.dialect)
        if question.prompts is not None:
            body = await question.prompts.whole(body)
        if sink is not None:
            body = await self._illustrated(body, question, sink)
        await give(question.exchange, question.dialect, answer.server, answer.response, body)

    async def _illustrated(self, body: bytes, question: _Question, sink: PictureSink) -> bytes:
        """A whole answer with its pictures, each in its place."""
        settings, mode = self._settings, question.mode
        body, tickets = rewrite_completion(body, sink, question.dialect, mode=mode)
        if mode is Mode.HOLD:
            await all_ready(sink, tickets, settings.hold_timeout)
        else:
            await all_kept(sink, tickets, settings.keep_timeout)
        for ticket in tickets:
            body = ticket.moved(body, sink.placed(ticket))
        return body

    async def _read(self, answer: _Answer, dialect: Dialect) -> bytes:
        """The whole of an answer that is JSON.

        Raises:
            BackendError: It is something else, or an error after all.
        """
        settings, server, response = self._settings, answer.server, answer.response
        body = await server.read(
            response, settings.answer_limit, settings.idle_timeout, begun=answer.begun
        )
        start = body.lstrip()[:1]
        if start not in (b"{", b"["):
            text = body.decode("utf-8", "replace")
            raise not_an_endpoint(text, response.content_type, server=server.shown)
        if b'"error"' in body and not dialect.parts(body) and is_error(body):
            raise failure_in_stream(body, server=server.shown)
        return body


def _tell(exchange: Exchange, decision: Decision) -> None:
    """Have the answer say how it is illustrated, and if it is not, why."""
    exchange.extra = [*exchange.extra, (b"x-limner-mode", str(decision).encode())]


def _wished_prompts(exchange: Exchange) -> str | None:
    """Who is to write the prompts of an answer, if its request says so.

    Raises:
        RequestRejected: Nobody is called so.
    """
    wish = exchange.header("x-limner-prompts") or None
    if wish not in (None, "model", "second"):
        raise RequestRejected("X-Limner-Prompts must be model or second", code="unknown_prompts")
    return wish


def _chat_of(headers: Mapping[str, str]) -> str | None:
    """The conversation, where a front-end names it."""
    named: Any = next((headers[name] for name in _CHAT_HEADERS if headers.get(name)), None)
    return None if named is None else str(named)[:200]


def _context(question: _Question, restored: ChatRequest) -> AnswerContext:
    headers, request, dialect = question.exchange.headers, question.talk, question.dialect
    user = request.get("user")
    shown, story = told_in(request)
    wanted = request.get("n")
    return AnswerContext(
        model=request.model,
        chat=_chat_of(headers),
        message=(headers.get("x-limner-message") or "")[:200] or None,
        generation=headers.get("x-limner-generation") or None,
        streamed=request.get("stream") is True,
        user=user if isinstance(user, str) and user else None,
        credential=headers.get("authorization") or headers.get("x-api-key"),
        shown=shown,
        restored=shown if restored is request or shown is None else told_in(restored)[0],
        story=story,
        previous=dialect.previous(request) if dialect.follows else None,
        followed=request.get("store") is not False,
        choices=wanted if isinstance(wanted, int) and 1 < wanted <= MOST_CHOICES else 1,
    )
