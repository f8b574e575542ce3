"""Random streams, failures, hangs, cancels and clicks: the invariants hold every time."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.examples import share

from limner.errors import LimnerError, SourceFailed
from limner.illustration import (
    Event,
    Finished,
    Illustrated,
    Illustrator,
    ImageFailed,
    ImageReady,
    ImageRequest,
    ImageStarted,
    MessageState,
    PromptFound,
    SlotState,
    TextChunk,
)
from limner.illustration.rendering import told_pieces
from limner.prompts import find_prompts
from limner.scheduling import Limiter
from limner.testing import ScriptedBackend, run_virtual

PLACES = 3
HANG = 10**7


@dataclass(frozen=True)
class Plan:
    """What happens to one message."""

    pieces: tuple[str, ...]
    pause: float
    cut_after: int | None
    cancel_at: float | None
    leave_at: float | None


words = st.sampled_from(["snow ", "`code` ", "\n\n", "*soft* ", '<!--img-prompt="', "<", " end"])
tags = st.sampled_from(["a fox", "a fox", "an owl", "bad", "hang", "slow hen"]).map(
    lambda prompt: f'<!--img-prompt="{prompt}"-->'
)
plans = st.builds(
    Plan,
    pieces=st.lists(words | tags | tags, max_size=10).map(tuple),
    pause=st.sampled_from([0.0, 0.5, 4.0]),
    cut_after=st.none() | st.none() | st.integers(0, 9),
    cancel_at=st.none() | st.none() | st.sampled_from([0.0, 0.5, 1.0, 3.0, 9.0]),
    leave_at=st.none() | st.none() | st.none() | st.sampled_from([0.0, 1.0, 5.0]),
)


def seconds(request: ImageRequest) -> float:
    """How long a picture takes, by its words."""
    return {"hang": HANG, "slow hen": 7.0, "a fox": 1.0}.get(request.prompt, 2.5)


def failure(request: ImageRequest) -> Exception | None:
    """Which pictures fail."""
    return ValueError("bad paint") if request.prompt == "bad" else None


async def source(plan: Plan) -> AsyncIterator[str]:
    """The plan's text, which may break off."""
    for number, piece in enumerate(plan.pieces):
        await asyncio.sleep(plan.pause)
        if number == plan.cut_after:
            raise ConnectionResetError("gone")
        yield piece


async def one_message(
    illustrator: Illustrator, message_id: str, plan: Plan
) -> tuple[list[Event], Illustrated]:
    """Illustrate one plan and collect what was seen."""
    seen: list[Event] = []
    loop = asyncio.get_running_loop()
    async with illustrator.stream(source(plan), message_id=message_id) as events:
        if plan.cancel_at is not None:
            loop.call_later(plan.cancel_at, events.cancel)
        began = loop.time()
        try:
            async for event in events:
                seen.append(event)
                if plan.leave_at is not None and loop.time() - began >= plan.leave_at:
                    break
        except SourceFailed as error:
            assert isinstance(error.__cause__, ConnectionResetError)  # noqa: PT017 - it may not come
    return seen, events.result


def check(plan: Plan, seen: list[Event], result: Illustrated) -> None:
    """What must hold for every message."""
    whole = "".join(plan.pieces)
    assert whole.startswith(result.text)
    assert [slot.tag.source for slot in result.slots] == [
        tag.source for tag in find_prompts(result.text)
    ]
    ended = {SlotState.READY, SlotState.FAILED}
    if result.given_up is not None:  # only then something is left, and all of it can be taken up
        ended.add(SlotState.QUEUED)
        assert all(slot.pending for slot in result.waiting)
    assert all(slot.state in ended for slot in result.slots)
    assert all((slot.state is SlotState.READY) == (slot.image is not None) for slot in result.slots)
    assert all((slot.state is SlotState.FAILED) == bool(slot.failure) for slot in result.slots)
    if result.message.state is MessageState.COMPLETE:
        assert result.text == whole
    if plan.leave_at is None:
        check_events(seen, result)


def check_events(seen: list[Event], result: Illustrated) -> None:
    """What must hold for the events of a message that was watched to its end."""
    assert [type(event) for event in seen].count(Finished) == 1
    assert isinstance(seen[-1], Finished)
    for kind in (PromptFound, ImageStarted, ImageReady, ImageFailed):
        per_slot = Counter(event.slot.id for event in seen if isinstance(event, kind))
        assert all(count == 1 for count in per_slot.values()), f"{kind} twice"
    ready = {event.slot.id for event in seen if isinstance(event, ImageReady)}
    failed = {event.slot.id for event in seen if isinstance(event, ImageFailed)}
    assert ready == {slot.id for slot in result.slots if slot.state is SlotState.READY}
    assert failed == {slot.id for slot in result.slots if slot.state is SlotState.FAILED}
    shown = "".join(event.text for event in seen if isinstance(event, TextChunk))
    told = told_pieces(result.message)
    assert shown == "".join(piece for piece in told if isinstance(piece, str))


@settings(max_examples=share(150))
@given(
    plans=st.lists(plans, min_size=1, max_size=4),
    insert_mode=st.sampled_from(["live", "batch"]),
    clicks=st.lists(
        st.tuples(st.integers(0, 3), st.integers(0, 3), st.sampled_from([1.0, 6.0, 200.0])),
        max_size=5,
    ),
)
def test_whatever_happens_each_slot_ends_once_and_nothing_leaks(
    plans: list[Plan], insert_mode: str, clicks: list[tuple[int, int, float]]
) -> None:
    """Cut, cancelled, left, failing, hanging: exactly one end per slot, one commit, no leak."""
    backend = ScriptedBackend(seconds=seconds, fails=failure)

    async def click(illustrator: Illustrator, message: int, ordinal: int, at: float) -> None:
        await asyncio.sleep(at)
        kept = await illustrator.store.load(f"m{message}")
        if kept is not None and ordinal < len(kept.slots):
            # Busy, bad paint or hung: the clicker is told; the slot is checked below.
            with suppress(LimnerError, ValueError):
                await illustrator.operations.regenerate(kept.slots[ordinal].id, mode="append")

    async def main() -> None:
        limiter = Limiter(max_concurrent=PLACES)
        async with Illustrator(
            backend=backend,
            limiter=limiter,
            insert_mode=insert_mode,
            picture_timeout=60,
            settle_timeout=100,
        ) as illustrator:
            clicking = [asyncio.create_task(click(illustrator, *c)) for c in clicks]
            outcomes = await asyncio.gather(
                *(one_message(illustrator, f"m{n}", plan) for n, plan in enumerate(plans))
            )
            await asyncio.gather(*clicking)
            for plan, (seen, result) in zip(plans, outcomes, strict=True):
                check(plan, seen, result)
                kept = await illustrator.store.load(result.message.id)
                assert kept is not None
                assert kept.text == result.text
                for before, now in zip(result.slots, kept.slots, strict=True):
                    assert now.alternatives[: len(before.alternatives)] == before.alternatives
            assert illustrator.sessions.active() == []
            assert limiter.is_empty
        assert backend.running == 0
        assert backend.peak <= PLACES
        assert len(asyncio.all_tasks()) == 1

    run_virtual(main())
