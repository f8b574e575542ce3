"""Pictures of a slow server in the real SillyTavern and Open WebUI, which know nothing of them.

``python -m tests.frontends.live.front_ends SILLYTAVERN OPEN_WEBUI SHOTS [SECONDS]``.
"""

import asyncio
import contextlib
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import aiohttp
from playwright.async_api import Locator, Page
from tests.frontends import open_webui_chats, sillytavern_page
from tests.frontends.browser import opened
from tests.frontends.checking import Checks
from tests.frontends.live.plain_page import keep
from tests.frontends.live.tabs import ChromiumTab, cut_out, kind_of
from tests.frontends.open_webui import open_webui
from tests.frontends.running import limner_serving
from tests.frontends.sillytavern import sillytavern
from tests.frontends.story_model import NAME, story_model
from tests.waiting import pause

from limner.testing.a1111_server import A1111Server

RENDER_AGAIN = """async image => { const around = image.parentElement;
    for (let i = 0; i < 20; i++) { around.innerHTML = around.innerHTML;
        await new Promise(on => setTimeout(on, 10)); } }"""


@contextlib.asynccontextmanager
async def busy_easel(seconds: float, place: Path) -> AsyncIterator[tuple[str, Path]]:
    """Limner before a slow picture server; its address and its log."""
    async with story_model() as model, A1111Server(seconds=seconds) as easel:
        env = {"LIMNER_BACKEND": f"a1111+{easel.url}", "LIMNER_MAX_CONCURRENT": "1"}
        async with limner_serving(model.url, place, env=env) as limner:
            yield limner, place / "limner.log"


async def grows(
    page: Page, picture: Locator, log: Path, seconds: float, name: str, checks: Checks, shots: Path
) -> None:
    """The picture waits, is drawn, shows previews and is there, without a reload."""
    await picture.wait_for(state="attached")
    await picture.scroll_into_view_if_needed()
    kinds: list[str] = []
    sizes: set[str] = set()
    loop = asyncio.get_running_loop()
    end, rendered = loop.time() + 3 * seconds + 60, False
    while loop.time() < end and "picture" not in kinds:
        kind = await kind_on_screen(page, picture)
        sizes.add(await picture.evaluate("one => one.naturalWidth + 'x' + one.naturalHeight"))
        if kind and kind not in kinds:
            kinds.append(kind)
            keep(shots / f"{name}-{kind}.png", await page.screenshot())
        if kind in ("bar", "preview") and not rendered:
            rendered = True
            await picture.evaluate(RENDER_AGAIN)
        await pause(0.3, because="a person looks at it")
    grown = kinds[:1] == ["words"] and kinds[-2:] == ["preview", "picture"]
    checks.holds(f"{name}: it waits, shows previews, is there", grown, kinds)
    sizes.discard("0x0")
    checks.holds(f"{name}: it has its size from the first frame", sizes == {"768x512"}, sizes)
    await pause(1, because="a request too many would be made by now")
    path = "/images/" + (await picture.evaluate("one => one.src")).rpartition("/")[2]
    asked = lines_with(log, f"GET {path} ")
    checks.holds(f"{name}: twenty renderings made one request", asked == 1, asked)


def lines_with(log: Path, words: str) -> int:
    """How often something stands in a log."""
    return log.read_text("utf-8").count(words)


async def kind_on_screen(page: Page, picture: Locator) -> str:
    """What a picture shows at this moment."""
    box = await picture.bounding_box()
    if box is None:
        return ""
    left, top = box["x"], box["y"]
    right, bottom = left + box["width"], top + box["height"]
    return kind_of(await cut_out(ChromiumTab(page), left, top, right, bottom))


async def look(
    name: str,
    address: str,
    limner: str,
    log: Path,
    seconds: float,
    checks: Checks,
    shots: Path,
    ask: Callable[[Page], Awaitable[Locator]],
) -> None:
    """One front-end in a browser, while another picture is drawn before its own."""
    async with opened(address) as page, aiohttp.ClientSession() as client:
        before = asyncio.create_task(
            client.post(f"{limner}/v1/images/generations", json={"prompt": "another"})
        )
        try:
            await grows(page, await ask(page), log, seconds, name, checks, shots)
        except Exception as error:
            keep(shots / f"{name}-broke.png", await page.screenshot())
            checks.holds(f"{name}: nothing broke", False, repr(error))
        finally:
            (await before).release()


async def in_sillytavern(page: Page) -> Locator:
    """Have a story told; its picture."""
    await page.wait_for_function(
        "window.SillyTavern?.getContext && "
        "SillyTavern.getContext().onlineStatus !== 'no_connection'"
    )
    await sillytavern_page.command(page, "/go Seraphina")
    await sillytavern_page.say(page, "Tell me of a fox.")
    return page.locator("#chat .mes_text img[src*='/images/']").first


async def in_open_webui(page: Page) -> Locator:
    """Have a story told; its picture."""
    news = page.get_by_role("button", name="Okay, Let's Go!")
    await page.add_locator_handler(news, lambda button: button.click())
    await open_webui_chats.say(page, "Tell me of a fox.")
    return page.locator(open_webui_chats.PICTURES).first


async def main(tavern: Path, webui: Path, shots: Path, seconds: float) -> int:
    """Look at both; the exit status."""
    checks = Checks()
    for name in ("sillytavern", "open-webui"):
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
            place = Path(folder)
            async with busy_easel(seconds, place) as (limner, log):
                if name == "sillytavern":
                    async with sillytavern(tavern, limner, place) as address:
                        await look(
                            name, address, limner, log, seconds, checks, shots, in_sillytavern
                        )
                else:
                    async with open_webui(webui, limner, place) as address:
                        start = f"{address}/?models={NAME}"
                        await look(name, start, limner, log, seconds, checks, shots, in_open_webui)
    return min(1, checks.failed)


if __name__ == "__main__":
    programs = [Path(one).absolute() for one in sys.argv[1:4]]
    programs[2].mkdir(parents=True, exist_ok=True)
    lasting = float(sys.argv[4]) if len(sys.argv) > 4 else 8.0
    sys.exit(asyncio.run(main(programs[0], programs[1], programs[2], lasting)))
