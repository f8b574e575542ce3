"""A picture in a plain page, in a real browser with its cache on."""

import io
import re
from collections.abc import Iterator
from pathlib import Path

import PIL.Image
import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page
from tests.browser.serving import Beside, servers_beside
from tests.server.painter import COLOURS, Painter, colour_of
from tests.server.reverse_proxy import reverse_proxy
from tests.server.served import Served, served
from tests.server.test_redrawn_picture import drawn, url_path

from limner.errors import BackendRejected
from limner.illustration import SlotId
from limner.server.proxy.live.frame import GROUND
from limner.server.proxy.picture_id import PictureId

pytestmark = pytest.mark.real_time

IN_A_FRAME = """image => new Promise((done) => {
    const frame = document.createElement('iframe');
    frame.onload = done;
    frame.srcdoc = image.outerHTML;
    image.replaceWith(frame);
})"""
OTHERWISE = "image => { image.src += (image.src.includes('?') ? '&' : '?') + 'v=2' }"


@pytest.fixture
def beside() -> Iterator[Beside]:
    """Where servers run."""
    with servers_beside() as beside:
        yield beside


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A browser with an empty cache."""
    context = browser.new_context()
    yield context
    context.close()


def chat(beside: Beside, url: str) -> str:
    """The address of a front-end's page that shows a picture; it is not at the server's own."""
    front = beside.run(reverse_proxy("/unused"))
    front.others["/chat"] = f'<img id="picture" width="200" src="{url}">'
    return f"http://127.0.0.1:{front.port}/chat"


def colour(image: Locator) -> str:
    """The colour of a picture on the screen."""
    image.evaluate("image => image.decode()")
    return colour_of(image.screenshot())


def tells_why(image: Locator) -> bool:
    """Whether it is a frame with words, which has the colour of slate."""
    image.evaluate("image => image.decode()")
    with PIL.Image.open(io.BytesIO(image.screenshot())) as seen:
        return seen.convert("RGB").getpixel((5, seen.height // 2)) == GROUND


async def sent(server: Served) -> tuple[int, int]:
    """How often a picture was sent, and how often it was said that it is the same."""
    text = await server.text("/metrics")
    found = []
    for status in (200, 304):
        line = rf'http_requests_total\{{.*place="/images".*status="{status}"\}} (\d+)'
        count = re.search(line, text)
        found.append(int(count[1]) if count else 0)
    return found[0], found[1]


async def redraw(server: Served, slot: SlotId) -> None:
    """Draw a picture again."""
    await server.running.services.illustrator.operations.regenerate(slot)


def again(page: Page, address: str) -> None:
    """Leave a page and open it again."""
    page.goto("about:blank")
    page.goto(address)


@pytest.mark.parametrize("cached", [True, False])
@pytest.mark.parametrize("query", ["", "?w=320"])
def test_a_redrawn_picture_is_seen_and_the_same_is_not_sent_twice(
    context: BrowserContext, beside: Beside, tmp_path: Path, query: str, cached: bool
) -> None:
    """The page is loaded again, opened again, its picture put into a frame or asked otherwise.

    A browser without a cache sees it too; to that one everything is sent each time.
    """
    server = beside.run(served(tmp_path, backend=Painter(seconds=0.0)))
    url, slot = beside.call(drawn, server)
    address = chat(beside, server.address + url_path(url) + query)
    page = context.new_page()
    if not cached:
        tools = context.new_cdp_session(page)
        tools.send("Network.enable")
        tools.send("Network.setCacheDisabled", {"cacheDisabled": True})
    picture = page.locator("#picture")
    page.goto(address)
    assert colour(picture) == "red"
    page.reload()
    again(page, address)
    assert colour(picture) == "red"
    assert beside.call(sent, server) == ((1, 2) if cached else (3, 0))

    beside.call(redraw, server, slot)
    page.reload()
    assert colour(picture) == "blue"
    beside.call(redraw, server, slot)
    again(page, address)
    assert colour(picture) == "green"
    beside.call(redraw, server, slot)
    # A document shows what it has under an address for as long as it lives (HTML standard, "list
    # of available images"); so either the document is another, or the address is.
    picture.evaluate(OTHERWISE)
    assert colour(picture) == "white"
    beside.call(redraw, server, slot)
    picture.evaluate(IN_A_FRAME)
    assert colour(page.frame_locator("iframe").locator("#picture")) == "red"


@pytest.mark.parametrize("how", ["page", "frame"])
def test_a_placeholder_gives_way_to_the_picture(
    context: BrowserContext, beside: Beside, tmp_path: Path, how: str
) -> None:
    """Wherever the picture is asked for next: nobody keeps a placeholder."""
    failing = [BackendRejected("not today")]
    painter = Painter(seconds=0.0, fails=lambda request: failing[0] if failing else None)
    server = beside.run(served(tmp_path, backend=painter))
    name = beside.call(failed, server)
    address = chat(beside, f"{server.address}/images/{name.written()}.png")
    page = context.new_page()
    picture = page.locator("#picture")
    page.goto(address)
    assert tells_why(picture)
    failing.clear()
    beside.call(redraw, server, SlotId(name.message_id, name.variant, name.ordinal))
    if how == "page":
        again(page, address)
    else:
        picture.evaluate(IN_A_FRAME)
        picture = page.frame_locator("iframe").locator("#picture")
    assert colour(picture) in COLOURS


async def failed(server: Served) -> PictureId:
    """A picture that could not be drawn."""
    asked = {"prompt": "a fox"}
    async with server.client.post(server.address + "/v1/images/generations", json=asked) as answer:
        assert answer.status >= 400
    (message,) = await server.library.messages("proxy")
    return PictureId(message.id, 0, 0)
