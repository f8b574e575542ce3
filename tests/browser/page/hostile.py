"""Two hundred hostile samples in messages, prompts, titles, reasons: nothing runs or breaks.

A dialog, a report of the policy or an error in the console fails any of these by itself.
"""

from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from tests.browser.page.opening import PATIENCE, PHONE
from tests.browser.page.samples import LARGE, samples
from tests.browser.serving import Beside
from tests.server.painter import Painter
from tests.server.served import Served, served

from limner.errors import BackendRejected
from limner.illustration import ImageRequest, Message, MessageState, Role
from limner.prompts import format_tag

pytestmark = [pytest.mark.real_time, pytest.mark.timeout(600)]

A_CHAT = 17
"""Samples in one conversation."""
SOUND = """() => {
    const beyond = [...document.querySelectorAll('.message, .picture, .job, .chat, .shelf-row')]
        .filter(one => one.checkVisibility({ visibilityProperty: true }))
        .map(one => one.getBoundingClientRect())
        .filter(box => box.right > innerWidth + 1 || box.left < -1);
    const main = document.getElementById('main').getBoundingClientRect();
    return {
        ran: window.__ran ?? null,
        violations: window.__violations,
        wide: document.documentElement.scrollWidth > innerWidth,
        beyond: beyond.length,
        covered: !document.elementFromPoint(main.right - 30, 20)?.closest('main, dialog, aside'),
        high: document.documentElement.scrollHeight > innerHeight + 1,
    };
}"""
GOOD: dict[str, object] = {
    "ran": None, "violations": [], "wide": False, "beyond": 0, "covered": False, "high": False,
}  # fmt: skip


def fails(request: ImageRequest) -> Exception | None:
    """Every third picture fails with what it was asked for as the reason."""
    return BackendRejected(request.prompt) if len(request.prompt) % 3 == 0 else None


def one_line(text: str) -> str:
    """What may stand in a prompt or a title."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:280] or "nothing"


async def told(server: Served, texts: list[str]) -> list[str]:
    """Conversations with these texts everywhere in them; gives their ids."""
    services = server.running.services
    chats: list[str] = []
    for number, text in enumerate(texts):
        chat = f"hostile-{number // A_CHAT}"
        said = Message(
            id=f"said-{number}", chat_id=chat, text=text, role=Role.USER,
            state=MessageState.COMPLETE,
        )  # fmt: skip
        await services.illustrator.store.save(said)
        tag = format_tag(one_line(text))
        await services.illustrator.illustrate(
            f"{text}\n\n{tag}", chat_id=chat, message_id=f"told-{number}"
        )
        if not chats or chats[-1] != chat:
            chats.append(chat)
            await services.library.rename_chat(chat, one_line(text))
    return chats


def sound(page: Page) -> None:
    """Nothing ran, and everything is where it belongs."""
    assert page.evaluate(SOUND) == GOOD


def shown(page: Page, address: str, chat: str) -> None:
    """A conversation, from its beginning to its end."""
    page.goto(f"{address}/#/chat/{chat}")
    expect(page.locator(".message").first).to_be_attached(timeout=PATIENCE)
    page.locator(".scroller").evaluate("scroller => scroller.scrollTo(0, 0)")
    sound(page)
    page.locator(".scroller").evaluate("scroller => scroller.scrollTo(0, scroller.scrollHeight)")
    sound(page)


@pytest.mark.parametrize("narrow", [False, True])
def test_no_sample_runs_or_breaks_the_layout(
    beside: Beside, context: BrowserContext, tmp_path: Path, narrow: bool
) -> None:
    """In a message of either side, a prompt, a title, a reason; in every view that shows them."""
    server = beside.run(served(tmp_path, backend=Painter(seconds=0.0, fails=fails)))
    every = list(samples())
    assert len(every) >= 200
    chats = beside.call(told, server, every)
    page = context.new_page()
    if narrow:
        page.set_viewport_size(PHONE)  # type: ignore[arg-type] # a plain dict of the same form
    for chat in chats:
        shown(page, server.address, chat)
    page.goto(f"{server.address}/#/gallery")
    expect(page.locator(".shelf-row img").first).to_be_attached(timeout=PATIENCE)
    sound(page)
    page.locator(".shelf-row button").first.click()
    expect(page.get_by_role("dialog", name="Picture")).to_be_visible()
    for _ in range(12):
        page.keyboard.press("ArrowRight")
        assert page.evaluate("window.__ran ?? null") is None
    page.keyboard.press("Escape")
    page.locator(".indicator").click()
    expect(page.get_by_role("complementary", name="Queue")).to_be_visible()
    sound(page)


@pytest.mark.parametrize("text", LARGE, ids=["a megabyte in one line", "asterisks"])
def test_a_text_of_any_size_is_shown_and_the_page_stays_awake(
    beside: Beside, context: BrowserContext, tmp_path: Path, text: str
) -> None:
    """One can write and go elsewhere while it is there."""
    server = beside.run(served(tmp_path, backend=Painter(seconds=0.0)))
    beside.call(told, server, [text])
    page = context.new_page()
    shown(page, server.address, "hostile-0")
    page.get_by_role("textbox", name="Ask for a story…").fill("and now?")
    page.get_by_role("link", name="Gallery", exact=True).click()
    expect(page.locator(".shelf-row img").first).to_be_attached(timeout=PATIENCE)
    sound(page)


def test_what_a_model_streams_is_as_harmless_as_what_is_kept(
    beside: Beside, context: BrowserContext, tmp_path: Path
) -> None:
    """Also where markup is open for a while, since its end is still on its way."""
    server = beside.run(served(tmp_path, backend=Painter(seconds=0.0)))
    page = context.new_page()
    page.goto(f"{server.address}/#/chat")
    page.get_by_role("link", name="Illustrate a text").click()
    every = "\n\n".join(samples())
    page.get_by_label("Paste or drop a text here").fill(every)
    page.get_by_role("button", name="Illustrate", exact=True).click()
    expect(page.locator(".block").nth(50)).to_be_attached(timeout=PATIENCE)
    expect(page.get_by_role("button", name="Go on")).to_be_enabled(timeout=PATIENCE)
    sound(page)
    # A link in a text leads out of the page, and only where links may lead.
    hrefs = page.locator(".text a[href]").evaluate_all("all => all.map(one => one.protocol)")
    assert {one for one in hrefs if one not in ("http:", "https:", "mailto:")} == set()
