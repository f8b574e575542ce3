"""A browser that hears of everything that is wrong with a page."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext
from tests.browser.page.opening import Complaints, desktop
from tests.browser.serving import Beside, servers_beside


@pytest.fixture
def beside() -> Iterator[Beside]:
    """Where servers run."""
    with servers_beside() as beside:
        yield beside


@pytest.fixture
def complaints() -> Complaints:
    """What the browser complained of; a test may look, and take away what it expects."""
    return Complaints()


@pytest.fixture
def context(browser: Browser, complaints: Complaints) -> Iterator[BrowserContext]:
    """A browser; whatever it complains of, a dialog, or a script that ran, is a fault."""
    context = desktop(browser)
    complaints.hear(context)
    yield context
    context.close()
    assert complaints.all == []
