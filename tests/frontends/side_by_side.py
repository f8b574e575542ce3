"""The same story on limner's page, in Open WebUI and in SillyTavern, for whoever compares looks.

``python -m tests.frontends.side_by_side SILLYTAVERN OPEN_WEBUI SHOTS``: desktop, phone, light and
dark; SillyTavern has no light of its own, so its bundled light theme stands for it. ``-`` in the
place of a program leaves it out.
"""

import asyncio
import contextlib
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, Page, async_playwright, expect
from tests.frontends import open_webui_chats, sillytavern_page
from tests.frontends.browser import BROWSERS, OPTIONS, PATIENCE, photographed
from tests.frontends.open_webui import open_webui
from tests.frontends.running import limner_serving
from tests.frontends.sillytavern import sillytavern
from tests.frontends.story_model import NAME

from limner.prompts import format_tag
from limner.testing.chat_server import ChatRequest, ChatServer, Reply

ASKED = "Tell me a tale of a lighthouse keeper and a whale."
STORY = f"""## The light that answered

Beyond the last harbour, where the maps give up, there lived an old lighthouse keeper. He kept a
lamp in the window, three spoons in the drawer, and a habit of listening to the wind *as if it might
be about to say something useful*.

{format_tag("an old lighthouse keeper at a window at dusk, a lighthouse above the sea")}

One night the sea answered. Twice the lamp went round; twice, far out, something **blinked back**.

> “You are late,” said the whale, “or early. I have never been able to tell with lighthouses.”

{format_tag("a whale in a calm sea at night, stars and a crescent moon, a lighthouse")}

They talked until morning: about the weather, the price of oil, and

- what a ship dreams of,
- why nobody counts the waves, and
- who had the moon first.

By breakfast they had agreed on nothing, and so they met again.

{format_tag("a small sailing boat beside a whale at sunrise, an old man with a lantern")}

And if you come by there on a quiet night, you may see two lights where there should be one.
"""
DEVICES: dict[str, dict[str, Any]] = {
    "desktop": {"viewport": {"width": 1280, "height": 800}},
    "phone": {
        "viewport": {"width": 390, "height": 844},
        "device_scale_factor": 2,
        "is_mobile": True,
        "has_touch": True,
    },
}
LIGHT_THEME = "Celestial Macaron"
PICTURES = "img[src*='/images/']"
SEEN = """all => all.length >= 3 && all.every(one => one.complete && one.naturalWidth)"""

Visit = Callable[[Page, str], Awaitable[None]]


def model() -> ChatServer:
    """Tells the story, whatever is asked; a question beside the chat gets a title."""

    def answer(request: ChatRequest) -> Reply:
        if request.body.get("stream"):
            return Reply.stream(*STORY.splitlines(keepends=True))
        return Reply.completion("The light that answered")

    return ChatServer(answer, models=[NAME])


@contextlib.asynccontextmanager
async def browsers() -> AsyncIterator[Browser]:
    """The machine's own Chromium."""
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=found, args=OPTIONS)
        yield browser
        await browser.close()


async def shown(page: Page, pictures: str) -> None:
    """Wait until three pictures are there."""
    await expect(page.locator(pictures)).to_have_count(3, timeout=PATIENCE)
    for picture in await page.locator(pictures).all():
        await picture.scroll_into_view_if_needed()
        await picture.evaluate("one => one.decode().catch(() => {})")


async def limner_page(page: Page, address: str) -> None:
    """Ask on limner's own page."""
    await page.goto(f"{address}/#/chat")
    await expect(page.locator(".welcome")).to_be_visible()


async def limner_ask(page: Page) -> None:
    """Say it, and wait for the pictures."""
    await page.locator("#composer").fill(ASKED)
    await page.keyboard.press("Enter")
    await expect(page.locator(".picture[data-state=ready]")).to_have_count(3)
    await shown(page, ".frame img")


async def webui_page(page: Page, address: str) -> None:
    """A new chat of Open WebUI."""
    await page.goto(f"{address}/?models={NAME}")
    news = page.get_by_role("button", name="Okay, Let's Go!")
    await page.add_locator_handler(news, lambda button: button.click())
    await expect(page.locator("#chat-input")).to_be_visible()


async def webui_ask(page: Page) -> None:
    """Say it, and wait for the pictures."""
    await open_webui_chats.say(page, ASKED)
    send = page.locator("#send-message-button")
    if await send.is_visible():  # On a phone Enter begins a new line.
        await send.click()
    await shown(page, f"#messages-container {PICTURES}")


async def tavern_page(page: Page, address: str) -> None:
    """A chat with SillyTavern's first character."""
    await sillytavern_page.visit(page, address)
    if "light" in str(
        await page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches || 'light'")
    ):
        await sillytavern_page.command(page, f"/theme {LIGHT_THEME}")
    await sillytavern_page.command(page, "/newchat")


async def tavern_ask(page: Page) -> None:
    """Say it, and wait for the pictures."""
    await sillytavern_page.command(page, "/go Seraphina")
    await sillytavern_page.say(page, ASKED)
    await shown(page, f"#chat .mes_text {PICTURES}")


async def look(
    browser: Browser,
    name: str,
    address: str,
    shots: Path,
    visit: Visit,
    ask: Callable[[Page], Awaitable[None]],
    scroller: str,
) -> None:
    """One front-end in every way: before anything was said, and the story's beginning and end."""
    for device, options in DEVICES.items():
        for scheme in ("light", "dark"):
            context = await browser.new_context(
                color_scheme=scheme, reduced_motion="reduce", locale="en-GB", **options
            )
            page = await context.new_page()
            page.set_default_timeout(PATIENCE)
            expect.set_options(timeout=PATIENCE)

            async def keep(
                what: str, page: Page = page, device: str = device, scheme: str = scheme
            ) -> None:
                await photographed(page, shots / f"{what}-{device}-{scheme}-{name}.png")

            try:
                await visit(page, address)
                await keep("new")
                await ask(page)
                await keep("end")
                await page.locator(scroller).first.evaluate("one => { one.scrollTop = 0 }")
                await keep("beginning")
            except Exception as error:
                await keep("broke")
                print(f"{name}, {device}, {scheme}: {error!r}"[:400], flush=True)
            await context.close()


async def main(tavern: str, webui: str, shots: Path) -> None:
    """Look at all three."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        place = Path(folder)
        async with (
            model() as told,
            limner_serving(told.url, place) as limner,
            browsers() as browser,
        ):
            await look(browser, "limner", limner, shots, limner_page, limner_ask, ".scroller")
            if webui != "-":
                async with open_webui(Path(webui), limner, place) as address:
                    await look(
                        browser,
                        "open-webui",
                        address,
                        shots,
                        webui_page,
                        webui_ask,
                        "#messages-container",
                    )
            if tavern != "-":
                async with sillytavern(Path(tavern), limner, place) as address:
                    await look(
                        browser, "sillytavern", address, shots, tavern_page, tavern_ask, "#chat"
                    )


if __name__ == "__main__":
    tavern, webui = (one if one == "-" else str(Path(one).absolute()) for one in sys.argv[1:3])
    kept = Path(sys.argv[3]).absolute()
    kept.mkdir(parents=True, exist_ok=True)
    asyncio.run(main(tavern, webui, kept))
