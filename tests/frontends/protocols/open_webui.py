"""Open WebUI by its Ollama connection: directly, and through `limner serve`.

Run it with the program's path: ``python -m tests.frontends.protocols.open_webui OPEN_WEBUI SHOTS``.
"""

import asyncio
import sys
import tempfile
from pathlib import Path

from playwright.async_api import Page, expect
from tests.frontends.browser import drawn, opened, photographed
from tests.frontends.checking import Checks
from tests.frontends.open_webui import SIZE, open_webui
from tests.frontends.open_webui_chats import say
from tests.frontends.protocols.sillytavern import ASKED, answer
from tests.frontends.protocols.speaker import NAME, Speaker, is_streamed, prompt
from tests.frontends.running import all_drawn, limner_serving
from tests.frontends.story_model import FOX

PATIENCE = 600
"""Seconds within which a story is told."""
ANSWERS = "#messages-container .chat-assistant"


async def tell(page: Page) -> list[str]:
    """Two turns; gives what is read of the answers, without blanks."""
    for asked in ASKED:
        await say(page, asked)
    answers = page.locator(ANSWERS)
    await expect(answers).to_have_count(len(ASKED))
    await expect(answers.last).to_contain_text("And all was still.")
    return ["".join(text.split()) for text in await answers.all_inner_texts()]


async def told(program: Path, ollama: str, shot: Path, *, pictures: int) -> list[str]:
    """A story in a fresh program; gives what is read of it."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        async with open_webui(program, ollama, place, ollama=ollama) as address:
            async with opened(f"{address}/?models={NAME}") as page:
                news = page.get_by_role("button", name="Okay, Let's Go!")
                await page.add_locator_handler(news, lambda button: button.click())
                try:
                    read = await asyncio.wait_for(tell(page), PATIENCE)
                    for at in range(pictures):
                        seen = page.locator("#messages-container img[src*='/images/']").nth(at)
                        if await drawn(seen) != SIZE:
                            raise AssertionError("a picture has another size")
                    if pictures:
                        await all_drawn(ollama.removesuffix("/ollama"))
                finally:
                    await photographed(page, shot)
    return read


async def main(program: Path, shots: Path) -> int:
    """Run the program and look; the exit status."""
    checks = Checks()
    with tempfile.TemporaryDirectory() as folder:
        async with Speaker(answer, models=[NAME]) as model:
            async with limner_serving(f"ollama+{model.address}", Path(folder)) as limner:
                shot = shots / "open-webui-ollama-direct.png"
                direct = await told(program, model.address, shot, pictures=0)
                start = len(model.requests)
                shot = shots / "open-webui-ollama.png"
                through = await told(program, f"{limner}/ollama", shot, pictures=2)
    asked = [one for one in model.requests[start:] if is_streamed(one)]
    # This program shows a tag as the text that it is.
    without = [text.replace("".join(FOX.split()), "") for text in direct]
    checks.holds("the first answer is the same", through[0] == without[0], (direct, through))
    checks.holds("no tag is seen", "img-prompt" not in "".join(through), through)
    checks.holds("two pictures are seen", True)
    paths = {one.path for one in model.requests}
    checks.holds("it is asked in Ollama's protocol alone", paths == {"/api/chat"}, paths)
    checks.holds("the model is told of pictures", "img-prompt" in prompt(asked[0]), asked[0].body)
    texts = [one["content"] for one in asked[-1].body["messages"] if one["role"] == "assistant"]
    checks.holds("the model gets its tag back", any(FOX in text for text in texts), texts)
    checks.no_links("no request shows a link", model.requests[start:])
    quiet = [one for one in model.requests[start:] if not is_streamed(one)]
    untold = all("img-prompt" not in prompt(one) for one in quiet)
    checks.holds("titles and tags are asked for without pictures", untold, quiet)
    return min(1, checks.failed)


if __name__ == "__main__":
    given, kept = (Path(argument).absolute() for argument in sys.argv[1:3])
    kept.mkdir(parents=True, exist_ok=True)
    sys.exit(asyncio.run(main(given, kept)))
