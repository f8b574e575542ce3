"""Groups: a limiter for each key, made on demand and forgotten when nothing is lost by it."""

from __future__ import annotations

import asyncio
import gc

import pytest
from tests.scheduling.work import nap

from limner.errors import JobDropped, LimiterStopped
from limner.scheduling import Limiter, LimiterGroup, Rate, Reservoir
from limner.testing import VirtualLoop


async def test_keys_are_made_on_demand_and_looking_makes_none() -> None:
    """`in`, keys, limiters and len only look."""
    group: LimiterGroup[str] = LimiterGroup(max_concurrent=1)
    assert "a" not in group
    assert (len(group), group.keys(), group.limiters()) == (0, [], {})
    limiter = group["a"]
    assert group.key("a") is limiter
    assert limiter.limits.max_concurrent == 1
    assert ("a" in group, len(group), group.keys(), group.limiters()) == (
        True,
        1,
        ["a"],
        {"a": limiter},
    )
    assert group["constructor"] is not limiter


async def test_one_key_waits_and_another_does_not() -> None:
    """Jobs of one key are serial, those of different keys are not."""
    group: LimiterGroup[str] = LimiterGroup(max_concurrent=1)
    loop = asyncio.get_running_loop()
    await asyncio.gather(*(group[key].run(nap) for key in "aabb"))
    assert loop.time() == 2.0


async def test_a_factory_decides_per_key_and_handlers_see_each_new_one(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """on_created gets (limiter, key) before anybody else; one that raises harms nothing."""
    group: LimiterGroup[str] = LimiterGroup(factory=lambda key: Limiter(max_concurrent=len(key)))
    seen: list[tuple[Limiter, str]] = []
    unsubscribe = group.on_created(lambda limiter, key: seen.append((limiter, key)))
    group.on_created(lambda limiter, key: 1 / 0)
    limiter = group["abc"]
    assert limiter.limits.max_concurrent == 3
    assert seen == [(limiter, "abc")]
    assert "on_created" in caplog.text
    unsubscribe()
    group["x"].pause()
    assert len(seen) == 1


async def test_updates_reach_one_key_or_all_there_are_and_will_be() -> None:
    """A wrong update changes nothing."""
    group: LimiterGroup[str] = LimiterGroup(max_concurrent=1)
    first, second = group["a"], group["b"]
    group.update("a", max_concurrent=5)
    group.update(min_interval=2.0)
    assert (first.limits.max_concurrent, second.limits.max_concurrent) == (5, 1)
    assert first.limits.min_interval == second.limits.min_interval == 2.0
    assert group["c"].limits.min_interval == 2.0
    with pytest.raises(KeyError):
        group.update("unknown", max_concurrent=1)
    with pytest.raises(ValueError, match="at least 0"):
        group.update(max_concurrent=-1)
    assert group["d"].limits.max_concurrent == 1


async def test_idle_keys_are_forgotten_and_busy_ones_never() -> None:
    """Work that waits or runs keeps a key, however long it takes."""
    group: LimiterGroup[str] = LimiterGroup(max_concurrent=1, idle_timeout=10.0)
    busy = asyncio.gather(group["busy"].run(nap, 100), group["busy"].run(nap, 1))
    await group["idle"].run(nap)
    await asyncio.sleep(8)
    assert "idle" in group
    await asyncio.sleep(3)
    assert group.keys() == ["busy"]
    await asyncio.sleep(80)
    assert "busy" in group
    await busy
    await asyncio.sleep(21)
    assert len(group) == 0


async def test_a_key_is_kept_while_a_fresh_limiter_would_decide_otherwise() -> None:
    """Windows still full, a stock not refilled, a pause: forgetting would break the limit."""
    group: LimiterGroup[str] = LimiterGroup(rates=[Rate(1, per=1000.0)], idle_timeout=10.0)
    await group["a"].run(nap, 0)
    group["paused"].pause()
    await asyncio.sleep(900)
    assert group.keys() == ["a", "paused"]
    await asyncio.sleep(150)
    assert group.keys() == ["paused"]
    stock: LimiterGroup[str] = LimiterGroup(
        reservoir=Reservoir(2, refresh_amount=2, refresh_every=50.0), idle_timeout=10.0
    )
    await stock["a"].run(nap, 0)
    await asyncio.sleep(45)
    assert "a" in stock
    await asyncio.sleep(20)
    assert "a" not in stock


def test_far_from_zero_a_group_does_not_look_for_idle_keys_without_end() -> None:
    """Where a clock does not show each second any more, a look is still later than the last."""

    class FarLoop(VirtualLoop):
        def __init__(self) -> None:
            super().__init__()
            self._now = 1e17  # the next instant is 16 s later

    async def main() -> list[str]:
        group: LimiterGroup[str] = LimiterGroup(rates=[Rate(1, per=100.0)], idle_timeout=1.0)
        await group["a"].run(nap, 0)
        later = asyncio.Event()
        asyncio.get_running_loop().call_at(1e17 + 200, later.set)
        await later.wait()
        return group.keys()

    with asyncio.Runner(loop_factory=FarLoop) as runner:
        assert runner.run(main()) == []


async def test_whoever_still_holds_a_forgotten_limiter_shares_it() -> None:
    """There are never two limiters for one key."""
    group: LimiterGroup[str] = LimiterGroup(max_concurrent=1, idle_timeout=10.0)
    held = group["a"]
    await asyncio.sleep(30)
    assert "a" not in group
    assert group["a"] is held
    await asyncio.sleep(30)
    number = id(held)
    del held
    gc.collect()
    assert group["a"].counts()
    assert number


async def test_deleting_a_key_drops_who_waits_and_waits_for_who_runs() -> None:
    """Until the end the key takes nothing; then it starts afresh."""
    group: LimiterGroup[str] = LimiterGroup(max_concurrent=1)
    old = group["a"]
    running, waiting = old.submit(nap, 2, "ran"), old.submit(nap)
    deletion = asyncio.create_task(group.delete("a"))
    await asyncio.sleep(1)
    with pytest.raises(LimiterStopped):
        await group["a"].run(nap)
    assert await deletion
    assert asyncio.get_running_loop().time() == 2.0
    assert await running == "ran"
    with pytest.raises(JobDropped) as dropped:
        await waiting
    assert dropped.value.strategy == "delete"
    assert group["a"] is not old
    assert not await group.delete("unknown")
