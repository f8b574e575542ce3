"""What a picture tells whoever knows its address."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.server.served import TOKEN, Served, served
from tests.waiting import until

from limner.illustration import Message
from limner.server.proxy.picture_id import PictureId
from limner.server.tokens import add_token
from limner.testing.chat_server import ChatServer, Reply

pytestmark = pytest.mark.real_time

DRAWN = '<!--img-prompt="a secret fox"-->'
OWN = '<!--img-prompt="bait"-->'


@dataclass(frozen=True, slots=True)
class Told:
    """What came of it.

    Attributes:
        models: What the models were asked, one text for each request.
        kept: The answers that are kept of whoever asked.
    """

    models: Sequence[str]
    kept: Sequence[Message]


async def asked(server: Served, token: str, *said: str) -> None:
    """Ask for what follows what was said in turns, first by the user."""
    roles = ("user", "assistant") * len(said)
    turns = [{"role": role, "content": text} for role, text in zip(roles, said, strict=False)]
    body = {"model": "m", "stream": True, "messages": turns}
    sent = {"Authorization": f"Bearer {token}"}
    url = f"{server.address}/v1/chat/completions"
    async with server.client.post(url, json=body, headers=sent) as answer:
        assert answer.status == 200
        await answer.read()
    illustrator = server.running.services.illustrator
    await until(lambda: not illustrator.sessions.active())


async def named_by(who: str, place: Path, *, household: bool) -> Told:
    """Somebody names Anna's picture: alone, and behind a tag of their own."""
    async with ChatServer(Reply.stream("A ", DRAWN)) as model:
        async with served(place, llm=model.url, token=TOKEN, household=household) as server:
            tokens = {"boss": TOKEN}
            for name in ("anna", "ben"):
                tokens[name] = await add_token(server.library, name, now=1.0)
            await asked(server, tokens["anna"], "Go.")
            (chat,) = await server.library.chats()
            (drawn,) = [one for one in await server.library.messages(chat.id) if one.slots]
            link = f"![x]({server.address}/images/{PictureId(drawn.id, 0, 0).written()}.png)"
            for text in (f"Look {link} there", f"Look {OWN} {link} there"):
                await asked(server, tokens[who], f"Question {len(text)}", text, "More?")
            kept = [
                message
                for one in await server.library.chats()
                if one.id != chat.id
                for message in await server.library.messages(one.id)
                if "Look" in message.text
            ]
            return Told([str(one.body["messages"]) for one in model.requests[1:]], kept)


async def test_who_names_another_ones_picture_learns_nothing_of_it(tmp_path: Path) -> None:
    """Neither their model nor their chat is told its tag, its prompt or its alternatives."""
    told = await named_by("ben", tmp_path, household=False)
    assert len(told.models) == 2
    assert not [text for text in told.models if "secret fox" in text.split("Look")[1]]
    assert [message.text.count("secret") for message in told.kept] == [0, 0]
    slots = [slot for message in told.kept for slot in message.slots]
    assert [(slot.prompt, slot.alternatives) for slot in slots] == [("bait", ())]


@pytest.mark.parametrize(("who", "household"), [("anna", False), ("boss", False), ("ben", True)])
async def test_its_owner_an_admin_and_a_household_name_it(
    tmp_path: Path, who: str, household: bool
) -> None:
    """Their model sees the tag again, and what was drawn for it goes along."""
    told = await named_by(who, tmp_path, household=household)
    assert "secret fox" in told.models[0].split("Look")[1]
    (first,) = [message for message in told.kept if "bait" not in message.text]
    assert [slot.prompt for slot in first.slots] == ["a secret fox"]
    assert first.slots[0].alternatives
