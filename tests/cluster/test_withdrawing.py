"""What is taken back or deleted at one server, and is being drawn by another or by a worker."""

import asyncio
from typing import Any

import pytest
from tests.cluster.conftest import MakeReplicas
from tests.cluster.replicas import Replica, Replicas
from tests.waiting import until

from limner.testing.chat_server import Reply

pytestmark = pytest.mark.real_time

FOX = 'One: <!--img-prompt="a fox" size="64x64"-->'


async def told(server: Replica) -> tuple[str, dict[str, Any]]:
    """The id of the only answer with a picture, and the place of that."""
    (chat,) = (await server.ask("GET", "/api/chats"))["chats"]
    listed = await server.ask("GET", f"/api/chats/{chat['id']}/messages")
    (found,) = (message for message in listed["messages"] if message["slots"])
    return found["id"], found["slots"][0]


async def drawn_once(cluster: Replicas, server: Replica) -> str:
    """Tell the story and wait for its picture; its message. Later ones wait at the gate."""
    await server.tell("Tell")

    async def ready() -> bool:
        slot = (await told(server))[1]
        return slot["state"] == "ready" and not slot["pending"]

    await until(ready, every=0.1)
    cluster.pictures.gate = asyncio.Event()
    return (await told(server))[0]


async def undone(server: Replica, message: str) -> Any:
    """What an undo takes back."""
    return (await server.ask("POST", f"/api/messages/{message}/undo"))["change"]


async def again(cluster: Replicas, server: Replica, message: str) -> None:
    """Have the picture drawn again, up to the gate."""
    await server.ask("POST", f"/api/slots/{message}/0/0/regenerate", {"mode": "append"})
    await until(lambda: cluster.pictures.running == 1)


async def test_an_undo_stops_what_another_server_draws_if_that_was_asked_for_last(
    replicas: MakeReplicas,
) -> None:
    """What was done after it, at whichever server, is taken back before it."""
    async with replicas(script=Reply.stream(FOX)) as cluster:
        here, there = await cluster.start()
        message = await drawn_once(cluster, here)
        await again(cluster, here, message)
        await there.ask("POST", f"/api/slots/{message}/0/0/delete", {})
        assert await undone(there, message) == "delete"
        assert cluster.pictures.running == 1
        assert await undone(there, message) == "regenerate"
        await until(lambda: cluster.pictures.running == 0)
        slot = (await told(there))[1]
        assert (slot["state"], slot["pending"], len(slot["alternatives"])) == ("ready", 0, 1)
        assert await undone(there, message) is None


async def test_a_message_that_is_deleted_is_drawn_for_nowhere(replicas: MakeReplicas) -> None:
    """Nor does what another server was drawing for it bring it back; so with a whole chat."""
    async with replicas(script=Reply.stream(FOX)) as cluster:
        here, there = await cluster.start()
        message = await drawn_once(cluster, here)
        await again(cluster, here, message)
        assert await there.status("DELETE", f"/api/messages/{message}") == 204
        assert cluster.pictures.running == 0
        assert await here.status("GET", f"/api/messages/{message}") == 404
        assert await here.status("POST", f"/api/messages/{message}/restore") == 200
        await again(cluster, here, message)
        (chat,) = (await there.ask("GET", "/api/chats"))["chats"]
        assert await there.status("DELETE", f"/api/chats/{chat['id']}") == 204
        assert cluster.pictures.running == 0
        assert (await here.ask("GET", "/api/chats"))["chats"] == []


@pytest.mark.needs("pgqueuer")
async def test_an_undo_stops_what_a_worker_draws_for_another_server(
    replicas: MakeReplicas,
) -> None:
    """Its order is called off, and the slot is as it was."""
    async with replicas(script=Reply.stream(FOX), serve='draw = "elsewhere"') as cluster:
        here, there = await cluster.start()
        await cluster.hire(1)
        message = await drawn_once(cluster, here)
        await again(cluster, here, message)
        assert await undone(there, message) == "regenerate"
        await until(lambda: cluster.pictures.running == 0)
        slot = (await told(there))[1]
        assert (slot["state"], slot["pending"], len(slot["alternatives"])) == ("ready", 0, 1)
