"""Chats of every kind: several characters, branches, words that were changed behind an answer."""

from playwright.async_api import Page, expect
from tests.frontends.extension.world import World
from tests.frontends.running import latest_variants, told_by_api
from tests.frontends.sillytavern_page import (
    chat_name,
    command,
    open_chat,
    say,
    settled,
    swipe,
    visit,
)

MAKE_GROUP = """async () => {
    const {getRequestHeaders, characters} = SillyTavern.getContext();
    const {['Content-Type']: _, ...headers} = getRequestHeaders();
    const form = new FormData();
    const ben = {ch_name: 'Ben', first_mes: 'Ben nods.', description: 'A guide.', talkativeness: 1};
    for (const [name, value] of Object.entries(ben)) form.append(name, value);
    const made = await fetch('/api/characters/create', {method: 'POST', headers, body: form});
    const group = {
        name: 'Two', chat_id: 'two', chats: ['two'], fav: false, avatar_url: '',
        members: [characters.find(one => one.name === 'Seraphina').avatar, await made.text()],
        disabled_members: [], allow_self_responses: false, activation_strategy: 1,
        generation_mode: 0, auto_mode_delay: 5,
    };
    const body = JSON.stringify(group);
    await fetch('/api/groups/create', {method: 'POST', headers: getRequestHeaders(), body});
}"""
"""Has SillyTavern make a second character, and a group of both who speak in turns."""


async def group(world: World) -> None:
    """In a group each character's answer is a message of its own, with its own picture."""
    await world.fox()
    page = await world.another()
    await page.evaluate(MAKE_GROUP)
    await visit(page, world.tavern)
    await command(page, "/go Two")
    await say(page, "Tell me of a fox.")
    frames = page.locator("#chat .limner-picture")
    await expect(frames).to_have_count(2)
    await expect(frames.last).to_have_attribute("data-state", "ready")
    await settled(page)
    names = await _names(page)
    world.checks.holds("both characters spoke", names[-2:] == ["Seraphina", "Ben"], names)
    await swipe(page)
    await expect(frames).to_have_count(2)
    await expect(frames.last).to_have_attribute("data-state", "ready")
    seen = await latest_variants(world.limner, expected=5)
    world.checks.holds("each answer is a message of its own", seen[-2:] == [[0], [0, 1]], seen)
    await frames.last.scroll_into_view_if_needed()
    await world.shot("group", page)
    await page.context.close()


async def branch(world: World) -> None:
    """A branch has the pictures of what it shares, its own go on, and the first chat stays."""
    page, checks = world.page, world.checks
    await world.fox()
    await say(page, "Tell it anew.")
    await world.ready(1)
    first, before = await chat_name(page), await _kept(world)
    await command(page, "/branch-create 2")
    await expect(world.frames()).to_have_count(1)
    checks.holds("the branch is open", await chat_name(page) != first, first)
    await world.ready(0)
    await say(page, "Tell it anew, and otherwise.")
    await world.ready(1)
    await swipe(page)
    await world.ready(1)
    after = await _kept(world)
    checks.holds("the chat it left is as it was", before[0] in after, after)
    new = [one for one in after if one not in before]
    checks.holds("the branch is a chat, its answers variants", [one[-1] for one in new] == [2], new)
    await world.shot("branch")
    await open_chat(page, first)
    await expect(world.frames()).to_have_count(2)
    await world.ready(1)


async def edited(world: World) -> None:
    """A question is changed and its answer begun anew: one message still, and one chat."""
    page = world.page
    await world.fox()
    await say(page, "Tell it anew.")
    await world.ready(1)
    chats = len(await _kept(world))
    await page.evaluate(
        "() => { SillyTavern.getContext().chat.at(-2).mes = 'Tell it anew, in rain.' }"
    )
    await swipe(page)
    await world.ready(1)
    seen = await latest_variants(world.limner, expected=4)
    world.checks.holds("an answer to changed words is beside the first", seen[-1] == [0, 1], seen)
    await command(page, "/renamechat Another name")
    # What a user sees meanwhile covers everything; what is typed below it is lost.
    await expect(page.locator("#loader, dialog[open]")).to_have_count(0)
    await say(page, "And then?")
    await world.ready(2)
    kept = await _kept(world)
    world.checks.holds("changed and renamed, it is one chat", len(kept) == chats, kept)


async def _names(page: Page) -> list[str]:
    """Who said what was no user's."""
    script = "() => SillyTavern.getContext().chat.filter(one => !one.is_user).map(one => one.name)"
    return list(await page.evaluate(script))


async def _kept(world: World) -> list[list[int]]:
    """Of each chat that limner keeps, the newest first, how many forms each answer has."""
    made = []
    for chat in (await told_by_api(world.limner, "chats"))["chats"]:
        messages = (await told_by_api(world.limner, f"chats/{chat['id']}/messages"))["messages"]
        made.append([len(one["variants"]) for one in messages if one["role"] == "assistant"])
    return made
