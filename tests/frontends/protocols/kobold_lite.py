"""KoboldAI Lite, a page that people open from anywhere, with `limner serve` for its server.

No package carries it. Run it with its file, ``index.html`` of LostRuins/lite.koboldai.net:
``python -m tests.frontends.protocols.kobold_lite INDEX SHOTS``.
"""

import asyncio
import contextlib
import sys
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

from aiohttp import web
from playwright.async_api import Page, expect
from tests.frontends.browser import drawn, opened, photographed
from tests.frontends.checking import Checks
from tests.frontends.protocols.sillytavern import ASKED, answer
from tests.frontends.protocols.speaker import NAME, Speaker, is_streamed, prompt
from tests.frontends.running import all_drawn, limner_serving
from tests.frontends.sillytavern import SIZE
from tests.frontends.story_model import FOX

STREAM = "/api/extra/generate/stream"
CONNECT = """address => {
    document.getElementById('customapidropdown').value = '1';
    document.getElementById('customkoboldendpoint').value = address;
    document.querySelectorAll('.popupcontainer').forEach(one => one.classList.add('hidden'));
    connect_custom_endpoint();
}"""
CHATS = "() => { localsettings.opmode = 4; localsettings.tokenstreammode = 2; }"
"""Turns of a conversation, which are streamed."""


@contextlib.asynccontextmanager
async def page_of(index: Path) -> AsyncIterator[str]:
    """The page, from a place of its own; gives its address."""

    async def page(request: web.Request) -> web.StreamResponse:
        return web.FileResponse(index, headers={"Content-Type": "text/html"})

    app = web.Application()
    app.add_routes([web.get("/", page)])
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/"
    finally:
        await runner.cleanup()


async def tell(lite: str, limner: str, shot: Path) -> str:
    """Two turns, each with its picture; gives what is read of the story."""
    async with opened(lite) as page:
        await page.wait_for_function("typeof connect_custom_endpoint === 'function'")
        await page.evaluate(CHATS)
        await page.evaluate(CONNECT, f"{limner}/kobold")
        await expect(page.locator("#connectstatus")).to_contain_text("KoboldCpp")
        try:
            for at, asked in enumerate(ASKED):
                await say(page, asked)
                ends = ("He ran through the snow.", "And all was still.")[at]
                await expect(page.locator("#gametext")).to_contain_text(ends)
                await page.wait_for_function("pending_response_id === ''")
            for at in range(len(ASKED)):
                seen = page.locator("#gametext img[src*='/images/']").nth(at)
                if await drawn(seen) != SIZE:
                    raise AssertionError("a picture has another size")
            await all_drawn(limner)
        finally:
            await photographed(page, shot)
        return await page.locator("#gametext").inner_text()


async def say(page: Page, text: str) -> None:
    """Write something, and send it."""
    await page.fill("#input_text", text)
    await page.click("#btnsend")


async def main(index: Path, shots: Path) -> int:
    """Open the page and look; the exit status."""
    checks = Checks()
    with tempfile.TemporaryDirectory() as folder:
        async with page_of(index) as lite, Speaker(answer, models=[NAME]) as model:
            async with limner_serving(f"kobold+{model.address}", Path(folder)) as limner:
                read = await tell(lite, limner, shots / "kobold-lite.png")
    asked = [one for one in model.requests if is_streamed(one)]
    checks.holds("two pictures are seen", True)
    checks.holds("no tag is seen", "img-prompt" not in read, read)
    checks.holds("it is streamed", {one.path for one in asked} == {STREAM}, asked)
    checks.holds("the model is told of pictures", "img-prompt" in prompt(asked[0]), asked[0].body)
    checks.holds(
        "the model gets its tag back", FOX in asked[-1].body["prompt"], asked[-1].body["prompt"]
    )
    checks.no_links("no request shows a link", model.requests)
    return min(1, checks.failed)


if __name__ == "__main__":
    given, kept = (Path(argument).absolute() for argument in sys.argv[1:3])
    kept.mkdir(parents=True, exist_ok=True)
    sys.exit(asyncio.run(main(given, kept)))
