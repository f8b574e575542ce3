"""Two real servers with shared limits are one to the picture server."""

import asyncio
import contextlib
import signal
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from tests.cli.conftest import spawn
from tests.cli.test_serve import Process
from tests.cluster.limits.conftest import make_valkey
from tests.cluster.valkey import Valkey
from tests.command.commands import Running
from tests.waiting import until

from limner.testing.images_api_server import ImagesApiServer

__all__ = ["make_valkey", "spawn"]

SETTINGS = """
backend = "openai+{pictures}"
max_concurrent = 2
[serve]
grace = 0
"""


@contextlib.asynccontextmanager
async def asking(address: str, count: int) -> AsyncIterator[list[asyncio.Task[int]]]:
    """Ask a server for pictures; the statuses."""
    async with aiohttp.ClientSession() as client:

        async def ask(number: int) -> int:
            asked = {"prompt": f"a fox, number {number}", "size": "64x64"}
            url = f"{address}/v1/images/generations"
            async with client.post(url, json=asked) as answer:
                await answer.read()
                return answer.status

        tasks = [asyncio.create_task(ask(number)) for number in range(count)]
        try:
            yield tasks
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


@pytest.mark.real_time
async def test_two_servers_together_draw_no_more_than_one_may(
    spawn: Callable[..., Running], make_valkey: Callable[..., Valkey], tmp_path: Path
) -> None:
    """And what a killed one had taken is free for the other within ten seconds."""
    gate = asyncio.Event()
    async with ImagesApiServer(gate=gate) as pictures:
        (tmp_path / "settings.toml").write_text(SETTINGS.format(pictures=pictures.url))
        valkey = make_valkey()

        def start(name: str) -> Process:
            options: list[Any] = ["--port", "0", "--library", name, "--config", "settings.toml"]
            options += ["--shared-limits", valkey.url]
            return Process(spawn("serve", *options))

        servers = [start("here"), start("there")]
        here, there = [await asyncio.to_thread(server.ready) for server in servers]
        async with asking(here, 4) as first:
            await until(lambda: pictures.running == 2)
            async with asking(there, 3) as second:
                servers[0].process.send_signal(signal.SIGKILL)
                await asyncio.gather(*first, return_exceptions=True)
                await until(lambda: pictures.running == 0)
                async with asyncio.timeout(10):
                    await until(lambda: pictures.running == 2)
                assert pictures.peak == 2
                gate.set()
                assert await asyncio.gather(*second) == [200, 200, 200]
        assert pictures.peak == 2
