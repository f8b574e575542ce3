"""A page in Chromium and in Firefox, asked and looked at in one way."""

import contextlib
import io
from collections.abc import AsyncIterator
from typing import Any, Protocol

import PIL.Image
from playwright.async_api import Page
from tests.frontends.browser import opened
from tests.frontends.firefox import Firefox, firefox

from limner.server.proxy.live.frame import GROUND, WARM


class Tab(Protocol):
    """A page."""

    async def goto(self, url: str) -> None:
        """Open an address; pictures on it may be on their way for ever."""

    async def evaluate(self, script: str) -> Any:
        """What a function's body gives in the page."""

    async def screenshot(self) -> bytes:
        """What is seen, as a PNG."""

    async def another(self, url: str, script: str) -> Any:
        """Open an address in another window of the browser, and evaluate something there."""


class ChromiumTab:
    """A page of Chromium.

    Args:
        page: The page.
    """

    def __init__(self, page: Page) -> None:
        self.page = page

    async def goto(self, url: str) -> None:
        """Open an address."""
        await self.page.goto(url, wait_until="commit")

    async def evaluate(self, script: str) -> Any:
        """What a function's body gives in the page."""
        return await self.page.evaluate(f"async () => {{ {script} }}")

    async def screenshot(self) -> bytes:
        """What is seen."""
        return await self.page.screenshot()

    async def another(self, url: str, script: str) -> Any:
        """Another window."""
        page = await self.page.context.new_page()
        await page.goto(url)
        told = await page.evaluate(f"async () => {{ {script} }}")
        await page.close()
        return told


class FirefoxTab:
    """A page of Firefox.

    Args:
        window: Its window.
    """

    def __init__(self, window: Firefox) -> None:
        self.window = window

    async def goto(self, url: str) -> None:
        """Open an address."""
        await self.window.goto(url)

    async def evaluate(self, script: str) -> Any:
        """What a function's body gives in the page; what it promises is waited for."""
        return await self.window.evaluate(f"return (async () => {{ {script} }})()")

    async def screenshot(self) -> bytes:
        """What is seen."""
        return await self.window.screenshot()

    async def another(self, url: str, script: str) -> Any:
        """Another window."""
        here = await self.window.command("GetWindowHandle")
        made = await self.window.command("NewWindow", type="tab")
        await self.window.command("SwitchToWindow", handle=made["handle"])
        await self.goto(url)
        told = await self.evaluate(script)
        await self.window.command("CloseWindow")
        await self.window.command("SwitchToWindow", handle=here["value"])
        return told


@contextlib.asynccontextmanager
async def tab(browser: str) -> AsyncIterator[Tab]:
    """A page of a fresh browser, ``chromium`` or ``firefox``."""
    if browser == "firefox":
        async with firefox() as window:
            yield FirefoxTab(window)
    else:
        async with opened("about:blank") as page:
            yield ChromiumTab(page)


PLACE = """const p = document.querySelectorAll('img')[%d].getBoundingClientRect();
return [p.left, p.top, p.right, p.bottom].map(Math.round);"""


async def seen(tab: Tab, number: int = 0) -> PIL.Image.Image:
    """A picture of the page as it stands on the screen."""
    left, top, right, bottom = await tab.evaluate(PLACE % number)
    return await cut_out(tab, left, top, right, bottom)


async def cut_out(
    tab: Tab, left: float, top: float, right: float, bottom: float
) -> PIL.Image.Image:
    """A part of what is seen."""
    with PIL.Image.open(io.BytesIO(await tab.screenshot())) as whole:
        return whole.convert("RGB").crop((round(left), round(top), round(right), round(bottom)))


def kind_of(picture: PIL.Image.Image) -> str:
    """What a picture on the screen shows: ``words``, ``bar``, ``preview``, ``picture``, nothing."""
    width, height = picture.size
    if not width or not height:
        return ""
    if _near(picture.getpixel((width // 2, height * 3 // 20)), GROUND):
        return "bar" if bar_of(picture) else "words"
    # Not at the corners, which some pages make round.
    foot = [picture.getpixel((x, height - 2)) for x in (width // 20, width - width // 20)]
    return "preview" if any(_near(one, c) for one in foot for c in (GROUND, WARM)) else "picture"


def bar_of(picture: PIL.Image.Image) -> int:
    """How many pixels of the bar are filled."""
    width, height = picture.size
    rows = range(0, height, 2)
    filled = (
        sum(_near(picture.getpixel((x, row)), WARM) for x in range(0, width, 2)) for row in rows
    )
    return 2 * max(filled, default=0)


def _near(seen: Any, colour: tuple[int, int, int]) -> bool:
    return bool(sum(abs(a - b) for a, b in zip(seen, colour, strict=True)) < 40)
