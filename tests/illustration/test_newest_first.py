"""Pictures of the answer on screen go before those of answers that it has taken the place of."""

import asyncio

from limner.illustration import Illustrator, MemoryStore
from limner.scheduling import Limiter
from limner.testing import ScriptedBackend, run_virtual


def text(name: str) -> str:
    """An answer with three pictures."""
    return "".join(f'A <!--img-prompt="{name} {number}"--> ' for number in range(3))


def order(*, back: bool = False) -> list[str]:
    """The prompts in the order in which they were drawn, one a second."""

    async def main() -> list[str]:
        backend = ScriptedBackend(seconds=1.0)
        limiter = Limiter(max_concurrent=1)
        async with Illustrator(backend=backend, limiter=limiter) as illustrator:

            async def answer(variant: int, name: str) -> None:
                await illustrator.illustrate(text(name), message_id="m", variant=variant)

            old = asyncio.create_task(answer(0, "old"))
            await asyncio.sleep(0.5)
            new = asyncio.create_task(answer(1, "new"))
            other = asyncio.create_task(illustrator.illustrate(text("other"), message_id="n"))
            await asyncio.sleep(1.0)
            if back:
                assert await illustrator.operations.select_variant("m", 0)
            await asyncio.gather(old, new, other)
        assert [call.outcome for call in backend.calls] == ["made"] * 9
        return [call.request.prompt for call in backend.calls]

    return run_virtual(main())


def test_pictures_of_a_superseded_answer_wait_behind_all_others() -> None:
    """They are not cancelled: a reader may go back."""
    assert order() == [
        "old 0", "new 0", "new 1", "new 2", "other 0", "other 1", "other 2", "old 1", "old 2",
    ]  # fmt: skip


def test_who_goes_back_has_them_in_line_again() -> None:
    """And those that were on screen meanwhile wait behind all."""
    assert order(back=True) == [
        "old 0", "new 0", "other 0", "other 1", "other 2", "old 1", "old 2", "new 1", "new 2",
    ]  # fmt: skip


def after_a_start(*, back: bool = False) -> list[str]:
    """The same of what a former process left: an old answer, the one on screen, and new ones."""

    async def main() -> list[str]:
        store = MemoryStore()
        first = Illustrator(
            backend=ScriptedBackend(seconds=100.0), limiter=Limiter(max_concurrent=1), store=store,
            durable=True,
        )  # fmt: skip
        answers = []
        for variant, name in enumerate(("old", "new")):
            going = first.illustrate(text(name), message_id="m", variant=variant)
            answers.append(asyncio.create_task(going))
            await asyncio.sleep(1.0)
        await first.aclose()
        await asyncio.gather(*answers)
        backend, limiter = ScriptedBackend(seconds=1.0), Limiter(max_concurrent=1)
        async with Illustrator(backend=backend, limiter=limiter, store=store) as second:
            found = await second.recover()
            assert len(found.queued) == 6
            fresh = asyncio.create_task(second.illustrate(text("fresh"), message_id="n"))
            await asyncio.sleep(1.5)
            if back:
                assert await second.operations.select_variant("m", 0)
            await second.recovered()
            await fresh
        return [call.request.prompt for call in backend.calls]

    return run_virtual(main())


def test_old_answers_wait_behind_all_others_after_a_start_too() -> None:
    """Also behind what is asked for after it."""
    made = after_a_start()
    assert sorted(made[:6]) == sorted(f"{name} {n}" for name in ("new", "fresh") for n in range(3))
    assert made[6:] == ["old 0", "old 1", "old 2"]


def test_who_goes_back_after_a_start_has_them_in_line_again() -> None:
    """Those of the answer that was on screen wait behind all then."""
    made = after_a_start(back=True)
    assert made[0] == "new 0"
    assert made[-1] == "new 2"
    assert made.index("old 2") < len(made) - 1
