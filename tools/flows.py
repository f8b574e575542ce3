"""Six flows through limner, each in a real run: the command `limner serve`, real HTTP, SQLite.

The server has this thread for itself. The fake model server, the fake ComfyUI and the reader's
client run in another one, whose calls are not seen. Pictures are drawn by the embedded backend.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import sqlite3
import tempfile
from collections.abc import AsyncIterator, Callable, Coroutine
from pathlib import Path
from typing import Any

import aiohttp
from tools.served import FLOW_PATIENCE, Serve, no_settings, serve_with
from tools.trace import Tracer, Walk

from limner.config import load_settings
from limner.scheduling import Done, Limiter, Rate
from limner.testing.chat_server import ChatServer, Hang, Reply
from limner.testing.comfyui_server import ComfyUIServer

TAG = '<!--img-prompt="a fox in the snow"-->'
ASKED = {"model": "test-model", "stream": True, "messages": [{"role": "user", "content": "Go."}]}

Walks = dict[str, Walk]
"""The walk of every flow by its name."""

FLOWS = (
    "chunk", "link", "picture", "run", "run-rates", "run-listener", "regenerate", "settings",
    "start", "leave",
)  # fmt: skip
"""The names of the flows, in the order of the page."""


def walk_all() -> Walks:
    """Take every flow once, after it was taken once unseen where its first time is special.

    Raises:
        RuntimeError: A flow did not come to its end.
    """
    tracer = Tracer()
    walks: Walks = {}
    with tempfile.TemporaryDirectory() as place, no_settings(Path(place)):
        asyncio.run(_limiters(tracer, walks))
        with tracer.installed():
            _settings(tracer, walks, Path(place))
            serve_with(_Leaving(tracer, walks, Path(place)).drive, tracer.end)
            # Everything is imported now: what that calls is not seen in the start.
            serve_with(_Stories(tracer, walks, Path(place)).drive, tracer.end)
    return {name: walks[name] for name in FLOWS}


async def _limiters(tracer: Tracer, walks: Walks) -> None:
    plain, heard = Limiter(max_concurrent=2), Limiter(max_concurrent=2)
    rated = Limiter(max_concurrent=2, rates=[Rate(100, per=1.0)])
    heard.on(Done, lambda event: None)
    cases: dict[str, Callable[[], Coroutine[Any, Any, None]]] = {
        "run": lambda: plain.run(asyncio.sleep, 0),
        "run-rates": lambda: rated.run(asyncio.sleep, 0, priority=2, id="fox"),
        "run-listener": lambda: heard.run(asyncio.sleep, 0),
    }
    for name, run in cases.items():
        await run()
        with tracer.installed():
            walks[name] = tracer.begin()
            await run()
            tracer.end()


def _settings(tracer: Tracer, walks: Walks, folder: Path) -> None:
    file = _written(folder, "http://127.0.0.1:9/v1", "sketch")
    walks["settings"] = tracer.begin()
    load_settings(file)
    tracer.end()


class _Stories:
    """Stories by a server that draws by itself: what comes of a chunk, a tag, a click."""

    def __init__(self, tracer: Tracer, walks: Walks, folder: Path) -> None:
        self._tracer = tracer
        self._walks = walks
        self._folder = folder

    async def drive(self, serve: Serve) -> None:
        """Take the flows one after the other."""
        said, asked, ended = asyncio.Event(), asyncio.Event(), asyncio.Event()
        told = Reply.stream("Once", said, " upon a time", asked, TAG, ended, " The end.")
        async with ChatServer([Reply.stream("Once", TAG, " The end."), told]) as model:
            file = _written(self._folder, model.url, "sketch")
            self._walks["start"] = self._tracer.begin()
            address = await serve(file)
            async with aiohttp.ClientSession() as client:
                reader = _Reader(client, address)
                await self._first_time(reader)
                await self._stream(reader, said, asked, ended)
                for event in (said, asked, ended):
                    event.clear()
                slot = await self._draw(reader, said, asked, ended)
                await self._regenerate(reader, slot)

    async def _first_time(self, reader: _Reader) -> None:
        async with reader.ask() as answer:
            slot = await reader.slot_in(await answer.read())
        await reader.until_idle(slot)
        await reader.post(f"slots/{slot}/regenerate")
        await reader.until_idle(slot)

    async def _stream(self, reader: _Reader, *steps: asyncio.Event) -> None:
        said, asked, ended = steps
        async with reader.ask() as answer:
            await reader.until(answer, b"Once")
            await self._tracer.quiet()
            self._walks["chunk"] = self._tracer.begin(sent=b"upon")
            said.set()
            await self._tracer.ended(FLOW_PATIENCE)
            await reader.post("queue/pause")  # no drawing mixes with the way to the link
            await self._tracer.quiet()
            self._walks["link"] = self._tracer.begin(sent=b".png)")
            asked.set()
            await self._tracer.ended(FLOW_PATIENCE)
            await reader.post("queue/resume")
            ended.set()
            await reader.until_idle(await reader.slot_in(await answer.read()))

    async def _draw(self, reader: _Reader, *steps: asyncio.Event) -> str:
        said, asked, ended = steps
        async with reader.ask() as answer:
            said.set()
            await reader.until(answer, b"upon")
            await self._tracer.quiet()
            drawn = self._drawn()
            self._walks["picture"] = self._tracer.begin(committed=lambda: self._drawn() != drawn)
            asked.set()
            await self._tracer.ended(FLOW_PATIENCE)
            ended.set()
            slot = await reader.slot_in(await answer.read())
        await reader.until_idle(slot)
        return slot

    async def _regenerate(self, reader: _Reader, slot: str) -> None:
        await self._tracer.quiet()
        drawn = self._drawn()
        self._walks["regenerate"] = self._tracer.begin(committed=lambda: self._drawn() != drawn)
        await reader.post(f"slots/{slot}/regenerate")
        await self._tracer.ended(FLOW_PATIENCE)
        await reader.until_idle(slot)

    def _drawn(self) -> set[str]:
        """The pictures that are committed."""
        file = self._folder / "library" / "limner.db"
        with contextlib.closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as database:
            return {row[0] for row in database.execute("SELECT id FROM alternatives")}


class _Leaving:
    """A reader who goes away while a ComfyUI draws for him."""

    def __init__(self, tracer: Tracer, walks: Walks, folder: Path) -> None:
        self._tracer = tracer
        self._walks = walks
        self._folder = folder

    async def drive(self, serve: Serve) -> None:
        """Ask, leave, and wait until the ComfyUI is told."""
        never = asyncio.Event()
        told = Reply.stream("Once", TAG, Hang())
        async with ChatServer(told) as model, ComfyUIServer(gate=never) as pictures:
            address = await serve(
                _written(self._folder, model.url, f"comfyui+{pictures.url}", name="leaving")
            )
            async with aiohttp.ClientSession() as client:
                reader = _Reader(client, address)
                async with reader.ask({"X-Limner-Mode": "append"}) as answer:
                    await reader.until(answer, b"Once")
                    await pictures.until(lambda: pictures.running > 0)
                    await self._tracer.quiet()
                    self._walks["leave"] = self._tracer.begin()
                await pictures.until(lambda: bool(pictures.interrupts))
                self._tracer.end()


class _Reader:
    """Whoever reads the stories."""

    def __init__(self, client: aiohttp.ClientSession, address: str) -> None:
        self._client = client
        self._address = address

    @contextlib.asynccontextmanager
    async def ask(
        self, headers: dict[str, str] | None = None
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        """Ask for a story; who leaves the block before its end goes away."""
        url = f"{self._address}/v1/chat/completions"
        answer = await self._client.post(url, json=ASKED, headers=headers)
        answer.raise_for_status()
        try:
            yield answer
        finally:
            answer.close()

    async def until(self, answer: aiohttp.ClientResponse, part: bytes) -> None:
        """Read until something has come."""
        text = b""
        while part not in text:
            text += (new := await answer.content.readany())
            if not new:
                raise EOFError(text)

    async def slot_in(self, text: bytes) -> str:
        """The slot of the picture that a text links to, as the API calls it."""
        found = re.search(rb"/images/([0-9a-z]+)\.png", text)
        if found is None:
            raise EOFError(text)
        named = await self._json(f"{self._address}/api/pictures/by-id/{found[1].decode()}")
        return str(named["id"])

    async def until_idle(self, slot: str) -> None:
        """Wait until the message of a slot is complete, and all its pictures are there."""
        url = f"{self._address}/api/messages/{slot.partition('/')[0]}"
        while (await self._json(url))["busy"]:  # noqa: ASYNC110 - it is asked over HTTP
            await asyncio.sleep(0.2)

    async def post(self, path: str) -> None:
        """Have the API do something."""
        async with self._client.post(f"{self._address}/api/{path}", json={}) as answer:
            answer.raise_for_status()

    async def _json(self, url: str) -> Any:
        async with self._client.get(url) as answer:
            answer.raise_for_status()
            return await answer.json()


def _written(folder: Path, model: str, backend: str, *, name: str = "library") -> Path:
    """Write a settings file."""
    file = folder / f"{name}.toml"
    file.write_text(
        f'llm_url = "{model}"\nbackend = "{backend}"\nlibrary = "{folder / name}"\n'
        "[serve]\nport = 0\n"
    )
    return file
