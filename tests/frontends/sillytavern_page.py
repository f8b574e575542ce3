"""SillyTavern's page: its commands, and what is written into it."""

import asyncio
import contextlib
from typing import Any

from playwright.async_api import Page, expect
from tests.waiting import until

BEGINNING = 180_000
"""Milliseconds within which it must have begun; ten thousand of them on a machine at rest."""
TRIED_FOR = 60.0
"""Seconds within which the program must have taken what it is told."""
SLID = 4.0
"""Seconds after which a button that did nothing is clicked again."""
_TELLS = """() => {
    if (window !== window.top || location.protocol === 'about:') return;
    const looking = setInterval(() => {
        const tavern = window.SillyTavern?.getContext?.();
        if (!tavern) return;
        clearInterval(looking);
        tavern.eventSource.on('app_ready', () => { window.tavernIsReady = true; });
    }, 20);
}"""
"""Has a page tell when SillyTavern is ready: its last word when it begins, after which nothing
opens, closes or covers anything by itself."""


async def enter(page: Page, address: str) -> None:
    """Open SillyTavern, which has not begun yet."""
    await page.add_init_script(f"({_TELLS})()")
    await page.goto(address)


async def begun(page: Page) -> None:
    """Wait until it is ready for whoever clicks."""
    await page.wait_for_function("window.tavernIsReady", timeout=BEGINNING)


async def visit(page: Page, address: str) -> None:
    """Open SillyTavern, and wait until it is ready and connected."""
    await enter(page, address)
    await begun(page)
    await connected(page)


async def connected(page: Page) -> None:
    """Wait until it has found its model's server."""
    status = "SillyTavern.getContext().onlineStatus"
    await page.wait_for_function(f"{status} !== 'no_connection'")


async def command(page: Page, text: str) -> Any:
    """Run a slash command; gives what it gives on."""
    result = await page.evaluate(
        "text => SillyTavern.getContext().executeSlashCommandsWithOptions(text)", text
    )
    return result["pipe"]


async def say(page: Page, text: str) -> None:
    """Write into the chat, and send it; the answer has ended then."""
    await begin(page, text)
    await settled(page)


async def chat_settings(page: Page, **settings: object) -> None:
    """Set how chats are completed, as the first versions have it too."""
    await page.evaluate(
        "async values => Object.assign((await import('/scripts/openai.js')).oai_settings, values)",
        settings,
    )


async def begin(page: Page, text: str) -> None:
    """Write into the chat, and send it, without waiting for the answer."""
    await page.fill("#send_textarea", text)
    there = "text => SillyTavern.getContext().chat.some(one => one.is_user && one.mes === text)"

    async def taken() -> bool:
        return bool(await page.evaluate(there, text))

    async with asyncio.timeout(TRIED_FOR):
        while not await taken():
            # While the program is still busy with something else, its button does nothing.
            if await page.input_value("#send_textarea") == text:
                await page.click("#send_but")
            with contextlib.suppress(TimeoutError):
                await until(taken, patience=SLID)


async def regenerate(page: Page) -> None:
    """Have the last answer written anew, as its button does."""
    await page.evaluate("document.querySelector('#option_regenerate').click()")


async def swipe(page: Page) -> None:
    """Have another answer beside the last one, as its arrow does; it has ended then."""
    count = "() => SillyTavern.getContext().chat.at(-1).swipes?.length ?? 1"
    before = await page.evaluate(count)

    async def more() -> bool:
        return bool(await page.evaluate(count) > before)

    async with asyncio.timeout(TRIED_FOR):
        while not await more():
            # While the one before still slides out of the way, its arrow does nothing.
            await page.evaluate("document.querySelector('#chat .last_mes .swipe_right').click()")
            with contextlib.suppress(TimeoutError):
                await until(more, patience=SLID)
    await settled(page)


async def open_chat(page: Page, name: str) -> None:
    """Open a chat of the character that is open."""
    await page.evaluate("name => SillyTavern.getContext().openCharacterChat(name)", name)


async def chat_name(page: Page) -> str:
    """What the open chat is called."""
    return str(await page.evaluate("() => SillyTavern.getContext().chatId"))


async def settled(page: Page) -> None:
    """Wait until nothing is being written."""
    await expect(page.locator("#send_but")).to_be_visible()
    await expect(page.locator("#mes_stop")).to_be_hidden()
