"""What one does with pictures, the queue, the gallery and the settings, as a user would do it."""

import io
import zipfile
from pathlib import Path

import PIL.Image
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from tests.browser.page.opening import PATIENCE, Complaints, animals, finished, phone
from tests.browser.serving import Beside
from tests.server.painter import Painter
from tests.server.served import Served, served

from limner.prompts import format_tag
from limner.testing.chat_server import ChatServer, Reply

SHIFTS = """() => {
    window.__shifted = 0;
    new PerformanceObserver(list => {
        for (const one of list.getEntries()) if (!one.hadRecentInput) window.__shifted += one.value;
    }).observe({ type: 'layout-shift' });
}"""

pytestmark = [pytest.mark.real_time, pytest.mark.timeout(300)]


def told(beside: Beside, context: BrowserContext, place: Path, painter: Painter) -> Page:
    """The page with its first story told."""
    server = beside.run(served(place, backend=painter))
    page = context.new_page()
    page.goto(server.address)
    finished(page)
    return page


def chosen(page: Page, words: str, *, exact: bool = False) -> None:
    """Choose something in the menu of the first picture."""
    page.locator(".frame").first.scroll_into_view_if_needed()
    page.locator(".frame").first.hover()
    page.locator(".tools [aria-haspopup]").first.click()
    page.get_by_role("menuitem", name=words, exact=exact).click()


def test_several_at_once_have_a_place_each_and_two_are_compared(
    beside: Beside, context: BrowserContext, tmp_path: Path
) -> None:
    """By a slider or side by side; a click in the strip shows another."""
    page = told(beside, context, tmp_path, Painter(seconds=0.05))
    chosen(page, "Several")
    page.get_by_label("How many").fill("3")
    page.get_by_role("button", name="Draw 3").click()
    strip = page.locator(".strip")
    expect(strip.locator("li")).to_have_count(4)
    expect(strip.locator("img")).to_have_count(4, timeout=PATIENCE)
    strip.get_by_role("button", name="Picture 2").click()
    expect(page.locator(".turning").first).to_contain_text("2 / 4")
    chosen(page, "Compare")
    slider = page.get_by_label("Where one ends and the other begins")
    expect(slider).to_have_value("50")
    slider.focus()
    page.keyboard.press("ArrowLeft")
    expect(slider).to_have_value("49.5")
    page.get_by_role("button", name="Side by side").click()
    expect(page.locator(".pair img")).to_have_count(2)
    left, right = page.locator(".pair img").all()
    assert left.get_attribute("alt") != right.get_attribute("alt")
    page.keyboard.press("Escape")


def test_a_picture_is_saved_with_its_prompt_and_seed_in_the_file(
    beside: Beside, context: BrowserContext, tmp_path: Path
) -> None:
    """Or without, if that is not wished."""
    page = told(beside, context, tmp_path, Painter(seconds=0.0))
    with page.expect_download() as saved:
        chosen(page, "Save it")
    with PIL.Image.open(saved.value.path()) as seen:
        assert "Size: " in seen.info["parameters"]
    page.locator(".look").first.click()
    page.locator(".viewer-head").get_by_role("button", name="More").click()
    with page.expect_download() as saved:
        page.get_by_role("menuitem", name="without its prompt").click()
    with PIL.Image.open(saved.value.path()) as seen:
        assert "parameters" not in seen.info


def test_a_picture_is_copied_as_a_picture(
    beside: Beside, context: BrowserContext, tmp_path: Path
) -> None:
    """To be pasted elsewhere; its prompt is copied as words."""
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = told(beside, context, tmp_path, Painter(seconds=0.0))
    page.locator(".look").first.click()
    page.locator(".viewer-head").get_by_role("button", name="More").click()
    page.get_by_role("menuitem", name="Copy the picture").click()
    notice = page.locator("dialog.viewer .notice")
    expect(notice).to_contain_text("Copied", timeout=PATIENCE)
    notice.get_by_role("button", name="Close").click()
    expect(notice).to_have_count(0)
    kinds = page.evaluate("navigator.clipboard.read().then(all => all.flatMap(one => one.types))")
    assert kinds == ["image/png"]


def swiped(page: Page, by: int) -> None:
    """A finger goes across the first picture."""
    frame = page.locator(".frame").first
    frame.scroll_into_view_if_needed()
    box = frame.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    tools = page.context.new_cdp_session(page)
    for kind, points in (
        ("touchStart", [{"x": x, "y": y}]),
        ("touchMove", [{"x": x + by / 2, "y": y}]),
        ("touchMove", [{"x": x + by, "y": y}]),
        ("touchEnd", []),
    ):
        tools.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    tools.detach()


def test_a_finger_turns_the_pictures_of_a_place(
    browser: Browser, beside: Beside, complaints: Complaints, tmp_path: Path
) -> None:
    """Behind the last one another is drawn; where there is one alone nothing happens."""
    context = phone(browser)
    complaints.hear(context)
    page = told(beside, context, tmp_path, Painter(seconds=0.0))
    swiped(page, -120)
    chosen(page, "Another one", exact=True)
    turning = page.locator(".turning").first
    expect(turning).to_contain_text("2 / 2", timeout=PATIENCE)
    swiped(page, 120)
    expect(turning).to_contain_text("1 / 2", timeout=PATIENCE)
    swiped(page, -120)
    expect(turning).to_contain_text("2 / 2", timeout=PATIENCE)
    swiped(page, -120)
    expect(turning).to_contain_text("3 / 3", timeout=PATIENCE)
    expect(page.locator("dialog.viewer")).to_have_count(0)
    context.close()
    assert complaints.all == []


def test_pictures_of_a_chat_are_blurred_until_they_are_clicked(
    beside: Beside, context: BrowserContext, tmp_path: Path
) -> None:
    """A switch of that chat, which outlives a reload."""
    page = told(beside, context, tmp_path, Painter(seconds=0.0))
    chosen(page, "Blur")
    veiled = page.locator(".frame[data-veiled=true]")
    expect(veiled.nth(2)).to_be_attached()
    page.reload()
    expect(veiled.nth(2)).to_be_attached(timeout=PATIENCE)
    count = veiled.count()
    page.locator(".look").first.click()
    expect(veiled).to_have_count(count - 1)
    expect(page.locator("dialog.viewer")).to_have_count(0)
    page.locator(".look").first.click()
    expect(page.locator("dialog.viewer")).to_be_visible()


def test_a_chat_has_a_model_and_a_prompt_of_its_own(
    beside: Beside, context: BrowserContext, tmp_path: Path
) -> None:
    """Also one that has not begun yet."""
    model = beside.run(ChatServer(Reply.stream("Once.")))
    server = beside.run(served(tmp_path, llm=model.url))
    page = context.new_page()
    page.goto(f"{server.address}/#/chat")
    page.get_by_role("button", name="This chat’s settings").click()
    page.get_by_label("System prompt").fill("Be a bard.")
    page.get_by_label("System prompt").blur()
    page.get_by_role("dialog").get_by_role("button", name="Close").last.click()
    page.get_by_label("Ask for a story…").fill("Sing!")
    page.keyboard.press("Enter")
    expect(page.locator(".text")).to_contain_text("Once.", timeout=PATIENCE)
    assert model.requests[-1].body["messages"][0]["content"].startswith("Be a bard.")
    page.get_by_role("button", name="This chat’s settings").click()
    expect(page.get_by_label("System prompt")).to_have_value("Be a bard.")


async def illustrated(server: Served, texts: list[str]) -> None:
    """Some messages with pictures."""
    for text in texts:
        await server.running.services.illustrator.illustrate(text, chat_id="tale")


def test_many_pictures_are_found_selected_saved_and_deleted(
    beside: Beside, context: BrowserContext, tmp_path: Path
) -> None:
    """A deletion can be taken back."""
    server = beside.run(served(tmp_path, backend=Painter(seconds=0.0)))
    beside.call(illustrated, server, [animals(6), animals(5)])
    page = context.new_page()
    page.goto(f"{server.address}/#/gallery")
    cells = page.locator(".shelf-row button")
    expect(cells).to_have_count(11, timeout=PATIENCE)
    page.get_by_label("Search the prompts").fill("animal 5")
    expect(cells).to_have_count(1)
    page.get_by_label("Search the prompts").fill("")
    expect(cells).to_have_count(11)
    page.get_by_role("button", name="Select", exact=True).click()
    cells.nth(0).click()
    cells.nth(3).click()
    with page.expect_download() as saved:
        page.get_by_role("button", name="Download").click()
    with zipfile.ZipFile(io.BytesIO(Path(saved.value.path()).read_bytes())) as archive:
        assert len(archive.namelist()) == 2
    page.get_by_role("toolbar").get_by_role("button", name="Delete").click()
    expect(cells).to_have_count(9, timeout=PATIENCE)
    page.get_by_role("button", name="Undo").click()
    expect(cells).to_have_count(11, timeout=PATIENCE)
    page.get_by_role("toolbar").get_by_role("button", name="All").click()
    expect(page.get_by_text("11 selected")).to_be_visible()
    page.get_by_role("button", name="Done").click()
    cells.first.focus()
    page.keyboard.press("End")
    expect(cells.last).to_be_focused()


def test_styles_instructions_and_patterns_are_tried_before_they_count(
    beside: Beside, context: BrowserContext, tmp_path: Path
) -> None:
    """A picture shows what a style does; a sample shows what a pattern matches."""
    painter = Painter(seconds=0.0)
    server = beside.run(served(tmp_path, backend=painter))
    page = context.new_page()
    page.goto(f"{server.address}/#/settings")
    page.get_by_role("button", name="One more style").click()
    page.get_by_text("Style 1").click()
    page.get_by_label("Before the prompt").fill("watercolour")
    page.get_by_label("Before the prompt").blur()
    page.get_by_role("switch", name="For all pictures").click()
    expect(page.get_by_role("switch", name="For all pictures")).to_be_checked()
    page.get_by_role("button", name="Draw", exact=True).click()
    expect(page.locator(".previewed img")).to_be_visible(timeout=PATIENCE)
    expect(page.locator(".previewed p")).to_contain_text("watercolour, a fox")
    assert painter.calls[-1].request.prompt.startswith("watercolour")
    page.get_by_label("Patterns, one a line").fill("[pic:(.*?)\\]")
    expect(page.locator(".report .wrong")).to_be_visible(timeout=PATIENCE)
    page.get_by_label("Patterns, one a line").fill("\\[pic:(.*?)\\]")
    page.get_by_label("A sample of text").fill("A [pic: fox] here")
    expect(page.locator("mark")).to_have_text("[pic: fox]", timeout=PATIENCE)
    page.get_by_label("Name", exact=True).last.fill("Mine")
    page.get_by_role("button", name="Keep as a new one").click()
    expect(page.get_by_label("Instruction", exact=True).last).to_contain_text("Mine")
    page.get_by_role("button", name="Look the servers over").click()
    expect(page.locator(".findings li").first).to_be_visible(timeout=PATIENCE)


def test_a_light_turns_green_when_a_front_end_asks(
    beside: Beside, context: BrowserContext, tmp_path: Path
) -> None:
    """With the pictures that were drawn for it; and it says why there were none."""
    model = beside.run(ChatServer(Reply.stream(f"A fox. {format_tag('a fox')}")))
    server = beside.run(served(tmp_path, llm=model.url, backend=Painter(seconds=0.0)))
    page = context.new_page()
    page.goto(f"{server.address}/#/connect")
    light = page.locator(".front-end").filter(has_text="SillyTavern").locator(".light")
    expect(light).to_contain_text("has not asked yet")

    async def ask(mode: str) -> None:
        body = {"model": "m", "stream": True, "messages": [{"role": "user", "content": "x"}]}
        headers = {"User-Agent": "node-fetch", "X-Limner-Mode": mode}
        url = f"{server.address}/v1/chat/completions"
        async with server.client.post(url, json=body, headers=headers) as answer:
            await answer.read()

    beside.call(ask, "inline")
    expect(light).to_have_attribute("data-state", "on", timeout=PATIENCE)
    expect(light).to_contain_text("1 picture drawn", timeout=PATIENCE)
    beside.call(ask, "off")
    expect(light).to_have_attribute("data-state", "without", timeout=PATIENCE)


def test_the_width_of_pictures_is_a_setting_that_moves_no_message(
    beside: Beside, context: BrowserContext, tmp_path: Path
) -> None:
    """It is kept as soon as it is changed, and holds for all pictures after a reload."""
    page = told(beside, context, tmp_path, Painter(seconds=0.0))
    text = page.locator(".text").inner_text()
    wide = page.locator(".frame").first.bounding_box()
    chat = page.url
    page.get_by_role("link", name="Settings").click()
    page.get_by_label("Width on the page").fill("50")
    page.get_by_label("Width on the page").blur()
    expect(page.get_by_role("button", name="Back to what the configuration says")).to_be_visible()
    page.goto(chat)
    page.reload()
    expect(page.locator(".frame").nth(2)).to_be_attached(timeout=PATIENCE)
    narrow = page.locator(".frame").first.bounding_box()
    assert wide is not None
    assert narrow is not None
    assert narrow["width"] == pytest.approx(wide["width"] / 2, abs=4)
    text_box = page.locator(".text").bounding_box()
    assert text_box is not None
    middle = text_box["x"] + text_box["width"] / 2
    assert narrow["x"] + narrow["width"] / 2 == pytest.approx(middle, abs=2)
    assert page.locator(".text").inner_text() == text


def test_a_picture_that_is_turned_is_whole_and_in_the_middle(
    beside: Beside, context: BrowserContext, tmp_path: Path
) -> None:
    """Whichever way round; two quick clicks enlarge nothing."""
    page = told(beside, context, tmp_path, Painter(seconds=0.0))
    page.locator(".look").first.click()
    image = page.locator("dialog.viewer .stage img")
    expect(image).to_be_visible()
    stage = page.locator(".stage").bounding_box()
    assert stage is not None
    for _ in range(4):
        page.keyboard.press("t")
        box = image.bounding_box()
        assert box is not None
        assert box["width"] <= stage["width"] + 1
        assert box["height"] <= stage["height"] + 1
        middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        assert middle[0] == pytest.approx(stage["x"] + stage["width"] / 2, abs=2)
        assert middle[1] == pytest.approx(stage["y"] + stage["height"] / 2, abs=2)
    before = image.bounding_box()
    page.locator(".stage").dblclick()
    assert image.bounding_box() == before


def test_gallery_and_viewer_grow_while_they_are_open(
    beside: Beside, context: BrowserContext, tmp_path: Path
) -> None:
    """What is made meanwhile is there, and nobody loses the place."""
    server = beside.run(served(tmp_path, backend=Painter(seconds=0.0)))
    beside.call(illustrated, server, [animals(3)])
    page = context.new_page()
    page.goto(f"{server.address}/#/gallery")
    cells = page.locator(".shelf-row button")
    expect(cells).to_have_count(3, timeout=PATIENCE)
    beside.call(illustrated, server, [animals(2)])
    expect(cells).to_have_count(5, timeout=PATIENCE)
    page.goto(f"{server.address}/#/chat/tale")
    page.locator(".look").first.click()
    head = page.locator(".viewer-head span").first
    expect(head).to_have_text("1 / 5", timeout=PATIENCE)
    beside.call(illustrated, server, [animals(1)])
    expect(head).to_have_text("1 / 6", timeout=PATIENCE)


def test_one_dialog_at_a_time_and_all_of_it_on_the_screen(
    beside: Beside, context: BrowserContext, tmp_path: Path
) -> None:
    """One click opens one, whatever was opened before; on a small screen too."""
    page = told(beside, context, tmp_path, Painter(seconds=0.0))
    page.set_viewport_size({"width": 360, "height": 560})
    for _ in range(3):
        chosen(page, "Change the prompt")
        expect(page.locator("dialog[open]")).to_have_count(1)
        box = page.locator("dialog[open]").bounding_box()
        assert box is not None
        assert min(box["x"], box["y"]) >= 0
        assert box["x"] + box["width"] <= 360
        assert box["y"] + box["height"] <= 560
        page.keyboard.press("Escape")
        expect(page.locator("dialog[open]")).to_have_count(0)


def test_nothing_jumps_while_a_text_with_pictures_grows(
    beside: Beside, context: BrowserContext, tmp_path: Path
) -> None:
    """As the browser counts it; whoever reads at the end is kept there."""
    server = beside.run(served(tmp_path, backend=Painter(seconds=0.4, steps=4)))
    page = context.new_page()
    page.goto(server.address)
    page.wait_for_selector(".message.assistant")
    page.evaluate(SHIFTS)
    finished(page)
    assert page.evaluate("window.__shifted") <= 0.01
    assert page.locator(".to-end").count() == 0
