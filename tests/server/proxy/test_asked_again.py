"""A picture that was given up is drawn when it is asked for again, but not over and over."""

import asyncio
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from tests.server.painter import Painter
from tests.server.proxy.serving import Proxy, once, proxy
from tests.server.proxy.streams import TAG, texts
from tests.waiting import pause, until

from limner.errors import BackendUnavailable, ContentRefused
from limner.illustration import Budget, SlotId
from limner.prompts import find_pictures
from limner.server.proxy.pictures.asked_again import AskedAgain
from limner.storage import Library
from limner.testing.chat_server import ChatServer, Reply

pytestmark = pytest.mark.real_time


async def path_of(limner: Proxy) -> str:
    """The path of the picture in a new answer."""
    (picture,) = find_pictures(texts(await limner.ask())[0])
    return f"/images/{picture.id}.png"


def again(*pauses: float) -> dict[str, Any]:
    """Options of a proxy's pictures that are tried again after these pauses; in truth minutes."""
    return {"again": partial(AskedAgain, pauses=pauses)}


async def drawn(limner: Proxy, path: str) -> bool:
    """Whether a request for a picture gives the picture."""
    async with limner.client.get(limner.address + path) as answer:
        return answer.headers["cache-control"] == "no-cache"


async def idle(limner: Proxy) -> None:
    """Wait until nothing is drawn."""
    await until(lambda: not limner.illustrator.sessions.active())


async def test_a_cancelled_picture_is_drawn_when_it_is_asked_for_again() -> None:
    """Who waited for it is told; who comes later gets it."""
    backend = Painter(seconds=3600)
    async with ChatServer(Reply.stream("A", TAG)) as model, proxy(model, backend=backend) as limner:
        path = await path_of(limner)
        waiting = asyncio.create_task(drawn(limner, path))
        await until(lambda: bool(backend.running))
        await pause(0.2, because="the request is on its way, and nothing tells that it waits")
        limner.illustrator.sessions.cancel_all(reason="stopped by the reader")
        assert not await waiting
        backend.seconds = 0.0
        await idle(limner)
        assert await asyncio.gather(*(drawn(limner, path) for _ in range(3))) == [True] * 3
        assert len(backend.calls) == 2


async def test_it_is_drawn_though_others_of_its_message_still_are() -> None:
    """One of two was cancelled; the other takes its time."""
    backend = Painter(seconds=lambda request: 0.4 if "owl" in request.prompt else 3600)
    other = TAG.replace("a red fox", "an owl")
    async with (
        ChatServer(Reply.stream("A", TAG, other)) as model,
        proxy(model, backend=backend) as limner,
    ):
        fox = find_pictures(texts(await limner.ask())[0])[0].id
        await until(lambda: backend.running == 2)
        limiter = limner.illustrator.limiter
        (job,) = [j for j in limiter.jobs() if "/0#" in str(j.id)]
        limiter.cancel(id=job.id, reason="cancelled by the reader")
        await until(lambda: backend.running == 1)
        backend.seconds = 0.0
        assert await drawn(limner, f"/images/{fox}.png")
        assert [call.outcome for call in backend.calls] == ["cancelled", "made", "made"]


async def test_a_failed_picture_is_not_drawn_by_a_page_that_reloads_it() -> None:
    """Each failure makes it wait longer, and after some it is left to a reader's wish."""
    backend = Painter(seconds=0.0, fails=lambda _: BackendUnavailable("the server is away"))
    async with (
        ChatServer(Reply.stream("A", TAG)) as model,
        proxy(model, backend=backend, illustrator=once(), pictures=again(0.2, 0.3)) as limner,
    ):
        path = await path_of(limner)
        await idle(limner)
        assert [await drawn(limner, path) for _ in range(20)] == [False] * 20
        loads = 0
        loop, begun = asyncio.get_running_loop(), asyncio.get_running_loop().time()
        while loop.time() < begun + 1.2 or len(backend.calls) < 3:
            loads += 1
            assert not await drawn(limner, path)
        assert len(backend.calls) == 3
        assert loads > 3
        backend.fails = lambda _: None
        (message,) = await limner.illustrator.store.message_ids("proxy")
        await limner.illustrator.operations.retry(SlotId(message, 0, 0))
        assert await drawn(limner, path)


@pytest.mark.parametrize(
    ("error", "calls"), [(ContentRefused("not that"), 1), (BackendUnavailable("away"), 2)]
)
async def test_what_would_be_refused_again_is_not_asked_for(error: Exception, calls: int) -> None:
    """A filter says the same of the same prompt."""
    backend = Painter(seconds=0.0, fails=lambda _: error)
    async with (
        ChatServer(Reply.stream("A", TAG)) as model,
        proxy(model, backend=backend, illustrator=once(), pictures=again(0.0)) as limner,
    ):
        path = await path_of(limner)
        await idle(limner)
        assert not await drawn(limner, path)
        assert len(backend.calls) == calls


async def test_the_budget_holds(tmp_path: Path) -> None:
    """Asking again is no way round it."""
    backend = Painter(seconds=3600)
    async with await Library.open(tmp_path) as library:
        drawing: dict[str, Any] = {
            "store": library, "ledger": library, "budget": Budget(per_message=1)
        }  # fmt: skip
        async with (
            ChatServer(Reply.stream("A", TAG)) as model,
            proxy(model, backend=backend, illustrator=drawing) as limner,
        ):
            path = await path_of(limner)
            await until(lambda: bool(backend.running))
            limner.illustrator.sessions.cancel_all()
            backend.seconds = 0.0
            await idle(limner)
            assert not await drawn(limner, path)
            assert len(backend.calls) == 1
