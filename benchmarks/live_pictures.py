"""What pictures cost that are shown while they wait, to browsers that ask a real `limner serve`.

    python -m benchmarks.live_pictures [--watchers N]

Method: stories are told until there are so many pictures; the picture server holds the first, all
others wait behind it. So many browsers ask for a picture each (plain sockets that say what Chromium
says). Memory is what the server's process holds before they ask and when all have their first
frame, divided by them; processor time is the process's. First nothing changes. Then the picture
server is let go and draws a picture every fifth of a second, so that every place in the queue
changes five times a second: what each watcher gets is counted by the second.
"""

import argparse
import asyncio
import contextlib
import json
import os
import re
import tempfile
import time
from asyncio.subprocess import DEVNULL
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from itertools import pairwise
from statistics import median

import aiohttp

from benchmarks.proxy_servers import Server, free_port
from limner.testing.a1111_server import A1111Server
from limner.testing.chat_server import ChatServer, Reply

EACH = 20
"""Pictures of a story."""
FIRST = 16
"""Browsers that come before the others."""
SETTLED = 2.0
"""Seconds in which what was asked comes to rest."""
STILL = 15.0
"""Seconds over which the server is watched while nothing changes."""
CHANGING = 10.0
"""Seconds over which it is watched while the queue changes."""
UNSEEN = 5.0
"""Seconds over which pictures are drawn at last that nobody looks at."""
DRAWING = 0.2
"""Seconds that a picture takes then."""
AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0"
ASKED = (
    "GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: keep-alive\r\nUser-Agent: {agent}\r\n"
    'sec-ch-ua: "Chromium";v="140", "Not=A?Brand";v="24"\r\nsec-ch-ua-mobile: ?0\r\n'
    'sec-ch-ua-platform: "Linux"\r\n'
    "Accept: image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8\r\n"
    "Sec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: no-cors\r\nSec-Fetch-Dest: image\r\n"
    "Referer: http://127.0.0.1:3000/\r\nAccept-Encoding: gzip, deflate, br, zstd\r\n"
    "Accept-Language: en-US,en;q=0.9\r\n\r\n"
)
MARK = b"--limner-picture\r\n"


@dataclass(slots=True)
class Browser:
    """One ``<img>`` that watches.

    Attributes:
        frames: When each of its frames came, by the clock of processes.
        sizes: How large they were, in bytes.
    """

    frames: list[float] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)

    async def watch(self, host: str, path: str, number: int) -> None:
        """Ask for a picture and read what comes, until it ends."""
        name, _, port = host.partition(":")
        here = f"127.0.1.{number // 200 + 1}", 0  # one address may wait for 256 pictures
        reader, writer = await asyncio.open_connection(
            name, int(port), limit=1 << 20, local_addr=here
        )
        try:
            agent = f"{AGENT} Window/{number // 4}"  # four pictures are what one browser is shown
            writer.write(ASKED.format(path=path, host=host, agent=agent).encode())
            await reader.readuntil(b"\r\n\r\n")
            await reader.readuntil(MARK)
            while True:
                part = await reader.readuntil(MARK)
                self.frames.append(time.monotonic())
                self.sizes.append(len(part))
        except asyncio.IncompleteReadError:
            return  # its picture is there
        finally:
            writer.close()


@contextlib.asynccontextmanager
async def serving(model: str, drawn_by: str) -> AsyncIterator[Server]:
    """A real `limner serve`."""
    with tempfile.TemporaryDirectory() as place:
        port = free_port()
        env = {
            "LIMNER_BACKEND": f"a1111+{drawn_by}",
            "LIMNER_LLM_URL": model,
            "LIMNER_MAX_CONCURRENT": "1",
            "LIMNER_LEARN_LIMITS": "false",
        }
        command = [".venv/bin/limner", "serve", "--port", str(port), "--library", f"{place}/kept"]
        process = await asyncio.create_subprocess_exec(
            *command, env=os.environ | env, stdout=DEVNULL, stderr=DEVNULL
        )
        server = Server(port=port, pid=process.pid)
        try:
            while not await _is_up(port):  # noqa: ASYNC110 - another process has no event
                await asyncio.sleep(0.1)
            yield server
        finally:
            process.terminate()
            await process.wait()


async def _is_up(port: int) -> bool:
    try:
        async with aiohttp.ClientSession() as client:
            async with client.get(f"http://127.0.0.1:{port}/readyz") as answer:
                return answer.status == 200
    except aiohttp.ClientError:
        return False


async def told(port: int, number: int) -> list[str]:
    """The paths of the pictures of a new story."""
    body = {
        "model": "m",
        "stream": True,
        "messages": [{"role": "user", "content": f"Tell story {number}."}],
    }
    url = f"http://127.0.0.1:{port}/v1/chat/completions"
    async with aiohttp.ClientSession() as client, client.post(url, json=body) as answer:
        return re.findall(r"\(http://[^)/]+(/images/\w+\.png)\)", await answer.text())


def kilobytes(server: Server) -> float:
    """What the server's process holds."""
    return server.memory() * 1024


async def measure(watchers: int) -> dict[str, float]:
    """All of it; figures by name."""
    story = " ".join(f'On <!--img-prompt="a fox, {number}"--> went it.' for number in range(EACH))
    gate = asyncio.Event()
    found: dict[str, float] = {"watchers": watchers}
    async with (
        ChatServer(Reply.stream(story), models=["m"]) as model,
        A1111Server(seconds=DRAWING, gate=gate) as easel,
        serving(model.url, easel.url) as server,
    ):
        paths: list[str] = []
        while len(paths) <= watchers + (CHANGING + UNSEEN) / DRAWING:
            paths += await told(server.port, len(paths))
        browsers = [Browser() for _ in range(watchers)]
        tasks: list[asyncio.Task[None]] = []
        for few in (slice(FIRST), slice(FIRST, None)):  # the first pay for what all share
            await asyncio.sleep(SETTLED)
            before = kilobytes(server)
            for number, one in list(enumerate(browsers))[few]:
                host = f"127.0.0.1:{server.port}"
                tasks.append(asyncio.create_task(one.watch(host, paths[number - watchers], number)))
            while not all(one.frames for one in browsers[: len(tasks)]):  # noqa: ASYNC110
                await asyncio.sleep(0.1)
            await asyncio.sleep(SETTLED)
        found["KB each"] = (kilobytes(server) - before) / (watchers - FIRST)
        used, began = server.cpu(), time.monotonic()
        await asyncio.sleep(STILL)
        found["% of a core, still"] = 100 * (server.cpu() - used) / (time.monotonic() - began)
        gate.set()
        used, began = server.cpu(), time.monotonic()
        await asyncio.sleep(CHANGING)
        over = time.monotonic()
        found["% of a core, changing"] = 100 * (server.cpu() - used) / (over - began)
        found |= _frames(browsers, began, over)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        used, began = server.cpu(), time.monotonic()
        await asyncio.sleep(UNSEEN)
        over = time.monotonic()
        found["% of a core, drawing, nobody looks"] = 100 * (server.cpu() - used) / (over - began)
    return found


def _frames(browsers: list[Browser], began: float, over: float) -> dict[str, float]:
    """How many frames came, how close to one another, how large."""
    gaps, counts, sizes = [], [], []
    for one in browsers:
        came = [at for at in one.frames if began <= at <= over]
        counts.append(len(came))
        gaps += [b - a for a, b in pairwise(came)]
        sizes += one.sizes
    return {
        "frames a second, most": max(counts) / (over - began),
        "frames a second, median": median(counts) / (over - began),
        "seconds between two, least": min(gaps, default=0.0),
        "bytes of a frame, median": median(sizes),
        "bytes of a frame, most": max(sizes),
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--watchers", type=int, default=200)
    print(json.dumps(asyncio.run(measure(parser.parse_args().watchers)), indent=1))
