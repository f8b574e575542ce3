"""What the port for spans costs a server that tells nobody: the calls of functions in one chat.

    python -m benchmarks.tracing [--chats N] [--passes N]

A real `limner serve`, beside a model and a picture server of this process, answers so many chats
with a picture each under cProfile, which counts every call of a function, Python's own included.
Each pass is two runs, with N and with 3 N chats: the difference is what 2 N of them cost, and the
start is none of it. Told is the median of the passes. Run it in two trees to compare them.
"""

import argparse
import asyncio
import os
import pstats
import re
import signal
import socket
import statistics
import sys
import tempfile

import aiohttp

from limner.testing.chat_server import ChatServer, Reply
from limner.testing.images_api_server import ImagesApiServer

STORY = Reply.stream(
    "Once upon a time ", "there was a fox. ", '<!--img-prompt="a fox" size="64x64"-->', "The end."
)
START = 120.0
"""Seconds that a start may take."""


def free_port() -> int:
    """A port nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
        return port


async def ask(client: aiohttp.ClientSession, address: str, number: int) -> None:
    """Have one chat answered, and see its picture."""
    said = [{"role": "user", "content": f"Tell me tale number {number}, please."}]
    body = {"model": "test-model", "messages": said, "stream": True}
    async with client.post(f"{address}/v1/chat/completions", json=body) as answer:
        text = (await answer.read()).decode()
        found = re.search(r"/images/[0-9a-z]+\.png", text)
        assert answer.status == 200 and found, text  # noqa: PT018 - both or none
    async with client.get(address + found[0]) as picture:
        assert picture.status == 200
        await picture.read()


async def ready(said: asyncio.StreamReader, told: list[str]) -> None:
    """Read what a server says until it listens."""
    async with asyncio.timeout(START):
        while "ready at" not in (told[-1:] or [""])[0]:
            line = await said.readline()
            assert line, "".join(told)
            told.append(line.decode())


async def counted(chats: int, model: ChatServer, pictures: ImagesApiServer) -> int:
    """How many calls a server made from its start to its end, with so many chats."""
    address = f"http://127.0.0.1:{free_port()}"
    with tempfile.TemporaryDirectory() as folder:
        profile, library = f"{folder}/profile", f"{folder}/library"
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "cProfile", "-o", profile, "-m", "limner", "serve",
            "--port", address.rpartition(":")[2], "--llm", model.url, "--library", library,
            "--backend", f"openai+{pictures.url}",
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
            env=os.environ | {"LIMNER_CONFIG": "", "PYTHONHASHSEED": "0"},
        )  # fmt: skip
        assert process.stdout is not None
        told: list[str] = []
        await ready(process.stdout, told)
        async with aiohttp.ClientSession() as client:
            for number in range(chats):
                await ask(client, address, number)
        process.send_signal(signal.SIGTERM)
        await process.stdout.read()
        await process.wait()
        return sum(calls for _, calls, *_ in pstats.Stats(profile).stats.values())  # type: ignore[attr-defined]  # it has them


async def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.tracing")
    parser.add_argument("--chats", type=int, default=20)
    parser.add_argument("--passes", type=int, default=5)
    given = parser.parse_args()
    each = []
    async with ChatServer(STORY) as model, ImagesApiServer() as pictures:
        for _ in range(given.passes):
            few, many = [
                await counted(count, model, pictures) for count in (given.chats, 3 * given.chats)
            ]
            each.append((many - few) / (2 * given.chats))
            print(f"{each[-1]:,.0f} calls a chat")
    print(f"median: {statistics.median(each):,.0f}")


if __name__ == "__main__":
    asyncio.run(main())
