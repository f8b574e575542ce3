"""SillyTavern with function calling, before `limner serve` with all its defaults.

Run it with the program's folder: ``python -m tests.frontends.sillytavern FOLDER SHOTS``.
"""

import asyncio
import contextlib
import json
import sys
import tempfile
from collections.abc import AsyncIterator, Callable
from pathlib import Path

from playwright.async_api import Page
from tests.frontends.browser import drawn, opened, photographed
from tests.frontends.checking import Checks
from tests.frontends.running import all_drawn, free_port, kept_chats, limner_serving, running
from tests.frontends.sillytavern_chats import every_chat
from tests.frontends.sillytavern_page import chat_settings, command, say, visit
from tests.frontends.story_model import FIRST, NAME, SECOND, TIMED, story_model, text_of, told

from limner.testing.chat_server import ChatServer

SIZE = (768, 512)
"""What limner draws where nothing else is asked for."""
TOLD = 600
"""Seconds within which a story is told and drawn; a tenth of it on a machine at rest."""
TOOL = """() => SillyTavern.getContext().registerFunctionTool({
    name: 'look_at_the_time',
    displayName: 'Look at the time',
    description: 'Tells what time it is.',
    parameters: {type: 'object', properties: {}, required: []},
    action: async () => 'midnight',
    formatMessage: () => '',
})"""


def prepared(folder: Path, data: Path, limner: str) -> None:
    """Write the settings of somebody who has connected it to limner, as docs/serve.md says."""
    settings = json.loads((folder / "default" / "content" / "settings.json").read_text("utf-8"))
    settings |= {"firstRun": False, "username": "User", "main_api": "openai"}
    settings["power_user"] |= {"auto_connect": True, "forbid_external_media": False}
    settings["oai_settings"] |= {
        "chat_completion_source": "custom",
        "custom_url": f"{limner}/v1",
        "custom_model": NAME,
        "stream_openai": True,
        "function_calling": True,
    }
    user = data / "default-user"
    user.mkdir(parents=True)
    (user / "settings.json").write_text(json.dumps(settings), "utf-8")


@contextlib.asynccontextmanager
async def sillytavern(
    folder: Path, limner: str, place: Path, *, ready: Callable[[Path], object] = lambda data: None
) -> AsyncIterator[str]:
    """The program, connected to limner; gives its address.

    Args:
        folder: The program's own.
        limner: limner's address.
        place: Where its data, settings and log go.
        ready: Called with its folder of data before it starts.
    """
    data = place / "data"
    prepared(folder, data, limner)
    ready(data)
    async with serving(folder, place) as address:
        yield address


@contextlib.asynccontextmanager
async def serving(folder: Path, place: Path) -> AsyncIterator[str]:
    """The program with what data there is in a place; gives its address."""
    data = place / "data"
    data.mkdir(exist_ok=True)
    # What it makes of its own script at its first start takes as long as all the rest.
    made = folder.parents[1] / "made"
    made.mkdir(exist_ok=True)
    (data / "_webpack").symlink_to(made, target_is_directory=True)
    address = f"http://127.0.0.1:{free_port()}"
    options = {
        "port": address.rpartition(":")[2],
        "listen": "false",
        "dataRoot": str(data),
        "configPath": str(place / "config.yaml"),
        "disableCsrf": "true",
        "browserLaunchEnabled": "false",
    }
    command = ["node", "server.js"]
    for name, value in options.items():
        command += [f"--{name}", value]
    async with running(command, answers=address, log=place / "sillytavern.log", cwd=folder):
        yield address


async def tell_a_story(
    page: Page, model: ChatServer, limner: str, checks: Checks, shots: Path
) -> None:
    """Three turns, the third with a call, and a quiet generation after them."""
    await command(page, "/go Seraphina")
    await page.evaluate(TOOL)
    pictures = page.locator("#chat .mes_text img[src*='/images/']")

    await say(page, "Tell me of a fox.")
    checks.holds("the first answer shows its picture", await drawn(pictures.nth(0)) == SIZE)
    chat = model.requests[-1]
    checks.holds("the chat offered its tool", bool(chat.body.get("tools")), chat.body)
    await say(page, "Go on, please.")
    checks.holds("the second answer shows its picture", await drawn(pictures.nth(1)) == SIZE)
    answers = [text_of(one) for one in told(model.requests[-1]) if one["role"] == "assistant"]
    checks.holds("the model got its own words back", FIRST in answers, answers)
    await all_drawn(limner)
    await photographed(page, shots / "sillytavern-second.png")

    await say(page, "What time is it?")
    checks.holds("an answer after a call shows its picture", await drawn(pictures.nth(2)) == SIZE)
    roles = [one["role"] for one in told(model.requests[-1])]
    checks.holds("the result of the tool reached the model", roles[-1] == "tool", roles)
    await photographed(page, shots / "sillytavern-tools.png")

    quiet = await command(page, "/gen What was the story about?")
    checks.holds("/gen is answered", quiet == "Quietly.", quiet)
    asked = model.requests[-1]
    said = " ".join(" ".join(text_of(one) for one in told(asked)).split())
    checks.holds("/gen holds the whole story", "a fox. He ran through the snow." in said, said)
    checks.holds("/gen holds no tag", "img-prompt" not in said, said)
    checks.no_links("/gen shows the model no link", [asked])

    await command(page, "/impersonate await=true")
    box = await page.input_value("#send_textarea")
    checks.holds("impersonation says something", "I follow the fox." in box, box)
    checks.holds("no picture stands in the user's box", "/images/" not in box, box)

    await say(page, "And then?")
    answers = [text_of(one) for one in told(model.requests[-1]) if one["role"] == "assistant"]
    checks.holds("all tags came back", {FIRST, SECOND, TIMED} <= set(answers), answers)
    seen = await page.locator("#chat").inner_text()
    checks.holds("no tag is seen", "img-prompt" not in seen, seen)


async def tell_it_at_once(
    page: Page, model: ChatServer, limner: str, checks: Checks, shots: Path
) -> None:
    """The same with streaming off, with a tool and without; quiet generations stay quiet."""
    pictures = page.locator("#chat .mes_text img[src*='/images/']")
    await chat_settings(page, stream_openai=False)
    for tools in (True, False):
        await chat_settings(page, function_calling=tools)
        shown = await pictures.count()
        await say(page, f"On, at once{' and with tools' if tools else ''}.")
        asked = model.requests[-1].body
        checks.holds("it is not streamed", not asked.get("stream"), asked.get("stream"))
        checks.holds("it has tools, or none", bool(asked.get("tools")) == tools, asked)
        held = await drawn(pictures.nth(shown)) == SIZE
        checks.holds("an answer that came at once shows its picture", held)
        quiet = await command(page, "/gen What was the story about?")
        checks.holds("/gen is quiet all the same", quiet == "Quietly.", quiet)
        told_last = model.requests[-1].body["messages"][-1]
        checks.holds("it ends with a system message", told_last["role"] == "system", told_last)
    await all_drawn(limner)
    await photographed(page, shots / "sillytavern-unstreamed.png")
    (shots / "sillytavern-requests.json").write_text(
        json.dumps([one.body for one in model.requests], indent=1)
    )


async def main(folder: Path, shots: Path, *, quick: bool = False) -> int:
    """Run the program and look; the exit status."""
    checks = Checks()
    with tempfile.TemporaryDirectory() as temporary:
        place = Path(temporary)
        async with story_model() as model, limner_serving(model.url, place) as limner:
            async with sillytavern(folder, limner, place) as address, opened() as page:
                try:
                    await visit(page, address)
                    await asyncio.wait_for(tell_a_story(page, model, limner, checks, shots), TOLD)
                    await asyncio.wait_for(
                        tell_it_at_once(page, model, limner, checks, shots), TOLD
                    )
                    checks.no_links("no request showed a link", model.requests)
                    chats = await kept_chats(limner)
                    checks.holds("limner keeps it as one chat", chats == 1, chats)
                    if not quick:
                        rows = every_chat(page, model, limner, checks, shots)
                        await asyncio.wait_for(rows, 2 * TOLD)
                except Exception as error:
                    await photographed(page, shots / "sillytavern-failed.png")
                    checks.holds("the story was told to its end", False, error)
    return min(1, checks.failed)


if __name__ == "__main__":
    given, kept = (Path(argument).absolute() for argument in sys.argv[1:3])
    kept.mkdir(parents=True, exist_ok=True)
    sys.exit(asyncio.run(main(given, kept, quick="--quick" in sys.argv)))
