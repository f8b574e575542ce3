"""Every view of the page, and how one comes to it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from playwright.sync_api import Page, expect
from tests.browser.page.opening import PATIENCE, until

STILL = """document.getAnimations().every(
    one => one.playState !== 'running' || one.effect.getTiming().iterations === Infinity)"""


@dataclass(frozen=True, slots=True)
class View:
    """Something that can be seen on the page.

    Attributes:
        name: For names of files and tests.
        open: Shows it, from the conversation with the first story.
        close: Goes back.
    """

    name: str
    open: Callable[[Page], None]
    close: Callable[[Page], None] = lambda page: page.keyboard.press("Escape")


def _stay(page: Page) -> None:
    """There is nothing to be closed."""


def _at(place: str, wanted: str) -> Callable[[Page], None]:
    def show(page: Page) -> None:
        page.evaluate("place => { location.hash = place }", place)
        expect(page.locator(wanted).first).to_be_visible(timeout=PATIENCE)

    return show


def _back(page: Page) -> None:
    page.go_back()


def _viewer(page: Page) -> None:
    # At the place where the most pictures are, so that they can be compared.
    page.locator(".picture:has(.turning) .look").first.click()
    expect(page.locator("dialog.viewer .stage img")).to_be_visible()


def _compare(page: Page) -> None:
    _viewer(page)
    page.keyboard.press("x")
    expect(page.locator(".compare .pair")).to_be_visible()


def _menu(page: Page) -> None:
    frame = page.locator(".frame").first
    frame.scroll_into_view_if_needed()
    frame.hover()
    page.locator(".tools [aria-haspopup]").first.click()
    expect(page.get_by_role("menuitem").first).to_be_visible()


def _from_menu(icon: str, wanted: str) -> Callable[[Page], None]:
    def show(page: Page) -> None:
        _menu(page)
        page.get_by_role("menuitem").filter(has=page.locator(f"[data-name={icon}]")).first.click()
        expect(page.locator(wanted)).to_be_visible()

    return show


def _queue(page: Page) -> None:
    page.locator(".indicator").click()
    expect(page.locator("aside.queue")).to_be_visible()


def _unqueue(page: Page) -> None:
    page.locator(".indicator").click()
    expect(page.locator("aside.queue")).to_have_count(0)


def _keys(page: Page) -> None:
    page.evaluate("document.activeElement?.blur()")
    page.keyboard.press("?")
    expect(page.locator("dialog.keys")).to_be_visible()


def _tuning(page: Page) -> None:
    alone = page.locator("header.head > .icon-button [data-name=settings]")
    if not alone.is_visible():  # On a phone the head has one button for all of that.
        page.locator("header.head .together button").click()
        alone = page.get_by_role("menuitem").locator("[data-name=settings]")
    alone.click()
    expect(page.locator("#tuning-model")).to_be_visible()


def _select(page: Page) -> None:
    _at("#/gallery", ".shelf-row img")(page)
    page.locator("header.head [aria-pressed]").click()
    page.locator(".shelf-row button").first.click()
    expect(page.locator(".selection")).to_be_visible()


def _setting(wanted: str) -> Callable[[Page], None]:
    def show(page: Page) -> None:
        _at("#/settings", wanted)(page)
        page.locator(wanted).evaluate("one => one.scrollIntoView({ block: 'center' })")

    return show


def _erase(page: Page) -> None:
    _menu(page)
    page.get_by_role("menuitem").last.click()
    expect(page.locator("dialog.erasing img")).to_be_visible()


def _side(page: Page) -> None:
    if page.locator("nav.sidebar").is_visible():
        return
    page.locator("header.head [data-name=menu]").click()
    expect(page.locator("nav.sidebar .new")).to_be_visible()


def _unside(page: Page) -> None:
    if (page.viewport_size or {"width": 9999})["width"] < 800:
        page.locator("nav.sidebar header [data-name=menu]").click()


VIEWS = (
    View("chat", _stay, _stay),
    View("chats", _side, _unside),
    View("menu", _menu),
    View("prompt", _from_menu("edit", "#prompt-text")),
    View("erasing", _erase),
    View("several", _from_menu("gallery", "#shape-count")),
    View("viewer", _viewer),
    View("compare", _compare),
    View("queue", _queue, _unqueue),
    View("tuning", _tuning),
    View("keys", _keys),
    View("new", _at("#/chat", ".welcome"), _back),
    View("gallery", _at("#/gallery", ".shelf-row img"), _back),
    View("selection", _select, _back),
    View("settings", _at("#/settings", ".findings, .setting"), _back),
    View("limits", _setting(".rates"), _back),
    View("references", _setting(".references"), _back),
    View("presets", _setting("#preset-prompts"), _back),
    View("costs", _setting(".costs"), _back),
    View("tokens", _setting(".tokens"), _back),
    View("connect", _at("#/connect", ".front-end"), _back),
    View("illustrate", _at("#/illustrate", ".manuscript"), _back),
)


def with_everything(page: Page, address: str) -> None:
    """The first story, told to its end, with a place that has several pictures."""
    page.goto(address)
    finished_in_any_language(page)
    first = page.locator(".picture").first
    first.scroll_into_view_if_needed()
    first.locator(".look").focus()
    page.keyboard.press("r")
    expect(page.locator(".turning").first).to_contain_text("2 / 2", timeout=PATIENCE)


def finished_in_any_language(page: Page) -> None:
    """The story is told, and its pictures are there, whatever the buttons say."""
    expect(page.locator(".foot:not([hidden]) [data-name=play]").first).to_be_visible(
        timeout=PATIENCE
    )
    expect(page.locator(".picture[data-state=ready]").nth(2)).to_be_attached(timeout=PATIENCE)
    expect(page.locator(".growing")).to_have_count(0, timeout=PATIENCE)


def each_view(page: Page) -> Iterator[View]:
    """Every view, shown one after the other."""
    for view in VIEWS:
        view.open(page)
        until(page, STILL)
        yield view
        view.close(page)
