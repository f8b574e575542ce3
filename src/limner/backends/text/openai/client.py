"""A client of OpenAI-compatible model servers that streams and survives what they do.

The protocol is OpenAI's "chat completions" as llama.cpp, Ollama, vLLM, koboldcpp,
text-generation-webui, OpenRouter and OpenAI itself really speak it. The pure parts live beside
this file; here is only the network: time limits, closing, and errors of the way to the server.
"""

import asyncio
import time
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import suppress
from typing import Any

import aiohttp
import msgspec

from limner.backends.http.connection import beginning, client_session
from limner.backends.http.error_body import ErrorBody, read_body
from limner.backends.http.unreachable import unreachable
from limner.backends.text.chat_client import ChatClient, ChatMessage, conversation, offered
from limner.backends.text.events import ChatEvent
from limner.backends.text.openai.answer import AnswerReader
from limner.backends.text.openai.credentials import credentials
from limner.backends.text.openai.endpoint import Endpoint
from limner.backends.text.openai.model_list import model_ids
from limner.backends.text.refusal import is_unknown_model, refusal
from limner.errors import BackendError, BackendRejected, BackendTimeout

ERROR_BODY = 64 << 10
"""Bytes read of the body of an error answer."""

MODEL_LIST = 8 << 20
"""Bytes read of a list of models."""

AFTERGLOW = 5.0
"""Seconds a server may stay silent once it has given its finish reason; then the answer is over,
whether or not ``[DONE]`` came."""

LISTING = 10.0
"""Seconds a list of models, or the body of an error, may take."""


class OpenAIChat(ChatClient):
    """Streams answers from an OpenAI-compatible server.

    Making one does no I/O. Use it as an async context manager, or call `aclose`. One client may
    stream any number of answers, also at the same time. A stream that is closed or cancelled
    closes its connection, which is how these servers are told to stop. Redirects are not
    followed. Neither the key nor a password in the URL appears in errors, logs or ``repr``.

    Args:
        url: The server's address: ``http://host:port``, with or without ``/v1`` or the whole
            path. ``user:password@`` in it becomes basic authentication, unless there is a key.
        model: The model to ask. ``None``: the first the server lists.
        key: The API key, sent as ``Authorization: Bearer``.
        headers: More headers for every request.
        connect_timeout: Seconds to find the server and connect.
        first_token_timeout: Seconds from asking to the first piece of text or reasoning. Local
            servers may load a model or read a long prompt first.
        idle_timeout: Seconds between two events of an answer that has begun. Keep-alive comments
            do not count: they show that the connection lives, not that the model writes.

    Raises:
        BackendRejected: The URL is no ``http://`` or ``https://`` address, or the key holds
            characters that no header can.

    Examples:
        >>> OpenAIChat("localhost", key="sk-secret")
        Traceback (most recent call last):
            ...
        limner.errors.BackendRejected: 'localhost' is no address of a model server: ...
        >>> OpenAIChat("http://me:secret@localhost:8080", key="sk-secret")
        OpenAIChat('http://localhost:8080/v1')
    """

    def __init__(
        self,
        url: str,
        *,
        model: str | None = None,
        key: str | None = None,
        headers: Mapping[str, str] | None = None,
        connect_timeout: float = 10.0,
        first_token_timeout: float = 300.0,
        idle_timeout: float = 120.0,
    ) -> None:
        self._endpoint = Endpoint.parse(url)
        super().__init__(model)
        self._headers, self._secrets = credentials(self._endpoint, key, headers or {})
        self._connect_timeout = connect_timeout
        self._first_token_timeout = first_token_timeout
        self._idle_timeout = idle_timeout
        self._session: aiohttp.ClientSession | None = None
        self._closed = False

    @property
    def server(self) -> str:
        """The server's address, without anything secret."""
        return self._endpoint.base

    async def aclose(self) -> None:
        """Close every connection. Twice is fine; asking afterwards is an error."""
        self._closed = True
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def models(self) -> list[str]:
        """The ids of the models the server offers, in its order.

        Raises:
            BackendError: It cannot be reached, or refuses.
        """
        deadline = asyncio.get_running_loop().time() + LISTING
        response = await self._send("GET", self._endpoint.models, None, deadline)
        try:
            body = await beginning(response, MODEL_LIST, deadline)
            if response.status != 200:
                raise self._refusal(response, read_body(body), wanted="list of models")
            return model_ids(body, response.content_type, server=self.server)
        except BackendError as error:
            raise self._hidden(error) from None
        finally:
            response.close()

    async def events(
        self,
        messages: str | Sequence[ChatMessage],
        *,
        extra: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        **options: Any,
    ) -> AsyncGenerator[ChatEvent, None]:
        """The answer as events: `TextDelta`, `ReasoningDelta`, `Finish`, `Usage`.

        Arguments and errors are those of `stream`, except that a `Finish` whose reason is
        ``"content_filter"`` is an event here.
        """
        fields = options | dict(extra or {})
        fields = {name: value for name, value in fields.items() if value is not None}
        if "model" not in fields:
            fields["model"] = self._model or await self._first_model()
        body = _encoded({"messages": conversation(messages)} | fields | {"stream": True})
        deadline = asyncio.get_running_loop().time() + self._first_token_timeout
        response = await self._ask(body, str(fields["model"]), deadline, headers)
        try:
            reader = AnswerReader(response.content_type, server=self.server)
            while not reader.over:
                events = await self._read(response, reader, deadline)
                for event in events:
                    yield event
                # Measured from here, so that a slow consumer does not count as a slow server.
                if reader.finished or (reader.started and events):
                    deadline = self._next_deadline(reader)
            if reader.failure is not None:
                raise self._hidden(reader.failure)
        finally:
            response.close()  # the server sees it, and stops writing

    def _next_deadline(self, reader: AnswerReader) -> float:
        """Until when the next event must have come."""
        silence = self._idle_timeout
        if reader.finished:
            silence = min(AFTERGLOW, silence)
        return asyncio.get_running_loop().time() + silence

    async def _first_model(self) -> str:
        ids = await self.models()
        if not ids:
            raise BackendRejected(
                f"{self.server} offers no model; load one there, or name the one to ask",
                server=self.server,
            )
        self._model = ids[0]
        return ids[0]

    async def _ask(
        self, body: bytes, model: str, deadline: float, headers: Mapping[str, str] | None
    ) -> aiohttp.ClientResponse:
        """Send the request; give an answer that has begun well."""
        response = await self._send("POST", self._endpoint.chat, body, deadline, headers)
        if 200 <= response.status < 300:
            return response
        try:
            soon = asyncio.get_running_loop().time() + LISTING
            complaint = read_body(await beginning(response, ERROR_BODY, soon))
            if is_unknown_model(response.status, complaint):
                raise self._hidden(await self._unknown_model(model, response.status, complaint))
            raise self._hidden(self._refusal(response, complaint, wanted="chat completions"))
        finally:
            response.close()

    async def _send(
        self,
        method: str,
        url: str,
        body: bytes | None,
        deadline: float,
        headers: Mapping[str, str] | None = None,
    ) -> aiohttp.ClientResponse:
        """Send a request and wait for the head of its answer."""
        session = self._open()
        try:
            async with asyncio.timeout_at(deadline) as limit:
                return await session.request(
                    method, url, data=body, headers=headers, allow_redirects=False
                )
        except (aiohttp.ClientError, OSError) as error:
            if limit.expired():
                raise BackendTimeout(
                    f"{self.server} accepted the request but did not begin to answer in time",
                    server=self.server,
                ) from None
            told = unreachable(error, server=self.server, timeout=self._connect_timeout)
            if isinstance(error, aiohttp.ClientResponseError):
                raise told from None  # it carries the request's headers, and the key among them
            raise told from error

    async def _read(
        self, response: aiohttp.ClientResponse, reader: AnswerReader, deadline: float
    ) -> list[ChatEvent]:
        """Wait for more of the body; give what it tells."""
        try:
            async with asyncio.timeout_at(deadline):
                data = await response.content.readany()
        except TimeoutError:
            what = (
                "fell silent in the middle of its answer"
                if reader.started
                else ("accepted the request but did not begin to answer in time")
            )
            reader.give_up(BackendTimeout(f"{self.server} {what}", server=self.server))
            return []
        except (aiohttp.ClientError, OSError):
            return reader.cut("closed the connection in the middle of its answer")
        return reader.feed(data) if data else reader.finish()

    def _refusal(
        self, response: aiohttp.ClientResponse, complaint: ErrorBody, *, wanted: str
    ) -> BackendError:
        return refusal(
            response.status,
            complaint,
            server=self.server,
            headers=response.headers,
            now=time.time(),
            wanted=wanted,
        )

    async def _unknown_model(
        self, model: str, status: int, complaint: ErrorBody
    ) -> BackendRejected:
        """The error for a model the server does not have, with those it does have, if it tells."""
        told = ""
        with suppress(BackendError):
            ids = await self.models()
            told = f"; {offered(ids)}"
        return BackendRejected(
            f"{self.server} does not know the model {model!r}"
            f"{': ' if complaint.message else ''}{complaint.message}{told}",
            server=self.server,
            status=status,
        )

    def _hidden(self, error: BackendError) -> BackendError:
        """The same error; should the server have repeated a secret, it is struck out."""
        message = str(error)
        for secret in self._secrets:
            message = message.replace(secret, "***")
        error.args = (message,)
        return error

    def _open(self) -> aiohttp.ClientSession:
        if self._closed:
            raise RuntimeError("this client is closed")
        if self._session is None:
            timeout = aiohttp.ClientTimeout(total=None, connect=self._connect_timeout)
            self._session = client_session(self._headers, timeout=timeout)
        return self._session


def _encoded(request: Mapping[str, Any]) -> bytes:
    try:
        return msgspec.json.encode(request)
    except UnicodeEncodeError as error:  # half a character, as from a broken command line
        raise BackendRejected(f"the question holds what is no text: {error.reason}") from error
