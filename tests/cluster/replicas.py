"""Several real `limner serve` on one PostgreSQL and one Valkey, and whom they ask."""

import asyncio
import contextlib
import json
import signal
import tempfile
import threading
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import aiohttp
from tests.cli.test_serve import Process
from tests.cluster.line import Line
from tests.cluster.picture_log import PictureLog
from tests.command.commands import Running
from tests.waiting import until

from limner.testing.chat_server import ChatServer, Reply
from limner.testing.chat_server.server import Script
from limner.testing.comfyui_server import ComfyUIServer

SETTINGS = """
backend = "{backend}"
llm_url = "{model}"
library = "{library}"
library_pictures = "{folder}"
shared_limits = "{valkey}"
{more}
[serve]
grace = 0
{serve}
"""

Spawn = Callable[..., Running]


@dataclass(slots=True)
class Event:
    """An event as a reader got it."""

    id: str
    kind: str
    data: dict[str, Any]


@dataclass(slots=True)
class EventReader:
    """Reads a server's events.

    Attributes:
        events: What has come so far.
    """

    events: list[Event] = field(default_factory=list)

    def kinds(self) -> list[str]:
        """What they are about."""
        return [event.kind for event in self.events]

    def of(self, kind: str) -> list[Event]:
        """Those of one kind."""
        return [event for event in self.events if event.kind == kind]

    async def follow(self, answer: aiohttp.ClientResponse) -> None:
        """Read until nothing more comes."""
        told: dict[str, str] = {}
        with contextlib.suppress(aiohttp.ClientError):
            async for line in answer.content:
                name, _, value = line.decode().rstrip("\n").partition(": ")
                if name:
                    told[name] = value
                elif "data" in told:
                    data = json.loads(told["data"])
                    self.events.append(Event(told["id"], told["event"], data))
                    told = {}


class Replica:
    """One of the servers.

    Attributes:
        process: It.
        address: Where it is.
        line: Its line to Valkey.
    """

    def __init__(self, process: Process, client: aiohttp.ClientSession, line: Line) -> None:
        self.process = process
        self.line = line
        self.address = ""
        self._client = client

    async def ready(self) -> Self:
        """Wait until it is there."""
        self.address = await asyncio.to_thread(self.process.ready)
        return self

    def kill(self) -> None:
        """End it as a power cut does."""
        self.process.process.send_signal(signal.SIGKILL)

    async def ask(self, method: str, path: str, body: object = None) -> Any:
        """What it answers, as JSON."""
        async with self._client.request(method, self.address + path, json=body) as answer:
            text = await answer.text()
            assert answer.status < 300, (answer.status, text)
            return json.loads(text)

    async def status(self, method: str, path: str, body: object = None) -> int:
        """The status of what it answers."""
        async with self._client.request(method, self.address + path, json=body) as answer:
            await answer.read()
            return answer.status

    async def tell(self, *said: str, **more: object) -> str:
        """What a model answers through it to what a user says, whole."""
        messages = [
            {"role": ("user", "assistant")[at % 2], "content": text} for at, text in enumerate(said)
        ]
        body = {"model": "test-model", "messages": messages, "stream": True, **more}
        return "".join(await self._told(body))

    async def _told(self, body: Mapping[str, object]) -> list[str]:
        url = f"{self.address}/v1/chat/completions"
        pieces: list[str] = []
        async with self._client.post(url, json=body) as answer:
            assert answer.status == 200, await answer.text()
            async for line in answer.content:
                if line.startswith(b"data: {"):
                    choices = json.loads(line[6:])["choices"]
                    pieces += [choice["delta"].get("content") or "" for choice in choices]
        return pieces

    @contextlib.asynccontextmanager
    async def reading(
        self, *, after: str | None = None, query: str = ""
    ) -> AsyncIterator[EventReader]:
        """Read its events for the time of the block."""
        headers = {} if after is None else {"Last-Event-ID": after}
        reader = EventReader()
        url = f"{self.address}/api/events{query}"
        async with self._client.get(url, headers=headers) as answer:
            following = asyncio.create_task(reader.follow(answer))
            await until(lambda: bool(reader.events))
            try:
                yield reader
            finally:
                following.cancel()
                await asyncio.wait((following,))


class Hand:
    """One of the workers.

    Attributes:
        process: It.
        line: Its line to Valkey.
        said: The lines that it has said.
    """

    def __init__(self, process: Running, line: Line) -> None:
        self.process = process
        self.line = line
        self.said: list[str] = []
        self._ready = threading.Event()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        for line in self.process.stderr:
            self.said.append(line)
            if line.startswith("  pictures by"):
                self._ready.set()
        self._ready.set()

    async def ready(self) -> Self:
        """Wait until it works."""
        await asyncio.to_thread(self._ready.wait, 60)
        assert self.process.poll() is None, "".join(self.said)
        return self

    def kill(self) -> None:
        """End it as a power cut does."""
        self.process.send_signal(signal.SIGKILL)


class Replicas:
    """The servers, and those that they ask.

    Args:
        spawn: Starts commands.
        folder: For settings and pictures.
        library: The database.
        valkey: The address of the Valkey server.
        script: What the model says.
        gate: Opened when pictures may be finished; open by default.
        comfyui: Who draws, in place of an Images API server.
        more: More lines of settings.
        serve: And of those of `serve`.
        kept_in: Where pictures are, if not in a directory.

    Attributes:
        model: Who writes.
        pictures: Who draws.
        replicas: The servers.
        hands: The workers.
    """

    def __init__(
        self,
        spawn: Spawn,
        folder: Path,
        *,
        library: str,
        valkey: str,
        script: Script = Reply.stream("Once upon a time."),  # noqa: B008 - it is frozen
        gate: asyncio.Event | None = None,
        comfyui: ComfyUIServer | None = None,
        more: str = "max_concurrent = 8",
        serve: str = "",
        kept_in: str | None = None,
    ) -> None:
        self._spawn = spawn
        self._folder = folder
        self._library = library
        self._valkey = valkey
        self._more, self._serve = more, serve
        self._kept_in = kept_in or str(folder / "pictures")
        self.model = ChatServer(script)
        self.pictures = PictureLog(gate=gate)
        self._comfyui = comfyui
        self.replicas: list[Replica] = []
        self.hands: list[Hand] = []
        self._stack = contextlib.AsyncExitStack()

    async def __aenter__(self) -> Self:
        short = tempfile.TemporaryDirectory(prefix="line-")  # a socket's name must not be long
        self._short = self._stack.enter_context(short)
        await self._stack.enter_async_context(self.model)
        await self._stack.enter_async_context(self.pictures)
        if self._comfyui is not None:
            await self._stack.enter_async_context(self._comfyui)
        timeout = aiohttp.ClientTimeout(total=110)
        connector = aiohttp.TCPConnector(limit=0)
        self._client = await self._stack.enter_async_context(
            aiohttp.ClientSession(timeout=timeout, connector=connector)
        )
        text = SETTINGS.format(
            backend=f"openai+{self.pictures.url}"
            if self._comfyui is None
            else f"comfyui+{self._comfyui.url}",
            model=self.model.url,
            library=self._library,
            folder=self._kept_in,
            valkey=self._valkey,
            more=self._more,
            serve=self._serve,
        )
        (self._folder / "settings.toml").write_text(text)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for one in self.replicas:
            one.kill()
        for hand in self.hands:
            hand.kill()
        await self._stack.aclose()
        if error is not None:
            for number, one in enumerate(self.replicas):
                error.add_note(f"--- server {number}\n{one.process.log[-3000:]}")
            for number, hand in enumerate(self.hands):
                error.add_note(f"--- worker {number}\n{''.join(hand.said)[-3000:]}")

    async def start(self, count: int = 2) -> Sequence[Replica]:
        """Start so many more servers."""
        new = [await self._started() for _ in range(count)]
        self.replicas += new
        await asyncio.gather(*(one.ready() for one in new))
        return new

    async def hire(self, count: int = 2, *options: str) -> Sequence[Hand]:
        """Start so many more workers."""
        new = []
        for _ in range(count):
            line = await self._line()
            command = "work", "--config", "settings.toml", "--shared-limits", line.url, *options
            new.append(Hand(self._spawn(*command), line))
        self.hands += new
        await asyncio.gather(*(one.ready() for one in new))
        return new

    async def _started(self) -> Replica:
        line = await self._line()
        command = "serve", "--port", "0", "--config", "settings.toml", "--shared-limits", line.url
        return Replica(Process(self._spawn(*command)), self._client, line)

    async def _line(self) -> Line:
        line = Line(self._short, self._valkey)
        await self._stack.enter_async_context(line.running())
        return line
