"""Programs at work: started, waited for, and ended with all that they started."""

import asyncio
import contextlib
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import aiohttp
from tests.waiting import until

PATIENCE = 240.0
"""Seconds within which a program must answer; the first start of a large one takes a minute."""


def free_port() -> int:
    """A port at which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


@contextlib.asynccontextmanager
async def running(
    command: Sequence[str | Path],
    *,
    answers: str,
    log: Path,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    any_status: bool = False,
) -> AsyncIterator[None]:
    """Run a program for the time of the block.

    Args:
        command: The program and its arguments.
        answers: An address that answers with 200 when it is ready.
        log: Where what it writes goes.
        env: More environment.
        cwd: The folder it runs in.
        any_status: Whether any answer says that it is ready.

    Raises:
        RuntimeError: It ended, or was not ready in time.
    """
    with log.open("wb") as out:
        process = await asyncio.create_subprocess_exec(
            *map(str, command),
            stdout=out,
            stderr=out,
            cwd=cwd,
            env={**os.environ, **(env or {})},
            start_new_session=True,
        )
        try:
            if not await _ready(process, answers, any_status=any_status):
                raise RuntimeError(f"nothing answers at {answers}; {log} may say why")
            yield
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)
            try:
                await asyncio.wait_for(process.wait(), 20)
            except TimeoutError:
                os.killpg(process.pid, signal.SIGKILL)
                await process.wait()


@contextlib.asynccontextmanager
async def limner_serving(
    model: str | None, place: Path, *, env: Mapping[str, str] | None = None
) -> AsyncIterator[str]:
    """`limner serve` before a model server or none, with all defaults but these; its address."""
    address = f"http://127.0.0.1:{free_port()}"
    command = [sys.executable, "-m", "limner", "serve", *(["--llm", model] if model else [])]
    command += ["--port", address.rpartition(":")[2], "--library", str(place / "library")]
    log = place / "limner.log"
    async with running(command, answers=f"{address}/healthz", log=log, env=env):
        yield address


async def told_by_api(address: str, path: str) -> Any:
    """What limner's API tells."""
    async with aiohttp.ClientSession() as client, client.get(f"{address}/api/{path}") as answer:
        return await answer.json()


async def all_drawn(address: str) -> None:
    """Wait until limner writes and draws nothing any more."""

    async def over() -> bool:
        return not (await told_by_api(address, "sessions"))["sessions"]

    await until(over, patience=PATIENCE, every=0.2)


async def kept_chats(address: str) -> int:
    """How many conversations limner has seen."""
    return len((await told_by_api(address, "chats"))["chats"])


async def latest_variants(address: str, *, expected: int) -> list[list[int]]:
    """The variants of each answer in the latest conversation, when so many are kept or never."""
    seen: list[list[int]] = []

    async def kept() -> bool:
        latest = (await told_by_api(address, "chats"))["chats"][0]["id"]
        told = (await told_by_api(address, f"chats/{latest}/messages"))["messages"]
        seen[:] = [one["variants"] for one in told if one["role"] == "assistant"]
        return sum(map(len, seen)) >= expected

    with contextlib.suppress(TimeoutError):
        await until(kept, patience=20)
    return seen


async def _ready(process: asyncio.subprocess.Process, url: str, *, any_status: bool) -> bool:
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(5)) as client:

        async def answers() -> bool:
            with contextlib.suppress(aiohttp.ClientError, TimeoutError):
                async with client.get(url, allow_redirects=not any_status) as answer:
                    return any_status or answer.status == 200
            return False

        async def answers_or_ended() -> bool:
            return process.returncode is not None or await answers()

        with contextlib.suppress(TimeoutError):
            await until(answers_or_ended, patience=PATIENCE, every=0.3)
        return process.returncode is None and await answers()
