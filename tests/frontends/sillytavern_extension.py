"""limner's extension in the real SillyTavern: progress, tools, gallery, and what it tells limner.

Run it with the program's folder: ``python -m tests.frontends.sillytavern_extension FOLDER SHOTS``.
"""

import asyncio
import sys
import tempfile
from pathlib import Path

from playwright.async_api import Browser, Page, expect
from tests.frontends.browser import opened, photographed
from tests.frontends.checking import Checks
from tests.frontends.running import limner_serving
from tests.frontends.sillytavern import sillytavern
from tests.frontends.sillytavern_page import command, say
from tests.frontends.story_model import story_model
from limner.testing.a1111_server import A1111Server
from limner.server.sillytavern import extension_files, extension_places, install

FRAME = "#chat .limner-picture"


def installed(folder: Path) -> None:
    for place in extension_places(folder):
        install(place, extension_files())


async def main(folder: Path, shots: Path) -> int:
    checks = Checks()
    with tempfile.TemporaryDirectory() as temporary:
        place = Path(temporary)
        async with A1111Server(seconds=6.0) as painter, story_model() as model:
            env = {"LIMNER_BACKEND": f"a1111+{painter.url}", "LIMNER_MAX_CONCURRENT": "2"}
            async with limner_serving(model.url, place, env=env) as limner:
                async with sillytavern(folder, limner, place, ready=installed) as address, opened(address) as page:
                    page.on("console", lambda m: print("console", m.type, m.text[:300]) if m.type in ("error",) or "limner" in m.text else None)
                    page.on("pageerror", lambda e: print("pageerror", e))
                    try:
                        await tell(page, limner, checks, shots)
                    except BaseException:
                        await photographed(page, shots / "ext-failed.png")
                        raise
    return 1 if checks.failed else 0


async def tell(page: Page, limner: str, checks: Checks, shots: Path) -> None:
    await page.wait_for_function("window.SillyTavern?.getContext && SillyTavern.getContext().onlineStatus !== 'no_connection'")
    state = page.locator("#limner_settings .limner-state")
    await expect(state).to_have_attribute("data-light", "wrong")
    print(await state.inner_text())
    await page.click("#extensions-settings-button .drawer-toggle")
    await page.click("#limner_settings .inline-drawer-toggle")
    await page.locator("#limner_settings").scroll_into_view_if_needed()
    await photographed(page, shots / "ext-1-pair.png")
    await page.locator("#limner_settings").get_by_role("button", name="Connect", exact=True).click()
    await expect(state).to_contain_text("code")
    await photographed(page, shots / "ext-2-code.png")
    other = await page.context.browser.new_page()
    await other.goto(limner)
    await expect(other.locator("dialog.asking")).to_be_visible()
    await photographed(other, shots / "ext-3-asking.png")
    await other.get_by_role("button", name="Let it in").click()
    await expect(state).to_have_attribute("data-light", "on")
    print(await state.inner_text())
    await other.close()
    await photographed(page, shots / "ext-4-on.png")
    await page.click("#extensions-settings-button .drawer-toggle")
    await command(page, "/go Seraphina")
    await say(page, "Tell me of a fox.")
    frame = page.locator(FRAME)
    await expect(frame).to_have_count(1)
    await expect(frame.locator(".limner-words")).to_be_visible()
    await photographed(page, shots / "ext-5-waits.png")
    await expect(frame.locator(".limner-bar")).to_be_visible()
    await page.wait_for_function("() => (document.querySelector('.limner-bar')?.value ?? 0) > 0.3")
    await photographed(page, shots / "ext-6-drawing.png")
    await expect(frame).to_have_attribute("data-state", "ready")
    await frame.hover()
    await photographed(page, shots / "ext-7-ready.png")
    await frame.get_by_role("button", name="What to do").click()
    await photographed(page, shots / "ext-8-menu.png")
    await page.keyboard.press("Escape")
    await page.evaluate("document.querySelector('#limner_open').click()")
    await say(page, "Go on, please.")
    await page.wait_for_timeout(3000)
    await photographed(page, shots / "ext-9-drawer.png")


if __name__ == "__main__":
    folder, shots = Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve()
    shots.mkdir(parents=True, exist_ok=True)
    sys.exit(asyncio.run(main(folder, shots)))
