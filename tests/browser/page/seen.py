"""The page as it looks: a picture of every view, kept in `seen/page` for whoever wants to look."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser
from tests.browser.page.opening import Complaints, desktop, phone, until
from tests.browser.page.views import each_view, with_everything
from tests.browser.serving import Beside
from tests.server.served import served

from limner.backends.images.sketch import SketchBackend

pytestmark = [pytest.mark.real_time, pytest.mark.timeout(600)]

LOADED = """[...document.images].every(
    image => image.complete || !image.checkVisibility() || image.loading === 'lazy')
    && !document.querySelector('.shelf-row .coming')"""
SEEN = Path(__file__).parents[3] / "seen/page"


@pytest.mark.parametrize("locale", ["en-GB", "zh-CN"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("device", ["desktop", "phone"])
def test_every_view_is_seen(
    browser: Browser,
    beside: Beside,
    complaints: Complaints,
    tmp_path: Path,
    device: str,
    scheme: Any,
    locale: str,
) -> None:
    """On a desk and in a hand, light and dark, in both languages; nothing is wider than it may."""
    server = beside.run(served(tmp_path, backend=SketchBackend()))
    make = desktop if device == "desktop" else phone
    context = make(browser, locale=locale, color_scheme=scheme, reduced_motion="reduce")
    complaints.hear(context)
    page = context.new_page()
    with_everything(page, server.address)
    place = SEEN / f"{device}-{scheme}-{locale[:2]}"
    place.mkdir(parents=True, exist_ok=True)
    for view in each_view(page):
        until(page, LOADED)
        page.screenshot(path=place / f"{view.name}.png")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), view.name
    context.close()
    assert complaints.all == []
