"""What the port for spans costs a server that tells nobody: instructions of one chat.

    python -m benchmarks.tracing [--chats N]

A real `limner serve`, beside a model and a picture server of this process, answers so many chats
with a picture each under Valgrind, which counts what the processor is told to do (Cachegrind
without its cache). Twice, with N and with 3 N chats: the difference is what 2 N of them cost, and
the start is none of it. Run it in two trees to compare them.
"""

import argparse
import asyncio
import os
import re
import signal
import socket
import sys
import tempfile

import aiohttp

from limner.testing.chat_server import ChatServer, Reply
from limner.testing.images_api_server import ImagesApiServer

STORY = Reply.stream(
    "Once upon a time ", "there was a fox. ", '<!--img-prompt="a fox" size="64x64"-->', "The end."
)
COUNTING = "valgrind", "--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null"
COUNTED = re.compile(r"I\s+refs:\s+([\d,]+)")
START = 600.0
"""Seconds that a start may take, which Valgrind makes some fifty times as long."""


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
    """How many instructions a server took from its start to its end, with so many chats."""
    address = f"http://127.0.0.1:{free_port()}"
    with tempfile.TemporaryDirectory() as library:
        options = "--port", address.rpartition(":")[2], "--llm", model.url, "--library", library
        backend = "--backend", f"openai+{pictures.url}"
        process = await asyncio.create_subprocess_exec(
            *COUNTING, sys.executable, "-m", "limner", "serve", *options, *backend,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
            env=os.environ | {"LIMNER_CONFIG": "", "PYTHONHASHSEED": "0"},
        )  # fmt: skip
        assert process.stdout is not None
        told: list[str] = []
        timeout = aiohttp.ClientTimeout(total=START)
        async with aiohttp.ClientSession(timeout=timeout) as client:
            await ready(process.stdout, told)
            for number in range(chats):
                await ask(client, address, number)
        process.send_signal(signal.SIGINT)
        text = (await process.stdout.read()).decode()
        await process.wait()
        found = COUNTED.search(text)
        assert found is not None, text[-2000:]
        return int(found[1].replace(",", ""))


async def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.tracing")
    parser.add_argument("--chats", type=int, default=20)
    chats: int = parser.parse_args().chats
    async with ChatServer(STORY) as model, ImagesApiServer() as pictures:
        few, many = [await counted(count, model, pictures) for count in (chats, 3 * chats)]
    print(f"{(many - few) / (2 * chats) / 1e6:.2f} million instructions a chat")


if __name__ == "__main__":
    asyncio.run(main())
