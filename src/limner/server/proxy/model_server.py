"""The way to the model servers: which headers go, and what an answer or its absence means."""

import asyncio
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import aiohttp
import msgspec

from limner.backends.http.secrets import Secrets
from limner.backends.http.unreachable import unreachable
from limner.backends.text.openai.credentials import credentials
from limner.backends.text.refusal import not_an_endpoint
from limner.backends.text.text_model import ANTHROPIC
from limner.errors import BackendError, BackendTimeout, BackendUnavailable
from limner.server.model_calls import ModelCalls
from limner.server.proxy.settings import SPEAKS, ProxySettings, Upstream
from limner.tracing import Span

TAGS = "/api/tags"
"""Where Ollama lists its models."""
LISTING = 10.0
"""Seconds a list of models may take."""
LIST_SIZE = 8 << 20
"""Bytes it may have."""
ERROR_SIZE = 64 << 10
"""Bytes read of an error's body."""
ERROR_TIME = 10.0
"""Seconds an error's body may take."""


def client_session(settings: ProxySettings) -> aiohttp.ClientSession:
    """The HTTP client that a proxy needs; to be made on the loop, and closed by its owner."""
    connector = aiohttp.TCPConnector(
        limit=0,
        # Servers close idle connections after 5 s or later; one that is used just then is lost.
        keepalive_timeout=3.0,
    )
    timeout = aiohttp.ClientTimeout(total=None, sock_connect=settings.connect_timeout)
    return aiohttp.ClientSession(
        connector=connector,
        timeout=timeout,
        cookie_jar=aiohttp.DummyCookieJar(),
        trust_env=False,
    )


class ModelServer:
    """One upstream.

    Args:
        upstream: Where it is.
        settings: Time limits, and which headers of clients it gets.
        session: The HTTP client.
        calls: Tells of what it is asked; by default nobody is told.

    Attributes:
        shown: Its address, without anything secret.
        root: The same above ``/v1``.
    """

    def __init__(
        self,
        upstream: Upstream,
        settings: ProxySettings,
        session: aiohttp.ClientSession,
        calls: ModelCalls | None = None,
    ) -> None:
        endpoint = upstream.endpoint
        self.upstream = upstream
        self.shown = endpoint.base
        self.root = endpoint.base.removesuffix("/v1")
        self._query = endpoint.query
        self._calls = calls
        self._settings = settings
        self._session = session
        own = dict(upstream.headers)
        if upstream.kind == "anthropic":
            own = {"anthropic-version": ANTHROPIC, **own}
            own |= {"x-api-key": upstream.key} if upstream.key else {}
        key = None if "x-api-key" in own else upstream.key
        headers, secrets = credentials(endpoint, key, own)
        self._headers = headers | {"Accept-Encoding": "identity"}
        self._secrets = Secrets(secrets)

    def asking(self, model: str, operation: str = "chat") -> AbstractContextManager[Span | None]:
        """Tell of a question for the time of the block; see `ModelCalls.asking`."""
        if self._calls is None:
            return nullcontext()
        return self._calls.asking(model, self.shown, operation)

    def speaks(self, family: str) -> bool:
        """Whether it is said to speak protocols of a family."""
        return family in SPEAKS[self.upstream.kind]

    async def post(
        self, path: str, body: bytes, client: Mapping[str, str], *, rooted: bool = False
    ) -> aiohttp.ClientResponse:
        """Ask it something; gives the head of its answer, whatever the status.

        Args:
            path: Below its root.
            body: The JSON.
            client: The client's headers, names in lower case, as far as they may be wanted.
            rooted: Whether the path is below its host instead.

        Raises:
            BackendError: It cannot be reached, or does not begin to answer in time.
        """
        headers, seconds = self._headers | self._of_client(client), self._settings.idle_timeout
        return await self._ask("POST", path, body, headers, seconds, rooted=rooted)

    def _of_client(self, client: Mapping[str, str]) -> dict[str, str]:
        """The headers of a client that go on."""
        headers = {name: client[name] for name in self._settings.forward_headers if name in client}
        forward = self._settings.forward_authorization and "authorization" in client
        if forward and "Authorization" not in self._headers:
            headers["Authorization"] = client["authorization"]
        return headers if self._calls is None else {**headers, **self._calls.headers()}

    async def send(
        self,
        method: str,
        path: str,
        body: bytes | None,
        client: Mapping[str, str],
        headers: Mapping[str, str],
        query: str = "",
        *,
        rooted: bool = False,
    ) -> aiohttp.ClientResponse:
        """Send it a request of any kind on; gives the head of its answer, whatever the status.

        Args:
            method: The request's.
            path: Below its root.
            body: What is sent, as it came.
            client: The client's headers, as for `post`.
            headers: Headers in place of ours.
            query: The client's query.
            rooted: As for `post`.

        Raises:
            BackendError: It cannot be reached, or does not begin to answer in time.
        """
        others = {name: value for name, value in self._headers.items() if name != "Content-Type"}
        sent = others | self._of_client(client) | dict(headers)
        seconds = self._settings.idle_timeout
        return await self._ask(method, path, body, sent, seconds, query, rooted=rooted)

    async def models(self) -> list[dict[str, Any]]:
        """The models it lists, each as it tells of them.

        Raises:
            BackendError: It cannot be reached or has no such list.
        """
        response = await self._ask("GET", "/models", None, self._headers, LISTING)
        try:
            body = await self.read(response, LIST_SIZE, LISTING)
        finally:
            response.close()
        if response.status != 200:
            raise BackendUnavailable(
                f"{self.shown} lists no models ({response.status})",
                server=self.shown,
                status=response.status,
            )
        return _listed(body, response.content_type, self.shown)

    async def ollama_models(self) -> list[dict[str, Any]]:
        """The models it lists in Ollama's way, with their sizes; none, if it has no such list."""
        try:
            response = await self._ask("GET", TAGS, None, self._headers, LISTING, rooted=True)
            try:
                body = await self.read(response, LIST_SIZE, LISTING)
            finally:
                response.close()
            answer = msgspec.json.decode(body) if response.status == 200 else None
        except (BackendError, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return []
        models = answer.get("models") if isinstance(answer, dict) else None
        return [one for one in models or [] if isinstance(one, dict)]

    async def error(self, response: aiohttp.ClientResponse) -> bytes:
        """The body of an error, as far as it can be read, with secrets struck out."""
        try:
            body = await self.read(response, ERROR_SIZE, ERROR_TIME, whole=False)
        except BackendError as error:
            body = str(error).encode()
        return self._secrets.strike(body.decode("utf-8", "replace")).encode()

    async def beginning(self, response: aiohttp.ClientResponse, seconds: float) -> bytes:
        """The first bytes of a body, up to one that is no blank; ``b""`` if there is none.

        Raises:
            BackendError: As `read`.
        """
        begun = b""
        try:
            async with asyncio.timeout(seconds):
                while not begun.strip() and (data := await response.content.readany()):
                    begun += data
        except TimeoutError:
            raise self.silent() from None
        except (aiohttp.ClientError, OSError):
            raise self.cut() from None
        return begun

    async def read(
        self,
        response: aiohttp.ClientResponse,
        largest: int,
        seconds: float,
        *,
        whole: bool = True,
        begun: bytes = b"",
    ) -> bytes:
        """A whole body, of which some may have been read already.

        Raises:
            BackendError: It is larger than allowed, takes too long, or was cut.
        """
        body = bytearray(begun)
        try:
            async with asyncio.timeout(seconds):
                while data := await response.content.readany():
                    body += data
                    if len(body) > largest:
                        if not whole:
                            break
                        raise BackendUnavailable(
                            f"{self.shown} sent more than {largest} bytes", server=self.shown
                        )
        except TimeoutError:
            raise self.silent() from None
        except (aiohttp.ClientError, OSError):
            raise self.cut() from None
        return bytes(body[:largest])

    def silent(self) -> BackendTimeout:
        """The error for a server from which nothing comes any more."""
        return BackendTimeout(f"{self.shown} fell silent in its answer", server=self.shown)

    def cut(self) -> BackendUnavailable:
        """The error for a connection that broke."""
        return BackendUnavailable(
            f"{self.shown} closed the connection in the middle of its answer", server=self.shown
        )

    async def _ask(
        self,
        method: str,
        path: str,
        body: bytes | None,
        headers: dict[str, str],
        seconds: float,
        query: str = "",
        *,
        rooted: bool = False,
    ) -> aiohttp.ClientResponse:
        url = (self.root if rooted else self.shown) + path + self._query
        if query:
            url += ("&" if self._query else "?") + query
        try:
            async with asyncio.timeout(seconds) as limit:
                return await self._session.request(
                    method, url, data=body, headers=headers, allow_redirects=False
                )
        except (aiohttp.ClientError, OSError) as error:
            if limit.expired():
                raise BackendTimeout(
                    f"{self.shown} did not begin to answer within {seconds:g} s", server=self.shown
                ) from None
            known = TimeoutError() if isinstance(error, aiohttp.ConnectionTimeoutError) else error
            told = unreachable(known, server=self.shown, timeout=self._settings.connect_timeout)
            raise self._secrets.hide(told) from None


def _listed(body: bytes, content_type: str, server: str) -> list[dict[str, Any]]:
    try:
        answer = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise not_an_endpoint(
            body.decode("utf-8", "replace"), content_type, server=server
        ) from None
    if isinstance(answer, dict):
        answer = next((answer[name] for name in ("data", "models") if answer.get(name)), [])
    models = []
    for entry in answer if isinstance(answer, list) else []:
        known = entry if isinstance(entry, dict) else {"id": entry}
        name = known.get("id") or known.get("name")
        if isinstance(name, str):
            models.append(
                {"object": "model", "created": 0, "owned_by": server, **known, "id": name}
            )
    return models
