"""What happens at one of two real servers is seen, chosen and stopped at the other."""

import asyncio

import pytest
from tests.cluster.conftest import MakeReplicas
from tests.waiting import until

from limner.testing.chat_server import Reply

pytestmark = pytest.mark.real_time

CHANGED = "chat.created"
FOX = '<!--img-prompt="a fox" size="64x64"-->'


async def test_a_reader_at_one_server_sees_the_work_of_the_other(replicas: MakeReplicas) -> None:
    """Its text, as words and as blocks, its pictures, and where it ends."""
    script = Reply.stream("Once ", "there ", "was ", f"{FOX} ", "a fox.")
    async with replicas(script=script) as cluster:
        here, there = await cluster.start()
        async with there.reading() as words, there.reading(query="?blocks=true") as blocks:
            begun = await here.ask("POST", "/api/chats/tale/messages", {"text": "Tell me!"})
            await until(lambda: "message.finished" in words.kinds())
            await until(lambda: "message.finished" in blocks.kinds())
        text = "".join(event.data["text"] for event in words.of("message.text"))
        assert text.split() == ["Once", "there", "was", "a", "fox."]
        assert words.of("message.finished")[0].data["message"] == begun["message"]
        assert "a fox." in "".join(
            block for event in blocks.of("message.blocks") for block in event.data["blocks"]
        )
        assert "message.text" not in blocks.kinds()
        assert len({event.id for event in words.events[1:]} - {words.events[0].id}) > 5


async def test_a_reader_goes_on_at_another_server(replicas: MakeReplicas) -> None:
    """It misses nothing and gets nothing twice, wherever it comes back; a strange id resets."""
    async with replicas() as cluster:
        here, there = await cluster.start()
        async with here.reading() as first:
            for number in range(3):
                await here.ask("POST", "/api/chats", {"id": str(number)})
            await until(lambda: len(first.of(CHANGED)) == 3)
        last = first.of(CHANGED)[0].id
        await asyncio.gather(
            *(
                server.ask("POST", "/api/chats", {"id": str(number)})
                for number, server in enumerate((here, there) * 5, start=3)
            )
        )
        async with there.reading(after=last) as second, here.reading(after=last) as third:
            await until(lambda: len(second.of(CHANGED)) >= 12)
            await until(lambda: len(third.of(CHANGED)) >= 12)
        told = [event.data["chat"] for event in second.of(CHANGED)]
        assert told[:2] == ["1", "2"]
        assert sorted(told) == sorted(str(number) for number in range(1, 13))
        assert second.events[0].data == {"resumed": True}
        same = [(event.id, event.data) for event in second.events[1:]]
        assert same == [(event.id, event.data) for event in third.events[1:]]
        async with there.reading(after="0a0a0a0a-1700000000000-0") as lost:
            assert lost.kinds() == ["reset"]


async def test_what_is_chosen_at_one_server_counts_at_the_other(replicas: MakeReplicas) -> None:
    """A limit, what models are told, and an instruction; two that choose at once lose nothing."""
    async with replicas() as cluster:
        here, there = await cluster.start()
        await asyncio.gather(
            here.ask("PATCH", "/api/settings", {"max_concurrent": 2}),
            there.ask("PATCH", "/api/settings", {"every_words": 77}),
        )

        async def agreed() -> bool:
            seen = [
                (await server.ask("GET", "/api/settings"))["settings"] for server in (here, there)
            ]
            return all((one["max_concurrent"], one["every_words"]) == (2, 77) for one in seen)

        await until(agreed, patience=10, every=0.05)
        await here.tell("Tell me!")
        await there.tell("Tell me!")
        told = [str(request.body["messages"][0]) for request in cluster.model.requests]
        assert all("77" in one for one in told)
        cluster.pictures.gate = asyncio.Event()
        asked = {"prompt": "a fox", "size": "64x64", "n": 3}
        drawing = [
            asyncio.create_task(server.status("POST", "/v1/images/generations", asked))
            for server in (here, there)
        ]
        await until(lambda: cluster.pictures.running == 2)
        cluster.pictures.gate.set()
        assert await asyncio.gather(*drawing) == [200, 200]
        assert cluster.pictures.peak == 2


async def test_an_answer_is_stopped_from_any_server(replicas: MakeReplicas) -> None:
    """And while one server writes in a chat no other begins a second answer there."""
    gate = asyncio.Event()
    async with replicas(script=Reply.stream("Once ", gate, "upon a time.")) as cluster:
        here, there = await cluster.start()
        begun = await here.ask("POST", "/api/chats/tale/messages", {"text": "Tell me!"})
        await until(lambda: bool(cluster.model.requests))
        assert await there.status("POST", "/api/chats/tale/messages", {"text": "And?"}) == 409
        message = f"/api/messages/{begun['message']}"
        assert await there.ask("POST", f"{message}/stop") == {"stopped": True}

        async def is_cut() -> bool:
            return bool((await there.ask("GET", message))["state"] == "cut")

        await until(is_cut, patience=10, every=0.05)
        assert await there.ask("POST", f"{message}/stop") == {"stopped": False}
        gate.set()

        async def is_free() -> bool:
            return await there.status("POST", "/api/chats/tale/messages", {"text": "And?"}) == 202

        await until(is_free, patience=10, every=0.05)
