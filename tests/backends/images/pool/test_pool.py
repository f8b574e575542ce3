"""Several servers as one backend: nothing is lost when one of them is."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

import pytest
from tests.backends.images.pool.mortal_backend import MortalBackend

from limner import Illustrator
from limner.backends.images.pool import Member, MemberChanged, MemberState, PoolBackend
from limner.errors import (
    BackendRejected,
    BackendTimeout,
    BackendUnavailable,
    BadPicture,
    ContentRefused,
    JobCancelled,
    WouldDeadlock,
)
from limner.illustration.model.image import Image, ImageRequest
from limner.illustration.ports import ImageBackend
from limner.scheduling import Limiter, Rate, Scheduled


def asked(prompt: str, **attributes: str) -> ImageRequest:
    """A request."""
    return ImageRequest(prompt=prompt, attributes=attributes)


def pool_of(
    backends: Iterable[MortalBackend], *, at_once: int = 2, **options: float
) -> PoolBackend:
    """A pool with so many pictures at once at each member."""
    return PoolBackend(
        [
            Member(name=backend.name, backend=backend, limiter=Limiter(max_concurrent=at_once))
            for backend in backends
        ],
        **options,  # type: ignore[arg-type]  # the test's own keywords
    )


def members_of(images: Iterable[Image]) -> list[object]:
    """Who drew what."""
    return [image.info["member"] for image in images]


async def test_no_picture_is_lost_when_one_server_dies_and_another_is_slow() -> None:
    """The dead one's work is done by the others at once; it is used again when it is back."""
    quick, slow, mortal = (
        MortalBackend("quick"),
        MortalBackend("slow", 5.0),
        MortalBackend("mortal"),
    )
    changes: list[MemberChanged] = []
    async with pool_of([quick, slow, mortal]) as pool:
        pool.on(changes.append)

        async def fate() -> None:
            await asyncio.sleep(10.5)
            mortal.die()
            await asyncio.sleep(25)
            mortal.live()

        dying = asyncio.create_task(fate())
        limiter = Limiter(max_concurrent=6)
        images = await asyncio.gather(
            *(limiter.run(pool.generate, asked(f"fox {n}")) for n in range(240))
        )
        await dying
        status = {member.name: member for member in pool.status()}
    assert len(images) == 240
    drawn = [prompt for backend in (quick, slow, mortal) for _, prompt in backend.done]
    assert sorted(drawn) == sorted(f"fox {n}" for n in range(240))
    assert [quick.peak, slow.peak, mortal.peak] == [2, 2, 2]
    assert any(at < 10.5 for at, _ in mortal.done)
    assert not any(10.5 < at < 35.5 for at, _ in mortal.done)
    assert any(at > 40 for at, _ in mortal.done)
    states = [change.state for change in changes if change.name == "mortal"]
    assert states == [MemberState.DOWN, MemberState.TRYING, MemberState.READY]
    assert 2 <= status["mortal"].failed <= 4
    assert sum(member.done for member in status.values()) == 240
    assert status["slow"].done < status["mortal"].done < status["quick"].done
    # Ideal: 4.4 pictures a second, 2.4 while one is dead.
    assert asyncio.get_running_loop().time() < 1.15 * (10.5 + 25 + (240 - 46.2 - 60) / 4.4)


async def test_a_picture_whose_server_dies_goes_before_those_that_wait() -> None:
    """It keeps its place."""
    one, two = MortalBackend("one", 2.0), MortalBackend("two", 3.0)
    async with pool_of([one, two], at_once=1) as pool:
        drawing = [asyncio.create_task(pool.generate(asked(f"fox {n}"))) for n in range(6)]
        await asyncio.sleep(1)
        one.die()
        await asyncio.gather(*drawing)
    assert [prompt for _, prompt in two.done] == [f"fox {n}" for n in (1, 0, 2, 3, 4, 5)]


async def test_a_picture_does_not_come_back_to_a_server_that_failed_at_it() -> None:
    """It rather waits for one that has not."""
    one = MortalBackend("one", error=[BackendUnavailable("CUDA out of memory", status=500)])
    two = MortalBackend("two", 5.0)
    async with pool_of([two, one], at_once=1) as pool:
        first = asyncio.create_task(pool.generate(asked("a fox")))
        await asyncio.sleep(1)
        images = [await pool.generate(asked("a hare")), await first]
        assert members_of(images) == ["two", "two"]
        assert [prompt for _, prompt in one.began] == ["a hare"]
        assert pool.status()[1].state is MemberState.READY


@pytest.mark.parametrize(
    "error",
    [
        BackendRejected("no such sampler"),
        ContentRefused("not that"),
        BackendTimeout("no picture within 60 s"),
        BadPicture("a web page"),
    ],
    ids=lambda error: type(error).__name__,
)
async def test_a_refused_picture_is_not_drawn_elsewhere(error: Exception) -> None:
    """Nor is one that may have been begun: the caller gets the server's words."""
    one, two = MortalBackend("one", error=[error]), MortalBackend("two")  # type: ignore[list-item]
    async with pool_of([one, two]) as pool:
        with pytest.raises(type(error)) as caught:
            await pool.generate(asked("a fox"))
        assert caught.value is error
    assert two.began == []


async def test_a_server_that_cannot_be_connected_to_in_time_loses_the_picture() -> None:
    """The request has not reached it."""
    late = BackendTimeout("no connection within 5 s", accepted=False)
    one, two = MortalBackend("one", error=[late]), MortalBackend("two")
    async with pool_of([one, two]) as pool:
        assert members_of([await pool.generate(asked("a fox"))]) == ["two"]


async def test_a_busy_server_loses_the_picture_and_cools_down() -> None:
    """429 with Retry-After: another member draws it, and nobody asks the first meanwhile."""
    one, two = MortalBackend("one", busy=True), MortalBackend("two", 0.5)
    async with pool_of([one, two], at_once=1) as pool:
        images = [await pool.generate(asked("a fox")) for _ in range(3)]
        assert members_of(images) == ["two"] * 3
        assert len(one.began) == 1
        assert pool.status()[0].state is MemberState.COOLING
        assert pool.status()[0].learned.refusals == 1
        one.busy = False
        await asyncio.sleep(2)
        assert pool.status()[0].state is MemberState.READY
        assert members_of([await pool.generate(asked("a fox"))]) == ["one"]


async def test_a_pool_of_busy_servers_waits_for_them() -> None:
    """The picture waits in the pool until one of them wants to be asked again."""
    one, two = MortalBackend("one", busy=True), MortalBackend("two", busy=True)
    async with pool_of([one, two]) as pool:
        drawing = asyncio.create_task(pool.generate(asked("a fox")))
        await asyncio.sleep(1)
        assert [member.waiting for member in pool.status()] == [1, 1]
        one.busy = False
        await drawing
        assert asyncio.get_running_loop().time() == 3  # two seconds, and one to draw


async def test_the_least_loaded_for_its_weight_draws_next() -> None:
    """Three parts of four go to the member with three times the weight."""
    light, heavy = MortalBackend("light"), MortalBackend("heavy")
    members = [
        Member(name=each.name, backend=each, weight=weight, limiter=Limiter(max_concurrent=100))
        for each, weight in ((light, 1.0), (heavy, 3.0))
    ]
    async with PoolBackend(members) as pool:
        await asyncio.gather(*(pool.generate(asked("a fox")) for _ in range(40)))
    assert (len(light.done), len(heavy.done)) == (10, 30)


async def test_each_member_keeps_its_own_limits_under_the_global_one() -> None:
    """One at a time here, two in ten seconds there, three in all."""
    one, two = MortalBackend("one"), MortalBackend("two", 0.1)
    members = [
        Member(name="one", backend=one),
        Member(name="two", backend=two, limiter=Limiter(rates=[Rate(2, 10)])),
    ]
    limiter = Limiter(max_concurrent=3)
    async with PoolBackend(members) as pool:
        await asyncio.gather(*(limiter.run(pool.generate, asked("a fox")) for _ in range(20)))
    assert one.peak == 1
    starts = [at for at, _ in two.began]
    assert all(later - first >= 10 for first, later in zip(starts, starts[2:], strict=False))
    assert len(one.done) + len(two.done) == 20
    assert len(two.done) >= 3


async def test_a_model_is_drawn_where_it_is() -> None:
    """Members are asked for their models once; those that say nothing come last."""
    one, two = MortalBackend("one", offers=("dream",)), MortalBackend("two", offers=("xl", "flux"))
    async with pool_of([one, two]) as pool:
        images = [
            await pool.generate(asked("a fox", model=name)) for name in ("xl", "FLUX", "dream")
        ]
        assert members_of(images) == ["two", "two", "one"]
        with pytest.raises(BackendRejected, match=r"'none'.*one: dream; two: xl, flux"):
            await pool.generate(asked("a fox", model="none"))
        await asyncio.gather(*(pool.generate(asked("a fox", model="xl")) for _ in range(10)))
        assert (len(one.done), len(two.done)) == (1, 12)
        assert [model.name for model in await pool.models()] == ["dream", "xl", "flux"]


async def test_servers_that_tell_no_models_are_asked_to_draw_them_all_the_same() -> None:
    """Only where nobody is known to have the model."""
    one, two = MortalBackend("one"), MortalBackend("two", offers=("xl",))
    async with pool_of([one, two]) as pool:
        assert members_of([await pool.generate(asked("a fox", model="mystery"))]) == ["one"]
        two.die()  # what it has is known by now
        with pytest.raises(BackendUnavailable, match="cannot reach two"):
            await pool.generate(asked("a fox", model="xl"))


async def test_waiting_for_a_model_does_not_hold_up_others() -> None:
    """A picture that only a busy member can draw lets others pass to free ones."""
    one, two = MortalBackend("one", 10.0, offers=("xl",)), MortalBackend("two", offers=("other",))
    async with pool_of([one, two], at_once=1) as pool:
        wanting = [asyncio.create_task(pool.generate(asked("a fox", model="xl"))) for _ in range(3)]
        await asyncio.sleep(0.5)
        await pool.generate(asked("a hare"))
        assert asyncio.get_running_loop().time() == 1.5
        await asyncio.gather(*wanting)
    assert len(one.done) == 3


async def test_when_every_server_is_down_a_picture_waits_a_while_and_fails() -> None:
    """With what each of them failed with; if one comes back in time it is drawn."""
    one = MortalBackend("one", dead=True)
    async with pool_of([one], threshold=1, patience=30.0) as pool:
        with pytest.raises(BackendUnavailable, match="cannot reach one"):
            await pool.generate(asked("a fox"))
        began = asyncio.get_running_loop().time()
        with pytest.raises(BackendUnavailable, match="one is down"):
            await pool.generate(asked("a fox"))
        assert asyncio.get_running_loop().time() == began + 30
        drawing = asyncio.create_task(pool.generate(asked("a fox")))
        await asyncio.sleep(1)
        one.live()
        assert members_of([await drawing]) == ["one"]


async def test_a_dead_server_is_looked_at_ever_more_rarely() -> None:
    """After 5, 10, 20, … seconds, by its check and not with a picture."""
    one, two = MortalBackend("one", dead=True), MortalBackend("two")
    async with pool_of([one, two], at_once=1, threshold=1) as pool:
        await pool.generate(asked("a fox"))
        assert pool.status()[0].next_probe_in == 4
        await asyncio.sleep(150)
        assert one.checks == 5  # at 5, 15, 35, 75 and 135; the next is at 195
        assert len(one.began) == 1


async def test_a_cancelled_picture_is_cancelled_at_its_server() -> None:
    """The call ends when the server's work has stopped, and the slot is free."""
    one = MortalBackend("one", 10.0)
    async with pool_of([one], at_once=1) as pool:
        first = asyncio.create_task(pool.generate(asked("a fox")))
        second = asyncio.create_task(pool.generate(asked("a hare")))
        third = asyncio.create_task(pool.generate(asked("an owl")))
        await asyncio.sleep(1)
        first.cancel()
        second.cancel()
        await asyncio.wait([first, second])
        assert (first.cancelled(), second.cancelled()) == (True, True)
        assert one.cancelled == 1
        await third
    assert [prompt for _, prompt in one.done] == ["an owl"]


async def test_a_picture_cancelled_in_the_instant_it_gets_a_member_frees_it() -> None:
    """Nothing is lost between the two."""
    one, limiter = MortalBackend("one"), Limiter(max_concurrent=1)
    async with PoolBackend([Member(name="one", backend=one, limiter=limiter)]) as pool:
        first = asyncio.create_task(pool.generate(asked("a fox")))
        second = asyncio.create_task(pool.generate(asked("a hare")))
        await asyncio.sleep(0.5)
        limiter.once(Scheduled, lambda _: second.cancel())
        await first
        await asyncio.wait([second])
        assert second.cancelled()
        assert pool.status()[0].running == 0
        await pool.generate(asked("an owl"))
    assert [prompt for _, prompt in one.done] == ["a fox", "an owl"]


async def test_a_slow_stop_is_waited_for() -> None:
    """A server that needs a while to stop keeps its slot as long."""

    class Slow(MortalBackend):
        async def generate(self, request: ImageRequest) -> Image:
            try:
                return await super().generate(request)
            except asyncio.CancelledError:
                await asyncio.sleep(3)
                raise

    one = Slow("one", 10.0)
    async with pool_of([one], at_once=1) as pool:
        drawing = asyncio.create_task(pool.generate(asked("a fox")))
        await asyncio.sleep(1)
        drawing.cancel()
        await asyncio.sleep(1)
        drawing.cancel()  # impatient
        await asyncio.wait([drawing])
        assert asyncio.get_running_loop().time() == 4
        assert drawing.cancelled()


async def test_members_come_and_go_while_it_draws() -> None:
    """A drained one finishes what it has; a removed one is closed; a new one gets work at once."""
    one, two, three = (MortalBackend(name, 2.0) for name in ("one", "two", "three"))
    changes: list[MemberChanged] = []
    async with pool_of([one, two], at_once=1) as pool:
        pool.on(changes.append)
        drawing = [asyncio.create_task(pool.generate(asked(f"fox {n}"))) for n in range(12)]
        await asyncio.sleep(1)
        draining = asyncio.create_task(pool.drain("one"))
        await asyncio.sleep(0)
        assert pool.status()[0].state is MemberState.DRAINING
        await draining
        assert asyncio.get_running_loop().time() == 2
        assert pool.status()[0].state is MemberState.DRAINED
        pool.add(Member(name="three", backend=three))
        await asyncio.sleep(4)
        assert len(three.began) >= 2
        assert len(one.began) == 1
        pool.resume("one")
        await pool.remove("two")
        assert (two.closed, two.running) == (1, 0)
        await asyncio.gather(*drawing)
        assert [member.name for member in pool.status()] == ["one", "three"]
        with pytest.raises(KeyError):
            await pool.remove("two")
    assert [(change.name, change.state.value) for change in changes] == [
        ("one", "draining"), ("one", "drained"), ("three", "ready"), ("one", "ready"),
        ("two", "draining"), ("two", "drained"), ("two", "removed"),
    ]  # fmt: skip
    assert (one.closed, three.closed) == (1, 1)


async def test_a_changed_limit_counts_for_those_who_wait() -> None:
    """Also when nothing else happens; so does the end of a pause."""
    one, limiter = MortalBackend("one"), Limiter(max_concurrent=1)
    async with PoolBackend([Member(name="one", backend=one, limiter=limiter)]) as pool:
        pool.update("one", max_concurrent=0)
        drawing = asyncio.create_task(pool.generate(asked("a fox")))
        await asyncio.sleep(5)
        pool.update("one", max_concurrent=1)
        await drawing
        assert asyncio.get_running_loop().time() == 6
        limiter.pause()
        drawing = asyncio.create_task(pool.generate(asked("a fox")))
        await asyncio.sleep(4)
        limiter.resume()
        await drawing
        assert asyncio.get_running_loop().time() == 11


async def test_closing_ends_what_waits_and_what_runs() -> None:
    """With an error that says so; the backends are closed, also if one of them fails to."""

    class Stubborn(MortalBackend):
        async def aclose(self) -> None:
            raise OSError("it does not close")

    one, two = Stubborn("one", 10.0), MortalBackend("two", 10.0)
    pool = pool_of([one, two], at_once=1)
    drawing = [asyncio.create_task(pool.generate(asked("a fox"))) for _ in range(5)]
    await asyncio.sleep(1)
    with pytest.raises(OSError, match="does not close"):
        await pool.aclose()
    ended = await asyncio.gather(*drawing, return_exceptions=True)
    assert {str(error) for error in ended} == {"the pool has been closed; make a new one"}
    assert (one.cancelled, two.cancelled, two.closed) == (1, 1, 1)
    await pool.aclose()
    with pytest.raises(BackendUnavailable, match="closed"):
        await pool.generate(asked("a fox"))
    with pytest.raises(BackendUnavailable, match="closed"):
        pool.add(Member(name="three", backend=two))


async def test_a_job_cancelled_at_a_members_limiter_says_so() -> None:
    """Whoever stops a member's jobs by hand does not have them drawn again."""
    one, limiter = MortalBackend("one", 10.0), Limiter(max_concurrent=1)
    async with PoolBackend([Member(name="one", backend=one, limiter=limiter)]) as pool:
        drawing = asyncio.create_task(pool.generate(asked("a fox")))
        await asyncio.sleep(1)
        for job in limiter.jobs():
            job.cancel("by hand")
        with pytest.raises(JobCancelled, match="by hand"):
            await drawing
        assert pool.status()[0].running == 0


def test_pictures_are_interchangeable_only_between_equal_members() -> None:
    """The identity is the members' own if they agree, else there is none."""
    same = [MortalBackend("one"), MortalBackend("two")]
    assert pool_of(same).identity == "same"
    same[1].identity = "other"
    assert pool_of(same).identity is None
    assert PoolBackend().identity is None


async def test_mistakes_are_told() -> None:
    """Names and limiters are one member's; a pool without members draws nothing."""
    one = MortalBackend("one")
    limiter = Limiter(max_concurrent=1)
    member = Member(name="one", backend=one, limiter=limiter)
    with pytest.raises(ValueError, match="has a member 'one' already"):
        PoolBackend([member, member])
    with pytest.raises(ValueError, match="another member's"):
        PoolBackend([member, Member(name="two", backend=one, limiter=limiter)])
    for wrong in ({"weight": 0}, {"weight": float("nan")}, {"name": " "}):
        with pytest.raises(ValueError, match=r"name|weight"):
            Member(**{"name": "one", "backend": one, **wrong})  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="threshold"):
        PoolBackend(threshold=0)
    with pytest.raises(BackendUnavailable, match="has no members"):
        await PoolBackend().generate(asked("a fox"))
    async with PoolBackend([member]) as pool:
        with pytest.raises(WouldDeadlock, match="member 'one'"):
            await limiter.run(pool.generate, asked("a fox"))


async def test_a_look_at_all_members_tells_who_is_missing() -> None:
    """`check` fails only if none is there."""
    one, two = MortalBackend("one", offers=("xl",)), MortalBackend("two", dead=True)
    async with pool_of([one, two]) as pool:
        facts = await pool.check()
        assert [model.name for model in facts.models] == ["xl"]
        assert facts.notes == ("one: mortal", "two does not answer: cannot reach two")
        assert await pool.samplers() == ["Euler"]
        one.die()
        with pytest.raises(BackendUnavailable, match="no server of the pool answers"):
            await pool.check()


async def test_a_story_is_illustrated_by_a_pool() -> None:
    """Through the usual way: limiter, retries, events."""
    one, two = MortalBackend("one"), MortalBackend("two")
    two.die()
    pool: ImageBackend = pool_of([one, two])
    text = "".join(f'Snow. <!--img-prompt="fox {n}"--> ' for n in range(8))
    async with Illustrator(backend=pool) as illustrator:
        result = await illustrator.illustrate(text)
    assert result.complete
    assert len(one.done) == 8
