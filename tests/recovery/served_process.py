"""A real `limner serve` as a process of its own, that can be killed and started again."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import aiohttp
from tests.command.commands import clean_environment
from tests.waiting import pause, until


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
