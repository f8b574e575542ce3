"""Budgets: never more than allowed, refused clearly, reported, and only what was drawn counts."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.illustration.making import kept, made, tag

from limner.errors import BudgetExceeded
from limner.illustration import Budget, MemoryStore, SlotId, SlotState
from limner.testing import ScriptedBackend, run_virtual


def clock() -> float:
    """The loop's time, as if it began in 1970."""
    return asyncio.get_running_loop().time()


FOXES = "".join(tag(f"fox {n}") for n in range(5))


def test_a_budget_of_one_picture_is_told_in_the_singular() -> None:
    """One is no "1 pictures"."""
    assert "allows 1 picture per day, and it is drawn" in str(BudgetExceeded("day", 1, owner="ann"))


async def test_what_is_over_the_budget_is_a_failed_slot_that_says_so() -> None:
    """Three of five are drawn; the others keep the refusal, and nothing else is disturbed."""
    backend = ScriptedBackend()
    async with made(backend, budget=Budget(per_hour=3), clock=clock) as illustrator:
        result = await illustrator.illustrate(FOXES, message_id="m")
        assert len(backend.calls) == 3
        assert [str(s.state) for s in result.slots] == ["ready"] * 3 + ["failed"] * 2
        assert result.slots[4].failure is not None
        assert result.slots[4].failure.kind == "BudgetExceeded"
        assert "3 pictures per hour, and they are drawn" in result.slots[4].failure.reason
        with pytest.raises(BudgetExceeded) as refused:
            await illustrator.operations.retry(SlotId("m", 0, 4))
        assert refused.value.resets_in == 3600 - 1
        await asyncio.sleep(3600)
        slot = await illustrator.operations.retry(SlotId("m", 0, 4))
    assert slot is not None
    assert slot.state is SlotState.READY


async def test_a_refused_regenerate_keeps_the_picture() -> None:
    """The caller learns why; the slot is as before."""
    async with made(budget=Budget(per_message=1), clock=clock) as illustrator:
        before = (await illustrator.illustrate(tag("a fox"), message_id="m")).slots[0]
        with pytest.raises(BudgetExceeded, match="per message"):
            await illustrator.operations.regenerate(before.id)
        after = (await kept(illustrator.store)).slots[0]
    assert (after.alternatives, after.state, after.pending) == (before.alternatives, "ready", ())


@pytest.mark.parametrize(
    ("budget", "drawn"),
    [
        (Budget(per_message=2), 4),
        (Budget(per_owner_hour=3), 6),
        (Budget(per_owner_day=1), 2),
        (Budget(per_day=4, per_owner_hour=3), 4),
        (Budget(per_hour=0), 0),
        (Budget(in_all=3), 3),
        (Budget(per_owner=2), 4),
        (Budget(), 10),
    ],
)
async def test_each_bound_bounds_what_it_says(budget: Budget, drawn: int) -> None:
    """Two messages of two owners, five pictures each."""
    backend = ScriptedBackend()
    async with made(backend, budget=budget, clock=clock) as illustrator:
        await asyncio.gather(
            *(illustrator.illustrate(FOXES, message_id=f"m{n}", owner=f"o{n}") for n in range(2))
        )
    assert len(backend.calls) == drawn


@given(st.integers(0, 6), st.integers(1, 4), st.booleans())
def test_however_many_ask_at_once_the_budget_holds(limit: int, chats: int, fails: bool) -> None:
    """Reservations are counted from the moment of the leave, across all messages."""

    async def main() -> None:
        backend = ScriptedBackend(fails=lambda r: ValueError("no") if fails else None)
        async with made(backend, budget=Budget(per_day=limit), clock=clock) as illustrator:
            await asyncio.gather(*(illustrator.illustrate(FOXES) for _ in range(chats)))
        assert len(backend.calls) == min(limit, 5 * chats)

    run_virtual(main())


async def test_what_was_never_begun_costs_nothing_and_what_was_deleted_still_does() -> None:
    """A picture cancelled in the queue gives its leave back; one that was drawn does not."""
    store = MemoryStore()
    backend = ScriptedBackend(seconds=10)
    budget = Budget(per_hour=3)
    async with made(
        backend, store=store, budget=budget, clock=clock, max_concurrent=1
    ) as illustrator:
        running = asyncio.create_task(
            illustrator.illustrate(tag("a") + tag("b") + tag("c"), message_id="m")
        )
        await asyncio.sleep(1)
        (use,) = (await illustrator.budget_report()).uses
        assert (use.used, use.left) == (3, 0)
        illustrator.sessions.cancel("m")
        await running
        await illustrator.operations.delete_message("m")
        (use,) = (await illustrator.budget_report()).uses
        assert (use.used, use.left, use.resets_in) == (1, 2, 3599)


async def test_the_report_is_of_all_and_of_one_owner() -> None:
    """Owners' bounds are told for the owner that is asked about."""
    budget = Budget(per_day=9, per_owner_hour=4, per_message=3)
    async with made(budget=budget, clock=clock) as illustrator:
        await illustrator.illustrate(tag("a fox"), owner="ann")
        assert [use.bound.scope for use in (await illustrator.budget_report()).uses] == ["day"]
        of_ann, of_bob = [await illustrator.budget_report(owner) for owner in ("ann", "bob")]
    assert [use.used for use in of_ann.uses] == [1, 1]
    assert [use.used for use in of_bob.uses] == [1, 0]


async def test_a_second_attempt_is_the_same_picture() -> None:
    """A retry inside the limiter is not counted again."""
    from limner.errors import BackendUnavailable
    from limner.illustration import Illustrator
    from limner.scheduling import Limiter, Retry

    tries = iter([BackendUnavailable("once"), None])
    backend = ScriptedBackend(fails=lambda request: next(tries))
    limiter = Limiter(retry=Retry(attempts=3, on=BackendUnavailable))
    async with Illustrator(
        backend=backend, limiter=limiter, budget=Budget(per_day=5), clock=clock
    ) as illustrator:
        assert (await illustrator.illustrate(tag("a fox"))).complete
        (use,) = (await illustrator.budget_report()).uses
    assert use.used == 1


def test_a_bound_that_makes_no_sense_is_refused() -> None:
    """A number of pictures is a whole one, from 0."""
    with pytest.raises(ValueError, match="per_hour"):
        Budget(per_hour=-1)
    with pytest.raises(ValueError, match="per_day"):
        Budget(per_day=True)


def test_a_budget_needs_somebody_who_counts() -> None:
    """A store that keeps no record of drawings is refused at once."""

    class Plain:
        pass

    with pytest.raises(ValueError, match="ledger"):
        made(store=Plain(), budget=Budget(per_day=1))


async def test_a_bound_in_all_is_not_lifted_by_time() -> None:
    """A year later it holds as well, and says so."""
    backend = ScriptedBackend()
    async with made(backend, budget=Budget(in_all=2), clock=clock) as illustrator:
        await illustrator.illustrate(FOXES, message_id="m")
        await asyncio.sleep(365 * 86400)
        with pytest.raises(BudgetExceeded, match="2 pictures in all") as refused:
            await illustrator.operations.retry(SlotId("m", 0, 4))
        report = await illustrator.budget_report()
    assert refused.value.resets_in is None
    assert [(use.bound.scope, use.used, use.left) for use in report.uses] == [("all", 2, 0)]
    assert len(backend.calls) == 2
