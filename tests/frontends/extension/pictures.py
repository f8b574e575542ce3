"""What one sees of a picture in SillyTavern, and does with it."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

from playwright.async_api import Locator, Page, Request, Route, expect
from tests.frontends.browser import photographed
from tests.frontends.extension.story import REFINED
from tests.frontends.extension.world import REASON, World, rested, until_true
from tests.frontends.sillytavern_page import say
from tests.waiting import until

RECONNECTED = """() => {
    const tavern = SillyTavern.getContext();
    tavern.eventSource.emit(tavern.event_types.ONLINE_STATUS_CHANGED, tavern.onlineStatus);
}"""
"""Has SillyTavern say that it found its model's server again."""


async def let_in(world: World) -> None:
    """The page asks limner, somebody at limner says yes, once and for all."""
    page, checks = world.page, world.checks
    state = page.locator("#limner_settings .limner-state")
    await expect(state).to_contain_text("asks you first")
    await page.click("#extensions-settings-button .drawer-toggle")
    await page.click("#limner_settings .inline-drawer-toggle")
    await page.locator("#limner_settings").scroll_into_view_if_needed()
    connecting = page.locator("#limner_settings").get_by_role("button", name="Connect", exact=True)
    asked = await _asking(page)
    await connecting.evaluate(RECONNECTED)  # just then, which must not undo what is clicked
    await connecting.click()
    await expect(state).to_contain_text("code")
    told = await state.inner_text()
    await asked()
    checks.holds("what was clicked counts", await state.inner_text() == told, told)
    await world.shot("asking")
    code = await allowed(page, world.limner, world.shots)
    checks.holds("limner shows the code that SillyTavern shows", f"code {code}" in told, told)
    await expect(state).to_have_attribute("data-light", "on")
    await world.shot("settings")
    chosen = page.locator("#limner_preset")
    await expect(chosen).to_be_enabled()
    checks.holds("the settings know limner's presets", await chosen.locator("option").count() > 0)
    await page.locator("#limner_settings").get_by_role("button", name="Test").click()
    await expect(state).to_contain_text("Connected to limner")
    await page.click("#extensions-settings-button .drawer-toggle")


async def allowed(page: Page, limner: str, shots: Path) -> str:
    """Somebody at limner lets it in; gives the code that is shown there."""
    other = await page.context.new_page()
    await other.goto(limner)
    asking = other.locator("dialog.asking")
    await expect(asking).to_be_visible()
    code = (await asking.locator("strong").inner_text()).strip()
    await photographed(other, shots / "extension-limner-asks.png")
    async with other.expect_response("**/allow"):
        await asking.get_by_role("button", name="Let it in").click()
    await other.close()
    return code


async def _asking(page: Page) -> Callable[[], Awaitable[None]]:
    """Have limner be slow to say whether it lets the page in; gives what waits for that."""
    wanted, answered = asyncio.Event(), asyncio.Event()

    async def slow(route: Route) -> None:
        await wanted.wait()
        await route.continue_()

    async def over() -> None:
        wanted.set()
        await asyncio.wait_for(answered.wait(), 30)
        await rested(0.3)
        await page.unroute("**/api/about")

    def ended(request: Request) -> None:
        if request.url.endswith("/api/about"):
            answered.set()

    page.on("requestfailed", ended)
    page.on("requestfinished", ended)
    await page.route("**/api/about", slow)
    return over


MENU_STAYS = """() => new Promise(told => {
    const frame = document.querySelector('.limner-picture');
    const far = () => frame.querySelector('.limner-bar')?.value ?? 0;
    let menu = null, begun = 0.2;
    const look = () => {
        if (frame.dataset.state === 'ready') return told(null);
        if (menu && far() > begun) return told(menu.isConnected);
        if (!menu && far() > begun) [menu, begun] = [frame.querySelector('.fa-ellipsis'), far()];
        requestAnimationFrame(look);
    };
    look();
})"""
"""Whether its menu is the same when a picture is further; nothing if it is there already."""


async def grow(world: World) -> None:
    """A picture has its place before it is there, says how far it is, and is drawn into it."""
    page, checks = world.page, world.checks
    stays = None
    for seconds in (3, 12, 48):  # a busy machine may look when it is there already
        world.painter.takes(seconds)
        await world.new_chat()
        await say(page, "Tell me of a fox.")
        frame = world.frames().first
        await expect(frame).to_be_visible()
        before = await _size(frame)
        stays = await page.evaluate(MENU_STAYS)
        if stays is not None:
            break
        await world.ready(0)
    checks.holds("its place has its shape", abs(before[0] / before[1] - 1.5) < 0.01, before)
    checks.holds("a bar grows below it", stays is not None)
    checks.holds("its menu stays the same button while it grows", bool(stays), stays)
    preview = "() => document.querySelector('.limner-look img').src !== ''"
    checks.holds("an unfinished picture is seen", await until_true(page, preview))
    await world.shot("growing")
    await world.ready(0)
    await expect(frame).to_have_class("limner-picture limner-there")
    checks.holds("it keeps its size", await _size(frame) == before, await _size(frame))
    mes = await page.evaluate("() => SillyTavern.getContext().chat.at(-1).mes")
    plain = "/images/" in mes and "limner-" not in mes
    checks.holds("the text has limner's link and nothing more", plain, mes)
    await frame.hover()
    await world.shot("ready")
    world.painter.takes(0.3)


async def alternatives(world: World) -> None:
    """Others are drawn beside it and in its place, flipped through, deleted and brought back."""
    page, checks = world.page, world.checks
    frame = world.frames().first
    count, shown = frame.locator(".limner-count"), frame.locator("img")
    await frame.hover()
    first = await shown.get_attribute("src") or ""
    await frame.get_by_role("button", name="Draw another picture").click()
    await expect(count).to_have_text("2/2")
    await expect(shown).not_to_have_attribute("src", first)
    await frame.get_by_role("button", name="The one before").click()
    await expect(count).to_have_text("1/2")
    await expect(shown).to_have_attribute("src", first)
    await frame.get_by_role("button", name="The next one").click()
    await expect(count).to_have_text("2/2")
    await frame.get_by_role("button", name="Draw another one").click()
    await expect(count).to_have_text("3/3")
    checks.holds("past the last one another is drawn", True)
    await expect(frame).to_have_attribute("aria-busy", "false")
    third = await shown.get_attribute("src") or ""
    await frame.locator(".limner-look").focus()
    await page.keyboard.press("m")
    await expect(count).to_have_text("2/3")
    checks.holds("keys flip them too", True)
    await expect(shown).not_to_have_attribute("src", third)
    before = await shown.get_attribute("src") or ""
    await choose(world, frame, "Replace it")
    await expect(shown).not_to_have_attribute("src", before)
    await expect(frame).to_have_attribute("aria-busy", "false")
    await expect(count).to_have_text("2/3")
    await choose(world, frame, "Delete")
    await expect(count).to_have_text("2/2")
    await page.locator(".toast-info").last.click()
    await expect(count).to_have_text("2/3")
    checks.holds("a deleted picture comes back with one click", True)


async def prompts(world: World) -> None:
    """Its prompt is edited, improved by a model and shown first, and taken back."""
    page, checks = world.page, world.checks
    frame = world.frames().first
    await choose(world, frame, "Edit the prompt")
    dialog = page.locator("dialog.limner-prompt")
    text = dialog.locator("textarea")
    checks.holds("the form has the prompt", "moonlight" in await text.input_value())
    drawn = world.painter.asked
    await dialog.locator("input").fill("make it noon")
    await dialog.get_by_role("button", name="Improve it").click()
    await expect(text).to_have_value(REFINED)
    checks.holds("the new prompt is shown before anything is drawn", world.painter.asked == drawn)
    await dialog.locator("summary").click()
    await world.shot("prompt")
    versions = dialog.locator(".limner-version")
    checks.holds("earlier prompts are there", "moonlight" in await versions.first.inner_text())
    await versions.first.click()
    checks.holds("one of them is taken by a click", "moonlight" in await text.input_value())
    await text.fill("a fox in the <b>rain</b>")
    before = world.painter.asked
    await dialog.get_by_role("button", name="Draw", exact=True).click()
    await expect(dialog).to_have_count(0)
    await expect(frame.locator("img")).to_have_attribute("alt", "a fox in the <b>rain</b>")
    await until(lambda: world.painter.asked > before)
    await world.ready(0)
    jobs = [job.body["prompt"] for job in world.painter.server.jobs] if world.painter.server else []
    checks.holds("what was typed was drawn", "rain" in jobs[-1], jobs[-1])


async def look(world: World) -> None:
    """A click shows it large; keys go through all of the chat; Escape leads back."""
    page, checks = world.page, world.checks
    await say(page, "Tell me more of a fox.")
    frame = await world.ready(1)
    await frame.locator(".limner-look").click()
    viewer = page.locator("dialog.limner-viewer")
    await expect(viewer).to_be_visible()
    first = await viewer.locator("img").get_attribute("src")
    await world.shot("viewer")
    await page.keyboard.press("ArrowLeft")
    await expect(viewer.locator("img")).not_to_have_attribute("src", first or "")
    await page.keyboard.press("Escape")
    await expect(viewer).to_have_count(0)
    focused = await page.evaluate("() => document.activeElement?.className")
    checks.holds("the focus is where it was", focused == "limner-look", focused)
    async with page.context.expect_page() as opened:
        await choose(world, frame, "Open limner")
    own = await opened.value
    checks.holds("its own page at limner is a click away", f"{world.limner}/picture/" in own.url)
    await own.close()


async def fail(world: World) -> None:
    """A picture that cannot be drawn says why, as text, and is tried again in its place."""
    page, checks = world.page, world.checks
    world.painter.failing = True
    await world.new_chat()
    await say(page, "Tell me of a fox.")
    frame = world.frames().first
    await expect(frame).to_have_attribute("data-state", "failed")
    reason = await frame.locator(".limner-reason").inner_text()
    checks.holds("the reason is told in words, and shown as text", REASON in reason, reason)
    checks.holds("and is no markup", await frame.locator("b").count() == 0)
    await world.shot("failed")
    world.painter.failing = False
    await frame.get_by_role("button", name="Try again").click()
    await world.ready(0)
    checks.holds("tried again, it is drawn", True)


async def wait(world: World) -> None:
    """Those that wait say how many are before them; the drawer shows all; they can be stopped."""
    page, checks = world.page, world.checks
    await world.new_chat()
    world.painter.takes(2)
    await say(page, "Tell me a long story.")
    words = page.locator(".limner-words", has_text="before it")
    await expect(words.first).to_be_visible()
    await world.drawer()
    drawer = page.locator(".limner-drawer")
    await expect(drawer.locator(".limner-queue li").nth(3)).to_be_visible()
    await expect(drawer.locator(".limner-group")).to_have_count(1)
    await expect(drawer.locator(".limner-budget")).to_contain_text("500")
    await world.shot("drawer")
    await drawer.get_by_role("button", name="Pause").click()
    await expect(drawer.get_by_role("button", name="Go on")).to_be_visible()
    await drawer.get_by_role("button", name="Go on").click()
    await drawer.get_by_role("button", name="Stop all").click()
    await expect(drawer.locator(".limner-none").first).to_be_visible()
    checks.holds("all of them can be stopped", await world.frames().count() == 12)
    world.painter.takes(0.2)
    await expect(page.locator("#chat .limner-picture[aria-busy=true]")).to_have_count(0)
    stopped = page.locator("#chat .limner-picture[data-state=failed]")
    await expect(stopped.first).to_be_visible()
    states = await world.frames().evaluate_all("all => all.map(one => one.dataset.state)")
    number = states.index("failed")
    await world.frames().nth(number).get_by_role("button", name="Try again").click()
    await world.ready(number)
    checks.holds("a stopped one is drawn when it is asked for again", True)
    await drawer.get_by_role("button", name="Close").click()
    await expect(drawer).to_have_count(0)


async def choose(world: World, frame: Locator, name: str) -> None:
    """Choose something in a picture's menu."""
    await frame.hover()
    await frame.get_by_role("button", name="What to do").click()
    await world.page.get_by_role("menuitem", name=name).click()


async def _size(frame: Locator) -> tuple[int, int]:
    box = await frame.locator(".limner-look").bounding_box()
    assert box is not None
    return round(box["width"]), round(box["height"])
