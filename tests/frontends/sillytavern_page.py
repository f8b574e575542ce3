"""SillyTavern's page: its commands, and what is written into it."""

from typing import Any

from playwright.async_api import Page, expect


async def command(page: Page, text: str) -> Any:
    """Run a slash command; gives what it gives on."""
    result = await page.evaluate(
        "text => SillyTavern.getContext().executeSlashCommandsWithOptions(text)", text
    )
    return result["pipe"]


async def say(page: Page, text: str) -> None:
    """Write into the chat, and send it; the answer has ended then."""
    await page.fill("#send_textarea", text)
    await page.click("#send_but")
    await page.wait_for_function(
        "text => SillyTavern.getContext().chat.some(one => one.is_user && one.mes === text)",
        arg=text,
    )
    await settled(page)


async def settled(page: Page) -> None:
    """Wait until nothing is being written."""
    await expect(page.locator("#send_but")).to_be_visible()
    await expect(page.locator("#mes_stop")).to_be_hidden()
