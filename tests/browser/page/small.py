"""Pictures that are smaller than what one does with them."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, expect
from tests.browser.page.opening import PATIENCE, phone
from tests.browser.serving import Beside
from tests.server.painter import Painter
from tests.server.served import Served, served

from limner.prompts import format_tag

pytestmark = [pytest.mark.real_time, pytest.mark.timeout(300)]

COVERED = """frame => {
    const box = frame.getBoundingClientRect();
    const tools = [...frame.querySelectorAll('.tools')].filter(one => one.checkVisibility());
    const size = one => one.getBoundingClientRect().width * one.getBoundingClientRect().height;
    return tools.reduce((sum, one) => sum + size(one), 0) / (box.width * box.height);
}"""
SIZES = ("64x64", "96x64", "128x128", "768x512")


async def told(server: Served) -> None:
    """A chat with pictures of several sizes."""
    text = "\n\n".join(format_tag(f"a fox {size}", size=size) for size in SIZES)
    await server.running.services.illustrator.illustrate(text, chat_id="tale", message_id="m")


def frames(beside: Beside, context: BrowserContext, place: Path) -> list[Locator]:
    """Their frames, on the page."""
    server = beside.run(served(place, backend=Painter(seconds=0.0)))
    beside.call(told, server)
    page = context.new_page()
    page.goto(f"{server.address}/#/chat/tale")
    expect(page.locator(".look img.there")).to_have_count(len(SIZES), timeout=PATIENCE)
    return page.locator(".frame").all()


def test_what_one_does_with_a_picture_never_covers_it(
    beside: Beside, context: BrowserContext, tmp_path: Path
) -> None:
    """Small ones have their menu alone; a click in the middle looks at them."""
    tiny, small, square, large = frames(beside, context, tmp_path)
    page = context.pages[0]
    for frame, tools in ((tiny, 1), (small, 1), (square, 1), (large, 3)):
        frame.hover()
        expect(frame.locator(".tools button:visible")).to_have_count(tools)
        assert frame.evaluate(COVERED) < 0.2
        frame.click()
        expect(page.get_by_role("dialog", name="Picture")).to_be_visible()
        page.keyboard.press("Escape")
    small.hover()
    small.locator(".tools [aria-haspopup]").click()
    expect(page.get_by_role("menuitem", name="Look at it closely")).to_be_visible()


def test_on_a_phone_small_pictures_have_nothing_on_them(
    browser: Browser, beside: Beside, tmp_path: Path
) -> None:
    """A finger that hits them looks at them, and everything can be done there."""
    context = phone(browser)
    for frame, tools in zip(frames(beside, context, tmp_path), (0, 0, 0, 1), strict=True):
        frame.scroll_into_view_if_needed()
        expect(frame.locator(".tools button:visible")).to_have_count(tools)
        assert frame.evaluate(COVERED) < 0.1
    context.close()
