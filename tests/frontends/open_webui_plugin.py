"""What docs/open-webui.md adds to Open WebUI: headers of the connection, and the action."""

import json
from functools import partial
from pathlib import Path

from playwright.async_api import Page, expect
from tests.frontends.browser import drawn, photographed
from tests.frontends.checking import Checks
from tests.frontends.open_webui_chats import PICTURES, begin_a_chat, call, regenerate
from tests.frontends.running import latest_variants, told_by_api
from tests.waiting import until

HEADERS = {
    "X-Limner-Chat": "{{CHAT_ID}}",
    "X-Limner-Message": "{{USER_MESSAGE_ID}}",
    "X-Limner-Generation": "{{TASK}}",
}
"""As docs/open-webui.md has them."""
ID = "limner_pictures"
NAME = "Draw again (limner)"


async def connect(page: Page, limner: str, checks: Checks) -> None:
    """Have the connection tell limner what it asks for, and import the action from limner."""
    _, told = await call(page, "GET", "/openai/config")
    wanted = json.loads(told) | {"OPENAI_API_CONFIGS": {"0": {"enable": True, "headers": HEADERS}}}
    status, said = await call(page, "POST", "/openai/config/update", wanted)
    checks.holds("the connection has its headers", status == 200, said)
    url = {"url": f"{limner}/open-webui/{ID}.py"}
    status, said = await call(page, "POST", "/api/v1/functions/load/url", url)
    checks.holds("the action is imported from limner", status == 200, said)
    form = {"id": ID, "name": NAME, "content": json.loads(said)["content"]}
    form["meta"] = {"description": ""}
    status, said = await call(page, "POST", "/api/v1/functions/create", form)
    checks.holds("Open WebUI takes it as an action", '"type":"action"' in said, said)
    for what in ("toggle", "toggle/global"):
        status, said = await call(page, "POST", f"/api/v1/functions/id/{ID}/{what}")
        checks.holds(f"it is switched on ({what})", status == 200, said)


async def draw_again(page: Page, limner: str, checks: Checks, shots: Path) -> None:
    """Below an answer: another picture, and it stands there after the page was loaded again."""
    await begin_a_chat(page, "Tell me of a fox.")
    picture = page.locator(PICTURES).first
    await drawn(picture)
    await until(partial(_at_rest, limner))
    before = await picture.get_attribute("src")
    await page.get_by_role("button", name=NAME).last.click()
    field = page.get_by_role("dialog").locator("textarea, input").first
    await expect(field).to_be_visible()
    await photographed(page, shots / "open-webui-action.png")
    await page.get_by_role("button", name="Confirm").click()
    await expect(picture).not_to_have_attribute("src", before or "")
    await drawn(picture)
    after = await picture.get_attribute("src")
    await photographed(page, shots / "open-webui-drawn-again.png")
    await page.reload()
    await expect(page.locator(PICTURES).first).to_have_attribute("src", after or "")
    name = (after or "").rpartition("/")[2].partition(".")[0]
    told = (await told_by_api(limner, f"pictures/states?ids={name}"))["pictures"][name]
    checks.holds("another picture is drawn, and stays", told["count"] == 2, told)


async def _at_rest(limner: str) -> bool:
    """Whether nothing is written or drawn."""
    return not (await told_by_api(limner, "sessions"))["sessions"]


async def tell_apart(page: Page, limner: str, checks: Checks) -> None:
    """Limner knows titles and tags by their names, and answers written again by their question."""

    async def reasons() -> list[str]:
        decisions = (await told_by_api(limner, "decisions"))["decisions"]
        return [str(one["reason"]) for one in decisions]

    async def titled() -> bool:
        return "side-request" in await reasons()

    await begin_a_chat(page, "Tell it again and again, please.")
    await drawn(page.locator(PICTURES).first)
    await until(titled)
    checks.holds("a title is no story", True)
    await regenerate(page)
    seen = await latest_variants(limner, expected=2)
    checks.holds("an answer written again is beside the first", seen == [[0, 1]], seen)


async def every_addition(page: Page, limner: str, checks: Checks, shots: Path) -> None:
    """All of it."""
    await connect(page, limner, checks)
    await draw_again(page, limner, checks, shots)
    await tell_apart(page, limner, checks)
