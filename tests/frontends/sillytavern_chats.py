"""What SillyTavern does with chats: begins them anew, regenerates, continues, joins its prompt."""

import itertools
import re
from pathlib import Path

from playwright.async_api import Page
from tests.frontends.browser import drawn, photographed
from tests.frontends.checking import Checks
from tests.frontends.running import latest_variants, told_by_api
from tests.frontends.sillytavern_page import chat_settings, command, say, settled
from tests.frontends.story_model import FOREIGN, FOX, INSTRUCTION, LEFT_OPEN, text_of, told

from limner.testing.chat_server import ChatServer

PICTURES = "#chat .mes_text img[src*='/images/']"


async def begin_two_chats(page: Page, limner: str, checks: Checks) -> None:
    """Two chats with one character, whose greeting they have in common."""
    before = {chat["id"] for chat in (await told_by_api(limner, "chats"))["chats"]}
    for wanted in ("a lonely wolf", "a merry bear"):
        await command(page, "/newchat")
        await say(page, f"Tell me of {wanted}.")
        await drawn(page.locator(PICTURES).first)
    chats = (await told_by_api(limner, "chats"))["chats"]
    titles = sorted(chat["title"] for chat in chats if chat["id"] not in before)
    own = ["Tell me of a lonely wolf.", "Tell me of a merry bear."]
    own.sort()
    checks.holds("two chats with one character are two, with their own titles", titles == own,
                 titles)  # fmt: skip


async def write_again(page: Page, limner: str, checks: Checks) -> None:
    """The same question, answered anew by a model that is as fast as can be."""
    await command(page, "/newchat")
    await say(page, "Tell it again and again.")
    for _ in range(2):
        await command(page, "/regenerate await=true")
        await settled(page)
    for _ in range(2):
        await command(page, "/swipe await=true")
        await settled(page)
    await drawn(page.locator(PICTURES).last)
    seen = await latest_variants(limner, expected=6)
    one = seen[-1] == [0, 1, 2, 3, 4] and sum(map(len, seen)) <= 6  # with the greeting
    checks.holds("regenerated and swiped answers are variants of one", one, seen)
    latest = (await told_by_api(limner, "chats"))["chats"][0]
    checks.holds("it is one chat", latest["title"] == "Tell it again and again.", latest)


async def go_on_inside_a_tag(page: Page, model: ChatServer, checks: Checks, shots: Path) -> None:
    """An answer that ended in the middle of a tag, and goes on there."""
    await command(page, "/newchat")
    await say(page, "Stop short, please.")
    seen = await page.locator("#chat .mes_text").last.inner_text()
    raw = await page.evaluate("() => SillyTavern.getContext().chat.at(-1).mes")
    checks.holds("an open tag is not shown", "img-prompt" not in raw + seen, raw)
    await command(page, "/continue await=true")
    await settled(page)
    answers = [text_of(one) for one in told(model.requests[-1]) if one["role"] == "assistant"]
    checks.holds("the model goes on inside the tag", LEFT_OPEN in answers, answers)
    held = await drawn(page.locator(PICTURES).last)
    checks.holds("its picture is drawn then", held == (768, 512), held)
    raw = await page.evaluate("() => SillyTavern.getContext().chat.at(-1).mes")
    checks.holds(
        "nothing of the tag is shown", "moonlight" not in re.sub(r"\[[^]]*]", "", raw), raw
    )
    checks.holds("the words after it follow", "He sang." in raw, raw)
    await photographed(page, shots / "sillytavern-continued.png")


async def join_the_prompt(page: Page, model: ChatServer, checks: Checks) -> None:
    """Prompt post-processing, of which the strict kind wants turns that alternate."""
    for kind in ("merge", "semi", "strict", "single"):
        await chat_settings(page, custom_prompt_post_processing=kind)
        await command(page, "/newchat")
        for index, words in enumerate((f"Tell me of a {kind} fox.", "Go on, please.")):
            await say(page, words)
            held = await drawn(page.locator(PICTURES).nth(index))
            checks.holds(f"{kind}: a picture is shown", held == (768, 512), held)
        asked = model.requests[-1]
        roles = [one["role"] for one in asked.body["messages"]]
        said = "".join(text_of(one) for one in asked.body["messages"])
        checks.holds(f"{kind}: the model is told of pictures", INSTRUCTION in said, said)
        checks.holds(f"{kind}: the model gets its tags", FOX in said, said)
        checks.no_links(f"{kind}: no link", [asked])
        if kind == "strict":
            pairs = list(itertools.pairwise(roles[1:]))
            turns = roles[:2] == ["system", "user"] and all(a != b for a, b in pairs)
            checks.holds("strict: turns alternate after one system message", turns, roles)
        if kind == "single":
            checks.holds("single: there is one message", roles == ["user"], roles)
    await chat_settings(page, custom_prompt_post_processing="")


async def show_foreign_pictures(page: Page, model: ChatServer, checks: Checks) -> None:
    """Pictures of other sites are none of limner's, however their addresses look."""
    await command(page, "/newchat")
    await say(page, f"Tell me of this one: {FOREIGN}")
    await command(page, "/gen What was the story about?")
    quiet = model.requests[-1]
    await say(page, "Go on, please.")
    for what, request in (("a chat", model.requests[-1]), ("/gen", quiet)):
        said = " ".join(text_of(one) for one in request.body["messages"])
        checks.holds(f"{what}: a picture of another site stays", FOREIGN in said, said)
        rest = said.replace(FOREIGN, "")
        checks.holds(f"{what}: and none of limner's", "/images/" not in rest, rest)


async def send_back_what_was_impersonated(page: Page, model: ChatServer, checks: Checks) -> None:
    """The words in the user's box become a turn of the user's, without a picture or a link."""
    await command(page, "/newchat")
    await say(page, "Tell me of a fox.")
    await command(page, "/impersonate await=true")
    box = await page.input_value("#send_textarea")
    checks.holds("impersonated words hold no link", "/images/" not in box, box)
    await say(page, box)
    checks.no_links("nor do they as the user's turn", model.requests[-1:])


async def every_chat(
    page: Page, model: ChatServer, limner: str, checks: Checks, shots: Path
) -> None:
    """All of it, streamed and without a tool."""
    await chat_settings(page, stream_openai=True, function_calling=False)
    await begin_two_chats(page, limner, checks)
    await write_again(page, limner, checks)
    await go_on_inside_a_tag(page, model, checks, shots)
    await send_back_what_was_impersonated(page, model, checks)
    await join_the_prompt(page, model, checks)
    await show_foreign_pictures(page, model, checks)
