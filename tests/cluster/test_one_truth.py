"""Two real servers on one database agree on what is there, and on what may be drawn."""

import asyncio

import pytest
from tests.cluster.conftest import MakeReplicas
from tests.waiting import until

pytestmark = pytest.mark.real_time


async def test_the_same_first_question_at_two_servers_is_one_chat(replicas: MakeReplicas) -> None:
    """Both answers are kept, as two answers to one message; at the first start as ever after."""
    async with replicas() as cluster:
        here, there = await cluster.start()
        questions = [f"Tell me tale {number}." for number in range(4)]
        await asyncio.gather(
            *(server.tell(question) for question in questions for server in (here, there))
        )

        async def messages() -> object:
            found = []
            chats = (await here.ask("GET", "/api/chats"))["chats"]
            for chat in sorted(chats, key=lambda chat: str(chat["title"])):
                listed = await there.ask("GET", f"/api/chats/{chat['id']}/messages")
                found.append(
                    [(one["text"], one["variants"], one["state"]) for one in listed["messages"]]
                )
            return found

        answer = "Once upon a time.", [0, 1], "complete"
        kept = [[(question, [0], "complete"), answer] for question in questions]

        async def all_kept() -> bool:
            return await messages() == kept

        try:
            await until(all_kept, patience=10, every=0.1)
        except TimeoutError:
            assert await messages() == kept


async def test_a_budget_is_one_over_all_servers(replicas: MakeReplicas) -> None:
    """Of eight pictures that are asked for at once four are drawn, and the others refused."""
    async with replicas(serve="[serve.budget]\nper_day = 4") as cluster:
        servers = await cluster.start()
        asked = {"prompt": "a fox", "size": "64x64"}
        ends = await asyncio.gather(
            *(server.status("POST", "/v1/images/generations", asked) for server in (*servers,) * 4)
        )
        assert len(cluster.pictures.jobs) == 4
        assert sorted(ends)[:4] == [200] * 4
        assert all(status == 429 for status in sorted(ends)[4:])
