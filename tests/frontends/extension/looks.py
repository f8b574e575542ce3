"""How it looks elsewhere: on a phone, in every theme, in Chinese, switched off, without limner."""

import json
import tempfile
from pathlib import Path

from playwright.async_api import Page, expect
from tests.frontends.extension.world import World
from tests.frontends.running import limner_serving
from tests.frontends.sillytavern_page import chat_name, command, open_chat, say, visit

TOUCHED = 44
"""CSS pixels that a finger needs."""
SWIPED = """stage => {
    for (const [kind, x] of [['touchstart', 300], ['touchend', 100]]) {
        const touch = new Touch({identifier: 1, target: stage, clientX: x, clientY: 300});
        stage.dispatchEvent(new TouchEvent(kind, {changedTouches: [touch], bubbles: true}));
    }
}"""
"""A finger goes to the left."""
CHOSEN = "(one, value) => { one.value = value; one.dispatchEvent(new Event('change')) }"
"""Somebody has written something into a field."""
READABLE = 4.5
"""How much lighter or darker words must be than what is behind them (WCAG 2.2, AA)."""
THEMES = ("Paper", "Azure", "Celestial Macaron", "Dark V 1.0", "Dark Lite", "Cappuccino")
HTML = """() => {
    const read = one => one.nodeType === 3 ? one.data : [
        one.nodeName, [...one.attributes].map(({name, value}) => `${name}=${value}`).sort(),
        [...one.childNodes].map(read)];
    return [...document.querySelectorAll('#chat .mes_text')].map(read);
}"""
"""The messages of the chat, whatever the order of attributes."""
CONTRAST = """root => {
    const canvas = new OffscreenCanvas(1, 1).getContext('2d', {willReadFrequently: true});
    const read = color => {
        canvas.clearRect(0, 0, 1, 1);
        canvas.fillStyle = color;
        canvas.fillRect(0, 0, 1, 1);
        const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
        return [r, g, b, a / 255];
    };
    const over = ([r, g, b, a], base) => [r, g, b].map((one, i) => one * a + base[i] * (1 - a));
    const light = color => color.map(one => one / 255)
        .map(one => one <= 0.03928 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4)
        .reduce((sum, one, i) => sum + one * [0.2126, 0.7152, 0.0722][i], 0);
    const worst = [];
    for (const element of root.querySelectorAll('*')) {
        const said = [...element.childNodes].some(one => one.nodeType === 3 && one.data.trim());
        if (!said || !element.checkVisibility() || element.disabled) continue;
        for (const far of [[0, 0, 0], [255, 255, 255]]) {
            const behind = [];
            for (let one = element; one && root.contains(one); one = one.parentElement)
                behind.unshift(getComputedStyle(one).backgroundColor);
            const ground = behind.reduce((base, color) => over(read(color), base), far);
            const ink = over(read(getComputedStyle(element).color), ground);
            const [a, b] = [light(ink), light(ground)];
            const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
            worst.push([ratio, element.textContent.trim().slice(0, 40)]);
        }
    }
    return worst.sort((a, b) => a[0] - b[0])[0];
}"""
"""The words of a part of the page that are hardest to read, whatever lies behind that part."""


async def phone(world: World) -> None:
    """On a phone the tools are there without hovering, and large enough for a finger."""
    await world.fox()
    await say(world.page, "Tell it anew.")
    await world.ready(1)
    page = await world.another(viewport={"width": 390, "height": 844}, has_touch=True)
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
    await world.drawer(page)
    await page.locator(".limner-thumb img").last.wait_for()
    await page.locator(".limner-budget").wait_for()
    await world.shot("phone-drawer", page)
    await world.drawer(page)
    await frame.locator(".limner-look").click()
    stage = page.locator("dialog.limner-viewer .limner-stage")
    first = await stage.locator("img").get_attribute("src")
    await world.shot("phone-viewer", page)
    await stage.evaluate(SWIPED)
    await expect(stage.locator("img")).not_to_have_attribute("src", first or "")
    world.checks.holds("a finger goes on to the next picture", True)
    await page.keyboard.press("Escape")
    await page.evaluate(
        "document.querySelector('#extensions-settings-button .drawer-toggle').click()"
    )
    await page.evaluate("document.querySelector('#limner_settings .inline-drawer-toggle').click()")
    await page.locator("#limner_preset").scroll_into_view_if_needed()
    await world.shot("phone-settings", page)
    await page.context.close()


async def themes(world: World) -> None:
    """In each theme of SillyTavern, and in a light one, all of it is readable."""
    await world.fox()
    page = await world.another()
    frame = page.locator("#chat .limner-picture").first
    for theme in THEMES:
        await command(page, f"/theme {theme}")
        name = theme.lower().replace(" ", "-")
        await world.drawer(page)
        await frame.get_by_role("button", name="What to do").focus()
        await page.keyboard.press("Enter")
        parts = {"drawer": ".limner-drawer", "menu": ".limner-menu"}
        await _readable(world, page, theme, parts)
        await world.shot(f"theme-{name}", page)
        await page.get_by_role("menuitem", name="Edit the prompt").click()
        await page.locator("dialog.limner-prompt").wait_for()
        await _readable(world, page, theme, {"prompt": "dialog.limner-prompt"})
        await world.shot(f"theme-{name}-prompt", page)
        await page.keyboard.press("Escape")
        await world.drawer(page)
    await page.context.close()


async def _readable(world: World, page: Page, theme: str, parts: dict[str, str]) -> None:
    for part, where in parts.items():
        worst = await page.locator(where).evaluate(CONTRAST)
        world.checks.holds(f"{theme}: the {part} is readable", worst[0] >= READABLE, worst)


async def switched_off(world: World) -> None:
    """Switched off, the page is what SillyTavern makes without the extension, to the letter."""
    await world.fox()
    page = world.page
    await page.evaluate("document.querySelector('#limner_enabled').click()")
    await expect(world.frames()).to_have_count(0)
    seen = await page.evaluate(HTML)
    hidden = await page.locator("#limner_open").is_hidden()
    world.checks.holds("switched off, its entry in the menu is gone", hidden)
    await page.evaluate("document.querySelector('#limner_enabled').click()")
    browser = page.context.browser
    assert browser is not None
    other = await (await browser.new_context()).new_page()
    await other.route("**/third-party/limner/**", lambda route: route.abort())
    await visit(other, world.tavern)
    await command(other, "/go Seraphina")
    await open_chat(other, await chat_name(page))
    await expect(other.locator("#chat .mes_text img")).to_have_count(1)
    without = await other.evaluate(HTML)
    world.checks.holds("switched off, it leaves no trace", seen == without, (seen, without))
    await other.context.close()


async def chinese(world: World) -> None:
    """Where SillyTavern speaks Chinese, so does it; and in a light theme all is readable."""
    page = await world.another(language="zh-cn")
    await command(page, "/theme Paper")
    await world.drawer(page)
    told = await page.locator(".limner-drawer").inner_text()
    world.checks.holds("it speaks Chinese", "本聊天的图片" in told, told)
    await world.shot("chinese", page)
    await page.context.close()


async def token(world: World) -> None:
    """A limner that wants a token says so, and with it all is as without."""
    page = await world.another()
    state = page.locator("#limner_settings .limner-state")
    env = {
        "LIMNER_SERVE__TOKEN": "a-token-of-the-fox",
        "LIMNER_SERVE__ORIGINS": json.dumps([world.tavern]),
    }
    with tempfile.TemporaryDirectory() as place:
        async with limner_serving(world.model.url, Path(place), env=env) as guarded:
            await page.locator("#limner_address").evaluate(CHOSEN, guarded)
            await expect(state).to_contain_text("wants a token")
            await page.locator("#limner_token").evaluate(CHOSEN, "a-token-of-the-owl")
            await expect(state).to_contain_text("wants a token")
            await page.locator("#limner_token").evaluate(CHOSEN, "a-token-of-the-fox")
            await expect(state).to_contain_text("Connected")
            kind = await page.locator("#limner_token").get_attribute("type")
            world.checks.holds("the right token connects, and nobody reads it", kind == "password")
    await page.locator("#limner_token").evaluate(CHOSEN, "")
    await page.locator("#limner_address").evaluate(CHOSEN, "")
    await expect(state).to_contain_text("Connected")
    await page.context.close()


async def without_limner(world: World) -> None:
    """Where limner is not there, one line says so, and SillyTavern is as it is."""
    page = await world.another()
    state = page.locator("#limner_settings .limner-state")
    field = page.locator("#limner_address")
    await field.evaluate(CHOSEN, "http://127.0.0.1:9")
    await expect(state).to_contain_text("does not answer")
    toasts = await page.locator(".toast").count()
    world.checks.holds("without limner there is one quiet line", toasts == 0, toasts)
    await field.evaluate(CHOSEN, "")
    await expect(state).to_contain_text("Connected")
    await page.context.close()
    page = await world.another()
    away = f"{world.limner}/**"
    await page.route(away, lambda route: route.abort())
    await visit(page, world.tavern)
    state = page.locator("#limner_settings .limner-state")
    await expect(state).to_contain_text("does not answer")
    await page.unroute(away)
    await expect(state).to_contain_text("Connected")
    world.checks.holds("as soon as limner is there, it is connected", True)
    await page.context.close()
