"""How long a server is waited for that gives no sign of life, and what that costs the others."""

import asyncio

import pytest
from tests.illustration.making import spoken, tag
from tests.illustration.patience.illustrating import failing_at, illustrated, now, states, story
from tests.illustration.slow_servers import NEVER, SlowServer, Tells, hangs

from limner.backends.images.pool import Member, PoolBackend
from limner.illustration import PICTURE_TIMEOUT, SETTLE_TIMEOUT, Illustrator, SlotState
from limner.illustration.generation.patience import LINE, OVERTAKEN
from limner.scheduling import Limiter

EVERY_KIND = list(Tells)


@pytest.mark.parametrize("tells", EVERY_KIND)
async def test_a_hung_server_fails_its_picture_within_the_bound(tells: Tells) -> None:
    """One picture, and no sign: it fails `picture_timeout` after the last there was."""
    server = SlowServer(NEVER, tells=tells)
    result = await illustrated(server, story(1), picture_timeout=100)
    (slot,) = result.slots
    assert slot.failure is not None
    assert slot.failure.kind == "BackendTimeout"
    assert "for 100 s" in slot.failure.reason
    last = 300 if tells is Tells.PROGRESS else 10 if tells is Tells.LINE else 0
    assert now() == last + 100


@pytest.mark.parametrize("tells", EVERY_KIND)
async def test_pictures_behind_a_hung_one_are_not_held_for_ever(tells: Tells) -> None:
    """The hung one fails, and gives its place up; those behind it, sent or not, are drawn."""
    server = SlowServer(hangs("fox 0", otherwise=40), tells=tells)
    result = await illustrated(server, story(6), picture_timeout=100)
    assert states(result) == ["failed"] + ["ready"] * 5
    assert now() <= 300 + 100 + 5 * 40


async def test_a_drawing_that_stands_still_is_not_kept_alive_by_others() -> None:
    """Where a server tells the progress of each, another's is no sign."""
    server = SlowServer(hangs("fox 0", otherwise=40), width=2, tells=Tells.PROGRESS)
    limiter = Limiter(max_concurrent=2)
    async with Illustrator(backend=server, limiter=limiter, picture_timeout=200) as illustrator:
        failed_at = failing_at(illustrator)
        result = await illustrator.illustrate(story(100))
    assert failed_at == [500]  # it got to 30 % at 300
    assert states(result) == ["failed"] + ["ready"] * 99
    failure = result.slots[0].failure
    assert failure is not None
    assert "30%" in failure.reason


async def test_a_picture_lost_at_a_busy_silent_server_is_not_waited_for_for_ever() -> None:
    """Others that are sent later and made all the time count a dozen times, and no more."""
    server = SlowServer(hangs("fox 0", otherwise=10), width=3)
    limiter = Limiter(max_concurrent=3)
    async with Illustrator(backend=server, limiter=limiter, picture_timeout=100) as illustrator:
        failed_at = failing_at(illustrator)
        result = await illustrator.illustrate(story(500))
    assert states(result) == ["failed"] + ["ready"] * 499
    assert failed_at == [OVERTAKEN / 2 * 10 + 100]


async def test_at_a_silent_server_each_picture_has_its_own_turn() -> None:
    """The second, sent 90 s later, gets its time when the first was given up, and no more."""
    limiter = Limiter(max_concurrent=2)
    server = SlowServer(NEVER, dead=True)
    async with Illustrator(backend=server, limiter=limiter, picture_timeout=100) as illustrator:
        failed_at = failing_at(illustrator)
        await illustrator.illustrate(spoken((0, tag("fox 0")), (90, tag("fox 1"))))
    assert failed_at == [100, 200]


@pytest.mark.parametrize("stands", [1, 3])
async def test_a_line_that_stands_still_is_given_twice_the_time(stands: int) -> None:
    """Others draw there, too: a stranger's long picture is waited for, a dead line is not."""
    server = SlowServer(60, tells=Tells.LINE)
    stranger = asyncio.create_task(server.stranger(stands * 1000))
    await asyncio.sleep(0)
    result = await illustrated(server, story(1), picture_timeout=1000)
    stranger.cancel()
    if stands < LINE:
        assert states(result) == ["ready"]
        return
    assert result.slots[0].failure is not None
    assert "line of the server has not moved for 2000 s" in result.slots[0].failure.reason


async def test_a_sick_server_of_a_pool_is_not_kept_alive_by_the_well_one() -> None:
    """Signs are those of one server: what hangs at one fails in time, the rest is drawn."""
    sick, well = SlowServer(NEVER), SlowServer(40)
    pool = PoolBackend([Member(name="sick", backend=sick), Member(name="well", backend=well)])
    limiter = Limiter(max_concurrent=2)
    async with pool:
        async with Illustrator(backend=pool, limiter=limiter, picture_timeout=100) as illustrator:
            failed_at = failing_at(illustrator)
            result = await illustrator.illustrate(story(30))
    assert failed_at[0] == 100
    failed = [slot for slot in result.slots if slot.state is SlotState.FAILED]
    assert len(well.drawn) == 30 - len(failed)
    assert failed
    for slot in failed:
        assert slot.failure is not None
        assert "the server sick has given no sign" in slot.failure.reason
    assert now() <= 30 * 40


async def test_what_waits_in_a_pool_for_a_member_is_not_silent() -> None:
    """A pool's own line is no more than a server's: five pictures at one slow member are made."""
    pool = PoolBackend([Member(name="only", backend=SlowServer(150))])
    async with pool:
        result = await illustrated(pool, story(5), at_once=5, picture_timeout=200)
    assert states(result) == ["ready"] * 5


@pytest.mark.parametrize("tells", EVERY_KIND)
async def test_a_dead_server_does_not_take_a_story_hostage(tells: Tells) -> None:
    """With all defaults a hundred pictures end within a bound that does not grow with them."""
    server = SlowServer(NEVER, tells=tells, dead=True)
    result = await illustrated(server, story(100))
    assert result.given_up is not None
    assert now() <= PICTURE_TIMEOUT + SETTLE_TIMEOUT
    assert 1 <= len(result.failed) <= 9
    assert len(result.failed) + len(result.waiting) == 100


async def test_a_line_that_moves_because_others_gave_up_is_no_sign() -> None:
    """Those who waited in vain have left it: nothing was drawn, and the message is given up."""
    server = SlowServer(NEVER, tells=Tells.LINE, dead=True)
    result = await illustrated(server, story(100), picture_timeout=100, settle_timeout=1000)
    assert result.given_up is not None
    assert now() <= 1100
