"""The page as people use it, in a real browser, with the bundled storyteller and real pictures."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect
from tests.browser.serving import Beside, servers_beside
from tests.server.painter import Painter
from tests.server.served import served

pytestmark = pytest.mark.real_time

PATIENCE = 45_000
"""Milliseconds within which something must happen; far more than it takes."""
HOSTILE = '<img src=x onerror="alert(1)"><script>alert(2)</script>'


@pytest.fixture
def beside() -> Iterator[Beside]:
    """Where the server runs."""
    with servers_beside() as beside:
        yield beside


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A browser; whatever it complains of, or a dialog, is a fault."""
    context = browser.new_context(locale="en-GB")
    context.set_default_timeout(PATIENCE)
    complaints: list[str] = []

    def heard(said: ConsoleMessage) -> None:
        if said.type == "error":
            complaints.append(said.text)

    def watch(page: Page) -> None:
        page.on("console", heard)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("dialog", lambda dialog: complaints.append(f"dialog: {dialog.message}"))

    context.on("page", watch)
    yield context
    context.close()
    assert complaints == []


def opened(beside: Beside, context: BrowserContext, place: Path) -> Page:
    """The page, of a new server, with its first story being told."""
    server = beside.run(served(place, backend=Painter(seconds=0.05)))
    page = context.new_page()
    page.goto(server.address)
    return page


def finished(page: Page) -> None:
    """The story has been told, and its pictures are there."""
    expect(page.get_by_role("button", name="Go on")).to_be_enabled(timeout=PATIENCE)
    expect(page.locator(".picture[data-state=ready]").nth(2)).to_be_attached(timeout=PATIENCE)
    expect(page.locator(".growing")).to_have_count(0, timeout=PATIENCE)


def stopped(page: Page) -> None:
    """Nothing is written any more, however far a slow machine's browser is behind."""
    page.request.post(page.url.partition("#")[0] + "api/stop")
    expect(page.get_by_role("button", name="Go on").last).to_be_enabled(timeout=PATIENCE)


def test_the_first_visit_is_a_story_and_everything_can_be_done_with_its_pictures(
    beside: Beside, context: BrowserContext, tmp_path: Path
) -> None:
    """It is told and illustrated; a picture is looked at, drawn again, turned, and deleted."""
    page = opened(beside, context, tmp_path)
    expect(page.locator(".said")).to_contain_text("lighthouse keeper", timeout=PATIENCE)
    image = page.locator(".frame img").first
    expect(image).to_be_attached(timeout=PATIENCE)
    image.evaluate("image => { image.mine = true }")
    finished(page)
    assert image.evaluate("image => image.mine"), "its element is another one"

    page.locator(".look").first.click()
    viewer = page.get_by_role("dialog", name="Picture")
    expect(viewer).to_be_visible()
    expect(viewer.locator(".viewer-head span").first).to_have_text(re.compile(r"^1 / \d$"))
    page.keyboard.press("ArrowRight")
    expect(viewer.locator(".viewer-head span").first).to_have_text(re.compile(r"^2 / \d$"))
    page.keyboard.press("Escape")
    expect(viewer).to_have_count(0)
    expect(page.locator(".look").first).to_be_focused()

    page.keyboard.press("r")
    expect(page.locator(".turning").first).to_contain_text("2", timeout=PATIENCE)
    page.keyboard.press("p")
    expect(page.locator(".turning").first).to_contain_text("1 / 2")
    page.reload()
    expect(page.locator(".turning").first).to_contain_text("1 / 2", timeout=PATIENCE)


def test_chats_are_searched_renamed_deleted_and_brought_back(
    beside: Beside, context: BrowserContext, tmp_path: Path
) -> None:
    """What is said is shown as it was said; a draft outlives a reload."""
    page = opened(beside, context, tmp_path)
    finished(page)
    page.get_by_role("button", name="New chat").click()
    composer = page.get_by_label("Ask for a story…")
    composer.fill(f"A fox! {HOSTILE}")
    page.reload()
    expect(composer).to_have_value(f"A fox! {HOSTILE}")
    composer.press("Enter")
    expect(page.locator(".said")).to_have_text(f"A fox! {HOSTILE}", timeout=PATIENCE)
    stopped(page)

    tab = context.new_page()
    tab.goto(page.url)
    expect(tab.locator(".said")).to_have_count(1, timeout=PATIENCE)
    composer.fill("And then?")
    composer.press("Enter")
    for one in (page, tab):  # here it is told of by an answer and an event, there by the event
        expect(one.locator(".message")).to_have_count(4, timeout=PATIENCE)
        speakers = [
            re.search("user|assistant", name)
            for name in one.locator(".message").evaluate_all("all => all.map(one => one.className)")
        ]
        assert [found and found[0] for found in speakers] == ["user", "assistant"] * 2
    tab.close()
    stopped(page)

    page.get_by_label("Search").fill("whale")
    expect(page.locator(".chat")).to_have_count(1)
    page.get_by_label("Search").fill("")
    expect(page.locator(".chat")).to_have_count(2)
    here = page.locator(".chat[data-here=true]")
    here.get_by_role("button").click()
    page.get_by_role("menuitem", name="Rename").click()
    page.get_by_label("Rename").fill("The fox")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="The fox")).to_be_visible()
    here.get_by_role("button").click()
    page.get_by_role("menuitem", name="Delete").click()
    expect(page.locator(".chat")).to_have_count(1)
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".chat")).to_have_count(2, timeout=PATIENCE)


def test_who_reads_above_is_left_there(
    beside: Beside, context: BrowserContext, tmp_path: Path
) -> None:
    """While more is written below; a button leads to the newest."""
    page = opened(beside, context, tmp_path)
    expect(page.locator(".block").nth(4)).to_be_attached(timeout=PATIENCE)
    page.locator(".scroller").hover()
    page.mouse.wheel(0, -4000)
    newest = page.get_by_role("button", name="To the newest")
    expect(newest).to_be_visible()
    finished(page)
    assert page.locator(".scroller").evaluate("scroller => scroller.scrollTop") < 50
    newest.click()
    expect(newest).to_have_count(0)


def test_another_language_and_the_other_views(
    beside: Beside, context: BrowserContext, tmp_path: Path
) -> None:
    """Each view opens; the language is changed at once, and remembered."""
    page = opened(beside, context, tmp_path)
    finished(page)
    page.get_by_role("link", name="Gallery", exact=True).click()
    expect(page.locator(".shelf-row img").nth(2)).to_be_attached(timeout=PATIENCE)
    page.get_by_role("link", name="Connect").click()
    expect(page.locator(".address").first).to_contain_text("/v1")
    page.get_by_role("link", name="Settings").click()
    page.get_by_label("Language").select_option("zh")
    expect(page.get_by_role("button", name="新对话")).to_be_visible()
    page.reload()
    expect(page.get_by_role("button", name="新对话")).to_be_visible(timeout=PATIENCE)


def test_writing_and_drawing_are_stopped_each_for_itself(
    beside: Beside, context: BrowserContext, tmp_path: Path
) -> None:
    """What was asked for when the writing stops is still drawn; the text outlives its pictures."""
    painter = Painter(seconds=3600)
    server = beside.run(served(tmp_path, backend=painter))
    page = context.new_page()
    page.goto(server.address)
    picture = page.locator(".picture").first
    expect(picture).to_be_attached(timeout=PATIENCE)
    page.get_by_role("button", name="Stop writing").click()
    expect(page.get_by_role("button", name="Stop writing")).to_have_count(0, timeout=PATIENCE)
    expect(page.get_by_role("button", name="Stop the pictures")).to_be_visible()
    assert not re.search("ready|failed", picture.get_attribute("data-state") or "")
    page.get_by_role("button", name="Stop the pictures").click()
    expect(page.locator(".picture.failed").first).to_be_attached(timeout=PATIENCE)
    expect(page.get_by_role("button", name="Stop the pictures")).to_have_count(0)
    assert {call.outcome for call in painter.calls} == {"cancelled"}


def test_a_chat_that_is_not_there_says_so_and_leads_back(
    browser: Browser, beside: Beside, tmp_path: Path
) -> None:
    """It has no title, nothing to be set, exported or said; a new one is a click away."""
    server = beside.run(served(tmp_path, backend=Painter(seconds=0.05)))
    page = browser.new_page(locale="en-GB")  # which may complain of the answer 404
    page.goto(f"{server.address}/#/chat/nowhere")
    expect(page.get_by_role("heading", level=1)).to_have_text("No such conversation")
    expect(page.locator(".head .alone, .head .together")).to_have_count(0)
    expect(page.locator("#composer")).to_have_count(0)
    page.get_by_role("main").get_by_role("button", name="New chat").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("New chat")
    expect(page.locator("#composer")).to_be_visible()
    page.close()


def test_on_a_phone_the_way_to_the_newest_covers_no_words(
    browser: Browser, beside: Beside, tmp_path: Path
) -> None:
    """It stands below the text, above where one writes."""
    server = beside.run(served(tmp_path, backend=Painter(seconds=0.05)))
    context = browser.new_context(
        viewport={"width": 390, "height": 700}, has_touch=True, is_mobile=True, locale="en-GB"
    )
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    page.goto(server.address)
    finished(page)
    page.locator(".scroller").evaluate("one => { one.scrollTop = 200; }")
    page.locator(".scroller").evaluate("one => { one.scrollTop = 0; }")
    button = page.get_by_role("button", name="To the newest")
    expect(button).to_be_visible()
    box, text, writes = (
        one.bounding_box() for one in (button, page.locator(".scroller"), page.locator(".box"))
    )
    assert box is not None
    assert text is not None
    assert writes is not None
    assert text["y"] + text["height"] <= box["y"]
    assert box["y"] + box["height"] <= writes["y"]
    button.click()
    expect(button).to_have_count(0)
    context.close()
