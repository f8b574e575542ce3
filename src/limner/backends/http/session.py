"""One HTTP server we talk to: requests with bounds, answers read whole, errors typed.

It is what every picture backend stands on::

    session = ServerSession("http://host:7860", kind="A1111", headers=basic("me:secret"),
                            secrets=["me:secret"], remedies=Remedies(key=…, address=…))
    answer = await session.request("POST", "/sdapi/v1/txt2img", json={…}, wanted="txt2img")
    answer.json()
    async with session.open("POST", "/images", json={…}) as stream:     # event streams
        async for data in stream: …
    async with session.websocket("/ws?clientId=1") as socket: …
    data = await session.fetch(url, largest=…)                          # pictures named by URL
    await session.aclose()

Every method raises the errors of `limner.errors.BackendError`, with no secret in them.
Cancelling a call closes its connection, which is how such servers learn of it.
"""

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Collection, Iterable, Mapping
from contextlib import asynccontextmanager

import aiohttp
import msgspec
from multidict import CIMultiDict
from yarl import URL

from limner.backends.http.address import server_address, without_secrets
from limner.backends.http.answer import Answer
from limner.backends.http.connecting import Connecting, proxy_for
from limner.backends.http.connection import beginning, client_session, foreign_session
from limner.backends.http.error_body import ErrorBody, read_body
from limner.backends.http.fetching import Got, fetched
from limner.backends.http.rate_headers import RateHeaders
from limner.backends.http.refusal import Remedies, refusal
from limner.backends.http.secrets import Secrets
from limner.backends.http.stream import AnswerStream
from limner.backends.http.timeouts import BRIEF, TRANSFER, Timeouts, bounded
from limner.backends.http.unreachable import unreachable
from limner.backends.http.untrusted_url import (
    forbidden,
    host_allowed,
    is_forbidden,
    is_private,
    same_origin,
)
from limner.errors import (
    BackendError,
    BackendRejected,
    BackendTimeout,
    BackendUnavailable,
)

ERROR_BODY = 256 << 10
"""Bytes read of the body of an error answer."""

FAREWELL = 1.0
"""Seconds a server has to answer the end of a websocket."""


class ServerSession:
    """The connections to one server.

    Making one does no I/O. Redirects of the API itself are not followed.

    Args:
        url: The server's address, ``http(s)://…``. ``user:password@`` in it becomes basic
            authentication, unless `headers` hold an ``Authorization``.
        kind: What it should be, as in "this is no … server".
        headers: For every request to it, and to nobody else.
        secrets: What must never be shown; the password in the URL is added.
        remedies: What a person can do, told with refusals.
        timeouts: Bounds for drawing, none by default; other calls are given their own.
        hosts: Other hosts from which pictures it names may be fetched: ``host``, ``*.domain``.
        relatives: Other hosts that are the service as well, asked by https with its key.
        connecting: How it is asked: headers of one's own, a proxy.

    Raises:
        limner.errors.BackendRejected: It is no ``http(s)://`` address.

    Attributes:
        shown: The address without user, password and query: the only form that is ever shown.
        rates: The quota as the last answer told it.
        met: Whether the server has ever answered, whatever it said.
    """

    def __init__(
        self,
        url: str,
        *,
        kind: str,
        remedies: Remedies,
        headers: Mapping[str, str] | None = None,
        secrets: Iterable[str | None] = (),
        timeouts: Timeouts | None = None,
        hosts: Iterable[str] = (),
        relatives: Iterable[str] = (),
        connecting: Connecting | None = None,
    ) -> None:
        self.shown, authorization, password = server_address(url, kind)
        self._base = URL(self.shown)
        self.kind = kind
        self.timeouts = timeouts or Timeouts()
        self.rates = RateHeaders()
        self.met = False
        self._remedies = remedies
        self._hosts, self._relatives = tuple(hosts), tuple(relatives)
        connecting = connecting or Connecting()
        self._proxy = connecting.proxy
        self._headers = CIMultiDict({"User-Agent": "limner", "Accept": "*/*"})
        self._headers.update({"Authorization": authorization} if authorization else {})
        self._headers.update({**(headers or {}), **connecting.headers})
        header = self._headers.get("Authorization", "").partition(" ")[2]
        self.secrets = Secrets((*secrets, password, header, *connecting.secrets))
        self._sessions: dict[str, aiohttp.ClientSession] = {}
        self._closed = False

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.shown!r})"

    async def aclose(self) -> None:
        """Close every connection. Twice is fine; asking afterwards is an error."""
        self._closed = True
        sessions, self._sessions = self._sessions, {}
        for session in sessions.values():
            await session.close()

    async def request(
        self,
        method: str,
        path: str | URL,
        *,
        wanted: str,
        json: object = None,
        params: Mapping[str, str] | None = None,
        data: bytes | aiohttp.FormData | None = None,
        headers: Mapping[str, str] | None = None,
        timeouts: Timeouts | None = None,
        largest: int = 96 << 20,
        also: Collection[int] = (),
    ) -> Answer:
        """Ask, and read the whole answer.

        Args:
            method: ``GET``, ``POST``, …
            path: Below the server's address, with a leading slash; or a whole URL on it.
            wanted: What is asked for, to name it if there is no such thing: ``"list of models"``.
            json: A body to be sent as JSON.
            params: The query.
            data: A body to be sent as it is.
            headers: Further headers.
            timeouts: In place of the session's; `BRIEF` for what takes no drawing.
            largest: Bytes the answer may have.
            also: Statuses besides 200 to 299 that are answers, and not yet errors.

        Raises:
            limner.errors.BackendError: It cannot be reached, refuses, fails, or takes too long.
        """
        async with self.open(
            method, path, wanted=wanted, json=json, params=params, data=data, headers=headers,
            timeouts=timeouts, largest=largest, also=also,
        ) as stream:  # fmt: skip
            return await self.whole(stream)

    async def whole(self, stream: AnswerStream) -> Answer:
        """What `open` gave, read to its end; errors are those of `request`."""
        return Answer(
            status=stream.status,
            headers=stream.headers,
            body=b"".join([piece async for piece in stream]),
            content_type=stream.content_type,
            server=self.shown,
            kind=self.kind,
        )

    @asynccontextmanager
    async def open(
        self,
        method: str,
        path: str | URL,
        *,
        wanted: str,
        json: object = None,
        params: Mapping[str, str] | None = None,
        data: bytes | aiohttp.FormData | None = None,
        headers: Mapping[str, str] | None = None,
        timeouts: Timeouts | None = None,
        largest: int = 96 << 20,
        also: Collection[int] = (),
    ) -> AsyncGenerator[AnswerStream]:
        """Ask, and give the body as it comes; arguments and errors are those of `request`."""
        bounds = timeouts or self.timeouts
        url = self._own_url(path, params)
        sent = dict(headers or {})
        if json is not None:
            data, sent["Content-Type"] = _encoded(json), "application/json"
        deadline = asyncio.get_running_loop().time() + bounds.total
        response = await self._send(self._session(), method, url, data, sent, bounds, deadline)
        try:
            self.rates = RateHeaders.read(response.headers, now=time.time())
            self.met = True
            if not 200 <= response.status < 300 and response.status not in also:
                raise self.secrets.hide(await self._refusal(response, wanted))
            yield self._stream(response, bounds, deadline, largest)
        finally:
            response.close()

    def at_root(self, path: str) -> URL:
        """A path at the root of the server, wherever its API begins."""
        return self._base.with_path(path)

    def _own_url(self, path: str | URL, params: Mapping[str, str] | None) -> URL:
        """The URL to ask, with the key: the server's own, or of a host that is the service too."""
        if isinstance(path, str):
            url = URL(self.shown + path, encoded=True) if path else self._base
        else:
            url, host = path, path.host or ""
            related = host_allowed(host, self._relatives) and url.port in (443,)
            if not (same_origin(url, self._base) or (related and url.scheme == "https")):
                raise BackendRejected(
                    f"{self.shown} sends us on to {without_secrets(str(url))}, which is not its "
                    "own address: refused",
                    server=self.shown,
                )
        return url.update_query(params) if params else url

    @asynccontextmanager
    async def websocket(
        self, path: str, *, params: Mapping[str, str] | None = None, largest: int = 64 << 20
    ) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
        """A websocket to the server; it is closed at the end of the block.

        Raises:
            limner.errors.BackendError: It cannot be opened.
        """
        url = self._own_url(path, params)
        try:
            async with asyncio.timeout(self.timeouts.connect):
                socket = await self._session().ws_connect(
                    url,
                    max_msg_size=largest,
                    autoclose=True,
                    heartbeat=None,
                    proxy=proxy_for(url, self._proxy),
                    timeout=aiohttp.ClientWSTimeout(ws_close=FAREWELL),
                )
        except aiohttp.WSServerHandshakeError as error:
            raise self._no_websocket(error.status) from None
        except (aiohttp.ClientError, OSError) as error:
            raise self._unreachable(error, self.timeouts, self.shown) from None
        except ValueError as error:  # an address or a header that aiohttp will not send
            raise self._not_sent(error) from None
        try:
            yield socket
        finally:
            await socket.close()

    def _no_websocket(self, status: int) -> BackendError:
        told = refusal(
            status, ErrorBody(""), server=self.shown, wanted="websocket", remedies=self._remedies
        )
        return self.secrets.hide(told)

    async def fetch(self, url: str, *, largest: int) -> bytes | str:
        """What a URL in an answer of the server leads to; see `limner.backends.http.untrusted_url`.

        Args:
            url: A ``data:`` URI, a path on the server, or a URL.
            largest: Bytes it may have.

        Returns:
            The bytes; or the base64 text of a ``data:`` URI.

        Raises:
            limner.errors.BadPicture: It may not be fetched, is not there, or is too large.
            limner.errors.BackendError: Its host cannot be reached or fails.
        """
        bounds = TRANSFER.at_most(self.timeouts)
        deadline = asyncio.get_running_loop().time() + bounds.total

        @asynccontextmanager
        async def get(target: URL) -> AsyncGenerator[Got]:
            foreign = not same_origin(target, self._base)
            session = self._foreign_session(target) if foreign else self._session()
            response = await self._send(
                session, "GET", target, None, {}, bounds, deadline, foreign=foreign
            )
            try:
                yield response, self._stream(response, bounds, deadline, largest)
            finally:
                response.close()

        return await fetched(url, base=self._base, server=self.shown, allowed=self._hosts, get=get)

    async def _send(
        self,
        session: aiohttp.ClientSession,
        method: str,
        url: URL,
        data: bytes | aiohttp.FormData | None,
        headers: Mapping[str, str],
        bounds: Timeouts,
        deadline: float,
        *,
        foreign: bool = False,
    ) -> aiohttp.ClientResponse:
        """Send a request and wait for the head of its answer."""
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=bounds.connect)
        until = min(deadline, asyncio.get_running_loop().time() + bounds.first_byte)
        try:
            async with asyncio.timeout_at(bounded(until)) as limit:
                return await session.request(
                    method, url, data=data, headers=headers, timeout=timeout,
                    allow_redirects=False, proxy=proxy_for(url, self._proxy),
                )  # fmt: skip
        except (aiohttp.ClientError, OSError) as error:
            if foreign and (is_forbidden(error) or isinstance(error, aiohttp.InvalidURL)):
                raise forbidden(url, self.shown) from None
            place = without_secrets(str(url.origin())) if foreign else self.shown
            if limit.expired():
                seconds = min(bounds.first_byte, bounds.total)
                raise BackendTimeout(
                    f"{place} accepted the request but did not begin to answer within "
                    f"{seconds:g} s",
                    server=place,
                ) from None
            raise self._unreachable(error, bounds, place) from None
        except ValueError as error:  # an address or a header that aiohttp will not send
            raise self._not_sent(error) from None

    def _not_sent(self, error: ValueError) -> BackendRejected:
        told = f"{self.shown} cannot be asked: {error}"
        return self.secrets.hide(BackendRejected(told, server=self.shown))

    def _stream(
        self, response: aiohttp.ClientResponse, bounds: Timeouts, deadline: float, largest: int
    ) -> AnswerStream:
        return AnswerStream(
            response, server=self.shown, bounds=bounds, deadline=deadline, largest=largest
        )

    def _unreachable(self, error: Exception, bounds: Timeouts, place: str) -> BackendError:
        if isinstance(error, aiohttp.ConnectionTimeoutError):
            error = TimeoutError()
        told = unreachable(error, server=place, timeout=bounds.connect)
        return self.secrets.hide(told)

    async def _refusal(self, response: aiohttp.ClientResponse, wanted: str) -> BackendError:
        until = asyncio.get_running_loop().time() + BRIEF.idle
        return refusal(
            response.status,
            read_body(await beginning(response, ERROR_BODY, until)),
            server=self.shown,
            headers=response.headers,
            now=time.time(),
            wanted=wanted,
            remedies=self._remedies,
        )

    def _session(self) -> aiohttp.ClientSession:
        self._check_open()
        if "own" not in self._sessions:
            self._sessions["own"] = client_session(self._headers)
        return self._sessions["own"]

    def _foreign_session(self, target: URL) -> aiohttp.ClientSession:
        """A session that shows no key, for a host that is allowed by name.

        What it connects to is public; through a proxy it is the proxy that looks where a name
        leads.
        """
        self._check_open()
        kind = "direct" if proxy_for(target, self._proxy) is None else "proxied"
        if kind == "proxied" and is_private(target):
            raise forbidden(target, self.shown)
        if kind not in self._sessions:
            self._sessions[kind] = foreign_session(public=kind == "direct")
        return self._sessions[kind]

    def _check_open(self) -> None:
        if self._closed:
            raise BackendUnavailable(
                f"the backend for {self.shown} has been closed; make a new one", server=self.shown
            )


def _encoded(value: object) -> bytes:
    try:
        return msgspec.json.encode(value)
    except UnicodeEncodeError as error:  # half a character, as from a broken command line
        raise BackendRejected(f"the request holds what is no text: {error.reason}") from error
