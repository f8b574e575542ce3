"""How a client is answered in its protocol: the head, a whole answer, an error."""

import aiohttp
import msgspec

from limner.backends.text.refusal import not_an_endpoint
from limner.errors import RequestRejected
from limner.server.http.exchange import Exchange, Header
from limner.server.proxy.model_server import ModelServer
from limner.server.proxy.protocol.dialect import Dialect
from limner.server.proxy.protocol.errors import message_of, translated
from limner.server.proxy.protocol.pass_through import PassThrough

JSON: Header = (b"content-type", b"application/json")
_PASSED = frozenset({"x-request-id", "openai-processing-ms", "retry-after", "x-should-retry"})
_PASSED_FAMILIES = ("x-ratelimit-", "anthropic-")


def stream_headers(dialect: Dialect) -> list[Header]:
    """The head of a stream."""
    return [
        (b"content-type", f"{dialect.media_type}; charset=utf-8".encode()),
        (b"cache-control", b"no-cache"),
        (b"x-accel-buffering", b"no"),
    ]


async def refuse(
    exchange: Exchange, dialect: Dialect, server: ModelServer, response: aiohttp.ClientResponse
) -> None:
    """Pass an error on, with its status, in the one form that every client shows."""
    body = await server.error(response)
    status = response.status if response.status >= 400 else 502
    if response.status < 400:
        body = b"it redirects elsewhere; give the address it leads to"
    told = body if dialect.own_error(body) else translated(status, body, server=server.shown)
    await fail(exchange, dialect, status, told, passed_headers(response))


async def fail(
    exchange: Exchange,
    dialect: Dialect,
    status: int,
    error: bytes,
    headers: list[Header] | None = None,
) -> None:
    """Tell an error; a stream that has begun must end cleanly, or front-ends wait for ever.

    Args:
        exchange: The client.
        dialect: Its protocol.
        status: Goes with the error, if nothing was sent yet.
        error: It in OpenAI's form.
        headers: More headers.
    """
    exchange.failed(message_of(error))
    told = dialect.refusal(error)
    if exchange.started:
        await exchange.end(dialect.last(told))
        return
    await exchange.respond(status, told, [JSON, *(headers or ())])


async def stopped(exchange: Exchange, dialect: Dialect, *, streamed: bool) -> None:
    """End an answer well of which nothing came before somebody here stopped it.

    Raises:
        RequestRejected: It is no stream, so there is an answer or none.
    """
    if not streamed and not exchange.started:
        raise RequestRejected(
            "the answer was stopped at limner by its reader; ask again",
            status=499,
            code="answer_stopped",
        )
    if not exchange.started:
        await exchange.start(200, stream_headers(dialect))
    await exchange.end(b"".join(PassThrough(dialect).stopped()))


async def begin(exchange: Exchange, dialect: Dialect, response: aiohttp.ClientResponse) -> None:
    """Begin to answer with a stream, unless that has begun while the model was waited for."""
    if not exchange.started:
        await exchange.start(200, [*stream_headers(dialect), *passed_headers(response)])


async def give(
    exchange: Exchange,
    dialect: Dialect,
    server: ModelServer,
    response: aiohttp.ClientResponse,
    body: bytes,
) -> None:
    """Give a whole answer; where a stream has begun, as all that comes of it.

    Raises:
        BackendRejected: It cannot be said in a stream, as it is none of the protocol.
    """
    if exchange.started:
        try:
            said = dialect.streamed(body)
        except (msgspec.DecodeError, ValueError, RecursionError):
            text = body.decode("utf-8", "replace")
            raise not_an_endpoint(text, response.content_type, server=server.shown) from None
        await exchange.end(said)
        return
    await exchange.respond(response.status, body, [JSON, *passed_headers(response)])


def passed_headers(response: aiohttp.ClientResponse) -> list[Header]:
    """Those headers of a model server that concern the client."""
    return [
        (name.lower().encode("latin-1"), value.encode("latin-1", "replace"))
        for name, value in response.headers.items()
        if name.lower() in _PASSED or name.lower().startswith(_PASSED_FAMILIES)
    ]
