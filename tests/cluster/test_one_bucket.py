"""Two real servers and a worker on one database, one Valkey and one bucket of an object store."""

import asyncio
import hashlib
import re
from collections.abc import Mapping

import obstore
import pytest
from tests.cluster.conftest import MakeReplicas
from tests.cluster.replicas import Replica, Replicas
from tests.storage.buckets.object_store import Bucket, Line, bucket, object_store
from tests.waiting import until

from limner.testing.chat_server import Reply

__all__ = ["bucket", "object_store"]

pytestmark = [pytest.mark.real_time, pytest.mark.needs("obstore", "moto", "pgqueuer")]

FOX = Reply.stream('A <!--img-prompt="a fox" size="64x64"-->.')


async def got(server: Replica, path: str, **headers: str) -> tuple[int, Mapping[str, str], bytes]:
    """What a server answers."""
    async with server._client.get(server.address + path, headers=headers) as answer:
        return answer.status, answer.headers, await answer.read()


async def told(cluster: Replicas, server: Replica, said: str) -> str:
    """Begin a story; the path of its picture."""
    (name,) = re.findall(r"/images/[\w-]+\.png", await server.tell(said))
    return str(name)


async def test_what_a_worker_draws_is_shown_by_every_server(
    replicas: MakeReplicas, bucket: Bucket
) -> None:
    """Out of one bucket: a picture is an object, told apart by its content, removed by any."""
    options = {"script": FOX, "serve": 'draw = "elsewhere"', "kept_in": bucket.url}
    async with replicas(**options) as cluster:
        here, there = await cluster.start()
        await cluster.hire(1)
        path = await told(cluster, here, "One")
        status, headers, data = await got(there, path)
        assert (status, headers["content-type"]) == (200, "image/png")
        digest = hashlib.sha256(data).hexdigest()
        assert headers["content-length"] == str(len(data))
        assert headers["etag"].startswith(f'"{digest}-')
        assert (await got(here, path, **{"If-None-Match": headers["etag"]}))[0] == 304
        assert bucket.names() == [f"{digest[:2]}/{digest[2:]}.png"]
        assert (await got(here, f"/api/pictures/{digest}/thumbnail"))[0] == 200
        (chat,) = (await there.ask("GET", "/api/chats"))["chats"]
        assert await there.status("DELETE", f"/api/chats/{chat['id']}") < 300
        cleaned = await here.ask("POST", "/api/library/clean", {"keep_deleted": 0})
        assert cleaned["messages"] == 2
        assert len(bucket.names()) == 2  # it is young


async def test_a_store_that_is_away_is_waited_for_by_servers(
    replicas: MakeReplicas, bucket: Bucket
) -> None:
    """Text goes on; what was drawn meanwhile is drawn once, and kept when the store is back."""
    async with Line(bucket.endpoint).running() as line:
        kept_in = bucket.over(line.endpoint).url
        async with replicas(script=FOX, kept_in=kept_in) as cluster:
            (here,) = await cluster.start(1)
            path = await told(cluster, here, "One")
            _, headers, data = await got(here, path)

            async def kept() -> bool:
                return not (await here.ask("GET", "/api/sessions"))["sessions"]

            async def lost() -> bool:
                return (await got(here, path))[1]["cache-control"] == "no-store"

            await until(kept, every=0.1)
            line.cut()
            asked = asyncio.create_task(told(cluster, here, "Two"))
            refused = line.refused
            await until(lambda: len(cluster.pictures.jobs) == 2 and line.refused > refused)
            other = await asked
            await until(lost, every=0.1)
            line.mend()
            assert (await got(here, path))[2] == data
            _, headers, second = await got(here, other)
            assert headers["cache-control"] == "no-cache"
            assert second.startswith(b"\x89PNG")
            assert len(cluster.pictures.jobs) == 2
            await until(kept, every=0.1)  # else the other one, of the same content, is put over it
            digest = hashlib.sha256(data).hexdigest()
            obstore.put(bucket.store(), f"{digest[:2]}/{digest[2:]}.png", b"?" * len(data))
            await until(lost, every=0.1)
