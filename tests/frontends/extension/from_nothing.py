"""docs/sillytavern.md step by step, by clicks alone, in a SillyTavern that nobody has used yet.

Run it with the program's folder: ``python -m tests.frontends.extension.from_nothing FOLDER SHOTS``.
"""

import asyncio
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

from playwright.async_api import Locator, Page, expect
from tests.frontends.browser import opened, photographed
from tests.frontends.checking import Checks
from tests.frontends.extension.pictures import allowed
from tests.frontends.extension.story import Story
from tests.frontends.running import limner_serving
from tests.frontends.sillytavern import serving
from tests.frontends.sillytavern_page import begun, command, connected, enter, say

QUICKLY = 120
"""Seconds from the command to the first picture, for a hand that knows where to click."""


async def install(data: Path) -> str:
    """The command, in a folder of data; gives what it says."""
    words = ("-m", "limner", "sillytavern", "install", str(data))
    said = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(sys.executable, *words, stdout=said)
    told, _ = await process.communicate()
    return told.decode()


async def drawer(page: Page, toggle: str, inside: Locator) -> None:
    """Open a drawer; as long as another one still moves, the program takes no click."""
    while not await inside.is_visible():
        await page.click(toggle)
        with suppress(AssertionError):
            await expect(inside).to_be_visible(timeout=3000)


async def follow(page: Page, limner: str, checks: Checks, shots: Path) -> None:
    """The steps behind the first, each as a user does it."""
    welcome = page.locator("dialog[open]").first
    await welcome.locator("textarea, input[type=text]").first.fill("Ann")
    await welcome.locator(".popup-button-ok").first.click()
    await begun(page)
    await page.click("#sys-settings-button .drawer-toggle")
    await page.select_option("#main_api", "openai")
    await page.select_option("#chat_completion_source", "custom", force=True)
    await page.fill("#custom_api_url_text", f"{limner}/v1")
    await page.click("#api_button_openai")
    await connected(page)
    forbidden = page.locator("#forbid_external_media")
    await drawer(page, "#user-settings-button .drawer-toggle", forbidden)
    await forbidden.uncheck()
    settings = page.locator("#limner_settings")
    state = settings.locator(".limner-state")
    await drawer(page, "#extensions-settings-button .drawer-toggle", settings)
    await drawer(page, "#limner_settings .inline-drawer-toggle", state)
    await expect(state).to_contain_text("asks you first")
    await settings.get_by_role("button", name="Connect", exact=True).click()
    await expect(state).to_contain_text("code")
    await allowed(page, limner, shots)
    await expect(state).to_have_attribute("data-light", "on")
    checks.holds("it is connected", "Connected" in await state.inner_text())
    await page.click("#extensions-settings-button .drawer-toggle")
    await command(page, "/go Seraphina")
    await say(page, "Tell me of a fox.")
    frame = page.locator("#chat .limner-picture").first
    await expect(frame).to_have_attribute("data-state", "ready")
    checks.holds("the first picture is there", True)


async def main(folder: Path, shots: Path) -> int:
    """Run the programs and follow the page; the exit status."""
    checks, loop = Checks(), asyncio.get_running_loop()
    with tempfile.TemporaryDirectory() as temporary:
        place = Path(temporary)
        async with Story().server() as model, limner_serving(model.url, place) as limner:
            async with serving(folder, place) as address, opened() as page:
                try:
                    start = loop.time()
                    told = await install(place / "data")
                    checks.holds("the command says where it put it", "installed" in told, told)
                    await enter(page, address)
                    await follow(page, limner, checks, shots)
                    took = loop.time() - start
                    checks.holds(f"{took:.0f} s, of two minutes", took < QUICKLY, took)
                except Exception as error:
                    checks.holds("the first picture is seen", False, error)
                await photographed(page, shots / "extension-from-nothing.png")
    return min(1, checks.failed)


if __name__ == "__main__":
    given, kept = (Path(argument).absolute() for argument in sys.argv[1:3])
    kept.mkdir(parents=True, exist_ok=True)
    sys.exit(asyncio.run(main(given, kept)))
