"""Whatever becomes of a process, the server or the line between: no limit is exceeded."""

import asyncio
import signal
from collections.abc import Callable
from tempfile import TemporaryDirectory

import pytest
from tests.cluster.limits.conftest import TTL, Cluster, cluster_at
from tests.cluster.line import Line
from tests.cluster.valkey import Valkey
from tests.waiting import until

from limner.cluster import OnOutage
from limner.errors import LeaseLost, SharedLimitsUnavailable
from limner.scheduling import Job, Limiter
from limner.testing.shared_limits_contract import Watch

FOREVER = 600.0
pytestmark = pytest.mark.real_time


async def running(limiter: Limiter, watch: Watch, count: int = 1) -> list[Job[str]]:
    """Have jobs run that do not end."""
    before = watch.running
    jobs = [limiter.submit(watch.work, "long", FOREVER) for _ in range(count)]
    await until(lambda: watch.running == before + count)
    return jobs


def crash(cluster: Cluster, number: int) -> None:
    """Have a process say nothing any more, without a word of farewell."""
    for task in cluster.ports[number]._tasks:
        task.cancel()


async def test_the_slots_of_a_process_that_died_come_back(shared_valkey: Valkey) -> None:
    """Within little more than the time after which it is taken for dead."""
    async with cluster_at(shared_valkey) as cluster:
        here, there = (cluster.limiter(max_concurrent=2) for _ in range(2))
        watch, others = Watch(), Watch()
        await running(there, watch, 2)
        job = here.submit(others.work)
        await cluster.arrived()
        assert not others.running
        crash(cluster, 1)
        async with asyncio.timeout(10 * TTL):
            await job


async def test_one_that_is_cut_off_stops_before_its_slot_is_given_away(
    shared_valkey: Valkey,
) -> None:
    """And is never back with an old grant: one place is taken by one job at any time."""
    with TemporaryDirectory(prefix="vk-") as folder:
        async with Line(folder, shared_valkey.url).running() as line:
            async with cluster_at(shared_valkey) as cluster:
                far = cluster.limiter(cluster.connect(line.url), max_concurrent=1)
                near = cluster.limiter(max_concurrent=1)
                watch = Watch()
                (lost,) = await running(far, watch)
                waiting = near.submit(watch.work, "near", 2 * TTL)
                again = far.submit(watch.work, "far", 0.1)
                await cluster.arrived()
                line.cut()
                with pytest.raises(LeaseLost):
                    await lost
                await until(lambda: "near" in watch.names)
                line.heal()
                await asyncio.gather(waiting, again)
                assert watch.peak == 1
                assert watch.names == ["long", "near", "far"]


async def test_one_that_may_finish_goes_on_while_it_is_cut_off(shared_valkey: Valkey) -> None:
    """That is a setting, for jobs whose loss is worse than one too many."""
    with TemporaryDirectory(prefix="vk-") as folder:
        async with Line(folder, shared_valkey.url).running() as line:
            async with cluster_at(shared_valkey) as cluster:
                port = cluster.connect(line.url, on_outage=OnOutage.FINISH)
                far, near = cluster.limiter(port, max_concurrent=1), cluster.limiter()
                watch, others = Watch(), Watch()
                (goes_on,) = await running(far, watch)
                line.cut()
                await near.run(others.work)  # its slot was given away meanwhile
                line.heal()
                await cluster.arrived()
                assert watch.running == 1
                assert await near.running() == 1
                goes_on.cancel()


async def test_what_is_said_again_because_no_answer_came_counts_once(
    shared_valkey: Valkey,
) -> None:
    """Both times it arrives in the end; what is put into the stock is there once."""
    with TemporaryDirectory(prefix="vk-") as folder:
        async with Line(folder, shared_valkey.url).running() as line:
            async with cluster_at(shared_valkey) as cluster:
                far = cluster.limiter(cluster.connect(line.url), reservoir=10)
                assert await far.current_reservoir() == 10
                await cluster.arrived()  # so that nothing else is on its way
                line.cut()
                with pytest.raises(SharedLimitsUnavailable):
                    await far.increment_reservoir(5)
                line.heal()
                await until(lambda: not cluster.ports[0]._failing)
                await cluster.arrived()
                assert await far.current_reservoir() == 15


@pytest.mark.parametrize("keeping", [False, True])
async def test_a_server_that_comes_back_lets_nobody_in_until_all_have_spoken(
    keeping: bool, make_valkey: Callable[..., Valkey]
) -> None:
    """With its memory, which may be old, or without: what runs goes on and is counted."""
    valkey = make_valkey()
    async with cluster_at(valkey) as cluster:
        here, there = (cluster.limiter(max_concurrent=3) for _ in range(2))
        watch = Watch()
        jobs = await running(here, watch, 2) + await running(there, watch)
        waiting = [limiter.submit(watch.work, "next", 0.1) for limiter in (here, there)]
        await cluster.arrived()
        await asyncio.to_thread(valkey.restart, keeping=keeping)
        await until(lambda: all(port._epoch for port in cluster.ports))
        await cluster.arrived()
        assert await here.running() == 3
        assert [job.outcome for job in jobs] == [None, None, None]
        jobs[0].cancel()
        await asyncio.gather(*waiting)
        assert watch.peak == 3
        for job in jobs:
            job.cancel()


async def test_a_server_that_forgets_everything_while_it_runs_is_noticed(
    make_valkey: Callable[..., Valkey],
) -> None:
    """Nobody's job is stopped, and none begins beside them."""
    valkey = make_valkey()
    async with cluster_at(valkey) as cluster:
        here, there = (cluster.limiter(max_concurrent=1) for _ in range(2))
        watch = Watch()
        (job,) = await running(here, watch)
        waiting = there.submit(watch.work, "next", 0.1)
        await cluster.arrived()
        before = cluster.ports[0]._epoch
        valkey.server.client().flushall()
        await until(lambda: cluster.ports[0]._epoch not in ("", before))
        await cluster.arrived()
        assert (await here.running(), job.outcome, waiting.outcome) == (1, None, None)
        job.cancel()
        await waiting
        assert watch.peak == 1


@pytest.mark.parametrize("stalled", [0.5, 2.5])
async def test_a_server_that_stands_still_costs_its_time(
    stalled: float, make_valkey: Callable[..., Valkey]
) -> None:
    """Less than a lease: nothing else. More: those who ran are stopped, and all goes on."""
    valkey = make_valkey()
    async with cluster_at(valkey) as cluster:
        here, there = (cluster.limiter(max_concurrent=1) for _ in range(2))
        watch = Watch()
        (job,) = await running(here, watch)
        waiting = there.submit(watch.work, "next", 0.1)
        await cluster.arrived()
        process = valkey.server._process
        assert process is not None
        process.send_signal(signal.SIGSTOP)
        if stalled > 1:
            with pytest.raises(LeaseLost):
                await job
        process.send_signal(signal.SIGCONT)
        await cluster.arrived()
        if stalled < 1:
            assert job.outcome is None
            job.cancel()
        await waiting
        assert watch.peak == 1


async def test_who_has_ended_can_say_so_when_memory_is_full(
    make_valkey: Callable[..., Valkey],
) -> None:
    """A slot comes back though the server takes nothing new."""
    valkey = make_valkey(**{"maxmemory-policy": "noeviction"})
    async with cluster_at(valkey) as cluster:
        limiter, watch = cluster.limiter(max_concurrent=1), Watch()
        (job,) = await running(limiter, watch)
        valkey.server.client().config_set("maxmemory", 1)
        job.cancel()
        assert await limiter.run(max, 1, 2) == 2


async def test_a_server_that_throws_keys_away_is_refused(
    make_valkey: Callable[..., Valkey],
) -> None:
    """It would forget who runs; it is said what to set."""
    valkey = make_valkey(**{"maxmemory": "100mb", "maxmemory-policy": "allkeys-lru"})
    async with cluster_at(valkey) as cluster:
        limiter = cluster.limiter(max_concurrent=1)
        limiter.submit(int)
        with pytest.raises(SharedLimitsUnavailable, match="noeviction"):
            await limiter.running()
        await limiter.stop(timeout=0)


async def test_a_server_that_is_not_there_is_told_and_waited_for(
    make_valkey: Callable[..., Valkey],
) -> None:
    """A question fails with its reason; a job starts when it is there."""
    valkey = make_valkey()
    async with cluster_at(valkey) as cluster:
        limiter = cluster.limiter(max_concurrent=1)
        valkey.close()
        job = limiter.submit(max, 1, 2)
        with pytest.raises(SharedLimitsUnavailable):
            await limiter.running()
        valkey.server.start()
        assert await job == 2


async def test_who_leaves_in_order_leaves_nothing_taken(shared_valkey: Valkey) -> None:
    """What its last jobs held is free at once, not when it is taken for dead."""
    async with cluster_at(shared_valkey) as cluster:
        here, there = (cluster.limiter(max_concurrent=1) for _ in range(2))
        await there.running()
        await here.run(int)
        await cluster.ports[0].aclose()
        assert await there.running() == 0


async def test_limits_are_taken_from_whoever_comes_when_nobody_is_there(
    shared_valkey: Valkey,
) -> None:
    """A cluster that is started anew with other settings keeps to those."""
    async with cluster_at(shared_valkey) as cluster:
        first = cluster.limiter(max_concurrent=1)
        await first.run(int)
        await cluster.ports[0].aclose()

        async def others_are_kept_to() -> bool:
            limiter, watch = cluster.limiter(max_concurrent=2), Watch()
            jobs = [limiter.submit(watch.work, "", 0.1) for _ in range(2)]
            await asyncio.gather(*jobs)
            await cluster.ports[-1].aclose()
            return watch.peak == 2

        await until(others_are_kept_to, every=TTL)


async def test_what_another_version_has_kept_is_not_read(shared_valkey: Valkey) -> None:
    """Whoever ran before, and died, left it in another form; all begin anew, as after a restart."""
    async with cluster_at(shared_valkey) as cluster:
        limiter, server = cluster.limiter(max_concurrent=1), shared_valkey.server.client()
        await running(limiter, Watch())
        port, other = cluster.ports[0], cluster.limiter(max_concurrent=1)
        waiting = other.submit(int)
        await cluster.arrived()
        crash(cluster, 0)
        leases = f"{port._prefix}:h:{port._client}"
        for fence in server.hkeys(leases):
            server.hset(leases, fence, b"\x81\xa6weight\x01")
        server.hset(f"{port._prefix}:state", "form", "another")
        async with asyncio.timeout(10 * TTL):
            await waiting
