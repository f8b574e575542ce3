"""Whatever happens meanwhile: nothing is doubled, nothing lost, and progress is what it is.

The seven situations that were worst for those who illustrate SillyTavern
from inside.
"""

import contextlib

from playwright.async_api import expect
from tests.frontends.extension.story import HOSTILE, LONG
from tests.frontends.extension.world import World, rested, until_true
from tests.frontends.running import told_by_api
from tests.frontends.sillytavern_page import (
    begin,
    chat_name,
    chat_settings,
    command,
    open_chat,
    regenerate,
    say,
    settled,
    swipe,
)
from tests.waiting import until

CONTEXT = "SillyTavern.getContext()"
IDLE = "() => !document.querySelector('#chat .limner-bar, #chat .limner-words')"


async def many_pictures(world: World) -> None:
    """A long answer with many pictures: each in its place, once."""
    await world.new_chat()
    world.painter.takes(0.1)
    drawn = world.painter.asked
    await say(world.page, "Tell me a long story.")
    await expect(world.frames()).to_have_count(LONG)
    await world.ready(LONG - 1)
    world.checks.holds("all of a long answer are drawn", await until_true(world.page, IDLE))
    alts = await world.page.locator("#chat .limner-look img").evaluate_all(
        "all => all.map(one => one.alt)"
    )
    wanted = [f"scene {number} of a long tale" for number in range(LONG)]
    world.checks.holds("each is in its place, once", alts == wanted, alts)
    world.checks.holds("each was drawn once", world.painter.asked - drawn == LONG)
    await _nothing_is_left(world, "a long answer")


async def regenerated_while_streaming(world: World) -> None:
    """In the middle of an answer it is refused with a word; stopped, it is begun anew."""
    page = world.page
    await world.held()
    asked = len(world.model.requests)
    await regenerate(page)
    if await page.evaluate(f"'regenerate' in ({CONTEXT}.SlashCommandParser?.commands ?? {{}})"):
        # The first versions know no such command, and their button is silent.
        run = f"{CONTEXT}.executeSlashCommandsWithOptions('/regenerate')"
        await page.evaluate(f"() => {{ {run} }}")
        await expect(page.locator(".toast-warning", has_text="/regenerate")).to_be_visible()
    await expect(world.frames()).to_have_count(1)
    seen = len(world.model.requests)
    world.checks.holds("to regenerate while streaming is refused", seen == asked, seen - asked)
    async with page.expect_response("**/api/chats/save"):
        await page.click("#mes_stop")
    await settled(page)
    world.story.on.set()
    await regenerate(page)
    await until(lambda: len(world.model.requests) > asked)
    await settled(page)
    await expect(world.frames()).to_have_count(2)
    await world.ready(1)
    world.story.on.clear()
    await _nothing_is_left(world, "an answer that was stopped and begun anew")


async def regenerated_ten_times(world: World) -> None:
    """Ten answers to one question: ten pictures, of which one is seen."""
    page = world.page
    await world.new_chat()
    drawn = world.painter.asked
    await say(page, "Tell it anew.")
    for _ in range(9):
        await swipe(page)
    await expect(world.frames()).to_have_count(1)
    await world.ready(0)
    chats = (await told_by_api(world.limner, "chats"))["chats"]
    messages = (await told_by_api(world.limner, f"chats/{chats[0]['id']}/messages"))["messages"]
    variants = [one["variants"] for one in messages if one["role"] == "assistant"][-1]
    world.checks.holds("ten answers are variants of one", variants == list(range(10)), variants)
    told = world.painter.asked - drawn
    world.checks.holds("each was drawn at most once", told <= 10, told)
    await _nothing_is_left(world, "ten answers")


async def another_chat_while_streaming(world: World) -> None:
    """Whoever goes to another chat finds the first one as it was, and the second without it."""
    page = world.page
    await world.stopped()
    name = await chat_name(page)
    await world.new_chat()
    await expect(world.frames()).to_have_count(0)
    world.story.on.set()
    await open_chat(page, name)
    await expect(world.frames()).to_have_count(1)
    await world.ready(0)
    world.story.on.clear()
    await _nothing_is_left(world, "a chat that was left and opened again")


async def switched_off_while_streaming(world: World) -> None:
    """Switched off in the middle, it leaves plain pictures and no trace; on, all is back."""
    page = world.page
    await world.held()
    await page.evaluate("document.querySelector('#limner_enabled').click()")
    await expect(world.frames()).to_have_count(0)
    world.story.on.set()
    await settled(page)
    plain = page.locator("#chat .mes_text img[src*='/images/']")
    await expect(plain).to_have_count(2)
    left = await page.locator("[class*='limner-picture'], .limner-drawer, .limner-menu").count()
    world.checks.holds("switched off, it leaves no trace in the chat", left == 0, left)
    await page.evaluate("document.querySelector('#limner_enabled').click()")
    await expect(world.frames()).to_have_count(2)
    await world.ready(1)
    world.story.on.clear()
    await _nothing_is_left(world, "switched off and on")


async def network_lost_while_drawing(world: World) -> None:
    """The network fails while pictures are drawn: one quiet line, and then all is as it is."""
    page = world.page
    await world.new_chat()
    world.painter.takes(1)
    await say(page, "Tell me of a fox.")
    own = page.locator(".toast", has=page.locator(".toast-title", has_text="limner"))
    toasts = await own.count()
    await page.context.set_offline(True)
    state = page.locator("#limner_settings .limner-state")
    await page.evaluate("() => fetch('/nothing').catch(() => 0)")
    await rested(2)
    await page.context.set_offline(False)
    await world.ready(0)
    await expect(state).to_have_attribute("data-light", "on")
    world.checks.holds("nobody is bothered", await own.count() <= toasts)
    world.painter.takes(0.2)
    await _nothing_is_left(world, "a lost network")


async def model_breaks_off(world: World) -> None:
    """The model stops in the middle: what it asked for is drawn all the same."""
    page = world.page
    await world.new_chat()
    await begin(page, "Tell it, and break off.")
    await expect(world.frames()).to_have_count(1)
    world.story.on.set()
    await settled(page)
    await expect(world.frames()).to_have_count(1)
    await world.ready(0)
    world.story.on.clear()
    await _nothing_is_left(world, "a model that broke off")


async def hostile(world: World) -> None:
    """What a prompt says is text, wherever it is seen."""
    page = world.page
    dialogs: list[str] = []
    page.on("dialog", lambda dialog: dialogs.append(dialog.message))
    await world.new_chat()
    await say(page, "Tell me something hostile.")
    frame = await world.ready(0)
    alt = await frame.locator("img").get_attribute("alt")
    world.checks.holds("a hostile prompt is text", alt == HOSTILE, alt)
    await frame.locator(".limner-look").click()
    await expect(page.locator("dialog.limner-viewer .limner-caption")).to_have_text(HOSTILE)
    await page.keyboard.press("Escape")
    await world.drawer()
    await expect(page.locator(".limner-thumb")).to_have_count(1)
    await world.drawer()
    world.checks.holds("and runs nowhere", dialogs == [], dialogs)


async def told(world: World) -> None:
    """It tells limner what an answer is for: quiet ones get their tags and no pictures."""
    page, checks = world.page, world.checks
    await world.fox()
    drawn = world.painter.asked
    quiet = await command(page, "/gen What was it about?")
    asked = str(world.model.requests[-1].body["messages"])
    checks.holds("a quiet generation is answered", quiet == "Quietly.", quiet)
    checks.holds("it shows the model its own tags", "img-prompt" in asked and "moonlight" in asked)
    checks.holds("and no link", "/images/" not in asked)
    await command(page, "/impersonate await=true")
    checks.holds("what is no answer gets no picture", world.painter.asked == drawn)
    await page.fill("#send_textarea", "")
    await chat_settings(
        page, stream_openai=False, function_calling=False, custom_prompt_post_processing="merge"
    )
    await say(page, "Tell me at once.")
    await world.ready(1)
    checks.holds("an answer that is not streamed is illustrated", True)
    await chat_settings(page, stream_openai=True, custom_prompt_post_processing="")
    await page.select_option("#limner_mode", "off", force=True)
    await say(page, "Tell me of a fox again.")
    decided = (await told_by_api(world.limner, "decisions"))["decisions"]
    checks.holds("a chat may have no pictures", "off" in str(decided[0]), decided[0])
    await page.select_option("#limner_mode", "", force=True)


async def tabs(world: World) -> None:
    """Another tab shows the same, and what is done in one is seen in the other."""
    await world.fox()
    other = await world.tab()
    frame = other.locator("#chat .limner-picture")
    await expect(frame).to_have_attribute("data-state", "ready")
    await frame.hover()
    await frame.get_by_role("button", name="Draw another picture").click()
    await expect(world.frames().locator(".limner-count")).to_have_text("2/2")
    world.checks.holds("what is done in one tab is seen in the other", True)
    await other.close()


async def _nothing_is_left(world: World, what: str) -> None:
    """No picture twice, no waiting frame, no job."""
    world.checks.holds(f"{what}: nothing waits for ever", await until_true(world.page, IDLE))
    ids = await world.frames().evaluate_all("all => all.map(one => one.dataset.limner)")
    world.checks.holds(f"{what}: no picture is doubled", len(ids) == len(set(ids)), ids)
    jobs: list[object] = []

    async def empty() -> bool:
        # Pictures of a text that ended just now are drawn to their end.
        jobs[:] = (await told_by_api(world.limner, "queue"))["jobs"]
        return not jobs

    with contextlib.suppress(TimeoutError):
        await until(empty, patience=30)
    world.checks.holds(f"{what}: nothing is left in the queue", not jobs, jobs)
