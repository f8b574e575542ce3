"""Budgets in money and seconds: reserved before, settled after, given back, never exceeded."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.illustration.making import made, tag
from tests.illustration.test_budget import FOXES, clock

from limner.backends.images.support.priced import PricedBackend
from limner.errors import BackendUnavailable, BudgetExceeded
from limner.illustration import (
    Budget,
    Cost,
    Image,
    ImageRequest,
    MemoryStore,
    Price,
    SlotId,
    allowances,
)
from limner.illustration.model.cost import number
from limner.illustration.ports import DrawingRecord
from limner.testing import ScriptedBackend, run_virtual
from limner.testing.scripted_store import ScriptedStore, StoreFault


def priced(price: str, backend: ScriptedBackend | None = None) -> PricedBackend:
    """What draws for a price."""
    return PricedBackend(backend or ScriptedBackend(), [Price.read(price)])


class Telling:
    """Tells of each picture what it cost, afterwards."""

    def __init__(self, cost: Callable[[ImageRequest], str]) -> None:
        self.cost = cost
        self.drawing = ScriptedBackend()

    async def generate(self, request: ImageRequest) -> Image:
        """Draw."""
        image = await self.drawing.generate(request)
        return replace(image, info={"cost": self.cost(request)})


async def test_what_would_go_beyond_the_money_is_refused_and_says_so() -> None:
    """Two of five fit; the reason names money, what is used, and when there is more."""
    async with made(priced("0.40 USD"), budget=Budget(per_day="1 USD"), clock=clock) as illustrator:
        result = await illustrator.illustrate(FOXES, message_id="m")
        assert [str(slot.state) for slot in result.slots] == ["ready"] * 2 + ["failed"] * 3
        assert result.slots[0].image is not None
        assert result.slots[0].image.info["cost"] == "0.4 USD"
        with pytest.raises(BudgetExceeded, match=r"1 USD per day, and 0\.8 of them are") as refused:
            await illustrator.operations.retry(SlotId("m", 0, 4))
        (use,) = (await illustrator.budget_report()).uses
    assert (refused.value.unit, refused.value.used, refused.value.limit) == ("USD", 0.8, 1)
    assert refused.value.resets_in == 86400 - 1
    assert (use.bound.unit, use.used, use.left) == ("USD", 0.8, 0.2)


async def test_seconds_of_a_server_are_a_budget_too() -> None:
    """One picture at a time: after the first its time is expected of the next, as it was."""
    drawing = ScriptedBackend(seconds=7)
    budget = Budget(per_hour="20 seconds")
    async with made(drawing, budget=budget, clock=clock, max_concurrent=1) as illustrator:
        for _ in range(4):
            await illustrator.illustrate(tag("a fox"))
        (use,) = (await illustrator.budget_report()).uses
    assert (len(drawing.calls), use.used, use.left) == (2, 14, 6)


async def test_a_failure_gives_the_money_back_and_keeps_the_seconds() -> None:
    """What is cancelled while it is drawn gives it back, too; both count as pictures begun."""
    drawing = ScriptedBackend(seconds=5, fails=lambda request: BackendUnavailable("no"))
    store = MemoryStore()
    budget = Budget(per_day=("3", "1 USD", "100 s"))
    async with made(priced("1 USD", drawing), store=store, budget=budget, clock=clock) as one:
        await one.illustrate(tag("a fox"), message_id="m")
        used = {use.bound.unit: use.used for use in (await one.budget_report()).uses}
        assert used == {"pictures": 1, "USD": 0, "seconds": 5}
        running = asyncio.create_task(one.illustrate(tag("a hare"), message_id="n"))
        await asyncio.sleep(2)
        used = {use.bound.unit: use.used for use in (await one.budget_report()).uses}
        assert used == {"pictures": 2, "USD": 1, "seconds": 10}, "five more are expected"
        one.sessions.cancel("n")
        await running
        used = {use.bound.unit: use.used for use in (await one.budget_report()).uses}
    assert used == {"pictures": 2, "USD": 0, "seconds": 7}


async def test_what_a_service_tells_goes_before_the_list() -> None:
    """And the next picture is expected to cost what the dearest of late did."""
    backend = PricedBackend(Telling(lambda request: "0.5 USD"), [Price.read("0.2 USD")])
    async with made(backend, budget=Budget(per_day="1.20 USD"), clock=clock) as illustrator:
        await illustrator.illustrate(tag("a fox"))
        await illustrator.illustrate(tag("a hare"))
        result = await illustrator.illustrate(tag("an owl"))
        (use,) = (await illustrator.budget_report()).uses
    assert (use.used, use.left, len(result.failed)) == (1, 0.2, 1)


async def test_a_picture_that_was_kept_costs_nothing() -> None:
    """One that is taken from the store is not paid twice."""

    class Known(ScriptedBackend):
        identity = "known"

    backend = PricedBackend(Known(), [Price.read("1 USD")])
    async with made(
        backend, budget=Budget(per_day="1 USD"), clock=clock, seed=7, store=MemoryStore()
    ) as illustrator:
        for _ in range(2):
            result = await illustrator.illustrate(tag("a fox", ' seed="3"'))
            assert result.complete


async def test_a_ledger_that_fails_holds_no_picture_up_and_is_told_later() -> None:
    """The true cost is kept with the next one's; until then what was expected stays."""
    store = ScriptedStore(StoreFault(end=2, calls=frozenset({"settle"})))
    backend = PricedBackend(Telling(lambda request: "0.1 USD"), [Price.read("0.40 USD")])
    async with made(
        backend, store=store, budget=Budget(per_day="4 USD"), clock=clock
    ) as illustrator:
        assert (await illustrator.illustrate(tag("a fox"))).complete
        assert asyncio.get_running_loop().time() < 2
        assert await store.spent("USD") == 400_000
        await asyncio.sleep(60)
        assert (await illustrator.illustrate(tag("a hare"))).complete
    assert await store.spent("USD") == 200_000


class SlowLedger(ScriptedStore):
    """A ledger that takes a while for each cost."""

    async def settle(self, drawing: DrawingRecord) -> None:
        """Keep it."""
        await asyncio.sleep(0.02)
        await super().settle(drawing)


async def test_what_gathers_while_the_ledger_fails_is_told_once() -> None:
    """An outage in which many pictures are drawn ends with one note of each, not of each pair."""
    store = SlowLedger(StoreFault(end=5, calls=frozenset({"settle"})))
    many = 60
    async with made(priced("0.1 USD"), store=store, ledger=store, clock=clock) as illustrator:
        text = "".join(tag(f"fox {number}") for number in range(many))
        assert (await illustrator.illustrate(text)).complete
    tried, failed = store.calls["settle"]
    assert tried - failed == many


@given(
    st.integers(0, 30),
    st.lists(
        st.tuples(st.integers(0, 9), st.sampled_from(["made", "failed", "cancelled"])), max_size=12
    ),
    st.integers(1, 4),
)
def test_however_many_ask_at_once_no_more_is_paid_than_allowed(
    limit: int, asked: list[tuple[int, str]], at_once: int
) -> None:
    """With a price that is known and never too low; and the ledger ends with what was paid."""
    ends: Mapping[str, tuple[int, str]] = {f"fox {n}": end for n, end in enumerate(asked)}

    def paid(request: ImageRequest) -> str:
        return f"{ends[request.prompt][0] / 10:.1f} USD"

    async def main() -> None:
        telling = Telling(paid)
        telling.drawing.fails = lambda request: (
            ValueError("no") if ends[request.prompt][1] == "failed" else None
        )
        backend = PricedBackend(telling, [Price.read("0.9 USD")])
        store = MemoryStore()
        async with made(
            backend,
            store=store,
            budget=Budget(in_all=f"{limit / 10:.1f} USD"),
            clock=clock,
            max_concurrent=at_once,
        ) as illustrator:
            running = {
                name: asyncio.create_task(illustrator.illustrate(tag(name), message_id=name))
                for name in ends
            }
            await asyncio.sleep(0.5)
            assert await store.spent("USD") <= limit * 100_000
            for name, (_, end) in ends.items():
                if end == "cancelled":
                    illustrator.sessions.cancel(name)
            await asyncio.gather(*running.values())
        made_now = [call.request for call in telling.drawing.calls if call.outcome == "made"]
        total = sum(ends[request.prompt][0] for request in made_now)
        assert await store.spent("USD") == total * 100_000 <= limit * 100_000

    run_virtual(main())


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("20", ["20 pictures"]),
        ("1 picture", ["1 picture"]),
        ("2.50 USD", ["2.5 USD"]),
        ("2.50$", ["2.5 USD"]),
        ("900 Kudos, 10 anlas", ["900 kudos", "10 anlas"]),
        (("5", "90 s"), ["5 pictures", "90 seconds"]),
        (0, ["0 pictures"]),
        (None, []),
    ],
)
def test_amounts_are_read_as_people_write_them(written: object, shown: list[str]) -> None:
    """A number alone is pictures."""
    assert [str(cost) for cost in allowances(written)] == shown


@pytest.mark.parametrize("written", ["-1", "USD", "1.5", "1e99 USD", "1 USD/day", "", True, -2, {}])
def test_what_is_no_amount_is_refused(written: object) -> None:
    """With an example of what is one; an empty collection is none at all."""
    if written == {}:
        assert allowances(written) == ()
        return
    with pytest.raises(ValueError, match=r"amount|pictures"):
        allowances(written)


@pytest.mark.parametrize("written", ["1 picture", "5 s", "0.1 USD/day", "USD", ""])
def test_what_is_no_price_is_refused(written: str) -> None:
    """It is money, for a picture or a second."""
    with pytest.raises(ValueError, match="such as"):
        Price.read(written)


@given(st.integers(0, 10**12), st.sampled_from(["USD", "kudos", "seconds"]))
def test_an_amount_is_read_back_exactly(micros: int, unit: str) -> None:
    """Written and read again it is the same, to the millionth."""
    cost = Cost(micros, unit)
    assert Cost.read(str(cost)) == cost
    assert float(number(cost.amount)) == cost.amount
