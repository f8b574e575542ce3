"""A real `limner serve` with a model, a picture server and readers, and what it has to keep."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import socket
import sys
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
from tests.command.commands import clean_environment
from tests.waiting import pause, until

from limner.illustration import Message, MessageState, Role, SlotState
from limner.storage import Library
from limner.testing.a1111_server import A1111Server
from limner.testing.chat_server import ChatRequest, ChatServer, Reply

LINK = re.compile(r"\n\n!\[[^\]]*\]\((http[^)]*/images/([0-9a-z]+)\.png)\)\n\n")
BEAT = 0.1
"""Seconds between two pieces of a story."""
EVERY = 6
"""Pieces of a story from one tag to the next."""


@dataclass(frozen=True, slots=True)
class Story:
    """What a model tells one reader.

    Attributes:
        number: Which one.
        pieces: Its text, piece by piece, with its tags.
    """

    number: int
    pieces: tuple[str, ...]

    @classmethod
    def of(cls, number: int, length: int) -> Story:
        """A story of so many pieces."""
        pieces = []
        for at in range(length):
            tag = f'<!--img-prompt="fox {number} at hour {at}" size="64x64"-->'
            begin = "\n\n" if at and at % EVERY == 0 else ""
            said = f"{begin}Night {number}, hour {at}. "
            pieces.append(said + (tag if at % EVERY == 1 else ""))
        return cls(number, tuple(pieces))

    @property
    def text(self) -> str:
        """All of it, with its tags."""
        return "".join(self.pieces)

    @property
    def plain(self) -> str:
        """All of it, without."""
        return re.sub("<!--.*?-->", "", self.text)


@dataclass(slots=True)
class Reader:
    """Who reads a story through the server.

    Attributes:
        story: The story.
        seen: What has come so far, with links to pictures.
        broken: Whether the connection was lost.
    """

    story: Story
    seen: str = ""
    broken: bool = False

    @property
    def plain(self) -> str:
        """What has come, without the pictures."""
        return LINK.sub("", self.seen)

    @property
    def pictures(self) -> list[str]:
        """The addresses it was told."""
        return [found[1] for found in LINK.finditer(self.seen)]

    async def read(self, address: str) -> None:
        """Read it to its end."""
        asked = {
            "stream": True,
            "model": "test-model",
            "messages": [{"role": "user", "content": f"Tell me of night {self.story.number}."}],
        }
        timeout = aiohttp.ClientTimeout(total=None)
        try:
            async with (
                aiohttp.ClientSession(timeout=timeout) as client,
                client.post(f"{address}/v1/chat/completions", json=asked) as answer,
            ):
                assert answer.status == 200, await answer.text()
                async for line in answer.content:
                    self._take(line)
        except aiohttp.ClientError:
            self.broken = True

    def _take(self, line: bytes) -> None:
        if not line.startswith(b"data: {"):
            return
        told = json.loads(line[6:])
        assert "error" not in told, told
        for choice in told["choices"]:
            self.seen += choice["delta"].get("content") or ""


class Served:
    """`limner serve` as a process of its own, over a library.

    Args:
        options: Its options, but for where it listens.
        folder: Where it runs.
        environment: More of its environment.

    Attributes:
        address: Where it listens, also after another start.
        log: What it said.
        readiness: What ``/readyz`` answered, in order, each answer once.
    """

    def __init__(
        self, options: Sequence[str], folder: Path, environment: Mapping[str, str]
    ) -> None:
        with socket.create_server(("127.0.0.1", 0)) as listening:
            self._port = listening.getsockname()[1]
        self.address = f"http://127.0.0.1:{self._port}"
        self._options = options
        self._folder = folder
        self._environment = clean_environment(folder) | dict(environment)
        self.log: list[str] = []
        self.readiness: list[int] = []
        self._watching: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Start it, and wait until it listens."""
        source = str(Path(__file__).parents[2] / "src")
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "limner", "serve", "--port", str(self._port), *self._options,
            cwd=self._folder, stderr=asyncio.subprocess.PIPE,
            env=self._environment | {"PYTHONPATH": source},
        )  # fmt: skip
        self._watching = [asyncio.create_task(self._listen())]
        await until(lambda: self._is_ready() or self._process.returncode is not None)
        assert self._process.returncode is None, "".join(self.log)
        self._watching.append(asyncio.create_task(self._look()))

    def another(self) -> Served:
        """One more of the same kind over the same library, at another port; not started yet."""
        return Served(self._options, self._folder, self._environment)

    def _is_ready(self) -> bool:
        return any(line.startswith("  tokens") for line in self.log)

    async def _listen(self) -> None:
        assert self._process.stderr is not None
        async for line in self._process.stderr:
            self.log.append(line.decode())

    async def _look(self) -> None:
        async with aiohttp.ClientSession() as client:
            while True:
                with contextlib.suppress(aiohttp.ClientError):
                    async with client.get(f"{self.address}/readyz") as answer:
                        if self.readiness[-1:] != [answer.status]:
                            self.readiness.append(answer.status)
                await pause(0.2, because="a load balancer looks now and then")

    @property
    def pid(self) -> int:
        """Its process."""
        return self._process.pid

    async def recovered(self) -> None:
        """Wait until what a former process has left is drawn."""

        async def over() -> bool:
            async with aiohttp.ClientSession() as client:
                async with client.get(f"{self.address}/readyz") as answer:
                    told = await answer.json()
            assert not told["recovery_failed"], "".join(self.log)
            return not told["recovering"]

        await until(over)

    async def get(self, url: str) -> tuple[int, bool]:
        """The status of an answer, and whether it has an entity tag, as a kept picture has."""
        async with aiohttp.ClientSession() as client, client.get(url) as answer:
            await answer.read()
            return answer.status, "ETag" in answer.headers

    async def kill(self) -> None:
        """Kill it."""
        self._process.kill()
        await self._end()

    async def stop(self) -> None:
        """End it in order."""
        if self._process.returncode is None:
            self._process.terminate()
        await self._end()

    async def _end(self) -> None:
        await self._process.wait()
        for task in self._watching[1:]:
            task.cancel()
        await asyncio.wait(self._watching)
        self.log = [line for line in self.log if not line.startswith("  tokens")]


@dataclass(slots=True)
class Stage:
    """Everybody who takes part.

    Attributes:
        server: The server.
        painter: What draws.
        readers: Who reads.
        place: The library, as `Library.open` takes it.
        pictures: Where its pictures are, if it is in a database.
    """

    server: Served
    painter: A1111Server
    readers: list[Reader]
    place: str
    pictures: str | None
    _reading: list[asyncio.Task[None]] = field(default_factory=list)

    def begin(self) -> None:
        """Have all stories told."""
        self._reading = [
            asyncio.create_task(reader.read(self.server.address)) for reader in self.readers
        ]

    async def over(self) -> None:
        """Wait until every reader has all of its story, or was cut off."""
        await asyncio.gather(*self._reading)

    @property
    def drawn(self) -> Counter[str]:
        """How often each prompt was drawn to its end."""
        return Counter(
            job.body["prompt"]
            for job in self.painter.jobs
            if job.ended.is_set() and not job.gone.is_set()
        )

    async def kept(self) -> dict[int, Message]:
        """The answers that stand in the library, by the numbers of their stories."""
        found: dict[int, Message] = {}
        async with await Library.open(self.place, pictures=self.pictures) as library:
            for chat in await library.chats():
                messages = await library.messages(chat.id)
                if not messages:
                    continue  # it has only just begun
                number = int(re.findall(r"of night (\d+)", messages[0].text)[0])
                for message in messages:
                    if message.role is Role.ASSISTANT:
                        found[number] = message
        return found

    async def settled(self, least: int) -> None:
        """Wait until so many answers are there, and nothing is written or drawn any more.

        Raises:
            TimeoutError: It gets on no more: a minute in which nothing was kept is a hang, however
                busy the machine is.
        """
        done, whole = -1, False

        async def gets_on() -> bool:
            nonlocal done, whole
            there = (await self.kept()).values()
            slots = [slot for message in there for slot in message.slots]
            writing = sum(message.state is MessageState.WRITING for message in there)
            pending = sum(bool(slot.pending) for slot in slots)
            whole = len(there) >= least and not writing and not pending
            before, done = done, len(there) + len(slots) - writing - pending
            return whole or done != before

        while not whole:
            await until(gets_on, every=1.0)  # it reads all of it

    async def check_all_is_kept(self) -> None:
        """Every text is whole, every picture was drawn once, is kept and is given out.

        Raises:
            AssertionError: Something is lost, or was drawn twice.
        """
        there = await self.kept()
        for reader in self.readers:
            story, message = reader.story, there[reader.story.number]
            assert not reader.broken
            assert reader.plain == story.plain, f"a reader lost text of {story.number}"
            assert message.text == story.text, f"text of {story.number} is lost"
            assert message.state is MessageState.COMPLETE
            assert {slot.state for slot in message.slots} == {SlotState.READY}
            assert len(reader.pictures) == len(message.slots)
        twice = {prompt: count for prompt, count in self.drawn.items() if count != 1}
        assert not twice, f"drawn twice: {twice}"
        await self.check_pictures([url for reader in self.readers for url in reader.pictures])
        await self.check_files()

    async def check_pictures(self, urls: Sequence[str]) -> None:
        """Every picture is given out."""
        for url in urls:
            assert await self.server.get(url) == (200, True), f"{url} shows nothing"

    async def check_files(self) -> None:
        """Every file that the library names is there and whole."""
        async with await Library.open(self.place, pictures=self.pictures) as library:
            report = await library.check()
        assert report.is_sound, report


@contextlib.asynccontextmanager
async def staged(
    folder: Path,
    *,
    stories: int,
    length: int,
    options: Sequence[str] = (),
    place: str | None = None,
    drawing: float = 0.1,
) -> AsyncIterator[Stage]:
    """A server over a new library, who has stories told and drawn through it.

    Args:
        folder: Where it works.
        stories: How many at once.
        length: Pieces of each; see `BEAT`.
        options: More options of the server.
        place: The library, if it is to be in a database; its pictures are in the folder then.
        drawing: Seconds that a picture takes.
    """
    told = {number: Story.of(number, length) for number in range(stories)}
    beats = [asyncio.Event() for _ in range(length)]

    def script(request: ChatRequest) -> Reply:
        asked: Any = request.body["messages"][-1]["content"]
        story = told[int(re.findall(r"of night (\d+)", asked)[0])]
        steps = [step for pair in zip(beats, story.pieces, strict=True) for step in pair]
        return Reply.stream(*steps)

    pictures = str(folder / "pictures") if place else None
    environment = {"LIMNER_LIBRARY_PICTURES": pictures} if pictures else {}
    where = place or str(folder / "library")
    async with ChatServer(script) as model, A1111Server(seconds=drawing) as painter:
        beating = asyncio.create_task(_beat(beats, model))
        shown = ["--llm", model.url, "--backend", f"a1111+{painter.url}", "--library", where]
        server = Served([*shown, "--max-concurrent", "8", *options], folder, environment)
        await server.start()
        readers = [Reader(story) for story in told.values()]
        try:
            yield Stage(server, painter, readers, where, pictures)
        finally:
            beating.cancel()
            await server.stop()


async def _beat(beats: Sequence[asyncio.Event], model: ChatServer) -> None:
    """Let the model go on, beat by beat, from when it is asked."""
    await model.request()
    for beat in beats:
        beat.set()
        await pause(BEAT, because="a model takes its time for each word")
