"""A client of Ollama's own API.

Ollama also speaks the protocol of OpenAI (see `limner.backends.text.openai`), but only its own sets
the length of the context, keeps a model loaded, and tells of errors inside an answer.
"""

import math
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing, suppress
from typing import Any

from limner.backends.http.error_body import one_line
from limner.backends.http.refusal import Remedies
from limner.backends.http.secrets import bearer, clean_key
from limner.backends.http.session import ServerSession
from limner.backends.http.stream import AnswerStream
from limner.backends.http.timeouts import BRIEF, Timeouts
from limner.backends.text.chat_client import ChatClient, ChatMessage, conversation, offered
from limner.backends.text.events import ChatEvent
from limner.backends.text.ollama.answer import OllamaReader
from limner.backends.text.ollama.options import OllamaOptions
from limner.backends.text.ollama.wire import read_tags, request_body
from limner.backends.text.openai.credentials import secret_values
from limner.errors import BackendError, BackendRejected, BackendUnavailable

OLLAMA = "http://127.0.0.1:11434"
"""Where an Ollama is as installed."""
REMEDIES = Remedies(
    key="set the environment variable LIMNER_LLM_KEY to a key this server accepts",
    address="is it Ollama? Without ollama+ before its address it is spoken to as to an "
    "OpenAI-compatible server",
    server="Ollama",
)


class OllamaChat(ChatClient):
    """Streams answers from Ollama.

    Making one does no I/O. Use it as an async context manager, or call `aclose`. One client may
    stream any number of answers, also at the same time. A stream that is closed or cancelled
    closes its connection, upon which Ollama stops writing. It has the methods of
    `limner.backends.text.OpenAIChat`, and is a `limner.illustration.TextModel` too.

    Args:
        url: Ollama's address: ``http://host:11434``; a path to its API is dropped.
            ``user:password@`` in it becomes basic authentication, unless there is a key.
        model: The model to ask. ``None``: the first that is installed and can write.
        key: Sent as ``Authorization: Bearer``, for an Ollama behind a gate.
        options: For every answer.
        headers: More headers for every request.
        connect_timeout: Seconds to find the server and connect.
        first_token_timeout: Seconds from asking to the first piece: it may load the model first.
        idle_timeout: Seconds between two pieces.

    Raises:
        BackendRejected: The URL is no ``http://`` or ``https://`` address, or the key holds
            characters that no header can.

    Examples:
        >>> OllamaChat("http://me:secret@localhost:11434/api/chat", model="tiny")
        OllamaChat('http://localhost:11434', model='tiny')
    """

    def __init__(
        self,
        url: str = OLLAMA,
        *,
        model: str | None = None,
        key: str | None = None,
        options: OllamaOptions | None = None,
        headers: Mapping[str, str] | None = None,
        connect_timeout: float = 10.0,
        first_token_timeout: float = 300.0,
        idle_timeout: float = 120.0,
    ) -> None:
        key = clean_key(key)
        super().__init__(model)
        self.options = options or OllamaOptions()
        self._session = ServerSession(
            _root(url),
            kind="Ollama",
            headers={**bearer(key), **(headers or {})},
            secrets=[key, *secret_values(headers or {})],
            remedies=REMEDIES,
            timeouts=Timeouts(
                connect=connect_timeout,
                first_byte=first_token_timeout,
                idle=idle_timeout,
                total=math.inf,  # a story may be as long as it likes
            ),
        )

    @property
    def server(self) -> str:
        """The server's address, without anything secret."""
        return self._session.shown

    async def aclose(self) -> None:
        """Close every connection. Twice is fine; asking afterwards is an error."""
        await self._session.aclose()

    async def models(self) -> list[str]:
        """The names of the models that are installed, in Ollama's order.

        Raises:
            BackendError: It cannot be reached, or refuses.
        """
        return [name for name, _ in await self._tags()]

    async def events(
        self,
        messages: str | Sequence[ChatMessage],
        *,
        extra: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        **options: Any,
    ) -> AsyncGenerator[ChatEvent, None]:
        """The answer as events: `TextDelta`, `ReasoningDelta`, `Finish`, `Usage`.

        Arguments and errors are those of `stream`.
        """
        body = request_body(conversation(messages), self.options, options, extra or {})
        if not body.get("model"):
            body["model"] = self._model or await self._first_model()
        try:
            async with self._session.open(
                "POST", "/api/chat", json=body, headers=headers, wanted="/api/chat",
                largest=1 << 40,
            ) as stream:  # fmt: skip
                reader = OllamaReader(server=self.server)
                async with aclosing(self._read(stream, reader)) as events:
                    async for event in events:
                        yield event
        except BackendRejected as error:
            if error.status != 404:
                raise
            raise await self._unknown_model(str(body["model"]), error) from None
        if reader.failure is not None:
            raise self._session.secrets.hide(reader.failure)

    async def _read(
        self, stream: AnswerStream, reader: OllamaReader
    ) -> AsyncGenerator[ChatEvent, None]:
        try:
            async for data in stream:
                for event in reader.feed(data):
                    yield event
                if reader.over:
                    return
        except BackendUnavailable:
            ending = reader.cut()
        else:
            ending = reader.finish()
        for event in ending:
            yield event

    async def _tags(self) -> list[tuple[str, bool]]:
        answer = await self._session.request(
            "GET", "/api/tags", timeouts=BRIEF, wanted="list of models", largest=8 << 20
        )
        tags = read_tags(answer.json())
        if tags is None:
            raise answer.other_kind()
        return tags

    async def _first_model(self) -> str:
        tags = await self._tags()
        names = [name for name, writes in tags if writes]
        if not names:
            raise BackendRejected(
                f"{self.server} has no model that can write; install one with: ollama pull NAME",
                server=self.server,
            )
        self._model = names[0]
        return names[0]

    async def _unknown_model(self, model: str, refused: BackendRejected) -> BackendRejected:
        """The error for a model that is not there, with those that are; or for no Ollama at all."""
        with suppress(BackendError):
            names = await self.models()
            told = BackendRejected(
                f"{self.server} does not know the model {model!r}; {offered(names)}; "
                f"install it with: ollama pull {one_line(model)}",
                server=self.server,
                status=404,
            )
            return self._session.secrets.hide(told)
        return refused


def _root(url: str) -> str:
    """Ollama's address without the path of one of its APIs."""
    root = url.strip().rstrip("/")
    for path in ("/api/chat", "/api", "/v1"):
        root = root.removesuffix(path)
    return root
