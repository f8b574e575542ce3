"""Every view for everybody: axe-core finds nothing serious, and fingers find what they look for."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from tests.browser.page.opening import PATIENCE, Complaints, desktop, phone
from tests.browser.page.views import each_view, with_everything
from tests.browser.serving import Beside
from tests.server.painter import Painter
from tests.server.served import served

pytestmark = [pytest.mark.real_time, pytest.mark.timeout(600)]

AXE = Path(__file__).parents[3] / "tools/page/node_modules/axe-core/axe.min.js"
ASKED = """async () => {
    const told = await axe.run(document, {resultTypes: ['violations']});
    return told.violations.map(one => ({
        id: one.id, impact: one.impact,
        where: one.nodes.slice(0, 4).map(node => node.html.slice(0, 160)),
        why: one.nodes[0].failureSummary,
    }));
}"""
INSIDE = """document.activeElement === document.body
    || document.activeElement.closest('dialog') !== null"""
BAD = ("serious", "critical")
FINGER = 44
"""Pixels of a side that a finger hits (WCAG 2.5.5)."""
PRESSED = "button, a[href], input, select, summary, textarea, [role=menuitem]"
TEXT = ".skip, .text a, .small a, [type=range]"
SMALL = """([least, pressed, text]) => [...document.querySelectorAll(pressed)]
    .filter(one => one.checkVisibility({visibilityProperty: true, opacityProperty: true}))
    .filter(one => !one.closest('[inert]') && !one.matches(text))
    .map(one => [one, (one.closest('label') ?? one).getBoundingClientRect()])
    .filter(([, box]) => box.width && box.right > 0 && box.left < innerWidth)
    .filter(([one, box]) => box.height < least - .5
        || (box.width < least - .5 && !one.closest('.lane')))
    .map(([one, box]) => `${one.outerHTML.slice(0, 120)} ${box.width}x${box.height}`)"""


def faults(page: Page) -> list[Any]:
    """What axe-core finds that keeps people out."""
    return [one for one in page.evaluate(ASKED) if one["impact"] in BAD]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("locale", ["en-GB", "zh-CN"])
def test_axe_finds_nothing_serious_on_any_view(
    browser: Browser,
    beside: Beside,
    complaints: Complaints,
    tmp_path: Path,
    scheme: Any,
    locale: str,
) -> None:
    """Light and dark, in both languages."""
    server = beside.run(served(tmp_path, backend=Painter(seconds=0.02)))
    context = desktop(browser, locale=locale, color_scheme=scheme, reduced_motion="reduce")
    complaints.hear(context)
    page = context.new_page()
    with_everything(page, server.address)
    source = AXE.read_text()
    page.evaluate(source)
    found = {view.name: told for view in each_view(page) if (told := faults(page))}
    context.close()
    assert found == {}
    assert complaints.all == []


def test_on_a_phone_everything_is_large_enough_for_a_finger(
    browser: Browser, beside: Beside, complaints: Complaints, tmp_path: Path
) -> None:
    """On every view; links in a line of text are text."""
    server = beside.run(served(tmp_path, backend=Painter(seconds=0.02)))
    context = phone(browser, reduced_motion="reduce")
    complaints.hear(context)
    page = context.new_page()
    with_everything(page, server.address)
    page.evaluate(AXE.read_text())
    small, found = {}, {}
    for view in each_view(page):
        if told := page.evaluate(SMALL, [FINGER, PRESSED, TEXT]):
            small[view.name] = told
        if bad := faults(page):
            found[view.name] = bad
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), view.name
    context.close()
    assert small == {}
    assert found == {}
    assert complaints.all == []


def test_the_viewer_keeps_the_focus_and_gives_it_back(
    browser: Browser, beside: Beside, tmp_path: Path
) -> None:
    """Tab goes round in it, and nothing behind it is reached."""
    server = beside.run(served(tmp_path, backend=Painter(seconds=0.02)))
    context = desktop(browser)
    page = context.new_page()
    with_everything(page, server.address)
    picture = page.locator(".look").nth(1)
    picture.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog", name="Picture")).to_be_visible()
    for _ in range(30):
        page.keyboard.press("Tab")
        assert page.evaluate(INSIDE)
    page.keyboard.press("Escape")
    expect(picture).to_be_focused()
    context.close()


def test_on_a_phone_nothing_covers_who_writes(
    browser: Browser, beside: Beside, tmp_path: Path
) -> None:
    """While it is drawn and written there are two buttons more beside its name."""
    server = beside.run(served(tmp_path, backend=Painter(seconds=3600.0)))
    context = phone(browser)
    page = context.new_page()
    page.goto(server.address)
    stop = page.get_by_role("button", name="Stop the pictures")
    expect(stop).to_be_visible(timeout=PATIENCE)
    names, button = page.locator(".model select").bounding_box(), stop.bounding_box()
    context.close()
    assert names
    assert button
    assert names["x"] + names["width"] <= button["x"]
