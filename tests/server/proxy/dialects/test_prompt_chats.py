"""Conversations that come as prompts, kept in a real library: turns, swipes, what goes on."""

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from tests.server.proxy.dialects.speaking import SPOKEN, Spoken, place
from tests.server.proxy.serving import Proxy, proxy, recognised
from tests.server.proxy.streams import TAG

from limner.storage import Library
from limner.testing.chat_server import ChatRequest, ChatServer, Reply

pytestmark = pytest.mark.real_time

PROMPTS = tuple(one for one in SPOKEN if "prompt" in one.asks("x"))
raw = pytest.mark.parametrize("spoken", PROMPTS, ids=str)
STOP = {"stop": ["\nAnn:"], "raw": True}


class Telling:
    """A front-end that writes prompts, and a model that counts its answers."""

    def __init__(self, library: Library, limner: Proxy, spoken: Spoken, model: ChatServer) -> None:
        self.model = model
        self.library = library
        self.limner = limner
        self.spoken = spoken

    async def ask(self, prompt: str, **more: Any) -> tuple[str, str]:
        """What is shown of the answer, which is kept then, and how it is illustrated."""
        body = {**self.spoken.asks(prompt), **STOP, **more}
        async with self.limner.client.post(place(self.limner, self.spoken), json=body) as response:
            shown = self.spoken.text(await response.read())
            mode = response.headers["x-limner-mode"]
        await self.limner.pictures.settled()
        return shown, mode

    async def chats(self) -> list[list[tuple[str, int]]]:
        """Text and number of answers of all messages of all chats, the oldest first."""
        made = []
        for chat in reversed(await self.library.chats()):
            told = await self.library.messages(chat.id)
            variants = [len(await self.library.variants(one.id)) for one in told]
            texts = [one.text.replace(TAG, "#") for one in told]
            made.append(list(zip(texts, variants, strict=True)))
        return made


@contextlib.asynccontextmanager
async def telling(place: Path, spoken: Spoken, *answers: str) -> AsyncIterator[Telling]:
    """A proxy with a library; a model that gives these answers, or counts its own."""
    count = 0

    def script(asked: ChatRequest) -> Reply:
        nonlocal count
        count += 1
        said = answers[count - 1 : count] or (f"A{count} ", TAG, f" z{count}")
        return spoken.server.stream(recognised(), *said)

    async with await Library.open(place) as library, ChatServer(script) as model:
        made = proxy(model, illustrator={"store": library}, pictures={"library": library})
        async with made as limner:
            yield Telling(library, limner, spoken, model)


@raw
async def test_the_turns_of_a_prompt_are_one_chat(spoken: Spoken, tmp_path: Path) -> None:
    """Also another answer to the same, and one that goes on; the head may change."""
    async with telling(tmp_path, spoken) as story:
        first, _ = await story.ask("You are Fox.\nAnn: Go.\nFox:")
        said = f"Lore!\nAnn: Go.\nFox: {first.strip()}\nAnn: On.\nFox:"
        await story.ask(said)
        other, _ = await story.ask(said)
        talk = [("Go.", 1), ("A1 # z1", 1), ("On.", 1), ("A3 # z3", 2)]
        assert await story.chats() == [talk]
        await story.ask(f"{said} {other.strip()}")
        assert await story.chats() == [[*talk[:3], ("A3 # z3A4 # z4", 2)]]


@raw
async def test_a_text_without_turns_is_one_story(spoken: Spoken, tmp_path: Path) -> None:
    """It begins with what was there first, and each piece follows; the same again is beside."""
    async with telling(tmp_path, spoken) as story:
        text = "Once there was a fox in a wood."
        for _ in range(3):
            text += (await story.ask(text))[0]
        await story.ask(text)
        await story.ask(text)
        pieces = [(f"A{n} # z{n}", 1) for n in (1, 2, 3)]
        opening = ("Once there was a fox in a wood.", 1)
        assert await story.chats() == [[opening, *pieces, ("A5 # z5", 2)]]
        await story.ask("In another wood, there was an owl.")
        assert len(await story.chats()) == 2


@raw
async def test_a_story_is_known_by_its_beginning_where_it_shows_no_picture(
    spoken: Spoken, tmp_path: Path
) -> None:
    """A front-end may have taken the pictures away."""
    async with telling(tmp_path, spoken) as story:
        await story.ask("Once there was a fox in a wood.")
        await story.ask("Once there was a fox in a wood. A1 z1 And then it saw the moon, the great")
        ((*_, last),) = await story.chats()
        assert last == ("A2 # z2", 1)


@raw
async def test_words_that_the_user_is_to_say_get_no_picture(spoken: Spoken, tmp_path: Path) -> None:
    """They land in the user's input."""
    async with telling(tmp_path, spoken) as story:
        stops = {"stop": ["\nFox:", "\nAnn:"]}
        _, mode = await story.ask("Ann: Go.\nFox: No.\nAnn:", **stops)
        assert mode == "off; reason=impersonation"
        assert (await story.ask("Ann: Go.\nFox: No.\nAnn: Oh!\nFox:"))[1] == "inline"


@raw
async def test_a_tag_that_was_cut_goes_on_in_what_goes_on(spoken: Spoken, tmp_path: Path) -> None:
    """The front-end never saw its beginning; the model gets it back, and the picture is drawn."""
    cut = '<!--img-prompt="a red fox in '
    async with telling(tmp_path, spoken, f"A1 {cut}", f"{TAG.removeprefix(cut)} z2") as story:
        shown, _ = await story.ask("Ann: Go.\nFox:")
        assert shown == "A1 "
        more, _ = await story.ask("Ann: Go.\nFox: A1")
        assert story.spoken.asked(story.model.requests[1].body).endswith(f"Fox: A1 {cut}")
        assert more.count("/images/") == 1
        assert await story.chats() == [[("Go.", 1), ("A1 # z2", 1)]]


async def test_the_words_of_others_never_meet(tmp_path: Path) -> None:
    """Prompts of another user are another chat, whatever pictures they show."""
    async with telling(tmp_path, PROMPTS[0]) as story:
        text = "Once there was a fox in a wood."
        shown, _ = await story.ask(text, user="ann")
        await story.ask(text + shown, user="eve")
        assert [len(chat) for chat in await story.chats()] == [2, 2]
