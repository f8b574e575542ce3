"""A picture's own page, in a real browser without scripts, from a link on a page of others."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from tests.browser.serving import Beside, servers_beside
from tests.server.live.easel import Easel, tags
from tests.server.live.watching import told
from tests.server.reverse_proxy import reverse_proxy
from tests.server.served import TOKEN, Served, served

from limner.errors import BackendRejected
from limner.testing.chat_server import ChatServer, Reply

pytestmark = pytest.mark.real_time

REASON = "the prompt is too long for this model"


@pytest.fixture
def beside() -> Iterator[Beside]:
    """Where servers run."""
    with servers_beside() as beside:
        yield beside


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page that runs no script."""
    context = browser.new_context(java_script_enabled=False)
    yield context.new_page()
    context.close()


def linked(beside: Beside, server: Served, page: Page, path: str) -> None:
    """Follow a link to a picture's page, from a page at another place."""
    front = beside.run(reverse_proxy("/unused"))
    name = path.removeprefix("/images/").removesuffix(".png")
    front.others["/chat"] = f'<a href="{server.address}/picture/{name}">the picture</a>'
    page.goto(f"http://localhost:{front.port}/chat")
    page.get_by_text("the picture").click()


async def waited_for(server: Served, path: str) -> None:
    """Wait until a picture is there."""
    async with server.client.get(server.address + path) as answer:
        await answer.read()


def test_it_shows_the_picture_its_prompt_and_why_it_is_missing(
    page: Page, beside: Beside, tmp_path: Path
) -> None:
    """The button has it drawn once more; what it shows lives, without a script."""
    easel = Easel(error=BackendRejected(REASON))
    easel.done.set()
    model = beside.run(ChatServer(Reply.stream(tags(["a <b>fox</b> & co"]))))
    server = beside.run(served(tmp_path, backend=easel, llm=model.url))
    (path,) = beside.call(told, server)
    linked(beside, server, page, path)
    expect(page.get_by_role("heading", name="a <b>fox</b> & co")).to_be_visible()
    expect(page.locator("dd").last).to_contain_text(REASON)
    image = page.locator("img")
    assert image.bounding_box() is not None
    easel.error = None
    page.get_by_role("button", name="Draw it").click()
    expect(page.get_by_text(REASON)).to_have_count(0)
    beside.call(waited_for, server, path)
    page.reload()
    page.get_by_role("button", name="Draw it again").click()
    expect(page.locator("dl")).to_contain_text("768 × 512")
    page.get_by_text("the story it belongs to").click()
    assert "#/chat/" in page.url


def test_whoever_has_no_token_logs_in_and_comes_to_it(
    page: Page, beside: Beside, tmp_path: Path
) -> None:
    """Once: the next link leads there at once, though the browser hides its cookie from others."""
    model = beside.run(ChatServer(Reply.stream(tags(["a fox"]))))
    server = beside.run(served(tmp_path, llm=model.url, token=TOKEN))
    server.client.headers["Authorization"] = f"Bearer {TOKEN}"
    (path,) = beside.call(told, server)
    linked(beside, server, page, path)
    page.fill("#token", "wrong")
    page.get_by_role("button").click()
    page.fill("#token", TOKEN)
    page.get_by_role("button").click()
    expect(page.get_by_role("heading", name="a fox")).to_be_visible()
    linked(beside, server, page, path)
    expect(page.get_by_role("heading", name="a fox")).to_be_visible()
