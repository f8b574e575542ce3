"""A real `limner serve` with a model, a picture server and readers, and what it has to keep."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
from tests.recovery.served_process import Served
from tests.recovery.served_talks import Talk, answer, kept_talks, told_by
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
                    self.seen += told_by(line)
        except aiohttp.ClientError:
            self.broken = True


@dataclass(slots=True)
class Stage:
    """Everybody who takes part.

    Attributes:
        server: The server.
        painter: What draws.
        readers: Who reads.
        place: The library, as `Library.open` takes it.
        pictures: Where its pictures are, if it is in a database.
        talks: Who talks in short turns meanwhile.
    """

    server: Served
    painter: A1111Server
    readers: list[Reader]
    place: str
    pictures: str | None
    talks: list[Talk]
    _reading: list[asyncio.Task[None]] = field(default_factory=list)
    _talking: list[asyncio.Task[None]] = field(default_factory=list)

    def begin(self) -> None:
        """Have all stories told, and all talks begun."""
        address = self.server.address
        self._reading = [asyncio.create_task(reader.read(address)) for reader in self.readers]
        self._talking = [asyncio.create_task(talk.go_on(address)) for talk in self.talks]

    async def over(self) -> None:
        """Wait until every reader has all of its story, or was cut off; the talks end then."""
        await asyncio.gather(*self._reading)
        for talk in self.talks:
            talk.ending = True
        await asyncio.gather(*self._talking)

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
                for number in re.findall(r"of night (\d+)", messages[0].text):  # else a talk
                    for message in messages:
                        if message.role is Role.ASSISTANT:
                            found[int(number)] = message
        return found

    async def talked(self, *, at_rest: bool = False) -> dict[int, list[Message]]:
        """The talks that stand in the library, by their numbers; see `kept_talks`."""
        async with await Library.open(self.place, pictures=self.pictures) as library:
            return await kept_talks(library, at_rest=at_rest)

    async def settled(self, least: int) -> None:
        """Wait until so many answers are there, and nothing is written or drawn any more.

        Raises:
            TimeoutError: It gets on no more: a minute in which nothing was kept is a hang, however
                busy the machine is.
        """

        async def settled() -> tuple[bool, int]:
            there = (await self.kept()).values()
            slots = [slot for message in there for slot in message.slots]
            writing = sum(message.state is MessageState.WRITING for message in there)
            pending = sum(bool(slot.pending) for slot in slots)
            whole = len(there) >= least and not writing and not pending
            return whole, len(there) + len(slots) - writing - pending

        await _while_it_gets_on(settled)

    async def talks_kept(self) -> None:
        """Wait until as much is kept of the talks as was said, and look at it.

        Raises:
            TimeoutError: As above.
            AssertionError: Something is lost, or stands there twice.
        """
        said = sum(len(talk.said) for talk in self.talks)

        async def settled() -> tuple[bool, int]:
            there = sum(map(len, (await self.talked()).values()))
            return there >= said, there

        await _while_it_gets_on(settled)
        there = await self.talked(at_rest=True)
        for talk in self.talks:
            talk.check(there[talk.number])

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


async def _while_it_gets_on(look: Callable[[], Awaitable[tuple[bool, int]]]) -> None:
    """Wait until something is whole, of which it is told how much is done."""
    done, whole = -1, False

    async def gets_on() -> bool:
        nonlocal done, whole
        before = done
        whole, done = await look()
        return whole or done != before

    while not whole:
        await until(gets_on, every=1.0)  # it reads all of it


@contextlib.asynccontextmanager
async def staged(
    folder: Path,
    *,
    stories: int,
    length: int,
    options: Sequence[str] = (),
    place: str | None = None,
    drawing: float = 0.1,
    talks: int = 0,
) -> AsyncIterator[Stage]:
    """A server over a new library, who has stories told and drawn through it.

    Args:
        folder: Where it works.
        stories: How many at once.
        length: Pieces of each; see `BEAT`.
        options: More options of the server.
        place: The library, if it is to be in a database; its pictures are in the folder then.
        drawing: Seconds that a picture takes.
        talks: How many talk meanwhile, in short turns without pictures.
    """
    told = {number: Story.of(number, length) for number in range(stories)}
    beats = [asyncio.Event() for _ in range(length)]

    def script(request: ChatRequest) -> Reply:
        asked: Any = request.body["messages"][-1]["content"]
        if (said := answer(asked)) is not None:
            return Reply.stream(said)
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
            yield Stage(server, painter, readers, where, pictures, [*map(Talk, range(talks))])
        finally:
            beating.cancel()
            await server.stop()


async def _beat(beats: Sequence[asyncio.Event], model: ChatServer) -> None:
    """Let the model go on, beat by beat, from when it is asked."""
    await model.request()
    for beat in beats:
        beat.set()
        await pause(BEAT, because="a model takes its time for each word")
