"""A budget that several processes share is one budget."""

import asyncio
import time

import pytest
from tests.storage.conftest import MakeLibrary

from limner.backends.images.support.priced import PricedBackend
from limner.errors import BudgetExceeded
from limner.illustration import Budget, Cost, DrawingRecord, Illustrator, Price
from limner.testing import ScriptedBackend

pytestmark = pytest.mark.real_time

FOXES = "".join(f'<!--img-prompt="fox {number}"--> ' for number in range(4))


async def test_two_processes_with_one_library_keep_to_it(make_library: MakeLibrary) -> None:
    """Four of eight are drawn, and the others say why."""
    backend, reasons = ScriptedBackend(seconds=0.0), list[str]()

    async def process(name: str) -> None:
        async with make_library() as library:
            illustrator = Illustrator(
                backend=backend, store=library, ledger=library, budget=Budget(per_day=4)
            )
            async with illustrator:
                result = await illustrator.illustrate(FOXES, message_id=name)
        reasons.extend(slot.failure.reason for slot in result.failed if slot.failure is not None)

    async with make_library():
        await asyncio.gather(process("one"), process("two"))
    assert len(backend.calls) == 4
    assert len(reasons) == 4
    assert all("4 pictures per day" in reason for reason in reasons)


async def test_two_processes_never_pay_more_than_it_allows(make_library: MakeLibrary) -> None:
    """Of eight pictures at 0.40 USD two are drawn for one dollar; the reports agree."""
    drawing = ScriptedBackend(seconds=0.05)
    backend = PricedBackend(drawing, [Price.read("0.40 USD")])

    async def process(name: str) -> None:
        async with make_library() as library:
            illustrator = Illustrator(
                backend=backend, store=library, ledger=library, budget=Budget(per_day="1 USD")
            )
            async with illustrator:
                await illustrator.illustrate(FOXES, message_id=name, owner=name)

    async with make_library() as library:
        await asyncio.gather(process("one"), process("two"))
        by_owner = await library.spending(by="owner")
        (today,) = await library.spending(since=time.time() - 60)
    assert len(drawing.calls) == 2
    paid = {cost.unit: cost.amount for cost in today.costs}
    assert (today.pictures, paid["USD"]) == (2, 0.8)
    assert 0 < paid["seconds"] < 60
    assert sum(one.pictures for one in by_owner) == 2


async def test_spending_is_told_by_day_and_by_owner(make_library: MakeLibrary) -> None:
    """The last day first; days begin where somebody lives."""
    async with make_library() as library:
        for at, owner in ((10.0, "bob"), (86_390.0, "ann"), (86_410.0, "ann")):
            cost = (Cost.of(0.1, "USD"), Cost.of(2, "seconds"))
            record = DrawingRecord(at=at, owner=owner, message_id="m", id=str(at), costs=cost)
            await library.record(record)
        days = await library.spending()
        assert [(day.what, day.pictures) for day in days] == [("1970-01-02", 1), ("1970-01-01", 2)]
        assert [str(cost) for cost in days[1].costs] == ["0.2 USD", "4 seconds"]
        assert [day.pictures for day in await library.spending(offset=20.0)] == [2, 1]
        assert [day.pictures for day in await library.spending(owner="bob")] == [1]
        assert [day.pictures for day in await library.spending(since=86_400.0)] == [1]
        assert [one.what for one in await library.spending(by="owner")] == ["ann", "bob"]


async def test_a_branch_does_not_renew_the_budget_of_its_messages(
    make_library: MakeLibrary,
) -> None:
    """Nor does a branch of the branch, or the source's end: of three pictures three are drawn."""
    backend, budget = ScriptedBackend(seconds=0.0), Budget(per_message=3)
    async with make_library() as library:
        illustrator = Illustrator(backend=backend, store=library, ledger=library, budget=budget)
        async with illustrator:
            await illustrator.illustrate(FOXES[: len(FOXES) // 2], chat_id="c", message_id="m")
            (copy,) = await library.messages(await library.branch("c", "m"))
            assert await library.count(message_id=copy.id) == 2
            await illustrator.operations.regenerate(copy.slots[0].id)
            (second,) = await library.messages(await library.branch(copy.chat_id, copy.id))
            await library.delete_chat("c")
            await library.gc(grace=-60.0, keep_deleted=-60.0)
            for one in (copy, second):
                with pytest.raises(BudgetExceeded, match="3 pictures per message"):
                    await illustrator.operations.regenerate(one.slots[1].id)
            other = await illustrator.illustrate(FOXES, chat_id="d", message_id="n")
    assert len(other.failed) == 1
    assert len(backend.calls) == 6
    assert second.slots[0].selected is not None
