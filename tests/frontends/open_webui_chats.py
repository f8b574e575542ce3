"""What Open WebUI does with a chat besides telling it: writes again, draws by itself."""

import json
from typing import Any

from playwright.async_api import Page, expect
from tests.frontends.browser import drawn
from tests.frontends.checking import Checks
from tests.frontends.running import latest_variants
from tests.frontends.story_model import FOREIGN, FOX, NAME, text_of
from tests.waiting import until

from limner.testing.chat_server import ChatRequest, ChatServer

PICTURES = "#messages-container img[src*='/images/']"
CALL = """async ([method, path, body]) => {
    const headers = {
        "Authorization": `Bearer ${localStorage.token}`,
        "Content-Type": "application/json",
    };
    const asked = {method, headers, body: body === null ? undefined : JSON.stringify(body)};
    const answer = await fetch(path, asked);
    return [answer.status, await answer.text()];
}"""


async def call(page: Page, method: str, path: str, body: Any = None) -> tuple[int, str]:
    """Ask the program's own API, as its page does; the status, and what it says."""
    status, text = await page.evaluate(CALL, [method, path, body])
    return status, text


async def say(page: Page, text: str) -> None:
    """Write into the chat, and send it."""
    box = page.locator("#chat-input")
    await box.click()
    await page.keyboard.insert_text(text)
    await page.keyboard.press("Enter")


async def begin_a_chat(page: Page, text: str) -> None:
    """Say something in a new chat."""
    await page.goto(f"{page.url.split('/c/')[0].split('/?')[0]}/?models={NAME}")
    await say(page, text)


async def next_chat(model: ChatServer, start: int) -> ChatRequest:
    """The first chat after so many requests, as soon as the model was asked."""

    def found() -> list[ChatRequest]:
        return [one for one in model.requests[start:] if one.body.get("tools")]

    await until(lambda: bool(found()))
    return found()[0]


async def regenerate(page: Page) -> None:
    """Have the last answer written again."""
    shown = await page.locator("#messages-container").inner_text()
    await page.get_by_role("button", name="Regenerate").last.click()
    again = page.get_by_text("Try Again", exact=True)
    if await again.count():
        await again.first.click()
    await expect(page.locator("#messages-container")).not_to_have_text(shown)


async def write_again(page: Page, limner: str, checks: Checks) -> None:
    """The same question twice more, of a model that is as fast as can be."""
    await begin_a_chat(page, "Tell it again and again.")
    for _ in range(2):
        await drawn(page.locator(PICTURES).first)
        await regenerate(page)
    seen = await latest_variants(limner, expected=3)
    checks.holds("answers written again are variants of one", seen == [[0, 1, 2]], seen)


async def show_foreign_pictures(page: Page, model: ChatServer, checks: Checks) -> None:
    """Pictures of other sites stay as they are, in a chat and in what it asks besides."""
    await begin_a_chat(page, f"Tell me of this one: {FOREIGN}")
    await drawn(page.locator(f"{PICTURES}:not([src*='cdn.example.org'])").first)
    start = len(model.requests)
    await say(page, "Go on, please.")
    asked = await next_chat(model, start)
    said = " ".join(text_of(one) for one in asked.body["messages"])
    checks.holds("a picture of another site stays", FOREIGN in said, said)
    checks.holds("limner's own is its tag again", FOX in said, said)
    rest = said.replace(FOREIGN, "")
    checks.holds("and no link", "/images/" not in rest, rest)


async def draw_by_itself(page: Page, limner: str, checks: Checks) -> None:
    """Its own picture feature, with the model's name it begins with."""
    path = "/api/v1/images/config"
    _, settings = await call(page, "GET", path)
    wanted = json.loads(settings) | {
        "ENABLE_IMAGE_GENERATION": True,
        "IMAGE_GENERATION_ENGINE": "openai",
        "IMAGE_GENERATION_MODEL": "gpt-image-1",
        "IMAGE_SIZE": "512x512",
        "IMAGES_OPENAI_API_BASE_URL": f"{limner}/v1",
        "IMAGES_OPENAI_API_KEY": "none",
    }
    status, said = await call(page, "POST", f"{path}/update", wanted)
    checks.holds("its picture feature is switched on", status == 200, said)
    status, said = await call(page, "POST", "/api/v1/images/generations", {"prompt": "a red fox"})
    made = json.loads(said) if status == 200 else []
    checks.holds("gpt-image-1 draws a picture", status == 200 and len(made) == 1, said)
    if made:
        size = await page.evaluate(
            """async url => {
                const picture = new Image();
                picture.src = url;
                await picture.decode();
                return [picture.naturalWidth, picture.naturalHeight];
            }""",
            made[0]["url"],
        )
        checks.holds("and shows it, as large as it was asked for", size == [512, 512], size)


async def every_chat(page: Page, model: ChatServer, limner: str, checks: Checks) -> None:
    """All of it, streamed."""
    await call(page, "POST", "/api/v1/users/user/settings/update", {"ui": {"params": {}}})
    await write_again(page, limner, checks)
    await show_foreign_pictures(page, model, checks)
    await draw_by_itself(page, limner, checks)
