"""A million random things done to the limiter, with all its invariants looked at after each.

    python -m benchmarks.soak [--steps N] [--seed N] [--workers N]

The machines are those of the tests, one after the other: ``LimiterModel``, ``QuietLimiterModel``,
to which nobody listens, and ``SharedModel``, three limiters that share limits over messages that
are slow, lost or told twice. They submit, run, stream, hold slots, cancel, update, pause, are cut
off and killed, and let virtual time pass. Here Hypothesis drives them in batches, each with a seed
of its own, counted up from ``--seed`` (default: another one each time, printed), one batch a
processor at a time. A step is one such action followed by its check; making the limiter and ending
it are not counted, nor are the steps that Hypothesis repeats to shrink a failure.

On a violation the smallest case found is printed with the batch's seed, and the exit code is 1;
``--seed`` with that number fails at once.
"""

from __future__ import annotations

import argparse
import itertools
import os
import random
import time
import traceback
from collections import deque
from collections.abc import Generator
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from multiprocessing import get_context

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import invariant, run_state_machine_as_test
from tests.scheduling.test_model import LimiterModel
from tests.scheduling.test_quiet_model import QuietLimiterModel
from tests.scheduling.test_shared_model import SharedModel

MACHINES = 200
"""Machines in a batch."""

SETTINGS = settings(
    max_examples=MACHINES,
    stateful_step_count=60,
    deadline=None,
    database=None,
    derandomize=False,
    phases=[Phase.generate, Phase.shrink],
    suppress_health_check=list(HealthCheck),
    print_blob=False,
)


def run_batch(number: int) -> int:
    """Run one batch with this seed and return how many steps it took."""
    steps = 0

    model = (LimiterModel, QuietLimiterModel, SharedModel)[number % 3]

    class CountedModel(model):  # type: ignore[valid-type, misc]  # chosen just now
        """The machine, counting its checks."""

        def __init__(self) -> None:
            super().__init__()
            self.begun = False

        @invariant()
        def count(self) -> None:
            """Count what was checked, but for the check after the limiter was made."""
            nonlocal steps
            steps += self.begun
            self.begun = True

    run_state_machine_as_test(seed(number)(CountedModel), settings=SETTINGS)
    return steps


@dataclass(frozen=True, slots=True)
class Batch:
    """What came of a batch: its seed, its steps, and the failure if there was one."""

    seed: int
    steps: int = 0
    failure: str = ""


def try_batch(number: int) -> Batch:
    """Run one batch, and bring its failure home as text, which goes through any pipe."""
    try:
        return Batch(number, run_batch(number))
    except Exception:  # an invariant's AssertionError, or whatever the limiter raised
        return Batch(number, failure=traceback.format_exc())


def batches(first: int, workers: int) -> Generator[Batch, None, None]:
    """Yield batches without end, in the order of their seeds."""
    numbers = itertools.count(first)
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        ahead = deque(pool.submit(try_batch, next(numbers)) for _ in range(workers * 2))
        try:
            while True:
                yield ahead.popleft().result()
                ahead.append(pool.submit(try_batch, next(numbers)))
        finally:
            pool.shutdown(cancel_futures=True)


def soak(wanted: int, first: int, workers: int, *, every: int = 100_000) -> int:
    """Run batches until there were enough steps; return the exit code."""
    begin = time.perf_counter()
    print(f"{wanted:,} steps from seed {first}, {workers} at a time", flush=True)
    steps, told = 0, 0
    with closing(batches(first, workers)) as done:
        for batch in done:
            if batch.failure:
                print(batch.failure)
                print(f"violation after {steps:,} clean steps: --seed {batch.seed}", flush=True)
                return 1
            steps += batch.steps
            took = time.perf_counter() - begin
            if steps // every > told:
                told = steps // every
                print(f"{steps:>9,} steps, to seed {batch.seed}, {took:,.0f} s", flush=True)
            if steps >= wanted:
                print(f"clean: {steps:,} steps, seeds {first} to {batch.seed}, {took:,.0f} s")
                break
    return 0


def main() -> None:
    """Read the options and soak."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--steps", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=random.randrange(10**9))
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args()
    raise SystemExit(soak(options.steps, options.seed, options.workers))


if __name__ == "__main__":
    main()
