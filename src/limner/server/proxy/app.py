"""The proxy as one ASGI application."""

import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from functools import partial
from urllib.parse import unquote

import aiohttp
import msgspec

from limner.errors import LimnerError, RequestRejected
from limner.server.http.exchange import ClientGone, Exchange, Receive, Scope, Send, local_path
from limner.server.http.origins import cors_headers, is_allowed, preflight_headers
from limner.server.model_calls import ModelCalls
from limner.server.open_answers import OpenAnswers
from limner.server.proxy.answering import JSON, fail
from limner.server.proxy.beside import BESIDE, AskedBeside
from limner.server.proxy.chat import Chat
from limner.server.proxy.dialects.every import DIALECTS, spoken_at
from limner.server.proxy.dialects.openai_chat import OPENAI_CHAT
from limner.server.proxy.instruction import Instruction
from limner.server.proxy.mode import Illustrating
from limner.server.proxy.model_routes import ModelRoutes
from limner.server.proxy.model_server import ModelServer
from limner.server.proxy.passing_on import PassingOn, Target
from limner.server.proxy.pictures.generations import Generations
from limner.server.proxy.pictures.picture_serving import PATH, PictureServing
from limner.server.proxy.pictures.picture_sink import PictureService
from limner.server.proxy.protocol.dialect import Dialect
from limner.server.proxy.protocol.errors import error_body, of_error
from limner.server.proxy.settings import TRACE, ProxySettings
from limner.tracing import Tracer

log = logging.getLogger(__name__)

BASES = {"", *(one.base for one in BESIDE)}
"""Where ``/v1`` stands."""

Handler = Callable[[Exchange], Awaitable[None]]


class ProxyApp:
    """A server that illustrates what the models behind it write, in the protocols they speak.

    It answers what is asked in one of its `dialects`, such as ``/v1/chat/completions``,
    ``/v1/models``, ``/v1/models/{id}``, ``/v1/images/generations`` (all also without ``/v1``), and
    ``/images/{id}.png``. What the settings name, and what programs of other protocols ask beside,
    goes on to the model server, and anything else gets a 404 in OpenAI's form.
    It does not check who asks, except that web pages of foreign origins are refused; a token is
    for whoever stands before it.

    It can be mounted in a framework, or asked with `serves` to let a stream go round it.

    Args:
        settings: How it works.
        session: The HTTP client: `limner.server.proxy.client_session`, closed by its owner.
        pictures: Draws and keeps the pictures; see `limner.server.proxy.IllustratorPictureService`.
        instruction: What models are told about pictures, until `instruct` says otherwise.
        dialects: The protocols it speaks.
        opened: Where what is being answered is entered, so that it can be stopped.
        tracer: Is told of what models are asked; ``None``: nobody is.
    """

    def __init__(
        self,
        settings: ProxySettings,
        *,
        session: aiohttp.ClientSession,
        pictures: PictureService,
        instruction: Instruction | None = None,
        dialects: Sequence[Dialect] = DIALECTS,
        opened: OpenAnswers | None = None,
        tracer: Tracer | None = None,
    ) -> None:
        passed_on = TRACE[0] in settings.forward_headers
        calls = None if tracer is None else ModelCalls(tracer, passed_on=passed_on)
        servers = [ModelServer(one, settings, session, calls) for one in settings.upstreams]
        self.settings = settings
        self.routes = ModelRoutes(servers, clock=time.monotonic)
        self._chat = chat = Chat(
            settings, self.routes, pictures, instruction or Instruction(), opened or OpenAnswers()
        )
        self._passing = PassingOn(settings, self.routes, pictures.recall)
        self._picture_serving = PictureServing(settings, pictures)
        self._handlers: dict[tuple[str, str], Handler] = {
            **{("POST", one.path): partial(chat.answer, dialect=one) for one in dialects},
            ("POST", "/images/generations"): Generations(settings, pictures, of_error).answer,
            ("GET", "/models"): self._list,
        }
        self._paths = frozenset(path for _, path in self._handlers)
        self._dialects = dialects
        self._beside = AskedBeside(self.routes, self._passing)

    def instruct(self, instruction: Instruction, illustrating: Illustrating | None = None) -> None:
        """Tell models something else about pictures from now on; nothing else changes."""
        now = illustrating or self._chat.illustrating
        prompting = replace(now.prompting, instruction=instruction)
        self._chat.illustrating = replace(now, prompting=prompting)

    def stop(self) -> None:
        """Have no more pictures waited for than are now."""
        self._picture_serving.stop()

    async def aclose(self) -> None:
        """Let nobody wait for a picture any more; each is told why. Twice is fine."""
        await self._picture_serving.aclose()

    def serves(self, scope: Scope) -> bool:
        """Whether a request is for this application rather than for others beside it."""
        if scope["type"] != "http":
            return False
        path = local_path(scope)
        if _bare(path) != path or self._knows(path):
            return True
        method = scope.get("method", "GET")
        # A browser asks first whether a page may ask.
        asks = method == "OPTIONS" and self._beside.knows(path)
        return asks or self._beside.handler(method, path) is not None

    def _knows(self, path: str) -> bool:
        """Whether anything is answered here, by some method."""
        return path in self._paths or path.startswith("/models/") or bool(PATH.fullmatch(path))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            raise ValueError(f"this application speaks HTTP only, not {scope['type']}")
        exchange = Exchange(scope, receive, send)
        try:
            await self._answer(exchange)
        except ClientGone:
            log.debug("the client of %s went away", exchange.path)
        except LimnerError as error:
            await self._fail(exchange, *of_error(error))
        except Exception:
            log.exception("%s %s failed", exchange.method, exchange.path)
            told = error_body("limner failed; its log says why", kind="server_error")
            await self._fail(exchange, 500, told)

    def _answer(self, exchange: Exchange) -> Awaitable[None]:
        path = _bare(exchange.path)
        picture = PATH.fullmatch(path)
        if picture and exchange.method in ("GET", "HEAD"):
            return self._picture_serving.answer(exchange, picture[1])
        return self._asked(exchange, path)

    async def _asked(self, exchange: Exchange, path: str) -> None:
        if (origin := exchange.header("origin")) is not None:
            if not is_allowed(origin, self.settings.allowed_origins):
                raise RequestRejected(
                    f"pages of {origin[:200]} may not use this server; allowed_origins says "
                    "which may",
                    status=403,
                    kind="permission_error",
                    code="origin_not_allowed",
                )
            exchange.extra = cors_headers(origin)
        if exchange.method == "OPTIONS":
            asked = exchange.header("access-control-request-headers")
            await exchange.start(204, preflight_headers(asked))
            await exchange.end()
            return
        await self._handler(exchange, path)(exchange)

    def _handler(self, exchange: Exchange, path: str) -> Handler:
        handler = self._handlers.get((exchange.method, path))
        if handler is not None:
            return handler
        if path.startswith("/models/") and exchange.method == "GET":
            return self._describe
        beside = self._beside.handler(exchange.method, path)
        if beside is not None:
            return beside
        if exchange.path != path and self._passing.takes(path):
            return partial(self._passing.answer, target=Target(path))
        if self._knows(path):
            raise RequestRejected(
                f"{exchange.method} is not allowed here", status=405, code="method_not_allowed"
            )
        raise RequestRejected(
            f"there is nothing at {exchange.path[:200]}", status=404, code="unknown_url"
        )

    async def _list(self, exchange: Exchange) -> None:
        models = await exchange.unless_gone(self.routes.listing())
        body = msgspec.json.encode({"object": "list", "data": models})
        await exchange.respond(200, body, [JSON])

    async def _describe(self, exchange: Exchange) -> None:
        name = unquote(_bare(exchange.path).removeprefix("/models/"))
        model = await exchange.unless_gone(self.routes.describe(name))
        await exchange.respond(200, msgspec.json.encode(model), [JSON])

    async def _fail(self, exchange: Exchange, status: int, body: bytes) -> None:
        try:
            spoken = spoken_at(exchange.path, self._dialects)
            await fail(exchange, spoken or OPENAI_CHAT, status, body)
        except ClientGone:
            log.debug("the client of %s went away", exchange.path)


def _bare(path: str) -> str:
    """The path without ``/v1``, as some people leave it out.

    Programs of servers that have protocols of their own ask for OpenAI's beside them.

    Examples:
        >>> _bare("/v1/models"), _bare("/kobold/v1/completions"), _bare("/kobold/api/v1/model")
        ('/models', '/completions', '/kobold/api/v1/model')
    """
    _, v1, rest = path.partition("/v1/")
    return f"/{rest}" if v1 and path.removesuffix(f"/v1/{rest}") in BASES else path
