"""What a reader wishes of a prompt: a model fulfils it, or its words are joined to the prompt."""

from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from tests.browser.page.opening import PATIENCE, finished
from tests.browser.serving import Beside
from tests.server.painter import Painter
from tests.server.served import served

from limner.prompts import format_tag
from limner.testing.chat_server import ChatServer, Reply

pytestmark = [pytest.mark.real_time, pytest.mark.timeout(300)]


def prompt_of_the_first(page: Page) -> str:
    """What the form for the prompt of the first picture has; it is open then."""
    page.locator(".look").first.focus()
    page.keyboard.press("e")
    return page.get_by_label("What is drawn").input_value()


def test_without_a_model_the_words_of_a_wish_are_joined_to_the_prompt(
    beside: Beside, context: BrowserContext, tmp_path: Path
) -> None:
    """It is said that no model rewrites it, and where one is connected; the words are drawn."""
    server = beside.run(served(tmp_path, backend=Painter(seconds=0.0)))
    page = context.new_page()
    page.goto(server.address)
    finished(page)
    before = prompt_of_the_first(page).rstrip(".")
    expect(page.get_by_role("button", name="Have it rewritten")).to_have_count(0)
    expect(page.get_by_text("No model is connected that could rewrite it")).to_be_visible()
    page.get_by_label("Or say what else should be in it").fill("at night")
    page.get_by_role("button", name="Add it").click()
    expect(page.get_by_label("What is drawn")).to_have_value(f"{before}, at night")
    page.get_by_role("button", name="Draw", exact=True).click()
    expect(page.locator("dialog")).to_have_count(0)
    expect(page.locator(".look img").first).to_have_attribute("alt", f"{before}, at night")
    prompt_of_the_first(page)
    page.get_by_role("link", name="Connect a model").click()
    expect(page.locator(".front-end").first).to_be_visible(timeout=PATIENCE)
    expect(page.locator("dialog")).to_have_count(0)


def test_a_model_rewrites_the_prompt_as_it_is_wished(
    beside: Beside, context: BrowserContext, tmp_path: Path
) -> None:
    """Its answer stands in the form, to be drawn or changed."""
    replies = (Reply.stream(f"A fox. {format_tag('a fox')}"), Reply.stream(format_tag("a hare")))
    model = beside.run(ChatServer(replies))
    server = beside.run(served(tmp_path, backend=Painter(seconds=0.0), llm=model.url))
    page = context.new_page()
    page.goto(f"{server.address}/#/chat")
    page.locator("#composer").fill("A tale!")
    page.keyboard.press("Enter")
    finished(page, 1)
    assert prompt_of_the_first(page) == "a fox"
    page.get_by_label("Or say what should be different").fill("a hare")
    page.get_by_role("button", name="Have it rewritten").click()
    expect(page.get_by_label("What is drawn")).to_have_value("a hare")
