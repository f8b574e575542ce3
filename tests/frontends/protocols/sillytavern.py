"""SillyTavern with servers of texts that go on: each kind directly, and through `limner serve`.

Run it with the program's folder, and perhaps kinds:
``python -m tests.frontends.protocols.sillytavern FOLDER SHOTS [KIND…]``.
"""

import asyncio
import contextlib
import json
import re
import sys
import tempfile
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from playwright.async_api import Page, expect
from tests.frontends.browser import drawn, opened, photographed
from tests.frontends.checking import Checks
from tests.frontends.protocols.speaker import NAME, Speaker, is_streamed, prompt, protocol
from tests.frontends.running import latest_variants, limner_serving, told_by_api
from tests.frontends.sillytavern import SIZE, sillytavern
from tests.frontends.sillytavern_page import command, say, swipe
from tests.frontends.story_model import FIRST, FOX, SECOND
from tests.waiting import until

from limner.testing.chat_server import ChatRequest, Reply

CALM = 1.0
"""Seconds between two tries to connect."""
PICTURES = "#chat .mes_text img[src*='/images/']"
ASKED = ("Tell me of a fox.", "Go on, please.")


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of server as SillyTavern knows it.

    Attributes:
        api: Its name there.
        direct: Where it is, below a model server's host.
        through: The same, below limner's.
        path: Where the model is asked then.
    """

    api: str
    direct: str
    through: str
    path: str


KINDS = (
    Kind("generic", "", "", "/v1/completions"),
    Kind("koboldcpp", "", "/kobold", "/v1/completions"),
    Kind("llamacpp", "", "/llamacpp", "/completion"),
    Kind("ollama", "", "/ollama", "/api/generate"),
    # It forgets all but the host of an address.
    Kind("kobold", "", "/kobold", "/api/extra/generate/stream"),
)


def answer(request: ChatRequest) -> Reply:
    """A story, in the protocol of the question."""
    told = prompt(request)
    first, second = (told.rfind(asked) for asked in ASKED)
    said = SECOND if second > first else FIRST
    spoken = protocol(request)
    if not is_streamed(request):
        return spoken.reply(said)
    return spoken.stream(*(said[at : at + 7] for at in range(0, len(said), 7)))


def prepared(data: Path) -> None:
    """The settings of somebody who streams from a server of texts."""
    file = data / "default-user" / "settings.json"
    settings = json.loads(file.read_text("utf-8"))
    settings |= {"main_api": "textgenerationwebui"}
    settings["textgenerationwebui_settings"] |= {
        "type": "generic",
        "streaming": True,
        "ollama_model": NAME,
        "generic_model": NAME,
    }
    settings["kai_settings"] = {**settings.get("kai_settings", {}), "streaming_kobold": True}
    settings["power_user"] |= {"auto_connect": False}
    file.write_text(json.dumps(settings), "utf-8")


async def connected(page: Page, kind: Kind, address: str) -> None:
    """Choose a kind of server and connect to it.

    Choosing one connects as well, to where it was before; whichever ends last counts.
    """
    await command(page, f"/api quiet=true {kind.api}")

    async def holds() -> bool:
        await command(page, f"/api-url api={kind.api} connect=true quiet=true {address}")
        await page.wait_for_function("!$('.api_loading:visible').length")
        return await page.locator("#send_but").is_visible()

    await until(holds, every=CALM)


async def told(page: Page) -> list[str]:
    """What is read in the chat, without blanks."""
    texts = await page.locator("#chat .mes_text").all_inner_texts()
    return ["".join(text.split()) for text in texts]


async def tell(page: Page, kind: Kind, address: str) -> list[str]:
    """A new chat of two turns; gives what is read."""
    await command(page, "/newchat")
    await connected(page, kind, address)
    for asked in ASKED:
        await say(page, asked)
    return await told(page)


async def compare(page: Page, kind: Kind, model: Speaker, limner: str, checks: Checks) -> None:
    """One kind, in both ways."""
    name = kind.api
    direct = await tell(page, kind, model.address + kind.direct)
    start = len(model.requests)
    through = await tell(page, kind, limner + kind.through)
    checks.holds(f"{name}: a story is told", len(direct) == 5 and "fox" in direct[2], direct)
    checks.holds(f"{name}: the same is read through limner", direct == through, (direct, through))
    pictures = page.locator(PICTURES)
    for at in range(2):
        checks.holds(f"{name}: picture {at + 1} is seen", await drawn(pictures.nth(at)) == SIZE)
    asked = [one for one in model.requests[start:] if is_streamed(one)]
    paths = {one.path.partition("?")[0] for one in asked}
    checks.holds(f"{name}: the model is asked in its protocol", paths == {kind.path}, paths)
    last = prompt(asked[-1])
    checks.holds(f"{name}: it is told of pictures", "img-prompt" in prompt(asked[0]), asked[0].body)
    restored = re.escape(json.dumps(FOX)[1:-1])
    checks.holds(f"{name}: it gets its tag back", bool(re.search(restored, last)), last)
    checks.no_links(f"{name}: it is shown no link", asked)
    await swipe(page)
    last_one = page.locator("#chat .last_mes .mes_text")
    await expect(last_one).to_contain_text("And all was still.")
    # The program shows the message anew while its picture comes.
    shown = "() => $(\".last_mes .mes_text img[src*='/images/']\")[0]?.naturalWidth > 0"
    await page.wait_for_function(shown)
    checks.holds(f"{name}: a swipe has a picture of its own", True)
    seen = await latest_variants(limner, expected=4)
    # All kinds tell one story, so limner knows it again.
    checks.holds(f"{name}: the swipe is another answer", len(seen[-1]) > 1, seen)
    latest = (await told_by_api(limner, "chats"))["chats"][0]
    kept = (await told_by_api(limner, f"chats/{latest['id']}/messages"))["messages"]
    said = [one["role"] for one in kept]
    turns = ["assistant", "user", "assistant", "user", "assistant"]
    checks.holds(f"{name}: limner keeps it as a chat of turns", said == turns, kept)


@contextlib.asynccontextmanager
async def told_by(folder: Path, place: Path, model: Speaker, limner: str) -> AsyncIterator[Page]:
    """The program with a character that has nothing to say yet."""
    async with sillytavern(folder, limner, place, ready=prepared) as address:
        async with opened(address) as page:
            await page.wait_for_function("window.SillyTavern?.getContext")
            await page.wait_for_function("SillyTavern.getContext().characters.length > 0")
            await command(page, "/go Seraphina")
            yield page


async def main(folder: Path, shots: Path, only: Sequence[str] = ()) -> int:
    """Run the program and look; the exit status.

    Args:
        folder: The program's own.
        shots: Where photographs go.
        only: Which kinds; none: all.
    """
    checks = Checks()
    with tempfile.TemporaryDirectory() as temporary:
        place = Path(temporary)
        async with Speaker(answer, models=[NAME]) as model:
            async with limner_serving(model.url, place) as limner:
                async with told_by(folder, place, model, limner) as page:
                    for kind in (one for one in KINDS if not only or one.api in only):
                        try:
                            way = compare(page, kind, model, limner, checks)
                            await asyncio.wait_for(way, 240)
                        except Exception as error:
                            checks.holds(f"{kind.api} was looked at to its end", False, error)
                        await photographed(page, shots / f"sillytavern-{kind.api}.png")
        (shots / "sillytavern-prompts.json").write_text(
            json.dumps([[one.path, one.body] for one in model.requests], indent=1)
        )
    return min(1, checks.failed)


if __name__ == "__main__":
    given, kept = (Path(argument).absolute() for argument in sys.argv[1:3])
    kept.mkdir(parents=True, exist_ok=True)
    sys.exit(asyncio.run(main(given, kept, sys.argv[3:])))
