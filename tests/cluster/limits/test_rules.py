"""What the contract does not ask of shared limits: the calendar, owners, aging, refills."""

import asyncio
import time

import pytest
from tests.cluster.limits.conftest import cluster_at
from tests.cluster.valkey import Valkey
from tests.waiting import pause, until

from limner.scheduling import Rate, Reservoir
from limner.testing.shared_limits_contract import Watch

pytestmark = pytest.mark.real_time


async def test_a_rate_that_goes_by_the_calendar_counts_from_the_first_question_on(
    shared_valkey: Valkey,
) -> None:
    """Also for a process that does not know the server's clock yet."""
    tomorrow = time.strftime("%H:%M", time.gmtime(time.time() + 12 * 3600))
    async with cluster_at(shared_valkey) as cluster:
        rate = Rate(2, per=86400, align=tomorrow)
        here, there = (cluster.limiter(rates=[rate]) for _ in range(2))
        watch = Watch()
        jobs = [limiter.submit(watch.work) for limiter in (here, here, here, there)]
        await until(lambda: sum(job.outcome is not None for job in jobs) == 2)
        await cluster.arrived()
        assert len(watch.starts) == 2
        for limiter in (here, there):
            await limiter.stop()


async def test_owners_take_turns_wherever_their_jobs_wait(shared_valkey: Valkey) -> None:
    """One who asks for much does not keep another from his turn."""
    async with cluster_at(shared_valkey) as cluster:
        here, there = (cluster.limiter(max_concurrent=1, fair=True) for _ in range(2))
        watch = Watch()
        jobs = [here.submit(watch.work, "first", 0.3, owner="ann")]
        await cluster.arrived()
        jobs += [here.submit(watch.work, f"ann {n}", 0.05, owner="ann") for n in range(3)]
        await cluster.arrived()
        jobs += [there.submit(watch.work, f"ben {n}", 0.05, owner="ben") for n in range(2)]
        await asyncio.gather(*jobs)
        assert watch.names == ["first", "ben 0", "ann 0", "ben 1", "ann 1", "ann 2"]


async def test_who_has_waited_long_rises(shared_valkey: Valkey) -> None:
    """With aging, a job that waits is passed by newcomers of a higher priority only so long."""
    async with cluster_at(shared_valkey) as cluster:
        here, there = (cluster.limiter(max_concurrent=1, aging=0.1) for _ in range(2))
        watch = Watch()
        jobs = [here.submit(watch.work, "first", 0.5)]
        await cluster.arrived()
        jobs += [here.submit(watch.work, "patient", 0.05, priority=7)]
        await cluster.arrived()
        await pause(0.4, because="how long somebody has waited is what is tested")
        jobs += [there.submit(watch.work, "newcomer", 0.05, priority=4)]
        await asyncio.gather(*jobs)
        assert watch.names == ["first", "patient", "newcomer"]


async def test_a_reservoir_is_filled_up_in_time(shared_valkey: Valkey) -> None:
    """By the server's clock, for everybody."""
    async with cluster_at(shared_valkey) as cluster:
        stock = Reservoir(1, increase_amount=1, increase_every=0.3, maximum=1)
        here, there = (cluster.limiter(reservoir=stock) for _ in range(2))
        watch = Watch()
        jobs = [limiter.submit(watch.work, "", 0.0) for limiter in (here, there, here)]
        await asyncio.gather(*jobs)
        instants = [instant for instant, _ in watch.starts]
        assert instants[2] - instants[0] >= 0.5


async def test_who_waits_for_longer_than_a_day_is_not_forgotten(shared_valkey: Valkey) -> None:
    """What is not used for a day goes away, but not the queue of those who are let wait."""
    async with cluster_at(shared_valkey) as cluster:
        limiter, watch, server = cluster.limiter(max_concurrent=1), Watch(), shared_valkey.server
        jobs = [limiter.submit(watch.work, "runs", 600.0)]
        await until(lambda: watch.running == 1)
        jobs += [limiter.submit(watch.work, priority=priority) for priority in (5, 9)]
        await cluster.arrived()
        prefix = cluster.ports[0]._prefix
        queues = server.client().keys(f"{prefix}:q:*")
        assert len(queues) == 2
        for name in queues:
            server.client().expire(name, 60)
        server.client().hset(f"{prefix}:state", "refreshed", 0)
        for _ in range(16):  # it is looked at now and then
            await limiter.running()
        assert min(map(server.client().ttl, queues)) > 3600
        for job in jobs:
            job.cancel()
