"""Answers under way in each protocol: many at once, left, waited for, stopped, added to."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from tests.server.proxy.dialects.speaking import BY_NAME, SPOKEN, Spoken, place
from tests.server.proxy.serving import Call, proxy
from tests.server.proxy.streams import TAG
from tests.waiting import PATIENCE, until

from limner.prompts import Suggestion
from limner.server.proxy import Instruction
from limner.server.proxy.mode import Illustrating, Prompting
from limner.testing import ScriptedBackend
from limner.testing.chat_server import ChatRequest, ChatServer, Hang, Reply

pytestmark = pytest.mark.real_time

every = pytest.mark.parametrize("spoken", SPOKEN, ids=str)
MANY = 60
LEFT = 0.2
"""Seconds within which a model is left that nobody listens to any more."""


@every
async def test_many_stories_at_once_are_each_their_own(spoken: Spoken) -> None:
    """None has a word or a picture of another, and none is lost."""

    def script(asked: ChatRequest) -> Reply:
        name = spoken.asked(asked.body).rpartition("#")[2]
        pieces = [f"{name}: ", TAG[:20], TAG[20:], *(f" {name}-{at}" for at in range(30))]
        return spoken.server.stream(*pieces)

    async with ChatServer(script) as server, proxy(server) as limner:

        async def ask(name: str) -> str:
            body = spoken.asks(f"Go on with #{name}")
            async with limner.client.post(place(limner, spoken), json=body) as response:
                return spoken.text(await response.read())

        told = await asyncio.gather(*(ask(f"n{at}") for at in range(MANY)))
        for at, text in enumerate(told):
            before, picture, after = text.split("\n\n")
            assert before.strip() == f"n{at}:"
            assert picture.startswith("![a red fox")
            assert after.split() == [f"n{at}-{piece}" for piece in range(30)]
        assert len({text.split("\n\n")[1] for text in told}) == MANY
        await limner.pictures.settled()
        assert len(limner.backend.calls) == MANY


@every
async def test_who_goes_away_is_followed_by_the_model_and_the_picture(spoken: Spoken) -> None:
    """Both stop within a fifth of a second; the quickest of a few tries counts, on any machine."""
    server = ChatServer(spoken.server.stream("A fox ", TAG, " ran", Hang()))
    backend = ScriptedBackend(seconds=60)
    clock = asyncio.get_running_loop().time
    took = []
    async with server, proxy(server, backend=backend) as limner:
        for at in range(4):
            url, wish = place(limner, spoken), {"X-Limner-Mode": "append"}
            async with limner.client.post(url, json=spoken.asks("Go"), headers=wish) as got:
                seen = b""
                while b" ran" not in seen:
                    seen += await got.content.readany()
                await until(lambda: bool(backend.running))
                got.close()
                began = clock()
            await asyncio.wait_for(server.requests[at].disconnected.wait(), PATIENCE)
            await until(lambda: not backend.running)
            took.append(clock() - began)
    assert min(took) < LEFT, took


@every
async def test_who_waits_long_is_kept_alive_and_gets_a_stream_of_what_comes_whole(
    spoken: Spoken,
) -> None:
    """Also from a server that does not stream; what tells it to wait harms no reader."""
    begins = asyncio.Event()
    for reply in (spoken.server.stream("A ", TAG, "fox."), spoken.server.reply(f"A {TAG}fox.")):
        late = Reply(reply.steps, reply.status, reply.headers, before=(begins,))
        begins.clear()
        async with ChatServer(late) as server, proxy(server, keep_alive=0.02) as limner:
            url, body = place(limner, spoken), spoken.asks("Go.")
            async with limner.client.post(url, json=body) as response:
                got = b""
                while len(got) < 2 * len(spoken.dialect.keep_alive):
                    got += await response.content.readany()
                begins.set()
                got += await response.read()
        text = spoken.text(got)
        assert text.startswith("A \n\n![")
        assert text.endswith("fox.")


async def test_each_line_of_ollama_comes_by_itself() -> None:
    """Programs read each piece that comes as one line, however many the model sent at once."""
    spoken = BY_NAME["ollama chat"]
    lines = spoken.server.events(["A ", TAG, "fox", " ran."])
    for mode in ("inline", "hold", "append", "off"):
        server = ChatServer(Reply((b"".join(lines),), headers=spoken.server.stream().headers))
        async with server, proxy(server) as limner:
            call = Call(
                "POST",
                spoken.dialect.path,
                json.dumps(spoken.asks("Go.")).encode(),
                {"x-limner-mode": mode},
            )
            await call.run(limner.app)
            assert spoken.text(call.answer).endswith("ran.") or mode == "append"
            for message in call.sent[1:]:
                assert message["body"].count(b"\n") <= 1, mode


class Director:
    """Proposes a picture for each text."""

    def __init__(self) -> None:
        self.context: Sequence[Mapping[str, Any]] = ()

    async def propose(
        self, text: str, *, context: Sequence[Mapping[str, Any]] = ()
    ) -> list[Suggestion]:
        """One, whatever it says."""
        self.context = context
        return [Suggestion(f"all of {text.strip()}", after="ran.", before="")]


@every
async def test_pictures_that_a_second_model_proposes_stand_before_the_end(spoken: Spoken) -> None:
    """In what is streamed and what is not; what says the text again says them too."""
    server = ChatServer([spoken.server.stream("A fox ", "ran."), spoken.server.reply("A fox ran.")])
    director = Director()
    async with server, proxy(server) as limner:
        illustrating = Illustrating(prompting=Prompting(proposer=director))
        limner.app.instruct(Instruction(preset=None), illustrating)
        async with limner.client.post(place(limner, spoken), json=spoken.asks("Go.")) as response:
            got = await response.read()
        assert spoken.text(got).startswith("A fox ran.\n\n")
        assert "\n\n![all of A fox ran.](" in spoken.text(got)
        assert [(one["role"], one["content"]) for one in director.context] == [("user", "Go.")]
        events = spoken.data(got)
        plain = spoken.data(b"".join(spoken.server.events(["A fox ", "ran."])))
        assert [one.get("type") for one in events[-3:]] == [one.get("type") for one in plain[-3:]]
        if str(spoken) == "openai responses":
            assert events[-1]["response"]["output"][-1]["content"][0]["text"] == spoken.text(got)
        if str(spoken) != "koboldai stream":
            body = {**spoken.asks("Go."), "stream": False}
            wish = {"X-Limner-Mode": "inline"}
            async with limner.client.post(
                place(limner, spoken), json=body, headers=wish
            ) as response:
                (part,) = spoken.dialect.parts(await response.read())
            assert part.text.count("/images/") == 1


@every
async def test_an_answer_that_is_stopped_here_ends_well(spoken: Spoken) -> None:
    """Whoever reads it has what came, and hears that it is over."""
    server = ChatServer(spoken.server.stream("A fox ", TAG, Hang()))
    async with server, proxy(server, backend=ScriptedBackend(seconds=0.5)) as limner:
        async with limner.client.post(place(limner, spoken), json=spoken.asks("Go")) as response:
            got = await response.content.readany()
            while b"/images/" not in got:
                got += await response.content.readany()
            await until(lambda: bool(limner.illustrator.sessions.active()))
            for session in limner.illustrator.sessions.active():
                session.stop_text("enough")
            got += await asyncio.wait_for(response.read(), PATIENCE)
    assert spoken.text(got).startswith("A fox \n\n![")
    assert spoken.ends_well(got)


async def test_the_parts_of_a_conversation_come_back_as_they_were() -> None:
    """Blocks, items and thoughts of earlier turns; in each our picture is the tag again."""
    for name, field, part in (
        ("anthropic messages", "messages", "text"),
        ("openai responses", "input", "output_text"),
    ):
        spoken = BY_NAME[name]
        async with ChatServer(spoken.server.stream("A fox. ", TAG)) as server:
            async with proxy(server) as limner:
                url = place(limner, spoken)
                async with limner.client.post(url, json=spoken.asks("Go.")) as response:
                    text = spoken.text(await response.read())
                shown = {"type": part, "text": text, "x": 1.50}
                said: list[dict[str, Any]] = [
                    {"role": "user", "content": "Go."},
                    {"role": "assistant", "content": [shown]},
                    {"role": "user", "content": [{"type": "image", "source": {"n": 1e3}}]},
                ]
                body = {**spoken.asks("Go."), field: said}
                async with limner.client.post(url, json=body) as response:
                    await response.read()
        told = server.requests[1].body[field]
        tags = [{**shown, "text": f"A fox. {TAG}"}]
        assert told == [said[0], {"role": "assistant", "content": tags}, said[2]]
