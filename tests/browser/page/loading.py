"""What a first visit loads: little, in few requests, and all of it one round trip deep."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from tests.browser.page.opening import PATIENCE, desktop, until
from tests.browser.page.requests import Requests
from tests.browser.serving import Beside
from tests.server.painter import Painter
from tests.server.served import Served, served

from limner.illustration import SlotId
from limner.prompts import format_tag

pytestmark = [pytest.mark.real_time, pytest.mark.timeout(300)]

MOST_REQUESTS, MOST_KILOBYTES = 45, 60
"""Of a first view, without the pictures that a chat shows; the kilobytes are the page's files."""


async def told(server: Served) -> None:
    """A chat whose only place has three pictures."""
    services = server.running.services
    await services.illustrator.illustrate(format_tag("a fox"), chat_id="tale", message_id="m")
    for _ in range(2):
        await services.illustrator.operations.regenerate(SlotId("m", 0, 0), mode="append")


def chat(page: Page) -> None:
    """A conversation with several pictures of one place."""
    expect(page.locator(".strip img")).to_have_count(3, timeout=PATIENCE)


def new(page: Page) -> None:
    """A conversation that has not begun."""
    expect(page.locator(".welcome")).to_be_visible(timeout=PATIENCE)


def missing(page: Page) -> None:
    """A conversation that is not there."""
    expect(page.locator(".messages .empty")).to_be_visible(timeout=PATIENCE)


@pytest.mark.parametrize("locale", ["en-GB", "zh-CN"])
@pytest.mark.parametrize(
    ("place", "shown"), [("#/chat/tale", chat), ("#/chat", new), ("#/chat/none", missing)]
)
def test_the_document_asks_for_all_that_the_first_view_needs(
    browser: Browser,
    beside: Beside,
    tmp_path: Path,
    locale: str,
    place: str,
    shown: Callable[[Page], None],
) -> None:
    """Scripts ask for data alone, so nothing waits for a file that another one names."""
    server = beside.run(served(tmp_path, backend=Painter(seconds=0.0)))
    beside.call(told, server)
    context = desktop(browser, locale=locale)
    page = context.new_page()
    requests = Requests(page)
    page.goto(f"{server.address}/{place}")
    shown(page)
    until(page, "document.readyState === 'complete'")
    assert requests.late == []
    assert len(requests.without_pictures) <= MOST_REQUESTS
    assert requests.kilobytes() <= MOST_KILOBYTES
    context.close()
