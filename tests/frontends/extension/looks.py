"""How it looks elsewhere: on a phone, in a light theme, in Chinese, and without limner."""

from playwright.async_api import Page, expect
from tests.frontends.extension.world import World, at_home
from tests.frontends.sillytavern_page import command, say

TOUCHED = 44
"""CSS pixels that a finger needs."""


async def phone(world: World) -> None:
    """On a phone the tools are there without hovering, and large enough for a finger."""
    await world.new_chat()
    await say(world.page, "Tell me of a fox.")
    await world.ready(0)
    page = await _another(world, viewport={"width": 390, "height": 844}, has_touch=True)
    frame = page.locator("#chat .limner-picture").first
    await expect(frame).to_have_attribute("data-state", "ready")
    await frame.scroll_into_view_if_needed()
    boxes = await frame.locator("button").evaluate_all(
        "all => all.map(one => one.getBoundingClientRect()).map(one => [one.width, one.height])"
    )
    small = [box for box in boxes if min(box) < TOUCHED]
    world.checks.holds("a finger can touch every button", not small, small)
    await world.shot("phone", page)
    await frame.get_by_role("button", name="What to do").click()
    await world.shot("phone-menu", page)
    await page.keyboard.press("Escape")
    await page.evaluate("document.querySelector('#limner_open').click()")
    await world.shot("phone-drawer", page)
    await page.evaluate("document.querySelector('#limner_open').click()")
    await frame.locator(".limner-look").click()
    await world.shot("phone-viewer", page)
    await page.context.close()


async def chinese(world: World) -> None:
    """Where SillyTavern speaks Chinese, so does it; and in a light theme all is readable."""
    page = await _another(world, language="zh-cn")
    await page.evaluate(
        "SillyTavern.getContext().executeSlashCommandsWithOptions('/theme Cappuccino')"
    )
    await page.evaluate("document.querySelector('#limner_open').click()")
    told = await page.locator(".limner-drawer").inner_text()
    world.checks.holds("it speaks Chinese", "本聊天的图片" in told, told)
    await world.shot("chinese", page)
    await page.context.close()


async def without_limner(world: World) -> None:
    """Where limner is not there, one line says so, and SillyTavern is as it is."""
    page = await _another(world)
    state = page.locator("#limner_settings .limner-state")
    field = page.locator("#limner_address")
    await field.evaluate(
        "one => { one.value = 'http://127.0.0.1:9'; one.dispatchEvent(new Event('change')) }"
    )
    await expect(state).to_contain_text("does not answer")
    toasts = await page.locator(".toast").count()
    world.checks.holds("without limner there is one quiet line", toasts == 0, toasts)
    await field.evaluate("one => { one.value = ''; one.dispatchEvent(new Event('change')) }")
    await expect(state).to_contain_text("Connected")
    await page.context.close()


async def _another(world: World, *, language: str = "en", **options: object) -> Page:
    """The same chat, in a browser of its own."""
    browser = world.page.context.browser
    assert browser is not None
    name = await world.page.evaluate("() => SillyTavern.getContext().chatId")
    context = await browser.new_context(**options)  # type: ignore[arg-type] # handed on as given
    await context.add_init_script(f"localStorage.setItem('language', '{language}')")
    page = await context.new_page()
    page.set_default_timeout(60_000)
    await at_home(page, world.tavern)
    await command(page, "/go Seraphina")
    await page.evaluate("name => SillyTavern.getContext().openCharacterChat(name)", name)
    return page
