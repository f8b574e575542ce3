"""What a page asks its server for, and who in the page asks."""

from typing import Any

from playwright.sync_api import Page

FILES = "/page/"
"""Where the page's files are."""
SIZES = """performance.getEntriesByType('resource').filter(one => one.name.includes('/page/'))
    .reduce((sum, one) => sum + one.encodedBodySize, 0)
    + performance.getEntriesByType('navigation')[0].encodedBodySize"""


class Requests:
    """Listens to a page from its first request on.

    Args:
        page: The page; nothing was opened in it yet.

    Attributes:
        all: Every address that was asked for.
        late: The page's files that are found only when a module runs: a round trip too many.
    """

    def __init__(self, page: Page) -> None:
        self.all: list[str] = []
        self.late: list[str] = []
        self._page = page
        tools = page.context.new_cdp_session(page)
        tools.send("Network.enable")
        tools.on("Network.requestWillBeSent", self._sent)

    @property
    def without_pictures(self) -> list[str]:
        """All but the pictures of the stories."""
        return [one for one in self.all if "/images/" not in one and "/thumbnail" not in one]

    def kilobytes(self) -> float:
        """How large the page's files and its document were, as transferred."""
        return float(self._page.evaluate(SIZES)) / 1000

    def _sent(self, told: dict[str, Any]) -> None:
        url = str(told["request"]["url"])
        self.all.append(url)
        if FILES in url and _by_module(told["initiator"]):
            self.late.append(url)


def _by_module(initiator: dict[str, Any]) -> bool:
    """Whether a module asked as it ran: behind what is only named stands no line of a script."""
    return initiator["type"] == "script" and "stack" in initiator
