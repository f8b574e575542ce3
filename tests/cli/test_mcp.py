"""`limner mcp`: tools for whoever starts it, over its standard input and output."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import anyio
import pytest
from mcp import Client, StdioServerParameters
from tests.cli.conftest import Command
from tests.command.commands import PATIENCE, Running, clean_environment
from tests.waiting import until

from limner.cli.exit_code import ExitCode
from limner.storage import Library
from limner.testing.a1111_server import A1111Server

pytestmark = pytest.mark.real_time

HELLO = {
    "jsonrpc": "2.0", "id": 0, "method": "initialize",
    "params": {
        "protocolVersion": "2025-06-18", "capabilities": {},
        "clientInfo": {"name": "a test", "version": "1"},
    },
}  # fmt: skip
READY = {"jsonrpc": "2.0", "method": "notifications/initialized"}


class Talk:
    """A client that sees every line, of a command that runs."""

    def __init__(self, running: Running) -> None:
        self.running = running
        self.lines: list[str] = []

    def say(self, *messages: Any) -> None:
        """Send messages, a line each; a text as it is."""
        for one in messages:
            self.running.stdin.write((one if isinstance(one, str) else json.dumps(one)) + "\n")
        self.running.stdin.flush()

    async def answer(self, to: int) -> dict[str, Any]:
        """The answer to a request; what came before it is kept among the lines."""
        while True:
            async with asyncio.timeout(PATIENCE):
                line = await asyncio.to_thread(self.running.stdout.readline)
            assert line, "it has ended"
            self.lines.append(line)
            said: dict[str, Any] = json.loads(line)
            if said.get("id") == to:
                return said

    async def hello(self) -> None:
        """Begin."""
        self.say(HELLO)
        assert (await self.answer(0))["result"]["serverInfo"]["name"] == "limner"
        self.say(READY)


def call(number: int, tool: str, **asked: Any) -> dict[str, Any]:
    """A request for a tool."""
    params = {"name": tool, "arguments": asked, "_meta": {"progressToken": number}}
    return {"jsonrpc": "2.0", "id": number, "method": "tools/call", "params": params}


@pytest.fixture
def talk(spawn: Callable[..., Running]) -> Callable[..., Talk]:
    """Starts `limner mcp` with the library `kept`."""

    def start(*options: str, program: str | None = None) -> Talk:
        return Talk(spawn("mcp", "--library", "kept", *options, program=program))

    return start


async def test_the_official_client_starts_it_draws_and_cancels(tmp_path: Path) -> None:
    """What is cancelled is interrupted at the picture server, and the next picture is drawn."""
    async with A1111Server(gate=asyncio.Event()) as pictures:
        assert pictures.gate is not None
        options = ["--library", str(tmp_path / "kept"), "--backend", f"a1111+{pictures.url}"]
        started = StdioServerParameters(
            command=sys.executable,
            args=["-m", "limner", "mcp", *options],
            env=clean_environment(tmp_path),
            cwd=tmp_path,
        )
        async with Client(started) as client:
            async with anyio.create_task_group() as calls:
                calls.start_soon(client.call_tool, "draw_picture", {"prompt": "a crow"})
                await pictures.job()
                calls.cancel_scope.cancel()
            await until(lambda: bool(pictures.interrupted))
            pictures.gate.set()
            drawn = await client.call_tool("draw_picture", {"prompt": "a fox"})
            told = drawn.structured_content["pictures"][0]
            whole = await client.read_resource(told["resource"])
        assert not drawn.is_error
        assert [block.type for block in drawn.content] == ["text", "image", "resource_link"]
        assert told["file"].startswith(str(tmp_path / "kept" / "pictures"))
        assert await asyncio.to_thread(os.path.isfile, told["file"])
        assert "url" not in told
        assert whole.contents[0].mime_type == "image/png"


async def test_standard_output_carries_the_protocol_only_and_ends_with_its_client(
    talk: Callable[..., Talk], tmp_path: Path
) -> None:
    """Whatever comes in, be it none of the protocol; whatever is said goes to standard error."""
    said = talk("-v")
    await said.hello()
    said.say("no JSON at all", "", "[]", "é\x00" * 50, {"jsonrpc": "2.0", "id": 1, "method": "fly"})
    assert (await said.answer(1))["error"]["code"] == -32601
    said.say(call(2, "draw_picture", prompt="a fox in the snow", size="128x96"))
    drawn = (await said.answer(2))["result"]
    assert [block["type"] for block in drawn["content"]] == ["text", "image", "resource_link"]
    said.say(call(3, "illustrate_text", text="x" * 2_000_001))
    assert (await said.answer(3))["result"]["isError"]
    assert {json.loads(line)["jsonrpc"] for line in said.lines} == {"2.0"}
    assert any(json.loads(line).get("method") == "notifications/progress" for line in said.lines)
    code, rest, complaints = await said.running.ended()
    assert (code, rest) == (ExitCode.OK, "")
    assert "Traceback" not in complaints
    async with await Library.open(tmp_path / "kept") as library:
        assert [one.prompt for one in await library.pictures()] == ["a fox in the snow"]


async def test_a_signal_ends_it_in_order_though_its_client_is_silent(
    talk: Callable[..., Talk],
) -> None:
    """What is being drawn is stopped at the picture server; the exit code is that of a server."""
    async with A1111Server(gate=asyncio.Event()) as pictures:
        said = talk("--backend", f"a1111+{pictures.url}")
        await said.hello()
        said.say(call(1, "draw_picture", prompt="a fox"))
        await pictures.job()
        said.running.send_signal(signal.SIGTERM)
        assert await asyncio.to_thread(said.running.wait) == ExitCode.OK
        assert pictures.interrupted == 1
    assert "Traceback" not in said.running.stderr.read()


STRAY = """
import asyncio, os, subprocess, sys
from limner.server.mcp.standard_streams import Lines, Writing, taken_streams

async def main():
    with taken_streams() as (source, sink):
        lines, writing = Lines(source), Writing(sink)
        async for line in lines:
            print("a stray word", flush=True)
            os.write(1, b"another\\n")
            subprocess.run([sys.executable, "-S", "-c", "print('a third')"])
            assert sys.stdin.readline() == "", "there is nothing for others to read"
            await writing.write(line.upper() + "\\n")
    print("after")

asyncio.run(main())
"""


async def test_nothing_else_gets_into_the_streams_that_the_protocol_has(
    talk: Callable[..., Talk],
) -> None:
    """Neither a word of limner's, nor of a program it starts; afterwards they are as before."""
    said = talk(program=STRAY)
    said.say("a fox", "ünd a crow")
    code, out, complaints = await said.running.ended()
    assert (code, out) == (0, "A FOX\nÜND A CROW\nafter\n"), complaints
    assert complaints.splitlines() == ["a stray word", "another", "a third"] * 2


def test_without_the_package_it_says_what_to_install(
    limner: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """In one line, before a library is begun."""
    monkeypatch.setitem(sys.modules, "mcp.server", None)
    ran = limner("mcp", "--library", "kept")
    assert (ran.code, ran.out) == (ExitCode.USAGE, "")
    assert "pip install 'limner[mcp]'" in ran.err
    assert not (tmp_path / "kept").exists()
