"""Whoever is no ``<img>`` gets one plain picture: what the real Open WebUI exports and downloads.

``python -m tests.frontends.live.exports OPEN_WEBUI SHOTS [SECONDS]``. Its export as PDF draws the
chat on canvases, and the button for downloads in its preview of a picture fetches that from its
page, with the name "Download"; while the picture is still waited for, and when it is there. (What
makes the PDF waits for a picture for 15 s: SECONDS must be less.) And `curl`, if it is there.
"""

import asyncio
import io
import re
import shutil
import sys
import tempfile
from pathlib import Path

import aiohttp
import PIL.Image
from playwright.async_api import Page
from tests.frontends.browser import opened
from tests.frontends.checking import Checks
from tests.frontends.live.front_ends import busy_easel, in_open_webui
from tests.frontends.live.plain_page import keep, told
from tests.frontends.open_webui import open_webui
from tests.frontends.open_webui_chats import PICTURES, say
from tests.frontends.running import all_drawn, told_by_api
from tests.frontends.story_model import NAME
from tests.waiting import until

NEAR = 40
"""How far a colour may be from another, of a picture that was made small and a JPEG."""


async def plain(url: str) -> bytes:
    """A picture as programs get it."""
    async with aiohttp.ClientSession() as client, client.get(url) as answer:
        return await answer.read()


def colour_of(data: bytes) -> tuple[int, int, int]:
    """The colour in the middle of a picture."""
    with PIL.Image.open(io.BytesIO(data)) as opened_picture:
        small = opened_picture.convert("RGB").resize((1, 1))
    found = small.getpixel((0, 0))
    assert isinstance(found, tuple)
    return found[0], found[1], found[2]


def pages_of(pdf: bytes) -> list[PIL.Image.Image]:
    """The pages of a PDF that is a JPEG each."""
    return [
        PIL.Image.open(io.BytesIO(found)).convert("RGB")
        for found in re.findall(rb"stream\r?\n(\xff\xd8.*?)\r?\nendstream", pdf, re.DOTALL)
    ]


def part_with(page: PIL.Image.Image, colour: tuple[int, int, int]) -> float:
    """How much of a page is of about this colour."""
    small = page.resize((page.width // 8, page.height // 8))
    seen = small.tobytes()
    near = sum(
        sum(abs(a - b) for a, b in zip(seen[at : at + 3], colour, strict=True)) < NEAR
        for at in range(0, len(seen), 3)
    )
    return near / (len(seen) // 3)


async def exported(page: Page, shots: Path) -> bytes:
    """The chat as PDF, by the program's own menu."""
    await page.locator("#chat-context-menu-button").click()
    await page.get_by_text("Download", exact=True).last.hover()
    async with page.expect_download(timeout=180_000) as waiting:
        await page.get_by_text("PDF document (.pdf)").click()
    file = shots / "open-webui-export.pdf"
    await (await waiting.value).save_as(file)
    return file.read_bytes()


async def downloaded(page: Page, limner: str, number: int, shots: Path) -> tuple[bytes, str, bool]:
    """A picture as the button in the program's preview of it saves it.

    Returns:
        What was saved, under which name, and whether it was still drawn when it was asked for.
    """
    picture = page.get_by_role("button", name="Show image preview").nth(number)
    preview, file = page.locator("div.modal:has(img)"), shots / f"open-webui-saved-{number}.png"

    async def is_open() -> bool:
        if not await preview.is_visible():  # a click may have closed a menu instead
            await picture.click()
        return await preview.is_visible()

    await until(is_open, patience=60, every=1)
    async with page.expect_download(timeout=180_000) as waiting:
        await preview.get_by_role("button", name="Download").click()
        drawn = bool((await told_by_api(limner, "sessions"))["sessions"])
        keep(shots / f"open-webui-preview-{number}.png", await page.screenshot())
    made = await waiting.value
    await made.save_as(file)
    await preview.get_by_role("button", name="Close").click()
    await preview.wait_for(state="detached")
    return await asyncio.to_thread(file.read_bytes), made.suggested_filename, drawn


async def saves_pictures(page: Page, limner: str, checks: Checks, shots: Path) -> None:
    """The button gives the picture that is there, and one that is still drawn as soon as it is."""
    await all_drawn(limner)
    for number, when in enumerate(("a picture that is there", "one that is still drawn")):
        if number:
            await say(page, "Go on, please.")
        picture = page.locator(PICTURES).nth(number)
        await picture.wait_for(state="attached")
        url = str(await picture.evaluate("one => one.src"))
        got, name, drawn = await downloaded(page, limner, number, shots)
        told = f"Open WebUI: its button for downloads, {when}"
        checks.holds(f"{told}: so it is", drawn is bool(number), drawn)
        checks.holds(f"{told}: the name of a picture", name == "generated_image.png", name)
        checks.holds(f"{told}: one plain picture", is_plain(got), got[:80])
        checks.holds(f"{told}: it, byte for byte", got == await plain(url), got[:80])


def is_plain(data: bytes) -> bool:
    """Whether it is one picture, and nothing else."""
    try:
        with PIL.Image.open(io.BytesIO(data)) as one:
            one.load()
            return one.format == "PNG" and getattr(one, "n_frames", 1) == 1
    except OSError:
        return False


async def in_the_program(
    program: Path, limner: str, place: Path, shots: Path, checks: Checks
) -> None:
    """All of it, in one chat."""
    async with (
        open_webui(program, limner, place) as address,
        opened(f"{address}/?models={NAME}") as page,
    ):
        try:
            picture = await in_open_webui(page)
            await picture.wait_for(state="attached")
            url = str(await picture.evaluate("one => one.src"))
            pdf = await exported(page, shots)
            whole = await plain(url)
            parts = [part_with(one, colour_of(whole)) for one in pages_of(pdf)]
            checks.holds(
                "Open WebUI: its PDF holds the picture", max(parts, default=0) > 0.05, parts
            )
            await saves_pictures(page, limner, checks, shots)
        except Exception as error:
            keep(shots / "open-webui-exports-broke.png", await page.screenshot())
            checks.holds("Open WebUI: nothing broke", False, repr(error))


async def by_curl(limner: str, place: Path, checks: Checks) -> None:
    """A picture that waits: one file, and it is a picture."""
    program = shutil.which("curl")
    if program is None:
        checks.holds("curl is here", False)
        return
    url, file = (await told(limner))[0], place / "by-curl"
    process = await asyncio.create_subprocess_exec(program, "-s", "-o", str(file), url)
    await until(lambda: process.returncode is not None, patience=180)
    data = file.read_bytes()
    checks.holds("curl: one plain picture", data == await plain(url), data[:80])


async def main(program: Path, shots: Path, seconds: float) -> int:
    """All of it; the exit status."""
    checks = Checks()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        place = Path(folder)
        async with busy_easel(seconds, place) as (limner, _):
            await by_curl(limner, place, checks)
            await in_the_program(program, limner, place, shots, checks)
    return min(1, checks.failed)


if __name__ == "__main__":
    where = Path(sys.argv[2]).absolute()
    where.mkdir(parents=True, exist_ok=True)
    lasting = float(sys.argv[3]) if len(sys.argv) > 3 else 10.0
    sys.exit(asyncio.run(main(Path(sys.argv[1]).absolute(), where, lasting)))
