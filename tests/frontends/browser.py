"""The machine's own Chromium, and what it shows."""

import contextlib
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

from playwright.async_api import Locator, Page, async_playwright, expect

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
OPTIONS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE = 60_000
"""Milliseconds within which something must be seen."""


@contextlib.asynccontextmanager
async def opened(url: str | None = None, *options: str) -> AsyncIterator[Page]:
    """A page of a fresh browser, started with more options."""
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=found, args=[*OPTIONS, *options])
        context = await browser.new_context(viewport={"width": 1200, "height": 1000})
        page = await context.new_page()
        page.set_default_timeout(PATIENCE)
        expect.set_options(timeout=PATIENCE)
        try:
            if url is not None:
                await page.goto(url)
            yield page
        finally:
            await browser.close()


async def drawn(picture: Locator) -> tuple[int, int]:
    """The size of a picture, as soon as it has come."""
    await picture.wait_for(state="attached")
    await picture.scroll_into_view_if_needed()
    size = await picture.evaluate(
        """async picture => {
            while (!(picture.complete && picture.naturalWidth)) {
                await new Promise(on => setTimeout(on, 50));
            }
            return [picture.naturalWidth, picture.naturalHeight];
        }"""
    )
    return int(size[0]), int(size[1])


async def photographed(page: Page, file: Path) -> None:
    """Keep what is seen, when nothing moves any more."""
    await page.evaluate("() => new Promise(on => requestIdleCallback(on, {timeout: 2000}))")
    await page.screenshot(path=file)
