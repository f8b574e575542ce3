"""The servers of text models, and which of them writes with a model."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import AbstractContextManager, aclosing, nullcontext
from dataclasses import dataclass
from typing import Any, Protocol

from limner.backends.text.chat_client import ChatClient
from limner.backends.text.events import TextDelta, Usage
from limner.errors import BackendError, ConfigError
from limner.server.model_calls import ModelCalls
from limner.server.story.telling.storyteller import Storyteller
from limner.tracing import NOWHERE, Carrier

PATIENCE = 15.0
"""Seconds a server may take to list its models."""


class TextServer(Protocol):
    """A client of one server; those of `limner.backends.text` are such."""

    async def models(self) -> list[str]:
        """The models it offers."""
        ...

    def stream(
        self,
        messages: str | Sequence[Mapping[str, Any]],
        *,
        extra: Mapping[str, Any] | None = None,
        **options: Any,
    ) -> AsyncGenerator[str, None]:
        """The text of an answer, piece by piece."""
        ...

    async def aclose(self) -> None:
        """Close every connection."""
        ...


@dataclass(frozen=True, slots=True)
class ModelName:
    """A model that can be asked.

    Attributes:
        name: By which it is asked for: what its server calls it, or ``SERVER/model``, where a
            server before it has one of that name.
        server: Which server has it.
    """

    name: str
    server: str


@dataclass(frozen=True, slots=True)
class ModelProblem:
    """A server that does not tell its models.

    Attributes:
        server: Which.
        error: Why not.
    """

    server: str
    error: BackendError


@dataclass(frozen=True, slots=True)
class ModelList:
    """All models that can be asked now, in the order of their servers."""

    models: tuple[ModelName, ...] = ()
    problems: tuple[ModelProblem, ...] = ()


class TextServers:
    """Finds who writes with a model. It is a `limner.illustration.TextModel`, too.

    Args:
        servers: The clients, by the names people give them; the first is asked for a model that
            nobody is known to have.
        preferred: Gives the model to ask where none is named; ``None``: the first server's own.
        calls: Tells of what is asked; by default nobody is told.

    Examples:
        >>> asyncio.run(TextServers({}).complete([]))
        Traceback (most recent call last):
        limner.errors.ConfigError: no text model is configured; say where one is (--llm URL)
    """

    def __init__(
        self,
        servers: Mapping[str, TextServer],
        *,
        preferred: Callable[[], str | None] = lambda: None,
        calls: ModelCalls | None = None,
    ) -> None:
        self._servers = dict(servers)
        self._preferred = preferred
        self._calls = calls
        self._homes: dict[str, tuple[str, str]] = {}
        """Of each name the server, and what it calls the model."""

    def __bool__(self) -> bool:
        return bool(self._servers)

    def begin_with(self, name: str, server: TextServer) -> None:
        """Have one more server write, before all others; it is closed with them.

        Args:
            name: What people call it; a second one of a name is not taken.
            server: Its client.
        """
        if name not in self._servers:
            self._servers = {name: server, **self._servers}
            self._homes = {}

    @property
    def servers(self) -> list[str]:
        """The names of the servers."""
        return list(self._servers)

    async def models(self) -> ModelList:
        """Ask every server for its models, all at the same time. One that fails is a problem."""
        told = await asyncio.gather(*(self._listed(name) for name in self._servers))
        models: list[ModelName] = []
        problems: list[ModelProblem] = []
        homes: dict[str, tuple[str, str]] = {}
        for server, found in zip(self._servers, told, strict=True):
            if isinstance(found, BackendError):
                problems.append(ModelProblem(server, found))
                continue
            for name in dict.fromkeys(found):
                shown = f"{server}/{name}" if name in homes else name
                homes.setdefault(shown, (server, name))
                models.append(ModelName(shown, server))
        self._homes = homes
        return ModelList(tuple(models), tuple(problems))

    async def _listed(self, server: str) -> list[str] | BackendError:
        try:
            async with asyncio.timeout(PATIENCE):
                return await self._servers[server].models()
        except BackendError as error:
            return error
        except TimeoutError:
            return BackendError(f"{server} did not list its models in time", server=server)

    async def stream(
        self, messages: Sequence[Mapping[str, Any]], *, model: str | None = None
    ) -> AsyncGenerator[str, None]:
        """The text of an answer, piece by piece.

        Args:
            messages: The conversation.
            model: Which model is to write; ``None``: the preferred one.

        Raises:
            limner.errors.ConfigError: There is no server at all.
            limner.errors.BackendError: Why there is no answer, or no more of it.
        """
        server, asked = await self._home(model or self._preferred())
        options: dict[str, Any] = {} if asked is None else {"model": asked}
        with self._told(server, asked) as place:
            if isinstance(server, ChatClient):
                options["headers"] = place
            async with aclosing(server.stream(messages, **options)) as pieces:
                async for piece in pieces:
                    yield piece

    async def complete(self, messages: Sequence[Mapping[str, str]]) -> str:
        """The whole answer of the preferred model.

        Raises:
            limner.errors.ConfigError: There is nobody who could do what is asked: no server at
                all, or the bundled storyteller alone, who answers everything with a tale.
            limner.errors.BackendError: Why there is no answer.
        """
        server, _ = await self._home(self._preferred())
        if isinstance(server, Storyteller):
            raise ConfigError(
                "the bundled storyteller tells tales and rewrites no prompts; connect a model "
                "(--llm URL), or change the prompt by hand"
            )
        async with aclosing(self.stream(messages)) as pieces:
            return "".join([piece async for piece in pieces])

    async def answered(
        self, messages: Sequence[Mapping[str, str]], *, model: str | None = None
    ) -> tuple[str, Usage | None]:
        """The whole answer of a model, and what it cost, if its server says that.

        Raises:
            As `stream`.
        """
        server, asked = await self._home(model or self._preferred())
        options: dict[str, Any] = {} if asked is None else {"model": asked}
        if not isinstance(server, ChatClient):
            async with aclosing(server.stream(messages, **options)) as pieces:
                return "".join([piece async for piece in pieces]), None
        text, usage = [], None
        extra = {"stream_options": {"include_usage": True}}
        with self._told(server, asked) as place:
            events = server.events(messages, extra=extra, headers=place, **options)
            async with aclosing(events):
                async for event in events:
                    if isinstance(event, TextDelta):
                        text.append(event.text)
                    elif isinstance(event, Usage):
                        usage = event
        return "".join(text), usage

    def _told(self, server: TextServer, model: str | None) -> AbstractContextManager[Carrier]:
        """Tell of a question, if anybody is told; gives what the server learns of the trace."""
        if self._calls is None:
            return nullcontext(NOWHERE)
        place = server.server if isinstance(server, ChatClient) else ""
        return self._calls.writing(model, place)

    def check(self) -> None:
        """Make sure that there is somebody to ask.

        Raises:
            limner.errors.ConfigError: There is nobody.
        """
        if not self._servers:
            raise ConfigError("no text model is configured; say where one is (--llm URL)")

    async def aclose(self) -> None:
        """Close every client."""
        for server in self._servers.values():
            await server.aclose()

    async def _home(self, model: str | None) -> tuple[TextServer, str | None]:
        """Who is asked for a model, and what the model is called there."""
        self.check()
        first = next(iter(self._servers))
        if model is None or len(self._servers) == 1:
            return self._servers[first], model
        if model not in self._homes:
            await self.models()
        named, _, rest = model.partition("/")
        other = (named, rest) if rest and named in self._servers else (first, model)
        server, name = self._homes.get(model, other)
        return self._servers[server], name
