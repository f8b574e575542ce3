"""The page of somebody who has their conversations to themselves, and is no admin."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect
from tests.browser.page.opening import PATIENCE, Complaints, desktop
from tests.browser.serving import Beside, servers_beside
from tests.server.served import TOKEN, served
from tests.server.test_users import asked

from limner.testing.chat_server import ChatServer, Reply

pytestmark = [pytest.mark.real_time, pytest.mark.timeout(300)]

ANNA, BEN = "annas-token-that-nobody-guesses", "bens-token-that-nobody-guesses"


@pytest.fixture
def beside() -> Iterator[Beside]:
    """Where servers run."""
    with servers_beside() as beside:
        yield beside


def test_the_page_works_for_users_and_shows_nothing_of_others(
    browser: Browser, beside: Beside, tmp_path: Path
) -> None:
    """They say something, see its picture as it comes, and everything else is refused in words."""
    model = beside.run(ChatServer(Reply.stream("A fox. ", '<!--img-prompt="a fox"-->')))
    tokens = {"anna": ANNA, "ben": BEN}
    server = beside.run(
        served(tmp_path, llm=model.url, household=False, token=TOKEN, tokens=tokens)
    )
    beside.call(asked, server, BEN)
    complaints, context = Complaints(), desktop(browser)
    complaints.hear(context)
    page = context.new_page()
    page.goto(f"{server.address}/?token={ANNA}")
    expect(page.locator(".chats")).to_contain_text("Nothing here yet", timeout=PATIENCE)
    page.locator("#composer").fill("A tale, please.")
    page.locator("#composer").press("Enter")
    expect(page.locator(".picture[data-state=ready] img")).to_be_visible(timeout=PATIENCE)
    beside.call(asked, server, BEN)
    expect(page.locator(".chats li")).to_have_count(1)
    for view in ("Gallery", "Settings", "Connect"):
        page.get_by_role("link", name=re.compile(view)).first.click()
        expect(page.locator("h1")).to_contain_text(re.compile(view, re.IGNORECASE))
    page.get_by_role("link", name="Settings").click()
    expect(page.get_by_text("for an admin to see and to change")).to_be_visible()
    page.locator(".indicator").click()
    expect(page.locator("aside.queue")).to_be_visible()
    expect(page.locator(".notices")).to_be_empty()
    context.close()
    assert complaints.all == []
