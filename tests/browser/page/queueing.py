"""The queue, as a user has it: put in order, cancelled, tried again, looked at."""

from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from tests.browser.page.opening import PATIENCE, animals
from tests.browser.serving import Beside
from tests.server.painter import Painter
from tests.server.served import served

from limner.errors import BackendRejected

pytestmark = [pytest.mark.real_time, pytest.mark.timeout(300)]


def waiting(page: Page) -> list[str]:
    """The prompts of those that wait, in order."""
    return [
        one.removeprefix("animal ")
        for one in page.locator(".job[draggable] .wish").all_inner_texts()
    ]


def test_what_waits_is_put_in_order_by_keys_and_by_drag(
    beside: Beside, context: BrowserContext, tmp_path: Path
) -> None:
    """One is drawn next, all or one are cancelled, and failed ones are tried again."""
    broken = [True]
    painter = Painter(
        seconds=3600.0,
        fails=lambda request: BackendRejected("no paint") if broken[0] else None,
    )
    server = beside.run(served(tmp_path, backend=painter, settings={"max_concurrent": 1}))
    page = context.new_page()
    page.goto(f"{server.address}/#/illustrate")
    page.get_by_label("Paste or drop a text here").fill(animals(5))
    page.get_by_role("button", name="Illustrate", exact=True).click()
    page.locator(".indicator").click()
    expect(page.locator(".job[draggable]")).to_have_count(4, timeout=PATIENCE)
    expect(page.locator(".job[draggable] .wish").first).to_have_text("animal 1", timeout=PATIENCE)
    page.get_by_role("button", name="Move number 1").focus()
    page.keyboard.press("ArrowDown")
    expect(page.locator(".job[draggable] .wish").first).to_have_text("animal 2")
    expect(page.get_by_text("Now number 2 of 4.")).to_be_attached()
    page.get_by_role("button", name="Draw this one next").last.click()
    expect(page.locator(".job[draggable] .wish").first).to_have_text("animal 4")
    assert waiting(page) == ["4", "2", "1", "3"]
    page.locator(".job[draggable]").nth(3).drag_to(page.locator(".job[draggable]").nth(1))
    expect(page.locator(".job[draggable] .wish").nth(1)).to_have_text("animal 3")
    page.reload()
    page.locator(".indicator").click()
    expect(page.locator(".job[draggable] .wish").first).to_have_text("animal 4", timeout=PATIENCE)
    assert waiting(page) == ["4", "3", "2", "1"]
    expect(page.locator(".lane button").first).to_be_visible()
    page.get_by_role("button", name="Cancel all that wait").click()
    expect(page.locator(".job[draggable]")).to_have_count(0, timeout=PATIENCE)
    expect(page.locator(".job")).to_have_count(1)
    page.get_by_role("button", name="Cancel this picture").click()
    expect(page.locator(".job")).to_have_count(0, timeout=PATIENCE)
    broken[0] = False
    painter.seconds = 0.0
    page.get_by_role("button", name="failed ones again").click()
    expect(page.locator(".picture[data-state=ready]")).to_have_count(5, timeout=PATIENCE)
    page.locator(".lately button").first.click()
    expect(page.get_by_role("dialog", name="Picture")).to_be_visible()


def test_all_that_wait_are_cancelled_also_those_that_are_too_many_to_be_shown(
    beside: Beside, context: BrowserContext, tmp_path: Path
) -> None:
    """What is drawn goes on."""
    painter = Painter(seconds=3600.0)
    server = beside.run(served(tmp_path, backend=painter, settings={"max_concurrent": 1}))
    page = context.new_page()
    page.goto(f"{server.address}/#/illustrate")
    page.get_by_label("Paste or drop a text here").fill(animals(130))
    page.get_by_role("button", name="Illustrate", exact=True).click()
    page.locator(".indicator").click()
    expect(page.get_by_text("and 30 more")).to_be_visible(timeout=PATIENCE)
    page.get_by_role("button", name="Cancel all that wait").click()
    expect(page.locator(".job")).to_have_count(1, timeout=PATIENCE)
    expect(page.locator(".indicator")).to_contain_text("1 picture", timeout=PATIENCE)


def chosen_of(page: Page) -> list[str]:
    """The prompts of those that are chosen."""
    rows = page.locator(".job:has(input:checked) .wish").all_inner_texts()
    return [one.removeprefix("animal ") for one in rows]


def many_wait(beside: Beside, context: BrowserContext, place: Path) -> Page:
    """The queue with one that is drawn and five that wait."""
    painter = Painter(seconds=3600.0)
    server = beside.run(served(place, backend=painter, settings={"max_concurrent": 1}))
    page = context.new_page()
    page.goto(f"{server.address}/#/illustrate")
    page.get_by_label("Paste or drop a text here").fill(animals(6))
    page.get_by_role("button", name="Illustrate", exact=True).click()
    page.locator(".indicator").click()
    expect(page.locator(".job[draggable]")).to_have_count(5, timeout=PATIENCE)
    expect(page.locator(".job[draggable] .wish").last).to_have_text("animal 5", timeout=PATIENCE)
    return page


def test_several_that_wait_are_chosen_and_cancelled_together(
    beside: Beside, context: BrowserContext, tmp_path: Path
) -> None:
    """By boxes, by a stretch with Shift, and by keys alone; the others keep their order."""
    page = many_wait(beside, context, tmp_path)
    page.locator(".queue").get_by_role("button", name="Select").click()
    boxes = page.locator(".queue").get_by_role("checkbox")
    expect(boxes).to_have_count(5)
    boxes.nth(0).click()
    boxes.nth(2).click(modifiers=["Shift"])
    assert chosen_of(page) == ["1", "2", "3"]
    page.locator(".job .wish", has_text="animal 2").click()
    assert chosen_of(page) == ["1", "3"]
    page.get_by_role("button", name="Cancel 2").click()
    expect(page.locator(".job[draggable]")).to_have_count(3, timeout=PATIENCE)
    assert waiting(page) == ["2", "4", "5"]
    expect(page.get_by_text("2 pictures were cancelled.")).to_be_visible()
    expect(page.locator(".job")).to_have_count(4)
    page.locator(".job[draggable] .wish").first.click(modifiers=["Control"])
    expect(boxes.first).to_be_checked()
    boxes.first.focus()
    page.keyboard.press("Shift+ArrowDown")
    assert chosen_of(page) == ["2", "4"]
    page.keyboard.press("Control+a")
    assert chosen_of(page) == ["2", "4", "5"]
    page.keyboard.press("Escape")
    expect(boxes).to_have_count(0)
    expect(page.locator(".queue").get_by_role("button", name="Select")).to_be_focused()
    expect(page.locator(".job[draggable]")).to_have_count(3)
    page.locator(".job[draggable] .wish").last.click(modifiers=["Shift"])
    boxes.last.focus()
    page.keyboard.press("Delete")
    expect(page.locator(".job[draggable]")).to_have_count(2, timeout=PATIENCE)
    assert waiting(page) == ["2", "4"]


def test_several_that_wait_are_drawn_next_in_their_order(
    beside: Beside, context: BrowserContext, tmp_path: Path
) -> None:
    """What is chosen goes before all others, and choosing is over."""
    page = many_wait(beside, context, tmp_path)
    page.locator(".queue").get_by_role("button", name="Select").click()
    for name in ("animal 3", "animal 5"):
        page.locator(".job .wish", has_text=name).click()
    page.get_by_role("button", name="Draw 2 next").click()
    expect(page.locator(".job[draggable] .wish").first).to_have_text("animal 3", timeout=PATIENCE)
    assert waiting(page) == ["3", "5", "1", "2", "4"]
