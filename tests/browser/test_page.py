"""The written page in a real browser, from the file as a reader opens it."""

import io
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import unquote

import PIL.Image
import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, expect
from tests.illustration.rendering.pages import illustrated, tag

from limner.illustration import Alternative, Failure, Image, Slot, SlotState
from limner.illustration.rendering import html_pieces

WIDTH, HEIGHT = 480, 320
TEXT = f"""# The Fox

It was the last night of the year, and the fox had nothing to eat.

{tag('a fox in the "deep" snow <&>')}

So he went out, {tag("a moon")} and looked at the moon.

- He saw {tag("an owl")} first.

{tag("never made")}

That is all there was.
"""

Open = Callable[..., Page]

pytestmark = pytest.mark.real_time


def drawn(slot: Slot) -> Slot:
    """The slot with a real picture, each of another colour; the last one failed."""
    if slot.prompt == "never made":
        failure = Failure("BackendTimeout", "it took too long.")
        return replace(
            slot, state=SlotState.FAILED, alternatives=(), selected=None, failure=failure
        )
    made = io.BytesIO()
    PIL.Image.new("RGB", (WIDTH, HEIGHT), (60 * slot.id.ordinal, 90, 140)).save(made, "WEBP")
    image = Image(data=made.getvalue(), media_type="image/webp", width=WIDTH, height=HEIGHT)
    return replace(slot, alternatives=(Alternative(image, slot.prompt),))


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Where the page lies."""
    file: Path = tmp_path_factory.mktemp("page") / "fox.html"
    with file.open("w", encoding="utf-8") as out:
        out.writelines(html_pieces(illustrated(TEXT, drawn)))
    return file.as_uri()


@pytest.fixture
def open_page(browser: Browser, address: str) -> Iterator[Open]:
    """Opens the page, and finally refuses any complaint of the browser and any other request."""
    complaints: list[str] = []
    contexts = []

    def complain(message: ConsoleMessage) -> None:
        complaints.append(f"{message.type}: {message.text}")

    def note(request: Request) -> None:
        if not request.url.startswith("data:image/") and request.url != address:
            complaints.append(f"request to {request.url[:80]}")

    def opened(**options: object) -> Page:
        context = browser.new_context(**options)  # type: ignore[arg-type] # passed on as they are
        contexts.append(context)
        page = context.new_page()
        page.on("console", complain)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", note)
        page.goto(address)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert complaints == []


def background(page: Page) -> str:
    """The page's colour as the browser shows it."""
    return str(page.evaluate("getComputedStyle(document.body).backgroundColor"))


def test_every_picture_decodes(open_page: Open) -> None:
    """The pictures are there in their places, in their own size, within the column."""
    page = open_page()
    sizes = page.evaluate("[...document.images].map(i => [i.naturalWidth, i.naturalHeight])")
    assert [size for size in sizes if size != [0, 0]] == [[WIDTH, HEIGHT]] * 3
    expect(page.locator(".missing")).to_have_text("No picture: it took too long. never made")
    assert page.title() == "The Fox"


def test_a_click_enlarges_and_escape_gives_the_focus_back(open_page: Open) -> None:
    """The viewer opens on the picture that was clicked and closes where it was opened."""
    page = open_page()
    box = page.locator("dialog.lightbox")
    expect(box).to_be_hidden()
    page.locator(".plate img").nth(1).click()
    expect(box).to_be_visible()
    expect(box.locator(".count")).to_have_text("2 / 3")
    expect(box.locator(".legend p")).to_have_text("a moon")
    page.keyboard.press("Escape")
    expect(box).to_be_hidden()
    expect(page.locator(".enlarge").nth(1)).to_be_focused()


def test_the_keyboard_does_all_that_the_mouse_does(open_page: Open) -> None:
    """Enter opens; the arrows, Home and End go through the pictures and stop at the ends."""
    page = open_page()
    page.locator(".enlarge").first.focus()
    page.keyboard.press("Enter")
    count = page.locator(".lightbox .count")
    seen = []
    for key in ("ArrowLeft", "ArrowRight", "ArrowRight", "ArrowRight", "ArrowLeft", "Home", "End"):
        page.keyboard.press(key)
        seen.append(count.inner_text()[0])
    assert seen == ["1", "2", "3", "3", "2", "1", "3"]
    page.locator(".previous").click()
    expect(count).to_have_text("2 / 3")
    expect(page.locator(".stage img")).to_have_js_property("naturalWidth", WIDTH)
    page.locator(".stage").click(position={"x": 5, "y": 5})
    expect(page.locator("dialog.lightbox")).to_be_hidden()


def test_a_picture_can_be_saved_under_its_name(open_page: Open) -> None:
    """What is saved is the picture itself."""
    page = open_page(accept_downloads=True)
    page.locator(".enlarge").first.click()
    with page.expect_download() as download:
        page.locator(".lightbox .save").click()
    assert download.value.suggested_filename == "01-a-fox-in-the-deep-snow.webp"
    with PIL.Image.open(download.value.path()) as saved:
        assert saved.size == (WIDTH, HEIGHT)


def test_swiping_turns_the_pictures(open_page: Open) -> None:
    """On a phone a finger is all one has."""
    page = open_page(viewport={"width": 390, "height": 800}, has_touch=True, is_mobile=True)
    page.locator(".enlarge").first.tap()
    count = page.locator(".lightbox .count")
    expect(count).to_have_text("1 / 3")
    touch = page.context.new_cdp_session(page)

    def swipe(start: int, end: int) -> None:
        for kind, x in (
            ("touchStart", start),
            ("touchMove", (start + end) // 2),
            ("touchMove", end),
        ):
            points = [{"x": x, "y": 400}]
            touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
        touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})

    swipe(300, 80)
    expect(count).to_have_text("2 / 3")
    swipe(80, 300)
    expect(count).to_have_text("1 / 3")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_the_prompt_is_shown_on_demand(open_page: Open) -> None:
    """Its button says whether it is shown, and what is shown is the prompt to the letter."""
    page = open_page()
    prompt = page.locator(".plate .prompt").first
    ask = page.locator(".ask").first
    expect(prompt).to_be_hidden()
    expect(ask).to_have_attribute("aria-expanded", "false")
    ask.focus()
    page.keyboard.press("Enter")
    expect(prompt).to_have_text('a fox in the "deep" snow <&>')
    expect(prompt).to_be_visible()
    expect(ask).to_have_attribute("aria-expanded", "true")
    ask.click()
    expect(prompt).to_be_hidden()


def test_the_page_follows_the_system_and_then_the_reader(open_page: Open) -> None:
    """Light or dark as the system is, until the button says otherwise; that is remembered."""
    page = open_page(color_scheme="light")
    light = background(page)
    page.emulate_media(color_scheme="dark")
    dark = background(page)
    assert light != dark
    page.get_by_role("button", name="Light page").click()
    assert background(page) == light
    page.reload()
    assert background(page) == light
    page.get_by_role("button", name="Dark page").click()
    assert background(page) == dark
    assert page.evaluate("localStorage.length") == 0


def test_the_page_works_where_nothing_can_be_remembered(browser: Browser, address: str) -> None:
    """Storage that throws stops neither the theme button nor the viewer."""
    page = browser.new_page(color_scheme="light")
    page.add_init_script(
        "Object.defineProperty(window, 'localStorage', {get() { throw new Error('no') }})"
    )
    page.goto(address)
    before = background(page)
    page.get_by_role("button", name="Dark page").click()
    assert background(page) != before
    page.locator(".enlarge").first.click()
    expect(page.locator("dialog.lightbox")).to_be_visible()
    page.close()


def test_without_script_everything_can_be_read(open_page: Open) -> None:
    """Pictures and their prompts are simply there."""
    page = open_page(java_script_enabled=False)
    expect(page.locator(".plate img")).to_have_count(3)
    for number in range(3):
        expect(page.locator(".plate img").nth(number)).to_be_visible()
        expect(page.locator(".plate .prompt").nth(number)).to_be_visible()
    expect(page.locator("button")).to_have_count(0)


def test_print_has_no_buttons(open_page: Open) -> None:
    """On paper: black on white, the pictures, and nothing to press."""
    page = open_page(color_scheme="dark")
    page.emulate_media(media="print")
    assert background(page) == "rgb(255, 255, 255)"
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(0, 0, 0)"
    for button in page.locator("button:not(.enlarge)").all():
        expect(button).to_be_hidden()
    expect(page.locator(".plate img").first).to_be_visible()
    assert page.pdf().startswith(b"%PDF")


def test_nothing_moves_for_those_who_asked_for_that(open_page: Open) -> None:
    """Reduced motion is respected."""
    page = open_page(reduced_motion="reduce")
    page.locator(".enlarge").first.click()
    assert page.evaluate("document.getAnimations().length") == 0


def test_the_policy_stops_what_is_not_the_pages_own(browser: Browser, address: str) -> None:
    """Were markup to get through after all, its script would not run and nothing be loaded."""
    page = browser.new_page()
    page.goto(address)
    stopped = page.evaluate(
        """async () => {
            const blocked = [];
            document.addEventListener('securitypolicyviolation',
                (event) => blocked.push(event.effectiveDirective));
            const holder = document.createElement('div');
            holder.innerHTML = '<img src="http://127.0.0.1:9/x.png" onerror="window.ran = 1">'
                + '<p style="color: red">x</p>';
            document.body.append(holder);
            const script = document.createElement('script');
            script.textContent = 'window.ran = 1';
            document.body.append(script);
            await fetch('http://127.0.0.1:9/').catch(() => 0);
            await new Promise((done) => setTimeout(done, 100));
            return [window.ran, [...new Set(blocked)].sort()];
        }"""
    )
    assert stopped[0] is None
    assert {"img-src", "connect-src"} <= set(stopped[1])
    assert any(name.startswith("script-src") for name in stopped[1])
    page.close()


def test_text_from_right_to_left_stands_on_the_right(browser: Browser, tmp_path: Path) -> None:
    """An Arabic story is set from the right, without a torn initial."""
    file = tmp_path / "rtl.html"
    text = f"{'كان يا ما كان ثعلب في الثلج. ' * 12}\n\n{tag('ثعلب')}\n\nHello again.\n"
    file.write_text("".join(html_pieces(illustrated(text, drawn))), encoding="utf-8")
    page = browser.new_page(viewport={"width": 900, "height": 700})
    page.goto(unquote(file.as_uri()))
    style = "getComputedStyle(document.querySelector('.story'), '').direction"
    assert page.evaluate(style) == "rtl"
    first = "getComputedStyle(document.querySelector('.story > p'), '::first-letter').initialLetter"
    assert page.evaluate(first) == "normal"
    page.close()
