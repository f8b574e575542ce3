"""Weights by name: what a job takes of each limit."""

from __future__ import annotations

import asyncio
from types import MappingProxyType
from typing import Any

import pytest
from tests.scheduling.work import nap, nothing, start_time

from limner.errors import Overweight
from limner.scheduling import Job, Limiter, Rate, Reservoir, Retry


async def starts(limiter: Limiter, *weights: Any) -> list[float]:
    """Return when jobs of these weights start that come at once."""
    calls = (limiter.run(start_time, weight=weight) for weight in weights)
    return list(await asyncio.gather(*calls))


async def test_a_rate_with_a_name_adds_up_what_jobs_weigh_under_it() -> None:
    """One without a name counts starts, whatever their weight."""
    limiter = Limiter(rates=[Rate(3, per=60), Rate(10_000, per=60, name="tokens")])
    tokens = [{"tokens": amount} for amount in (6000, 4000, 1000)]
    assert await starts(limiter, *tokens) == [0.0, 0.0, 60.0]
    await asyncio.sleep(60)
    assert await starts(limiter, 1, 50, 1, 1) == [120.0, 120.0, 120.0, 180.0]


async def test_who_does_not_mention_a_name_costs_nothing_there() -> None:
    """Also if he weighs something else."""
    limiter = Limiter(rates=[Rate(1, per=60, name="tokens")])
    mentions = {"tokens": 1}
    assert await starts(limiter, mentions, 7, {"pages": 9}, {"tokens": 0}) == [0.0] * 4
    assert await starts(limiter, mentions) == [60.0]


async def test_a_reservoir_with_a_name_is_drawn_from_under_it() -> None:
    """A plain weight leaves it alone, and the concurrency does not count tokens."""
    stock = Reservoir(1000, refresh_amount=1000, refresh_every=60, name="tokens")
    limiter = Limiter(max_concurrent=2, reservoir=stock)
    assert await starts(limiter, {"tokens": 700}, 2, {"tokens": 300}) == [0.0, 0.0, 0.0]
    assert await limiter.current_reservoir() == 0
    assert await starts(limiter, {"tokens": 1}) == [60.0]
    assert await limiter.current_reservoir() == 999


async def test_concurrency_in_a_mapping_is_what_a_plain_weight_would_be() -> None:
    """For max_concurrent and a reservoir without a name; 1 if it is not said."""
    limiter = Limiter(max_concurrent=3, reservoir=10)
    jobs = [
        limiter.submit(nap, weight={"concurrency": 2, "tokens": 5}),
        limiter.submit(nap, weight={"tokens": 5}),
        limiter.submit(nap, weight={"concurrency": 0}),
    ]
    assert await limiter.running() == 3
    assert await limiter.current_reservoir() == 7
    assert [job.weight for job in jobs] == [2, 1, 0]
    assert jobs[0].weights == {"concurrency": 2, "tokens": 5}
    assert jobs[1].weights == {"concurrency": 1, "tokens": 5}
    plain = limiter.submit(nap, weight=3)
    assert plain.weights == {"concurrency": 3}
    await asyncio.gather(*jobs, plain)


async def test_names_and_the_other_limits_are_taken_all_or_nothing() -> None:
    """Who waits for tokens has taken nothing of the other limits, and holds back who is behind."""
    tokens = Rate(10, per=60, name="tokens")
    limiter = Limiter(max_concurrent=2, rates=[Rate(3, per=60), tokens])
    await limiter.run(nothing, weight={"tokens": 8})
    heavy = limiter.submit(start_time, weight={"tokens": 5})
    light = limiter.submit(start_time, weight={"tokens": 1})
    weightless = limiter.submit(start_time, weight={"concurrency": 0})
    explained = limiter.explain(heavy)
    assert (explained.limit, explained.earliest_start) == ("rates", 60.0)
    assert await weightless == 0.0
    assert await heavy == await light == 60.0


async def test_several_limits_may_share_a_name() -> None:
    """The strictest counts."""
    windows = [Rate(10, per=1, name="tokens"), Rate(15, per=60, name="tokens")]
    stock = Reservoir(100, name="tokens")
    limiter = Limiter(rates=windows, reservoir=stock)
    assert await starts(limiter, *[{"tokens": 5}] * 4) == [0.0, 0.0, 1.0, 60.0]
    assert await limiter.current_reservoir() == 80


@pytest.mark.parametrize(
    ("limits", "limit"),
    [
        ({"rates": [Rate(5, per=1, name="tokens")]}, 5),
        ({"rates": [Rate(5, per=60, name="tokens"), Rate(9, per=1, name="tokens")]}, 5),
        ({"reservoir": Reservoir(3, refresh_amount=5, refresh_every=1, name="tokens")}, 5),
        (
            {
                "rates": [Rate(9, per=1, name="tokens")],
                "reservoir": Reservoir(
                    5, increase_amount=1, increase_every=1, maximum=5, name="tokens"
                ),
            },
            5,
        ),
    ],
)
async def test_what_can_never_fit_is_refused_with_the_limits_name(
    limits: dict[str, Any], limit: int
) -> None:
    """At once, in each way; and those who wait when the limits become too small."""
    limiter = Limiter(**limits)
    with pytest.raises(Overweight, match="weight 6 of tokens can never start: the limit is 5") as e:
        await limiter.run(nothing, weight={"tokens": 6})
    assert (e.value.name, e.value.weight, e.value.limit) == ("tokens", 6, limit)
    with pytest.raises(Overweight):
        limiter.submit(nothing, weight={"tokens": 6})
    await limiter.run(nothing, weight=6)
    limiter.pause()
    waiting = limiter.submit(nothing, weight={"tokens": 4})
    fits = limiter.submit(nap, 0, "fits", weight={"tokens": 3})
    limiter.update(rates=[Rate(3, per=1, name="tokens")], reservoir=None)
    with pytest.raises(Overweight, match="4 of tokens"):
        await waiting
    limiter.resume()
    assert await fits == "fits"


async def test_a_stock_that_only_the_caller_fills_may_ask_for_any_amount() -> None:
    """Nobody knows with how much."""
    limiter = Limiter(reservoir=Reservoir(1, name="tokens"))
    job = limiter.submit(start_time, weight={"tokens": 1000})
    await asyncio.sleep(5)
    assert await limiter.increment_reservoir(999) == 1000  # before he takes them
    assert await job == 5.0


async def test_each_attempt_is_charged_by_name() -> None:
    """As by weight."""
    stock = Reservoir(100, name="tokens")
    limiter = Limiter(reservoir=stock, retry=Retry(attempts=3, backoff=0, jitter=0))
    tries = 0

    async def flaky() -> int:
        nonlocal tries
        tries += 1
        if tries < 3:
            raise OSError
        return tries

    assert await limiter.run(flaky, weight={"tokens": 10}) == 3
    assert await limiter.current_reservoir() == 70


async def test_what_it_really_was_is_settled_by_name() -> None:
    """Only what is named is corrected, in windows and stock; the last word counts."""
    limits = [Rate(10, per=60), Rate(100, per=60, name="tokens")]
    limiter = Limiter(rates=limits, reservoir=Reservoir(1000, name="tokens"))
    job: Job[Any] = limiter.submit(nothing, weight={"tokens": 100})
    await job
    assert limiter.explain(limiter.submit(nothing, weight={"tokens": 1})).limit == "rates"
    job.settle({"tokens": 40})
    assert await limiter.current_reservoir() == 959
    assert await starts(limiter, {"tokens": 59}) == [0.0]
    job.settle({"tokens": 45})
    assert await limiter.current_reservoir() == 895
    job.settle({"requests": 3})
    job.settle(5)  # what has no name: its start counts still
    assert await limiter.current_reservoir() == 895
    assert job.weights == {"concurrency": 1, "tokens": 100}
    assert await starts(limiter, {"tokens": 1}) == [60.0]


async def test_what_was_settled_at_nothing_has_cost_nothing() -> None:
    """By name in the named limits, without one in the others."""
    limiter = Limiter(rates=[Rate(1, per=60), Rate(10, per=60, name="tokens")])
    job = limiter.submit(nothing, weight={"tokens": 10})
    await job
    job.settle(0)
    job.settle({"tokens": 0})
    assert await starts(limiter, {"tokens": 10}) == [0.0]


async def test_a_chain_passes_each_limiter_what_it_asks_for() -> None:
    """The account counts tokens, the machine the concurrency; both see the whole mapping."""
    account = Limiter(rates=[Rate(100, per=60, name="tokens")])
    machine = Limiter(max_concurrent=4, reservoir=Reservoir(1000, name="tokens"))
    machine.chain(account)
    weight = {"tokens": 60, "concurrency": 3}
    async with machine.slot(weight=weight):
        assert (await machine.running(), await account.running()) == (3, 3)
        assert account.jobs()[0].weights == weight
        assert await machine.current_reservoir() == 940
    assert await starts(machine, weight) == [60.0]
    assert await starts(machine, 4) == [60.0]
    assert account.statistics().done_weight == 3 + 3 + 4


async def test_a_chain_tells_what_only_the_second_limiter_can_never_carry() -> None:
    """When the job comes there; the first slot is free."""
    account, machine = Limiter(rates=[Rate(5, per=1, name="tokens")]), Limiter(max_concurrent=1)
    machine.chain(account)
    with pytest.raises(Overweight, match="6 of tokens"):
        await machine.run(nothing, weight={"tokens": 6})
    assert await machine.running() == 0


async def test_any_mapping_will_do_and_is_copied() -> None:
    """A change of it afterwards changes nothing."""
    limiter = Limiter(max_concurrent=1)
    weight = {"tokens": 5}
    limiter.pause()
    job = limiter.submit(nothing, weight=weight)
    other = limiter.submit(nothing, weight=MappingProxyType({"tokens": 3}))
    weight["tokens"] = 7
    assert (job.weights["tokens"], other.weights["tokens"]) == (5, 3)
    assert limiter.submit(nothing, weight={}).weights == {"concurrency": 1}
    limiter.resume()
    await limiter.join()


@pytest.mark.parametrize(
    ("weight", "kind", "words"),
    [
        ({"tokens": -1}, ValueError, r"weight\['tokens'\] must be at least 0"),
        ({"tokens": 1.5}, TypeError, r"weight\['tokens'\] must be an int"),
        ({"tokens": True}, TypeError, r"weight\['tokens'\] must be an int"),
        ({7: 1}, TypeError, "by the names of limits, not by 7"),
        ({"concurrency": -1}, ValueError, "must be at least 0"),
        ([("tokens", 1)], TypeError, "weight must be an int"),
    ],
)
async def test_a_wrong_weight_is_refused_where_it_is_given(
    weight: Any, kind: type[Exception], words: str
) -> None:
    """For a job, and in settling one."""
    limiter = Limiter(max_concurrent=1)
    with pytest.raises(kind, match=words):
        limiter.submit(nothing, weight=weight)
    with pytest.raises(kind, match=words):
        limiter.slot(weight=weight)
    job = limiter.submit(nothing)
    await job
    with pytest.raises(kind, match=words):
        job.settle(weight)


def test_a_wrong_name_of_a_limit_is_refused() -> None:
    """A name is a string that says something."""
    with pytest.raises(TypeError, match="name must be a str"):
        Rate(1, per=1, name=3)  # type: ignore[arg-type]  # the mistake
    with pytest.raises(ValueError, match="name must not be empty"):
        Reservoir(1, name="")
    assert repr(Rate(1, per=2, name="tokens")) == "Rate(limit=1, per=2.0, name='tokens')"
