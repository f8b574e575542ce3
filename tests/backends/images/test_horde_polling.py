"""When the AI Horde is looked at: on virtual time."""

import asyncio
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from limner.backends.images.horde.polling import (
    FAILED_POLLS,
    PollInterval,
    ProgressEstimate,
    until_done,
)
from limner.backends.images.horde.wire import GenerationStatus
from limner.errors import (
    BackendBusy,
    BackendError,
    BackendRejected,
    BackendTimeout,
    BackendUnavailable,
)
from limner.testing import run_virtual

FAILURES: list[BackendError] = [
    BackendBusy("busy"),
    BackendBusy("busy", retry_after=7.0),
    BackendUnavailable("down"),
    BackendTimeout("late"),
]
WAITS = st.none() | st.floats(0, 10_000)


class ScriptedHorde:
    """A horde that is done at an instant, guesses as it likes, and fails now and then."""

    def __init__(self, takes: float, guesses: list[float | None], failures: list[int | None]):
        self.takes = takes
        self.guesses = guesses
        self.failures = failures
        self.looks: list[float] = []
        self.asked_to_wait: list[float] = []

    async def look(self) -> GenerationStatus:
        """One look."""
        now = asyncio.get_running_loop().time()
        index = len(self.looks)
        self.looks.append(now)
        failure = self.failures[index] if index < len(self.failures) else None
        if failure is not None:
            error = FAILURES[failure]
            self.asked_to_wait.append(getattr(error, "retry_after", None) or 0.0)
            raise error
        self.asked_to_wait.append(0.0)
        guess = self.guesses[index % len(self.guesses)]
        return GenerationStatus(done=now >= self.takes, wait=guess)


def watch(horde: ScriptedHorde, interval: PollInterval) -> float:
    """Wait for its picture; give when it was found."""

    async def wait() -> float:
        await until_done(horde.look, interval=interval)
        return asyncio.get_running_loop().time()

    return run_virtual(wait())


@settings(deadline=None)
@given(
    st.floats(0, 500),
    st.lists(WAITS, min_size=1, max_size=5),
    st.lists(st.none() | st.integers(0, 3), max_size=4),
)
def test_the_horde_is_never_asked_more_than_once_a_second(
    takes: float, guesses: list[float | None], failures: list[int | None]
) -> None:
    """Whatever it guesses and however it fails; and not before it asked to come back."""
    horde = ScriptedHorde(takes, guesses, failures)
    watch(horde, PollInterval())
    assert horde.looks[0] >= 1.0
    for (before, after), asked in zip(pairwise(horde.looks), horde.asked_to_wait, strict=False):
        assert after - before >= max(1.0, asked) - 1e-9


@settings(deadline=None)
@given(st.floats(0, 500), st.lists(WAITS, min_size=1, max_size=5))
def test_a_picture_is_found_within_the_longest_pause(
    takes: float, guesses: list[float | None]
) -> None:
    """However wrong the guess, it lies there for ten seconds at most."""
    horde = ScriptedHorde(takes, guesses, [])
    assert watch(horde, PollInterval()) <= max(takes, 1.0) + 10.0 + 1e-9


@settings(deadline=None)
@given(st.floats(1, 300))
def test_with_a_true_guess_few_looks_are_enough(takes: float) -> None:
    """Half of the rest each time: the looks grow like the logarithm, but for the cap."""
    horde = ScriptedHorde(takes, [None], [])

    async def true_look() -> GenerationStatus:
        status = await horde.look()
        now = asyncio.get_running_loop().time()
        return GenerationStatus(done=status.done, wait=max(0.0, takes - now))

    async def wait() -> None:
        await until_done(true_look, interval=PollInterval())

    run_virtual(wait())
    assert len(horde.looks) <= takes / 10 + 8


async def test_failures_one_after_another_end_it() -> None:
    """The last of five is raised; a good look in between begins the count anew."""
    horde = ScriptedHorde(1e9, [None], [2] * (FAILED_POLLS - 1) + [None] + [2] * FAILED_POLLS)
    with pytest.raises(BackendUnavailable):
        await until_done(horde.look, interval=PollInterval())
    assert len(horde.looks) == 2 * FAILED_POLLS


async def test_a_refusal_ends_it_at_once() -> None:
    """There is nothing to wait for."""
    looks = 0

    async def look() -> GenerationStatus:
        nonlocal looks
        looks += 1
        raise BackendRejected("no such request")

    with pytest.raises(BackendRejected):
        await until_done(look, interval=PollInterval())
    assert looks == 1


@pytest.mark.parametrize(
    "status", [GenerationStatus(faulted=True), GenerationStatus(possible=False)]
)
async def test_what_cannot_come_is_not_waited_for(status: GenerationStatus) -> None:
    """Failed or impossible: known at the first look."""

    async def look() -> GenerationStatus:
        return status

    assert await until_done(look, interval=PollInterval()) is status


async def test_what_each_look_told_is_passed_on() -> None:
    """In order, also the last."""
    horde, seen = ScriptedHorde(20.0, [6.0], []), list[bool]()
    await until_done(
        horde.look, interval=PollInterval(), told=lambda status: seen.append(status.done)
    )
    assert seen == [False] * (len(seen) - 1) + [True]


@settings(deadline=None)
@given(st.lists(st.tuples(st.floats(0, 1000), WAITS, st.booleans()), max_size=20))
def test_progress_never_goes_back(steps: list[tuple[float, float | None, bool]]) -> None:
    """It stays between 0 and 1, and is 1 only when the picture is there."""
    estimate, before, done = ProgressEstimate(), 0.0, False
    for passed, wait, ends in steps:
        done = done or ends
        fraction = estimate.update(passed, GenerationStatus(done=ends, wait=wait))
        assert before <= fraction <= 1.0
        assert done or fraction < 1.0
        before = fraction
