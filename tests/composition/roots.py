"""Commands and a server run for real over one settings file, with what a test can see of both."""

import asyncio
import contextlib
import json
import socket
import tempfile
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from tests.cli.conftest import Command, Ran, limner
from tests.cluster.valkey import Valkey

from limner.cli.shared import finishing, run
from limner.composition import Pipeline, open_pipeline
from limner.errors import BackendUnavailable
from limner.illustration import Image, ImageRequest, MessageStore, StoreKeeper, plugins
from limner.scheduling import Limiter
from limner.server import listener
from limner.server.running_server import RunningServer
from limner.testing import ScriptedBackend
from limner.testing.chat_server import ChatServer, Reply

__all__ = ["Commanded", "Roots", "Serving", "elsewhere", "limner", "log_lines", "roots"]

KINDS = (
    "a1111", "chat-image", "comfyui", "horde", "http", "novelai", "openai", "pollinations",
    "crayon",
)  # fmt: skip
"""Names of backends; all are the test's own here."""
PATIENCE = 60.0
"""Seconds within which something must happen; far more than it takes."""
TEXT = 'Snow. <!--img-prompt="a fox"--> And [[a crow]]. The end.'


@dataclass(frozen=True, slots=True)
class Made:
    """How a backend was made."""

    kind: str
    options: dict[str, str]
    key: str | None


@dataclass(slots=True)
class Crayon:
    """Stands for every picture server. It draws at once; what is prompted to hang never ends.

    Attributes:
        made: How it was made, each time.
        scripted: What draws.
        hanging: The word in a prompt that never ends.
    """

    made: list[Made] = field(default_factory=list)
    hanging: str = "hang"
    scripted: ScriptedBackend = field(default_factory=lambda: ScriptedBackend(seconds=0.0))

    @property
    def prompts(self) -> list[str]:
        """What was drawn."""
        return [call.request.prompt for call in self.scripted.calls]

    async def generate(self, request: ImageRequest) -> Image:
        """Draw."""
        if self.hanging in request.prompt:
            await asyncio.Event().wait()
        if "gone" in request.prompt:
            raise BackendUnavailable("its gateway does not reach it (502)", status=502)
        return await self.scripted.generate(request)


class Point:
    """The entry point of a kind."""

    def __init__(self, name: str, crayon: Crayon) -> None:
        self.name = name
        self._crayon = crayon

    def load(self) -> "Point":
        """What makes the backend."""
        return self

    def from_url(self, url: str | None, *, options: dict[str, str], key: str | None) -> Crayon:
        """Make it, and remember how."""
        self._crayon.made.append(Made(self.name, dict(options), key))
        return self._crayon


@dataclass(slots=True)
class Commanded:
    """What a command did.

    Attributes:
        ran: How it ended.
        crayon: What drew.
        model: What wrote.
        place: The directory it ran in.
        pipelines: Those it opened.
    """

    ran: Ran
    crayon: Crayon
    model: ChatServer
    place: Path
    pipelines: list[Pipeline]

    @property
    def limiter(self) -> Limiter:
        """Through which its pictures went."""
        return self.pipelines[-1].limiter

    @property
    def store(self) -> MessageStore:
        """Where its messages went."""
        return self.pipelines[-1].illustrator.store

    @property
    def keeper(self) -> StoreKeeper:
        """What had them kept."""
        return self.pipelines[-1].illustrator.keeper


@dataclass(slots=True)
class Serving:
    """A server at work, over real HTTP.

    Attributes:
        address: Where.
        running: The server.
        place: Where it listens.
        client: An HTTP client.
        crayon: What draws.
        model: What writes.
        folder: The directory it was started in.
    """

    address: str
    running: RunningServer
    place: listener.BoundSocket
    client: aiohttp.ClientSession
    crayon: Crayon
    model: ChatServer
    folder: Path

    @property
    def limiter(self) -> Limiter:
        """Through which its pictures go."""
        return self.running.services.limiter

    @property
    def store(self) -> MessageStore:
        """Where its messages go."""
        return self.running.services.illustrator.store

    @property
    def keeper(self) -> StoreKeeper:
        """What has them kept."""
        return self.running.services.illustrator.keeper

    async def ask(
        self, method: str, path: str, body: Any = None, **headers: str
    ) -> tuple[int, Any, str]:
        """Status, headers and body of an answer."""
        asked = self.client.request(method, self.address + path, json=body, headers=headers)
        async with asyncio.timeout(PATIENCE), asked as answer:
            return answer.status, answer.headers, await answer.text()

    async def chat(self, *, stream: bool = True, model: str = "m") -> tuple[int, Any, str]:
        """The same for a question to a model."""
        asked = {"role": "user", "content": "Go."}
        body = {"model": model, "stream": stream, "messages": [{"role": "user", "content": "So."}]}
        body["messages"] = [asked, {"role": "assistant", "content": "Well."}, asked]
        return await self.ask("POST", "/v1/chat/completions", body)

    async def draw(self, prompt: str = "a fox") -> int:
        """The status of a request for a picture."""
        return (await self.ask("POST", "/v1/images/generations", {"prompt": prompt}))[0]

    async def raw(self, sent: bytes) -> bytes:
        """The first line that comes back over a connection of its own.

        Where the rest of what is sent is not read, its end comes many seconds later.
        """
        reader, writer = await asyncio.open_connection(self.place.host, self.place.port)
        try:
            writer.write(sent)
            async with asyncio.timeout(PATIENCE):
                return await reader.readline()
        finally:
            writer.close()

    @property
    def told(self) -> list[dict[str, Any]]:
        """The messages of the last question that the model got."""
        return list(self.model.requests[-1].body["messages"])


Probe = Callable[[Serving], Awaitable[object]]


@dataclass(slots=True)
class Roots:
    """Runs commands and servers over a settings file.

    Attributes:
        limner: The command.
        crayon: What draws.
        model: What writes.
        place: The directory they run in.
        monkeypatch: Puts the test's own ends to theirs.
        replies: The last of them is what the model answers.
        ends: Closes what a test needs.
        pipelines: Those that commands have opened.
    """

    limner: Command
    crayon: Crayon
    model: ChatServer
    place: Path
    monkeypatch: pytest.MonkeyPatch
    replies: list[Reply]
    ends: contextlib.ExitStack
    pipelines: list[Pipeline] = field(default_factory=list)

    def settings(self, text: str) -> None:
        """Have this file count; MODEL, PLACE, PORT and VALKEY in it are filled in."""
        if "VALKEY" in text:
            folder = self.ends.enter_context(tempfile.TemporaryDirectory(prefix="vk-"))
            valkey = Valkey(Path(folder))
            self.ends.callback(valkey.close)
            text = text.replace("VALKEY", valkey.url)
        with socket.create_server(("127.0.0.1", 0)) as taken:
            free = str(taken.getsockname()[1])
        for name, value in (("MODEL", self.model.url), ("PLACE", str(self.place)), ("PORT", free)):
            text = text.replace(name, value)
        file = self.place / "settings.toml"
        file.write_text(text)
        self.monkeypatch.setenv("LIMNER_CONFIG", str(file))

    def command(self, *arguments: str) -> Commanded:
        """Run a command."""
        ran = self.limner(*arguments)
        return Commanded(ran, self.crayon, self.model, self.place, self.pipelines)

    def serve(self, probe: Probe, *arguments: str) -> Ran:
        """Run `limner serve`, look at it, and end it."""
        listen = listener.listen

        async def looked_at(
            running: RunningServer, place: listener.BoundSocket, *options: Any, **named: Any
        ) -> None:
            ready = asyncio.Event()
            named["ready"] = ready.set
            task = asyncio.create_task(listen(running, place, *options, **named))
            try:
                await ready.wait()
                async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as client:
                    at = f"http://{place.host}:{place.port}"
                    await probe(
                        Serving(at, running, place, client, self.crayon, self.model, self.place)
                    )
            finally:
                named["stop"].set()
                await task

        with self.monkeypatch.context() as patched:
            patched.setattr(listener, "listen", looked_at)
            patched.setenv("XDG_DATA_HOME", str(self.place / "data"))
            return self.limner("serve", *arguments)


@contextlib.contextmanager
def elsewhere(model: ChatServer) -> Iterator[ChatServer]:
    """A model server on a loop of its own, so that commands can have theirs."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    def on_it(work: Coroutine[Any, Any, object]) -> None:
        asyncio.run_coroutine_threadsafe(work, loop).result(PATIENCE)

    on_it(model.__aenter__())
    try:
        yield model
    finally:
        on_it(model.__aexit__(None, None, None))
        loop.call_soon_threadsafe(loop.stop)
        thread.join(PATIENCE)
        loop.close()


@pytest.fixture
def roots(limner: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Roots]:
    """Commands and servers with the test's own picture and model servers."""
    crayon = Crayon()
    points = [Point(kind, crayon) for kind in KINDS]
    monkeypatch.setattr(plugins, "installed", lambda: points)
    (tmp_path / "story.md").write_text(TEXT)
    replies = [Reply.stream(TEXT)]
    model_server = ChatServer(lambda _: replies[-1], models=["m", "tiny"])
    with elsewhere(model_server) as model, contextlib.ExitStack() as ends:
        made = Roots(limner, crayon, model, tmp_path, monkeypatch, replies, ends)
        _look_into(made.pipelines, monkeypatch)
        yield made


def _look_into(pipelines: list[Pipeline], monkeypatch: pytest.MonkeyPatch) -> None:
    """Remember the pipelines that commands open; they are the real ones."""
    opened = open_pipeline

    @contextlib.asynccontextmanager
    async def remembered(*given: Any, **named: Any) -> AsyncIterator[Pipeline]:
        async with opened(*given, **named) as pipeline:
            pipelines.append(pipeline)
            yield pipeline

    for module in (run, finishing):
        monkeypatch.setattr(module, "open_pipeline", remembered)


def log_lines(said: str) -> list[Any]:
    """The lines that are JSON."""
    lines = [line for line in said.splitlines() if line.startswith("{")]
    return [json.loads(line) for line in lines]
