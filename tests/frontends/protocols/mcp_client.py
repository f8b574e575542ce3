"""The official MCP client against the real commands: `limner mcp`, and `/mcp` of `limner serve`.

It asks wrongly, cancels, asks much at once, and looks at what comes:
``python -m tests.frontends.protocols.mcp_client``.
"""

import asyncio
import base64
import contextlib
import io
import os
import sys
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import mcp_types as types
from mcp import Client, StdioServerParameters
from mcp.client.stdio import stdio_client
from mcp.client.streamable_http import streamable_http_client
from PIL import Image
from tests.frontends.checking import Checks
from tests.frontends.running import limner_serving
from tests.waiting import pause

TALE = 'A fox. <!--img-prompt="a red fox in the snow"--> It ran. <!--img-prompt="an old owl"--> Ha.'
WRONG: tuple[tuple[str, Any], ...] = (
    ("draw_picture", {}),
    ("draw_picture", {"prompt": ""}),
    ("draw_picture", {"prompt": None}),
    ("draw_picture", {"prompt": ["a fox"]}),
    ("draw_picture", {"prompt": "a fox", "count": 99}),
    ("draw_picture", {"prompt": "a fox", "count": -1}),
    ("draw_picture", {"prompt": "a fox", "size": "9x9"}),
    ("draw_picture", {"prompt": "a fox", "size": "0x0\n"}),
    ("draw_picture", {"prompt": "a fox", "seed": 1e30}),
    ("draw_picture", {"prompt": "a fox", "style": "nobody's"}),
    ("draw_picture", {"prompt": "a fox", "paint": "oil"}),
    ("draw_picture", {"prompt": "a fox", "chat": "../../etc/passwd"}),
    ("draw_picture", {"prompt": "x" * 2_000_000}),
    ("illustrate_text", {"text": ""}),
    ("illustrate_text", {"text": {"a": {"b": [1]}}}),
    ("illustrate_text", {"text": "A fox.", "scenes": "dreams"}),
    ("redraw", {}),
    ("redraw", {"picture": "a/b/c"}),
    ("redraw", {"picture": "nothing/0/0"}),
    ("redraw", {"picture": "../0/0", "keep": True}),
    ("list_pictures", {"limit": 0}),
    ("list_pictures", {"limit": "many"}),
    ("paint", {"prompt": "a fox"}),
)
"""What no tool can do."""
AT_ONCE = 12
PATIENCE = 240.0
"""Seconds within which pictures are drawn on a busy machine."""


@contextlib.asynccontextmanager
async def by_stdio(place: Path, **settings: str) -> AsyncIterator[Client]:
    """The command that programs start by themselves."""
    command = ["-m", "limner", "mcp", "--library", str(place / "library")]
    env = {**os.environ, **settings}
    with (place / "mcp.log").open("w") as log:
        parameters = StdioServerParameters(command=sys.executable, args=command, env=env)
        async with Client(stdio_client(parameters, errlog=log)) as client:
            yield client


@contextlib.asynccontextmanager
async def by_http(place: Path, **settings: str) -> AsyncIterator[Client]:
    """The server that people run."""
    async with limner_serving("http://127.0.0.1:9/v1", place, env=settings) as limner:
        async with Client(streamable_http_client(f"{limner}/mcp")) as client:
            yield client


def text_of(result: types.CallToolResult) -> str:
    """What a model reads."""
    return "\n".join(one.text for one in result.content if isinstance(one, types.TextContent))


async def call(client: Client, tool: str, given: Any, **options: Any) -> types.CallToolResult:
    """What a tool says, in time."""
    async with asyncio.timeout(PATIENCE):
        result = await client.call_tool(tool, given, **options)
    if not isinstance(result, types.CallToolResult):
        raise TypeError(f"{tool} gave {type(result).__name__}")
    return result


async def wrongly(client: Client, name: str, checks: Checks) -> None:
    """Every wrong question is an error in one line, and draws nothing."""
    for tool, given in WRONG:
        shown = f"{tool}({str(given)[:60]})"
        try:
            result = await call(client, tool, given)
            told, wrong = text_of(result), bool(result.is_error)
        except Exception as error:  # the protocol's own way to say it
            told, wrong = str(error), True
        short = 0 < len(told) < 600 and "Traceback" not in told
        checks.holds(f"{name}: {shown} is refused in a line", wrong and short, told[:300])
    listed = await call(client, "list_pictures", {})
    none = "none" in text_of(listed)
    checks.holds(f"{name}: nothing was drawn by it", none, text_of(listed))


async def rightly(client: Client, name: str, checks: Checks) -> None:
    """A text with its pictures, as copies, as links, and told on the way."""
    told: list[tuple[float, float | None, str | None]] = []

    async def heard(done: float, total: float | None, message: str | None) -> None:
        told.append((done, total, message))

    result = await call(client, "illustrate_text", {"text": TALE}, progress_callback=heard)
    images = [one for one in result.content if isinstance(one, types.ImageContent)]
    links = [one for one in result.content if isinstance(one, types.ResourceLink)]
    checks.holds(f"{name}: a text gets its pictures", not result.is_error and len(images) == 2)
    drawn = [Image.open(io.BytesIO(base64.b64decode(one.data))) for one in images]
    large = all(max(one.size) == 512 for one in drawn)
    checks.holds(f"{name}: they are pictures of a model's size", large, drawn)
    checks.holds(f"{name}: and links", len(links) == 2, result.content)
    for link in links:
        if link.uri.startswith("http"):
            async with aiohttp.ClientSession() as http, http.get(link.uri) as answer:
                size = len(await answer.read())
        else:
            read = await client.read_resource(link.uri)
            size = len(getattr(read.contents[0], "blob", ""))
        checks.holds(f"{name}: a link leads to its picture", size > 10_000, (link.uri, size))
    steps = [done for done, _, _ in told]
    rising = steps == sorted(set(steps)) and len(steps) > 1
    checks.holds(f"{name}: it is told how far it is", rising, told)


async def again(client: Client, name: str, checks: Checks) -> None:
    """A picture is found by its words, drawn with another prompt, and listed as it is then."""
    found = await call(client, "list_pictures", {"words": "owl", "image_side": 64})
    told: Any = found.structured_content
    (owl,) = told["pictures"]
    shown = [one for one in found.content if isinstance(one, types.ImageContent)]
    checks.holds(f"{name}: a picture is found by its words", "owl" in owl["prompt"], told)
    checks.holds(f"{name}: with a small copy", len(shown) == 1, found.content)
    asked = {"picture": owl["picture"], "prompt": "a white owl in the moonlight"}
    heard: list[float] = []

    async def hear(done: float, total: float | None, message: str | None) -> None:
        heard.append(done)

    made = await call(client, "redraw", asked, progress_callback=hear)
    drawn = [one.data for one in made.content if isinstance(one, types.ImageContent)]
    checks.holds(f"{name}: it is drawn again", not made.is_error and len(drawn) == 1, made)
    checks.holds(f"{name}: and told on the way", len(heard) > 0, heard)
    other = Image.open(io.BytesIO(base64.b64decode(drawn[0]))).resize((64, 64)).tobytes()
    before = Image.open(io.BytesIO(base64.b64decode(shown[0].data))).resize((64, 64)).tobytes()
    checks.holds(f"{name}: it is another picture", other != before)
    told = (await call(client, "list_pictures", {"limit": 50})).structured_content
    prompts = {one["picture"]: one["prompt"] for one in told["pictures"]}
    holds = prompts.get(owl["picture"]) == asked["prompt"] and len(prompts) == 2
    checks.holds(f"{name}: it is listed in its place", holds, prompts)


async def at_once(client: Client, name: str, checks: Checks) -> None:
    """Many calls side by side, half of which nobody wants any more."""
    calls = [
        asyncio.create_task(call(client, "draw_picture", {"prompt": f"fox {at}", "image_side": 0}))
        for at in range(AT_ONCE)
    ]
    await pause(0.5, because="some are being drawn then")
    for one in calls[::2]:
        one.cancel()
    ended = await asyncio.gather(*calls, return_exceptions=True)
    kept = [one for one in ended[1::2] if isinstance(one, types.CallToolResult)]
    good = len(kept) == AT_ONCE // 2 and not any(one.is_error for one in kept)
    checks.holds(f"{name}: those that are wanted are drawn", good, ended[1::2])
    listed = text_of(await call(client, "list_pictures", {"limit": 50}))
    drawn = [at for at in range(0, AT_ONCE, 2) if f"fox {at}\n" in f"{listed}\n"]
    checks.holds(f"{name}: of the others most are not", len(drawn) <= 4, listed)


async def bounded(name: str, checks: Checks, place: Path) -> None:
    """A budget is everybody's."""
    reached = {"stdio": by_stdio, "http": by_http}[name]
    async with reached(place, LIMNER_SERVE__BUDGET__PER_DAY="1") as client:
        first = await call(client, "draw_picture", {"prompt": "a fox", "image_side": 0})
        second = await call(client, "draw_picture", {"prompt": "an owl", "image_side": 0})
    told = text_of(second)
    checks.holds(f"{name}: the first picture of the day", not first.is_error, text_of(first))
    refused = bool(second.is_error) and "budget" in told
    checks.holds(f"{name}: the second is refused by the budget", refused, told)


async def main() -> int:
    """Ask both; the exit status."""
    checks = Checks()
    for name, reached in {"stdio": by_stdio, "http": by_http}.items():
        with tempfile.TemporaryDirectory() as folder:
            place = Path(folder)
            async with reached(place) as client:
                await wrongly(client, name, checks)
                await rightly(client, name, checks)
                await again(client, name, checks)
                await at_once(client, name, checks)
            (place / "another").mkdir()
            await bounded(name, checks, place / "another")
    return min(1, checks.failed)


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
