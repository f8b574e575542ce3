"""What the page says of servers, and how titles that are too long end."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, expect
from tests.browser.page.opening import PATIENCE, phone
from tests.browser.serving import Beside
from tests.server.painter import Painter
from tests.server.served import Served, served

from limner.prompts import format_tag

pytestmark = [pytest.mark.real_time, pytest.mark.timeout(300)]

ELLIPSIS = """title => {
    const style = getComputedStyle(title);
    return title.scrollWidth > title.clientWidth && style.display !== 'inline-flex'
        && style.textOverflow === 'ellipsis' && title.getBoundingClientRect().height >= 44;
}"""


def test_a_server_that_cannot_be_used_is_told_where_one_connects(
    beside: Beside, context: BrowserContext, tmp_path: Path
) -> None:
    """Each with its address and what to do, without anybody asking; nothing where all is well."""
    llm, pictures = "http://127.0.0.1:9/v1", "a1111+http://127.0.0.1:9"
    server = beside.run(served(tmp_path / "not", llm=llm, settings={"backend": pictures}))
    page = context.new_page()
    page.goto(f"{server.address}/#/connect")
    silent = page.locator(".silent")
    for address in (llm, pictures):
        expect(silent.get_by_text(address, exact=True)).to_be_visible(timeout=PATIENCE)
    expect(silent.get_by_text("start it, or correct its address")).to_have_count(2)
    well = beside.run(served(tmp_path / "well"))
    with page.expect_response("**/api/servers/check") as checked:
        page.goto(f"{well.address}/#/connect")
    assert checked.value.json()["findings"] == []
    expect(page.get_by_text("limner serve --llm http://127.0.0.1:11434/v1")).to_be_visible()
    expect(silent).to_have_count(0)


async def told(server: Served) -> None:
    """A picture in a chat with a long title."""
    await server.library.create_chat("The tale of a fox who crossed the bridge " * 3, id="tale")
    illustrator = server.running.services.illustrator
    await illustrator.illustrate(format_tag("a fox"), chat_id="tale", message_id="m")


def test_a_long_title_in_the_gallery_ends_with_an_ellipsis(
    browser: Browser, beside: Beside, tmp_path: Path
) -> None:
    """On a phone, where it is still as tall as a finger wants it."""
    server = beside.run(served(tmp_path, backend=Painter(seconds=0.0)))
    beside.call(told, server)
    with phone(browser) as held:
        page = held.new_page()
        page.goto(f"{server.address}/#/gallery")
        title = page.locator(".shelf-head a")
        expect(title).to_be_visible(timeout=PATIENCE)
        assert title.evaluate(ELLIPSIS)
        expect(page.locator(".shelf-head span")).to_be_in_viewport(ratio=1)
