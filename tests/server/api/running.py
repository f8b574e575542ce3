"""The API as people meet it: uvicorn on loopback, a library on disk, a fake model, real HTTP."""

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import aiohttp
from tests.server.proxy.serving import serve

from limner.backends.text import OpenAIChat
from limner.illustration import Budget, Illustrator, ImageRequest
from limner.scheduling import Limiter
from limner.server.api import make_api
from limner.server.events import EventHub, WatchedStore
from limner.server.preferences import LiveSettings, Preferences
from limner.server.services import Services
from limner.server.story import BackgroundTasks, TextServers
from limner.storage import Library
from limner.testing import ScriptedBackend
from limner.testing.chat_server import ChatServer

FOX = 'A fox. <!--img-prompt="a fox"--> The end.'
PATIENCE = 20.0
"""Seconds within which something must come; far more than it takes."""


class Gate:
    """Lets pictures through only when it is open; a picture fails if its prompt says so."""

    def __init__(self) -> None:
        self.open = asyncio.Event()
        self.open.set()
        self.scripted = ScriptedBackend(seconds=0.0, fails=_fails)

    async def generate(self, request: ImageRequest) -> Any:
        """Wait, then draw."""
        if request.progress is not None:
            request.progress(0.5, b"\xff\xd8a preview")
        await self.open.wait()
        return await self.scripted.generate(request)


def _fails(request: ImageRequest) -> Exception | None:
    return RuntimeError("the paint is dry") if "broken" in request.prompt else None


@dataclass(slots=True)
class Api:
    """A running API.

    Attributes:
        address: Where it is.
        client: An HTTP client.
        services: What it works with.
        gate: What draws.
        seen: All events so far that `follow` saw.
    """

    address: str
    client: aiohttp.ClientSession
    services: Services
    gate: Gate
    seen: list["Told"] = field(default_factory=list)

    async def ask(
        self, method: str, path: str, body: Any = None, *, status: int = 200, **headers: str
    ) -> Any:
        """What it answers, as JSON; the status must be the one that is expected."""
        sent = None if body is None else json.dumps(body).encode()
        kind = {"Content-Type": "application/json"} if sent is not None else {}
        url = f"{self.address}/api{path}"
        async with self.client.request(method, url, data=sent, headers=kind | headers) as answer:
            data = await answer.read()
            assert answer.status == status, (answer.status, data[:500])
            return json.loads(data) if data else None

    async def fails(self, method: str, path: str, body: Any = None, *, status: int) -> Any:
        """The error it answers with, whose form is checked."""
        answer = await self.ask(method, path, body, status=status)
        assert list(answer) == ["error"]
        assert answer["error"]["kind"]
        assert answer["error"]["message"]
        return answer["error"]

    def events(self, query: str = "", **headers: str) -> "Listening":
        """Listen to the events."""
        return Listening(f"{self.address}/api/events{query}", self.client, headers)


@dataclass(frozen=True, slots=True)
class Told:
    """One event as a reader gets it."""

    id: int
    kind: str
    data: Any


class Listening:
    """Reads events, one after the other."""

    def __init__(self, url: str, client: aiohttp.ClientSession, headers: dict[str, str]) -> None:
        self._request = client.get(url, headers=headers, timeout=aiohttp.ClientTimeout())
        self._answer: aiohttp.ClientResponse
        self.seen: list[Told] = []

    async def __aenter__(self) -> Self:
        self._answer = await self._request
        assert self._answer.status == 200
        assert self._answer.content_type == "text/event-stream"
        return self

    async def __aexit__(self, *_: object) -> None:
        self._answer.close()

    async def next(self) -> Told | None:
        """The next event; ``None`` at the end."""
        fields: dict[str, str] = {}
        async with asyncio.timeout(PATIENCE):
            while line := (await self._answer.content.readline()).decode():
                line = line.rstrip("\n")
                if line:
                    name, _, value = line.partition(": ")
                    fields[name] = value
                elif "event" in fields:
                    told = Told(int(fields["id"]), fields["event"], json.loads(fields["data"]))
                    self.seen.append(told)
                    return told
                else:
                    fields.clear()
        return None

    async def until(self, kind: str, fits: Callable[[Any], bool] = lambda data: True) -> Told:
        """The next event of a kind that fits; the others are passed over."""
        while (told := await self.next()) is not None:
            if told.kind == kind and fits(told.data):
                return told
        raise AssertionError(f"no {kind} came, but {[told.kind for told in self.seen]}")

    def kinds(self) -> list[str]:
        """The kinds of all events so far."""
        return [told.kind for told in self.seen]


@contextlib.asynccontextmanager
async def running(
    place: Path,
    *models: ChatServer,
    budget: Budget | None = None,
    defaults: Preferences | None = None,
    **options: Any,
) -> AsyncIterator[Api]:
    """An API over a library in this place."""
    gate = Gate()
    async with contextlib.AsyncExitStack() as stack:
        library = await stack.enter_async_context(await Library.open(place))
        hub = EventHub(now=time.time())
        settings = await LiveSettings.load(library, defaults=defaults)
        texts = TextServers(
            {f"server {number}": OpenAIChat(one.url) for number, one in enumerate(models)},
            preferred=lambda: settings.now.model,
        )
        stack.push_async_callback(texts.aclose)
        background = BackgroundTasks()
        stack.push_async_callback(background.aclose)
        illustrator = await stack.enter_async_context(
            Illustrator(
                backend=gate,
                limiter=Limiter(**settings.now.limits()),
                store=WatchedStore(library, hub),
                ledger=library,
                budget=budget,
                compose=settings.compose,
                refiner=texts,
                **options,
            )
        )
        services = await stack.enter_async_context(
            Services.make(
                illustrator=illustrator,
                library=library,
                hub=hub,
                settings=settings,
                background=background,
                texts=texts,
                independent="prompt_writer" in options,
            )
        )
        address = await stack.enter_async_context(serve(make_api(services)))
        # Streams of events end with the hub, and the server waits for them.
        stack.callback(hub.close)
        client = await stack.enter_async_context(aiohttp.ClientSession())
        yield Api(address, client, services, gate)


async def illustrated(api: Api, text: str = FOX, *, chat: str = "tale") -> str:
    """The id of a message with this text, whose pictures have all ended."""
    async with api.events() as events:
        begun = await api.ask("POST", f"/chats/{chat}/illustrate", {"text": text}, status=202)
        await events.until("message.finished", lambda data: data["message"] == begun["message"])
    return str(begun["message"])
