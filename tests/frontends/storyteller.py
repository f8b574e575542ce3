"""SillyTavern before `limner serve` alone, whose bundled storyteller is its model.

Run it with the program's folder: ``python -m tests.frontends.storyteller FOLDER SHOTS``.
"""

import asyncio
import json
import re
import sys
import tempfile
from pathlib import Path

from playwright.async_api import Page
from tests.frontends.browser import drawn, opened, photographed
from tests.frontends.checking import Checks
from tests.frontends.running import limner_serving
from tests.frontends.sillytavern import SIZE, sillytavern
from tests.frontends.sillytavern_page import chat_settings, command, say, visit

BRIEF = 500
"""Characters of an answer that is no tale."""
LAST = "() => SillyTavern.getContext().chat.at(-1).mes"
SUMMARIZES = "() => { SillyTavern.getContext().extensionSettings.memory.source = 'main'; }"
"""Has summaries made by the model of the chats, as its panel does."""
TALES = {
    "English": ("Tell me a tale of a fox in the forest.", r"\b[Tt]he fox\b"),
    "German": ("Erzähl mir ein Märchen von einem Fuchs im Wald.", r"\bder Fuchs\b"),
    "Chinese": ("讲一个森林里的狐狸的故事。", r"狐狸.*。"),
}


def asks_the_storyteller(data: Path) -> None:
    """Choose it, as somebody does who has connected the program to limner alone."""
    place = data / "default-user" / "settings.json"
    settings = json.loads(place.read_text("utf-8"))
    settings["oai_settings"] |= {"custom_model": "storyteller", "function_calling": False}
    place.write_text(json.dumps(settings), "utf-8")


async def ask_for_tales(page: Page, checks: Checks, shots: Path) -> None:
    """Tales in the language they are asked for in, with pictures; what is asked aside is brief."""
    await command(page, "/go Seraphina")
    pictures = page.locator("#chat .mes_text img[src*='/images/']")
    for language, (asked, known) in TALES.items():
        shown = await pictures.count()
        await say(page, asked)
        told = str(await page.evaluate(LAST))
        checks.holds(f"a tale is told in {language}", bool(re.search(known, told, re.S)), told)
        checks.holds(f"it is long, in {language}", len(told) > BRIEF, told)
        checks.holds("its first picture is drawn", await drawn(pictures.nth(shown)) == SIZE)
    await photographed(page, shots / "storyteller.png")


async def ask_aside(page: Page, checks: Checks) -> None:
    """What the program and its extensions ask quietly, streaming or not."""
    for streaming in (True, False):
        await chat_settings(page, stream_openai=streaming)
        quiet = str(await command(page, "/gen What was the story about?"))
        checks.holds("/gen is answered in a word", 0 < len(quiet) < BRIEF, quiet)
        await page.evaluate(SUMMARIZES)
        for wish in ("/summarize", "/summarize A fox lived in the forest. It had a hat."):
            summary = str(await command(page, wish))
            checks.holds("a summary is brief", 0 < len(summary) < BRIEF, summary)
            known = re.search("fox|forest|Wald|森林", summary)
            checks.holds("it is of what was told", known is not None, summary)
        await command(page, "/impersonate await=true")
        box = await page.input_value("#send_textarea")
        checks.holds("what the user might say is brief", 0 < len(box) < 80, box)
        await page.fill("#send_textarea", "")


async def main(folder: Path, shots: Path) -> int:
    """Run the program and look; the exit status."""
    checks = Checks()
    with tempfile.TemporaryDirectory() as temporary:
        place = Path(temporary)
        async with (
            limner_serving(None, place) as limner,
            sillytavern(folder, limner, place, ready=asks_the_storyteller) as address,
            opened() as page,
        ):
            try:
                await visit(page, address)
                await asyncio.wait_for(ask_for_tales(page, checks, shots), 240)
                await asyncio.wait_for(ask_aside(page, checks), 180)
            except Exception as error:
                await photographed(page, shots / "storyteller-failed.png")
                checks.holds("all was asked to its end", False, error)
    return min(1, checks.failed)


if __name__ == "__main__":
    given, kept = (Path(argument).absolute() for argument in sys.argv[1:3])
    kept.mkdir(parents=True, exist_ok=True)
    sys.exit(asyncio.run(main(given, kept)))
