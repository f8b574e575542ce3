"""What is shown where pictures were deleted, and where there are none."""

from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, expect
from tests.browser.page.opening import PATIENCE, animals
from tests.browser.serving import Beside
from tests.server.painter import Painter
from tests.server.served import Served, served

pytestmark = [pytest.mark.real_time, pytest.mark.timeout(300)]


async def told(server: Served) -> None:
    """A chat with three pictures."""
    illustrator = server.running.services.illustrator
    await illustrator.illustrate(animals(3), chat_id="tale", message_id="m")


@pytest.mark.parametrize(
    ("place", "on_to"),
    [
        ("chat/tale", [("animal 2", "2 / 2"), ("animal 0", "1 / 1")]),
        ("gallery", [("animal 0", "2 / 2"), ("animal 2", "1 / 1")]),  # the newest come first there
    ],
)
def test_the_viewer_goes_on_from_a_picture_that_is_deleted(
    beside: Beside,
    context: BrowserContext,
    tmp_path: Path,
    place: str,
    on_to: list[tuple[str, str]],
) -> None:
    """To the one behind it, else before it; with the last one it closes, and all come back."""
    server = beside.run(served(tmp_path, backend=Painter(seconds=0.0)))
    beside.call(told, server)
    page = context.new_page()
    page.goto(f"{server.address}/#/{place}")
    first = ".look" if place.startswith("chat") else ".shelf-row button"
    expect(page.locator(first)).to_have_count(3, timeout=PATIENCE)
    page.get_by_role("button", name="animal 1").first.click()
    head, picture = page.locator(".viewer-head span").first, page.locator(".stage img")
    delete = page.get_by_role("button", name="Delete (can be undone)")
    expect(picture).to_have_attribute("alt", "animal 1")
    assert picture.get_attribute("draggable") == "false"
    for name, number in on_to:
        delete.click()
        expect(picture).to_have_attribute("alt", name)
        expect(head).to_have_text(number)
    delete.click()
    expect(page.locator("dialog")).to_have_count(0)
    for _ in range(3):
        page.get_by_role("button", name="Undo").last.click()
    expect(page.locator(first)).to_have_count(3, timeout=PATIENCE)


def test_an_empty_gallery_says_where_pictures_come_from(
    beside: Beside, context: BrowserContext, tmp_path: Path
) -> None:
    """And leads there; a search that finds nothing says only that."""
    server = beside.run(served(tmp_path, backend=Painter(seconds=0.0)))
    page = context.new_page()
    page.goto(f"{server.address}/#/gallery")
    empty = page.locator(".gallery .empty")
    expect(empty).to_contain_text("No pictures yet", timeout=PATIENCE)
    page.get_by_label("Search the prompts").fill("a fox")
    expect(empty).to_have_text("Nothing found.")
    page.get_by_label("Search the prompts").fill("")
    empty.get_by_role("link", name="Illustrate a text").click()
    expect(page.locator(".manuscript")).to_be_visible()
