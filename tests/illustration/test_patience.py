"""Who waits for what, and for how long: a slow or serial picture server fails no picture.

What counts is silence, not length. In short:

- A picture that a server has fails after `picture_timeout` without a sign of it. The server's own
  line does not count, however long it is.
- A message whose text has ended is given up after `settle_timeout` without a sign of any of its
  pictures. What limner's own limits hold back does not count.
- What was not tried has not failed: it waits to be taken up.
"""

import asyncio
import sys
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest
from tests.illustration.making import spoken, tag
from tests.illustration.patience.illustrating import illustrated, now, states, story
from tests.illustration.slow_servers import NEVER, SlowServer, Tells

from limner.backends.http.timeouts import NONE, Timeouts
from limner.errors import BackendError, BackendRejected, BackendUnavailable
from limner.illustration import (
    PICTURE_TIMEOUT,
    SETTLE_TIMEOUT,
    Illustrated,
    Illustrator,
    MemoryStore,
)
from limner.illustration.generation.failure import describe
from limner.illustration.generation.patience import Patience
from limner.scheduling import Limiter, Rate
from limner.testing import ScriptedBackend, run_virtual

EVERY_KIND = list(Tells)


# A slow or serial server, with all defaults


@pytest.mark.parametrize("tells", EVERY_KIND)
@pytest.mark.parametrize(
    ("count", "seconds", "at_once", "width"),
    [
        (4, 110, 3, 1),  # one picture at a time, and three are sent
        (12, 120, 3, 1),
        (12, 120, 12, 1),
        (3, 400, 3, 1),  # no graphics card
        (4, 900, 3, 1),
        (7, 900, 7, 2),
        (100, 40, 3, 1),
        (100, 40, 3, 3),
    ],
)
async def test_a_slow_server_draws_all_it_is_asked_for(
    tells: Tells, count: int, seconds: float, at_once: int, width: int
) -> None:
    """Every picture is made, in the time that the server needs and in none more."""
    server = SlowServer(seconds, width=width, tells=tells)
    result = await illustrated(server, story(count), at_once=at_once)
    assert states(result) == ["ready"] * count
    assert result.complete
    assert now() == pytest.approx(seconds * -(-count // min(width, at_once)), rel=0.1, abs=1)
    assert len(server.begun) == count  # and nothing was drawn twice


async def test_a_picture_may_take_as_long_as_it_likes_while_it_gets_on() -> None:
    """Progress renews the time-out: a day's picture is drawn with all defaults."""
    server = SlowServer(86_400, tells=Tells.PROGRESS)
    result = await illustrated(server, story(2))
    assert states(result) == ["ready", "ready"]


async def test_the_wait_of_a_serial_silent_server_is_renewed_by_the_pictures_ahead() -> None:
    """The third picture gets its answer after three times 1,500 s, with a time-out of 1,800 s."""
    server = SlowServer(1500)
    result = await illustrated(server, story(3))
    assert states(result) == ["ready"] * 3
    assert now() == 4500


@pytest.mark.parametrize("tells", [Tells.PROGRESS, Tells.LINE])
async def test_a_strangers_picture_in_the_servers_line_does_not_count(tells: Tells) -> None:
    """Five others are before ours; the line moves on, and ours is drawn after two hours."""
    server = SlowServer(60, tells=tells)
    others = [asyncio.create_task(server.stranger(1500)) for _ in range(5)]
    await asyncio.sleep(0)
    result = await illustrated(server, story(1))
    assert states(result) == ["ready"]
    assert now() == 7560
    await asyncio.gather(*others)


async def test_two_chats_at_once_wait_for_each_other() -> None:
    """A message whose only picture waits behind a hundred of another's is not given up."""
    server = SlowServer(40)
    limiter = Limiter(max_concurrent=1)
    async with Illustrator(backend=server, limiter=limiter, settle_timeout=100) as illustrator:
        long = asyncio.create_task(illustrator.illustrate(story(100), chat_id="one"))
        await asyncio.sleep(1)
        short = await illustrator.illustrate(story(1, "owl"), chat_id="two")
        assert states(short) == ["ready"]
        assert now() == 101 * 40
        assert (await long).complete


async def test_a_picture_at_the_server_waits_for_those_of_another_chat() -> None:
    """All are sent, one is drawn at a time: what others' pictures do is a sign for ours."""
    server = SlowServer(40)
    limiter = Limiter(max_concurrent=64)
    async with Illustrator(backend=server, limiter=limiter, settle_timeout=100) as illustrator:
        long = asyncio.create_task(illustrator.illustrate(story(40), chat_id="one"))
        await asyncio.sleep(1)
        short = await illustrator.illustrate(story(1, "owl"), chat_id="two")
        assert states(short) == ["ready"]
        assert (await long).complete


async def test_a_limit_of_ones_own_is_no_silence() -> None:
    """One picture in two hours is what was asked for; three pictures take four hours."""
    limiter = Limiter(rates=[Rate(1, per=7200)])
    async with Illustrator(backend=SlowServer(30), limiter=limiter) as illustrator:
        result = await illustrator.illustrate(story(3))
    assert states(result) == ["ready"] * 3
    assert now() == pytest.approx(14_430)


async def test_a_pause_is_no_silence() -> None:
    """Somebody holds the queue over night; in the morning it goes on."""
    limiter = Limiter(max_concurrent=1)
    async with Illustrator(backend=SlowServer(30), limiter=limiter) as illustrator:
        limiter.pause()
        asyncio.get_running_loop().call_later(30_000, limiter.resume)
        result = await illustrator.illustrate(story(2))
    assert states(result) == ["ready"] * 2


async def test_other_jobs_of_the_limiter_are_a_sign_that_its_line_moves() -> None:
    """Whatever else goes through the limiter, our turn comes nearer with each that ends."""
    limiter = Limiter(max_concurrent=1)
    others = [limiter.submit(asyncio.sleep, 40) for _ in range(10)]
    async with Illustrator(
        backend=SlowServer(30), limiter=limiter, settle_timeout=100
    ) as illustrator:
        result = await illustrator.illustrate(story(1))
    assert states(result) == ["ready"]
    await asyncio.gather(*others)


def test_http_has_no_bound_of_its_own_on_drawing() -> None:
    """Whoever wants the picture says how long it is waited for; the transport does not undercut."""
    bounds = Timeouts()
    assert (bounds.first_byte, bounds.idle, bounds.total) == (NONE, NONE, NONE)
    assert bounds.connect == 10


# What was not tried has not failed


async def test_a_message_that_is_given_up_leaves_waiting_what_was_not_tried() -> None:
    """One hangs at the server and has failed; four never came to it, and wait."""
    server = SlowServer(NEVER)
    result = await illustrated(
        server, story(5), at_once=1, picture_timeout=None, settle_timeout=500
    )
    assert states(result) == ["failed"] + ["queued"] * 4
    assert len(result.waiting) == 4
    assert not result.complete
    untried = replace(result.message, slots=result.waiting)
    assert not Illustrated(message=untried).complete
    assert now() == 500
    failure = result.slots[0].failure
    assert failure is not None
    assert "no picture of the message was begun, made or got on with for 500 s" in failure.reason
    assert str(result.given_up) == failure.reason


@pytest.mark.parametrize("durable", [True, False])
@pytest.mark.parametrize("by_hand", [True, False])
async def test_what_waits_is_drawn_once_when_the_server_is_well_again(
    durable: bool, by_hand: bool
) -> None:
    """`resume`, the next start, or a reader's click: each draws what is missing, and no more."""
    store = MemoryStore()
    options: dict[str, Any] = {
        "store": store,
        "durable": durable,
        "picture_timeout": 0,
        "settle_timeout": 500,
    }
    limiter = Limiter(max_concurrent=1)
    async with Illustrator(backend=SlowServer(NEVER), limiter=limiter, **options) as illustrator:
        await illustrator.illustrate(story(5), message_id="m")
    assert [slot.ordinal for slot in await store.unfinished()] == [1, 2, 3, 4]
    well = SlowServer(40)
    async with Illustrator(backend=well, limiter=limiter, **options) as illustrator:
        message = await store.load("m")
        assert message is not None
        if by_hand:
            for slot in message.slots[1:]:
                await illustrator.operations.retry(slot.id)
        result = await illustrator.resume("m")
    assert states(result) == ["failed"] + ["ready"] * 4
    assert well.drawn == [f"fox {number}" for number in range(1, 5)]
    assert await store.unfinished() == []


async def test_resuming_at_a_dead_server_ends_too_and_leaves_the_rest() -> None:
    """Whoever takes a message up is bounded as whoever wrote it: the rest waits once more."""
    store = MemoryStore()
    options: dict[str, Any] = {
        "store": store,
        "durable": True,
        "picture_timeout": 0,
        "settle_timeout": 500,
    }
    limiter = Limiter(max_concurrent=1)
    async with Illustrator(backend=SlowServer(NEVER), limiter=limiter, **options) as illustrator:
        await illustrator.illustrate(story(5), message_id="m")
    assert now() == 500
    async with Illustrator(backend=SlowServer(NEVER), limiter=limiter, **options) as illustrator:
        result = await illustrator.resume("m")
    assert now() == 1000
    assert states(result) == ["failed"] * 2 + ["queued"] * 3
    assert result.given_up is not None


async def test_a_refused_picture_has_failed_and_says_why() -> None:
    """What the server was asked for and refused keeps its words."""
    backend = ScriptedBackend(fails=lambda request: BackendRejected("there is no such model"))
    result = await illustrated(backend, story(2))
    assert states(result) == ["failed"] * 2
    assert {str(slot.failure and slot.failure.reason) for slot in result.slots} == {
        "the picture server: there is no such model; change the prompt or its settings"
    }


@pytest.mark.parametrize("first", ["picture", "session"])
async def test_a_program_that_is_ended_leaves_what_it_did_not_draw(first: str) -> None:
    """As Ctrl-C in `asyncio.run`: every task is cancelled at once, and nothing has failed by it."""
    store = MemoryStore()
    limiter = Limiter(max_concurrent=1)
    before = asyncio.all_tasks()

    async def program() -> None:
        async with Illustrator(
            backend=SlowServer(100), limiter=limiter, store=store, durable=True
        ) as illustrator:
            await illustrator.illustrate(story(3), message_id="m")

    running = asyncio.create_task(program())
    await asyncio.sleep(150)
    everything = asyncio.all_tasks() - before  # in no order, whatever comes first
    for task in sorted(everything, key=lambda task: not task.get_name().startswith(first)):
        task.cancel()
    with suppress(asyncio.CancelledError):
        await running
    message = await store.load("m")
    assert message is not None
    assert [str(slot.state) for slot in message.slots] == ["ready", "queued", "queued"]
    assert len(await store.unfinished()) == 2


@pytest.mark.parametrize("durable", [True, False])
@pytest.mark.parametrize("by", ["task", "timeout"])
async def test_a_call_that_is_cancelled_leaves_what_it_did_not_draw(by: str, durable: bool) -> None:
    """Nothing has failed by that: `resume` draws it, once, in this program or the next."""
    store, server = MemoryStore(), SlowServer(100)
    limiter = Limiter(max_concurrent=1)
    async with Illustrator(
        backend=server, limiter=limiter, store=store, durable=durable
    ) as illustrator:
        illustrating = asyncio.create_task(illustrator.illustrate(story(4), message_id="m"))
        if by == "task":
            await asyncio.sleep(150)
            illustrating.cancel()
        with suppress(asyncio.CancelledError, TimeoutError):
            async with asyncio.timeout(150 if by == "timeout" else None):
                await illustrating
        message = await store.load("m")
        assert message is not None
        assert [str(slot.state) for slot in message.slots] == ["ready", *["queued"] * 3]
        assert not any(slot.failure for slot in message.slots)
        result = await illustrator.resume("m")
    assert states(result) == ["ready"] * 4
    assert server.drawn == [f"fox {number}" for number in range(4)]


async def test_a_message_that_somebody_stops_is_over() -> None:
    """Who says so by `cancel` gets no pictures later, unless he lets them wait."""
    store = MemoryStore()
    async with Illustrator(
        backend=SlowServer(100), limiter=Limiter(max_concurrent=1), store=store
    ) as illustrator:
        async with illustrator.stream(story(3), message_id="m") as events:
            asyncio.get_running_loop().call_later(150, events.cancel)
            async for _ in events:
                pass
        assert states(events.result) == ["ready", "failed", "failed"]
        assert await store.unfinished() == []
        async with illustrator.stream(story(3), message_id="n") as events:
            stop = events.session.cancel
            asyncio.get_running_loop().call_later(150, lambda: stop("later", leave=True))
            async for _ in events:
                pass
        assert states(events.result) == ["ready", "queued", "queued"]
        assert states(await illustrator.resume("n")) == ["ready"] * 3


async def test_a_stream_that_comes_slowly_is_no_silence() -> None:
    """The time-out of a message counts from the end of its text."""
    text = spoken((0, tag("fox 0")), (9000, tag("fox 1")))
    result = await illustrated(SlowServer(40), text, settle_timeout=100)
    assert states(result) == ["ready", "ready"]


# What is set


async def test_0_is_none() -> None:
    """Whoever has all the time in the world sets no bound."""
    for none in (0, None, float("inf")):
        result = await illustrated(
            SlowServer(1e7), story(2), picture_timeout=none, settle_timeout=none
        )
        assert states(result) == ["ready"] * 2


@pytest.mark.parametrize("name", ["picture_timeout", "settle_timeout"])
@pytest.mark.parametrize("wrong", [-1, float("nan")])
def test_a_time_before_now_is_refused(name: str, wrong: float) -> None:
    """Neither is a number of seconds to wait."""
    given: dict[str, Any] = {name: wrong}
    with pytest.raises(ValueError, match=name):
        Illustrator(**given)


def test_the_defaults_suit_a_machine_without_a_graphics_card() -> None:
    """Twice the 900 s of its slowest picture; and a picture fails before its message is left."""
    assert PICTURE_TIMEOUT >= 2 * 900
    assert SETTLE_TIMEOUT > PICTURE_TIMEOUT


@pytest.mark.parametrize(
    "error",
    [TimeoutError(), OSError("disk full"), KeyError("x"), asyncio.CancelledError(),
     BackendUnavailable("it failed")],
)  # fmt: skip
def test_no_reason_is_the_name_of_a_class(error: BaseException) -> None:
    """A reader gets a sentence; the class is beside it, for code."""
    failure = describe(error)
    assert failure.kind == type(error).__name__
    assert type(error).__name__ not in failure.reason
    assert len(failure.reason.split()) > 1 or isinstance(error, BackendError)


def test_a_thousand_pictures_at_a_server_at_once_cost_no_count_of_them_all_for_each_sign() -> None:
    """What is asked with every sign of life costs the same however many pictures there are."""
    calls = 0

    def counted(frame: Any, event: str, argument: Any) -> None:
        nonlocal calls
        calls += event == "call" and frame.f_code.co_name == "is_behind"

    async def draw(count: int) -> int:
        nonlocal calls
        patience, ready, calls = Patience(60.0), asyncio.Event(), 0

        async def one() -> None:
            async with patience.watch():
                await ready.wait()

        drawing = [asyncio.create_task(one()) for _ in range(count)]
        await asyncio.sleep(0)
        ready.set()
        sys.setprofile(counted)
        await asyncio.gather(*drawing)
        sys.setprofile(None)
        return calls

    few, many = run_virtual(draw(20)), run_virtual(draw(200))
    assert many < few * 150, "each that ends asks each other once, and no more"
