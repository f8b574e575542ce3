"""Open WebUI as installed, with all its defaults, before `limner serve` with all of its own.

Run it with the program's path: ``python -m tests.frontends.open_webui OPEN_WEBUI SHOTS``.
"""

import asyncio
import contextlib
import json
import sys
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

from playwright.async_api import Page, expect
from tests.frontends.browser import drawn, opened, photographed
from tests.frontends.checking import Checks
from tests.frontends.open_webui_chats import call, every_chat, say
from tests.frontends.open_webui_plugin import every_addition
from tests.frontends.running import (
    PATIENCE,
    all_drawn,
    free_port,
    kept_chats,
    limner_serving,
    running,
)
from tests.frontends.story_model import FIRST, FOX, NAME, OWL, TIMED, story_model, text_of, told
from tests.waiting import until

from limner.testing.chat_server import ChatRequest, ChatServer

SIZE = (768, 512)
"""What limner draws where nothing else is asked for."""
TOLD = 600
"""Seconds within which a story is told and drawn; a tenth of it on a machine at rest."""


@contextlib.asynccontextmanager
async def open_webui(
    program: Path, limner: str, place: Path, *, ollama: str | None = None
) -> AsyncIterator[str]:
    """The program, connected to limner as docs/serve.md says; gives its address.

    Args:
        program: Its command.
        limner: limner's address.
        place: Where its data and log go.
        ollama: Where it asks in Ollama's protocol, and nowhere in OpenAI's.
    """
    address = f"http://127.0.0.1:{free_port()}"
    env = {
        "OFFLINE_MODE": "true",
        "HF_HUB_OFFLINE": "1",
        "RAG_EMBEDDING_MODEL_AUTO_UPDATE": "false",
        "WEBUI_AUTH": "false",
        "WEBUI_SECRET_KEY": "not a secret",
        "ENABLE_OLLAMA_API": "false",
        "OPENAI_API_BASE_URL": f"{limner}/v1",
        "OPENAI_API_KEY": "none",
        "DATA_DIR": str(place / "data"),
    }
    if ollama is not None:
        env |= {"ENABLE_OLLAMA_API": "true", "OLLAMA_BASE_URL": ollama}
        env |= {"ENABLE_OPENAI_API": "false"}
    command: list[str | Path] = [
        program,
        "serve",
        "--host",
        "127.0.0.1",
        "--port",
        address.rpartition(":")[2],
    ]
    log = place / "open-webui.log"
    async with running(command, answers=f"{address}/health", log=log, env=env, cwd=place):
        yield address


async def asked(model: ChatServer, start: int, *, streamed: int, quiet: int) -> list[ChatRequest]:
    """The requests since one, when so many have come, streamed and not."""

    def all_came() -> bool:
        new = model.requests[start:]
        chats = [one for one in new if one.body.get("stream")]
        return len(chats) >= streamed and len(new) - len(chats) >= quiet

    await until(all_came, patience=PATIENCE)
    return model.requests[start:]


async def tell_a_story(
    page: Page, model: ChatServer, limner: str, checks: Checks, shots: Path
) -> None:
    """Three turns: a story, more of it, and one in which a tool is called."""
    pictures = page.locator("#messages-container img[src*='/images/']")
    await say(page, "Tell me of a fox.")
    checks.holds("the first answer shows its picture", await drawn(pictures.nth(0)) == SIZE)
    await expect(page.locator("#messages-container")).to_contain_text("He ran through the snow.")
    await photographed(page, shots / "open-webui-first.png")
    seen = await page.locator("#messages-container").inner_text()
    checks.holds("no tag is seen", "img-prompt" not in seen, seen)
    first = await asked(model, 0, streamed=1, quiet=1)
    chat = next(one for one in first if one.body.get("stream"))
    checks.holds("the chat offered tools", len(chat.body.get("tools", ())) > 10, chat.body)
    told_of = "img-prompt" in json.dumps(chat.body["messages"])
    checks.holds("the model was told of pictures", told_of, chat.body)

    start = len(model.requests)
    await say(page, "Go on, please.")
    checks.holds("the second answer shows its picture", await drawn(pictures.nth(1)) == SIZE)
    second = await asked(model, start, streamed=1, quiet=0)
    chat = next(one for one in second if one.body.get("stream"))
    answers = [text_of(one) for one in told(chat) if one["role"] == "assistant"]
    checks.holds("the model got its own words back", answers == [FIRST], answers)

    start = len(model.requests)
    await say(page, "What time is it?")
    checks.holds("an answer after a call shows its picture", await drawn(pictures.nth(2)) == SIZE)
    third = await asked(model, start, streamed=2, quiet=0)
    roles = [one["role"] for one in told([one for one in third if one.body.get("stream")][1])]
    checks.holds("the result of the tool reached the model", roles[-1] == "tool", roles)
    await all_drawn(limner)
    await photographed(page, shots / "open-webui-tools.png")

    start = len(model.requests)
    await say(page, "And then?")
    chat = (await asked(model, start, streamed=1, quiet=0))[0]
    said = "".join(text_of(one) for one in told(chat))
    checks.holds("all tags came back", all(tag in said for tag in (FOX, OWL)), said)
    checks.holds("after a call, too", TIMED in said, said)
    await expect(pictures).to_have_count(4)


async def tell_it_at_once(
    page: Page, model: ChatServer, limner: str, checks: Checks, shots: Path
) -> None:
    """A new chat with "Stream Chat Response" off, as a user sets it for all chats."""
    wanted = {"ui": {"params": {"stream_response": False}}}
    saved = await call(page, "POST", "/api/v1/users/user/settings/update", wanted)
    checks.holds("streaming is switched off", saved[0] == 200, saved)
    start = len(model.requests)
    await page.goto(f"{page.url.split('/c/')[0]}/?models={NAME}")
    await say(page, "At once, please.")
    pictures = page.locator("#messages-container img[src*='/images/']")
    checks.holds(
        "an answer that came at once shows its picture", await drawn(pictures.nth(0)) == SIZE
    )
    chats = [one.body for one in model.requests[start:] if one.body.get("tools")]
    checks.holds("it was not streamed", [one.get("stream") for one in chats] == [False], chats)
    await all_drawn(limner)
    await photographed(page, shots / "open-webui-unstreamed.png")


async def main(program: Path, shots: Path) -> int:
    """Run the program and look; the exit status."""
    checks = Checks()
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        async with story_model() as model, limner_serving(model.url, place) as limner:
            async with open_webui(program, limner, place) as address:
                async with opened(f"{address}/?models={NAME}") as page:
                    news = page.get_by_role("button", name="Okay, Let's Go!")
                    await page.add_locator_handler(news, lambda button: button.click())
                    try:
                        await asyncio.wait_for(
                            tell_a_story(page, model, limner, checks, shots), TOLD
                        )
                        await asyncio.wait_for(
                            tell_it_at_once(page, model, limner, checks, shots), TOLD
                        )
                        quiet = [one for one in model.requests if not one.body.get("stream")]
                        checks.no_links("no side request showed a link", quiet)
                        checks.no_links("no request showed a link", model.requests)
                        chats = await kept_chats(limner)
                        checks.holds("limner keeps each as one chat", chats == 2, chats)
                        await asyncio.wait_for(every_chat(page, model, limner, checks), TOLD)
                        added = every_addition(page, limner, checks, shots)
                        await asyncio.wait_for(added, TOLD)
                    except Exception as error:
                        await photographed(page, shots / "open-webui-failed.png")
                        checks.holds("the story was told to its end", False, error)
            (shots / "open-webui-limner.log").write_bytes((place / "limner.log").read_bytes())
    return min(1, checks.failed)


if __name__ == "__main__":
    given, kept = (Path(argument).absolute() for argument in sys.argv[1:3])
    kept.mkdir(parents=True, exist_ok=True)
    sys.exit(asyncio.run(main(given, kept)))
