"""The page opened in a browser, and what the browser has to say of it."""

from typing import Any

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect

from limner.prompts import format_tag

PATIENCE = 240_000
"""Milliseconds within which something must happen; far more than it takes."""
DESKTOP = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 844}

WATCH = """
window.__violations = [];
document.addEventListener('securitypolicyviolation', event => {
    window.__violations.push(event.violatedDirective + ' ' + event.blockedURI);
    console.error('policy: ' + event.violatedDirective + ' ' + event.blockedURI);
});
"""


class Complaints:
    """What a browser complained of.

    Attributes:
        all: Its words.
    """

    def __init__(self) -> None:
        self.all: list[str] = []

    def hear(self, context: BrowserContext) -> None:
        """Listen to all pages of a browser."""
        context.add_init_script(WATCH)
        context.on("page", self._watch)

    def forget(self, *parts: str) -> None:
        """Take away what was to be expected."""
        self.all = [one for one in self.all if not any(part in one for part in parts)]

    def _watch(self, page: Page) -> None:
        page.on("console", self._said)
        page.on("pageerror", lambda error: self.all.append(f"error: {error}"))
        page.on("dialog", lambda dialog: self.all.append(f"dialog: {dialog.message}"))

    def _said(self, said: ConsoleMessage) -> None:
        if said.type == "error":
            self.all.append(f"{said.text} ({said.location.get('url')})")


def desktop(browser: Browser, **options: Any) -> BrowserContext:
    """A browser on a desk; what is expected of its pages is waited for as long as all else."""
    expect.set_options(timeout=PATIENCE)
    context = browser.new_context(**{"locale": "en-GB", "viewport": DESKTOP, **options})
    context.set_default_timeout(PATIENCE)
    return context


def phone(browser: Browser, **options: Any) -> BrowserContext:
    """A browser on a phone: narrow, and with fingers."""
    touch = {"has_touch": True, "is_mobile": True, "device_scale_factor": 2}
    return desktop(browser, **{"viewport": PHONE, **touch, **options})


def finished(page: Page, pictures: int = 3) -> None:
    """The story has been told, and its pictures are there."""
    expect(page.get_by_role("button", name="Go on")).to_be_enabled(timeout=PATIENCE)
    ready = page.locator(".picture[data-state=ready]")
    expect(ready.nth(pictures - 1)).to_be_attached(timeout=PATIENCE)
    expect(page.locator(".growing")).to_have_count(0, timeout=PATIENCE)


def animals(number: int) -> str:
    """A text that asks for so many pictures."""
    return "\n\n".join(format_tag(f"animal {n}") for n in range(number))


def until(page: Page, condition: str) -> None:
    """Wait for a condition in the page; Playwright's own wait is stopped by the page's policy."""
    for _ in range(PATIENCE // 50):
        if page.evaluate(condition):
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"never: {condition}")
