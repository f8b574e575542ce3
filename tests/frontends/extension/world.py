"""Everything that the checks of the extension stand on: a painter, limner, SillyTavern, a page."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from playwright.async_api import BrowserContext, Locator, Page, expect
from tests.frontends.browser import PATIENCE, opened, photographed
from tests.frontends.checking import Checks
from tests.frontends.extension.story import Story
from tests.frontends.running import limner_serving
from tests.frontends.sillytavern import sillytavern
from tests.frontends.sillytavern_page import (
    begin,
    chat_name,
    command,
    open_chat,
    say,
    settled,
    visit,
)

from limner.backends.images.sketch import SketchBackend
from limner.illustration import ImageRequest
from limner.server.sillytavern import extension_files, extension_places, install
from limner.testing.a1111_server import A1111Server
from limner.testing.chat_server import ChatServer
from limner.testing.picture_fault import Fault, Rejected, Sent
from limner.testing.picture_server import Recorded

SHOWN = ("a red fox in the snow, moonlight", "an owl on a branch at night", "a lighthouse, storm")
REASON = "the sampler <b>Euler</b> is not there"


@dataclass
class Painter:
    """What the picture server does next.

    Attributes:
        server: The server.
        pictures: What it sends, in turns.
        failing: Whether it refuses whatever it is asked for.
    """

    pictures: Sequence[bytes]
    failing: bool = False
    drawn: int = 0
    server: A1111Server | None = None

    def fault(self, request: Recorded) -> Fault | None:
        """What becomes of a drawing."""
        if self.failing:
            return Rejected(message=REASON)
        self.drawn += 1
        return Sent(self.pictures[self.drawn % len(self.pictures)])

    def takes(self, seconds: float) -> None:
        """How long a drawing takes from now on."""
        assert self.server is not None
        self.server.seconds = seconds

    @property
    def asked(self) -> int:
        """How many drawings were begun."""
        assert self.server is not None
        return len(self.server.jobs)


@dataclass
class World:
    """All that a check may look at."""

    page: Page
    limner: str
    tavern: str
    model: ChatServer
    story: Story
    painter: Painter
    checks: Checks
    shots: Path

    async def shot(self, name: str, page: Page | None = None) -> None:
        """Keep what is seen."""
        await photographed(page or self.page, self.shots / f"extension-{name}.png")

    async def new_chat(self) -> None:
        """Begin a chat with the same character."""
        await command(self.page, "/newchat")
        await self.page.wait_for_function("() => SillyTavern.getContext().chat.length <= 1")

    async def fox(self) -> Locator:
        """Begin a chat that has one picture; gives its place."""
        await self.new_chat()
        await say(self.page, "Tell me of a fox.")
        return await self.ready(0)

    async def held(self) -> None:
        """Begin a chat whose answer stands still behind its first picture."""
        await self.new_chat()
        await begin(self.page, "Please hold it.")
        await expect(self.frames()).to_have_count(1)

    async def stopped(self) -> None:
        """The same, and the user has stopped it, and SillyTavern has kept what there is."""
        await self.held()
        async with self.page.expect_response("**/api/chats/save"):
            await self.page.click("#mes_stop")
        await settled(self.page)

    async def drawer(self, page: Page | None = None) -> None:
        """Open the drawer, or close it."""
        await (page or self.page).evaluate("document.querySelector('#limner_open').click()")

    async def another(self, *, language: str = "en", **options: object) -> Page:
        """The same chat in a browser of its own, to be closed with its context."""
        browser = self.page.context.browser
        assert browser is not None
        context = await browser.new_context(**options)  # type: ignore[arg-type] # handed on as given
        await context.add_init_script(f"localStorage.setItem('language', '{language}')")
        return await self.tab(context)

    async def tab(self, context: BrowserContext | None = None) -> Page:
        """The same chat in one more tab."""
        page = await (context or self.page.context).new_page()
        page.set_default_timeout(PATIENCE)
        await at_home(page, self.tavern)
        await command(page, "/go Seraphina")
        await open_chat(page, await chat_name(self.page))
        return page

    def frames(self) -> Locator:
        """The places of pictures."""
        return self.page.locator("#chat .limner-picture")

    async def ready(self, number: int) -> Locator:
        """The place of a picture, when that is drawn."""
        frame = self.frames().nth(number)
        await expect(frame).to_have_attribute("data-state", "ready")
        return frame


async def pictures() -> list[bytes]:
    """Pictures that are worth looking at."""
    async with SketchBackend() as backend:
        made = [await backend.generate(ImageRequest(prompt=one)) for one in SHOWN]
    return [one.data for one in made]


LIGHT = {
    "name": "Paper",
    "main_text_color": "rgba(40, 38, 34, 1)",
    "italics_text_color": "rgba(90, 82, 70, 1)",
    "underline_text_color": "rgba(40, 90, 70, 1)",
    "quote_text_color": "rgba(150, 72, 20, 1)",
    "blur_tint_color": "rgba(248, 245, 238, 0.7)",
    "chat_tint_color": "rgba(248, 245, 238, 0.9)",
    "user_mes_blur_tint_color": "rgba(236, 230, 218, 0.9)",
    "bot_mes_blur_tint_color": "rgba(252, 250, 246, 0.9)",
    "shadow_color": "rgba(0, 0, 0, 0.2)",
    "border_color": "rgba(190, 180, 160, 1)",
}
"""A theme as users make them; SillyTavern has none itself that is light."""


def installed(data: Path) -> None:
    """Put the extension where SillyTavern looks for it, as the command does; and a theme."""
    for place in extension_places(data):
        install(place, extension_files())
        themes = place.parent / "themes"
        themes.mkdir(exist_ok=True)
        (themes / "Paper.json").write_text(json.dumps(LIGHT), "utf-8")


@contextlib.asynccontextmanager
async def world(folder: Path, place: Path, checks: Checks, shots: Path) -> AsyncIterator[World]:
    """All of it at work.

    Args:
        folder: SillyTavern's own.
        place: Where everything is kept.
        checks: What holds.
        shots: Where screenshots go.
    """
    painter, story = Painter(await pictures()), Story()
    async with contextlib.AsyncExitStack() as stack:
        painter.server = await stack.enter_async_context(A1111Server(painter.fault, seconds=1.0))
        model = await stack.enter_async_context(story.server())
        env = {
            "LIMNER_BACKEND": f"a1111+{painter.server.url}",
            "LIMNER_SERVE__BUDGET__PER_DAY": "500",
        }
        limner = await stack.enter_async_context(limner_serving(model.url, place, env=env))
        tavern = await stack.enter_async_context(
            sillytavern(folder, limner, place, ready=installed)
        )
        page = await stack.enter_async_context(opened())
        await at_home(page, tavern)
        yield World(page, limner, tavern, model, story, painter, checks, shots)


async def at_home(page: Page, address: str) -> None:
    """Open SillyTavern, and wait until it is ready and has the extension."""
    await visit(page, address)
    await page.locator("#limner_settings").wait_for(state="attached")


async def until_true(page: Page, script: str, *, seconds: float = 30) -> bool:
    """Whether something becomes true on the page in time."""
    try:
        await page.wait_for_function(script, timeout=seconds * 1000)
    except Exception as error:
        if "Timeout" not in str(error):
            raise
        return False
    return True


async def rested(seconds: float) -> None:
    """Let something that must not happen have the time to happen."""
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(asyncio.Event().wait(), seconds)
