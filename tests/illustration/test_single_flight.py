"""Identical requests: drawn once, shared while they run, answered from what is kept."""

import asyncio
from dataclasses import dataclass, field

from tests.illustration.making import all_events, kept, made, tag

from limner.illustration import (
    Image,
    ImageProgress,
    ImageReady,
    ImageRequest,
    ImageStarted,
    MemoryStore,
    PromptFound,
    SlotId,
)
from limner.illustration.generation.single_flight import Flight, Watcher
from limner.illustration.model.request_key import request_key
from limner.testing import ScriptedBackend

FOX = tag("a fox", ' seed="7"')


@dataclass(slots=True)
class Known(ScriptedBackend):
    """A scripted backend with an identity."""

    identity: str = field(default="scripted 1")


async def test_identical_requests_at_the_same_time_are_drawn_once_and_tell_everybody() -> None:
    """Three messages ask for the same picture: one call, its progress reaches all three."""
    backend = Known(seconds=4, steps=3)
    async with made(backend) as illustrator:
        events = await asyncio.gather(
            *(all_events(illustrator.stream(FOX, message_id=f"m{n}")) for n in range(3))
        )
    assert len(backend.calls) == 1
    for seen in events:
        assert sum(isinstance(event, ImageStarted) for event in seen) == 1
        assert sum(isinstance(event, ImageProgress) for event in seen) == 3
        assert sum(isinstance(event, ImageReady) for event in seen) == 1


async def test_a_shared_picture_is_cancelled_only_when_the_last_one_leaves() -> None:
    """One who leaves disturbs nobody; the last one takes the backend's call with them."""
    backend = Known(seconds=10)
    async with made(backend) as illustrator:
        one = asyncio.create_task(illustrator.illustrate(FOX, message_id="one"))
        two = asyncio.create_task(illustrator.illustrate(FOX, message_id="two"))
        await asyncio.sleep(2)
        illustrator.sessions.cancel("one")
        assert (await one).cancelled
        assert backend.running == 1
        illustrator.sessions.cancel("two")
        assert (await two).cancelled
        assert backend.running == 0
        assert illustrator.limiter.is_empty
    assert [call.outcome for call in backend.calls] == ["cancelled"]


async def test_the_first_one_may_leave_and_the_second_gets_the_picture() -> None:
    """Whoever asked first does not own the picture."""
    backend = Known(seconds=10)
    async with made(backend) as illustrator:
        one = asyncio.create_task(illustrator.illustrate(FOX, message_id="one"))
        await asyncio.sleep(2)
        two = asyncio.create_task(illustrator.illustrate(FOX, message_id="two"))
        await asyncio.sleep(2)
        illustrator.sessions.cancel("one")
        await one
        assert (await two).complete
    assert len(backend.calls) == 1


async def test_a_failure_is_shared_too_and_not_remembered() -> None:
    """All who waited are told; the next one tries again."""
    backend = Known(fails=lambda request: ValueError("no paint"))
    async with made(backend) as illustrator:
        ends = await asyncio.gather(*(illustrator.illustrate(FOX) for _ in range(3)))
        assert [len(end.failed) for end in ends] == [1, 1, 1]
        backend.fails = lambda request: None
        assert (await illustrator.illustrate(FOX)).complete
    assert len(backend.calls) == 2


async def test_a_picture_that_is_kept_is_not_drawn_again_and_the_events_are_the_same() -> None:
    """Found, started, ready: whoever watches sees no difference but the time."""
    backend, store = Known(seconds=5), MemoryStore()
    async with made(backend, store=store) as illustrator:
        first = await all_events(illustrator.stream(FOX, message_id="one"))
        second = await all_events(illustrator.stream(FOX, message_id="two"))
        assert [type(event) for event in first] == [type(event) for event in second]
        assert [type(e) for e in second][:3] == [PromptFound, ImageStarted, ImageReady]
        one, two = await kept(store, "one"), await kept(store, "two")
    assert len(backend.calls) == 1
    made_first, made_second = one.slots[0].alternatives[0], two.slots[0].alternatives[0]
    assert made_first.image == made_second.image
    assert made_first.request_key == made_second.request_key != None  # noqa: E711 - a chain
    assert asyncio.get_running_loop().time() == 5


async def test_by_hand_another_picture_is_drawn_and_by_setting_everything() -> None:
    """Regenerate never gives the picture there is; `cache=False` looks for none."""
    backend, store = Known(), MemoryStore()
    async with made(backend, store=store, seed=1) as illustrator:
        await illustrator.illustrate(FOX, message_id="one")
        await illustrator.operations.regenerate(SlotId("one", 0, 0))
    async with made(backend, store=store, seed=1, cache=False) as illustrator:
        await illustrator.illustrate(FOX, message_id="two")
    assert len(backend.calls) == 3


async def test_without_an_identity_or_with_fresh_seeds_nothing_is_shared() -> None:
    """Who does not say what its pictures depend on is asked every time."""
    backend = ScriptedBackend()
    async with made(backend) as illustrator:
        results = [await illustrator.illustrate(FOX), await illustrator.illustrate(FOX)]
    assert len(backend.calls) == 2
    assert results[0].slots[0].alternatives[0].request_key is None
    known = Known()
    async with made(known) as illustrator:
        await illustrator.illustrate(tag("a fox"))
        await illustrator.illustrate(tag("a fox"))
    assert len(known.calls) == 2


def test_the_key_changes_with_everything_that_makes_the_picture() -> None:
    """Each field counts, and the identity; the order of attributes does not."""
    one = ImageRequest(prompt="a fox", seed=1, attributes={"a": "1", "b": "2"})
    others = [
        ImageRequest(prompt="a fix", seed=1, attributes={"a": "1", "b": "2"}),
        ImageRequest(prompt="a fox", seed=2, attributes={"a": "1", "b": "2"}),
        ImageRequest(prompt="a fox", seed=1, attributes={"a": "1"}),
        ImageRequest(prompt="a fox", seed=1, width=128, attributes={"a": "1", "b": "2"}),
        ImageRequest(prompt="a fox", seed=1, height=128, attributes={"a": "1", "b": "2"}),
        ImageRequest(prompt="a fox", seed=1, negative_prompt="x", attributes={"a": "1", "b": "2"}),
    ]
    keys = {request_key("k", other) for other in others} | {request_key("l", one)}
    assert len(keys) == 7
    assert request_key("k", one) not in keys
    same = ImageRequest(prompt="a fox", seed=1, attributes={"b": "2", "a": "1"})
    assert request_key("k", same) == request_key("k", one)
    assert request_key("k", ImageRequest(prompt="\ud83d half"))


async def test_who_comes_while_a_cancelled_picture_stops_gets_one_of_their_own() -> None:
    """A backend that takes its time to stop does not take newcomers with it."""

    class Slow(Known):
        async def generate(self, request: ImageRequest) -> Image:
            """Stop five seconds after being told to."""
            try:
                return await Known.generate(self, request)
            except asyncio.CancelledError:
                await asyncio.sleep(5)
                raise

    backend = Slow(seconds=10)
    async with made(backend) as illustrator:
        one = asyncio.create_task(illustrator.illustrate(FOX, message_id="one"))
        await asyncio.sleep(2)
        illustrator.sessions.cancel("one")
        await asyncio.sleep(1)
        two = asyncio.create_task(illustrator.illustrate(FOX, message_id="two"))
        assert (await one).cancelled
        assert asyncio.get_running_loop().time() == 7
        assert (await two).complete
    assert len(backend.calls) == 2


def test_a_sign_of_life_reaches_everybody_who_waits() -> None:
    """Each of them counts the silence of the server by themselves."""
    heard: list[str] = []
    flight = Flight()
    for watcher in (Watcher(on_sign=lambda: heard.append("a")), Watcher(),
                    Watcher(on_sign=lambda: heard.append("b"))):  # fmt: skip
        flight.join(watcher)
    flight.sign()
    assert heard == ["a", "b"]
