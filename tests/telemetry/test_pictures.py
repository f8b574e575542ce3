"""What is told of pictures: each waits, is drawn and kept, as a part of who asked for it."""

import asyncio
from typing import Any

import pytest
from tests.illustration.making import made, spoken, tag
from tests.telemetry.told import Told, facts, trace_of, under

from limner.errors import BackendUnavailable
from limner.illustration import Illustrator, Image, ImageRequest, SlotId
from limner.illustration.generation.easel.picture_spans import (
    DRAW,
    KEEP,
    PICTURE,
    WAIT,
)
from limner.scheduling import Limiter, Retry
from limner.testing import ScriptedBackend

pytestmark = pytest.mark.needs("opentelemetry.sdk")

NAME = {"limner.backend": "gpu1"}


def telling(
    told: Told, backend: Any = None, *, prompts: bool = False, **options: Any
) -> Illustrator:
    """An illustrator that tells of its pictures."""
    spans = told.spans(prompts=prompts)
    return made(spans.drawn_by(backend or ScriptedBackend(), NAME), spans=spans, **options)


async def test_each_picture_waits_is_drawn_and_kept_in_the_span_of_who_asked() -> None:
    """With the server's name, the try and the outcome; the second waits for the first."""
    told = Told()
    async with telling(told, max_concurrent=1) as illustrator:
        with under(told, "asking"):
            await illustrator.illustrate(tag("a fox") + tag("an owl"))
    (asking,) = told.named("asking")
    pictures = told.named(PICTURE)
    assert told.in_(asking) == [PICTURE, PICTURE]
    assert {trace_of(one) for one in told.all} == {trace_of(asking)}
    for number, one in enumerate(pictures):
        assert told.in_(one) == [WAIT, DRAW, KEEP]
        assert (facts(one)["limner.ordinal"], facts(one)["limner.attempts"]) == (number, 1)
    drawn = facts(told.named(DRAW)[0])
    assert drawn["limner.backend"] == "gpu1"
    assert (drawn["limner.attempt"], drawn["limner.outcome"]) == (1, "drawn")


class Failing(ScriptedBackend):
    """Cannot draw the first time, and says so in words that quote the prompt."""

    tried = 0

    async def generate(self, request: ImageRequest) -> Image:
        """Draw."""
        self.tried += 1
        if self.tried == 1:
            raise BackendUnavailable(f"no room for {request.prompt}")
        return await super().generate(request)


async def test_each_try_is_a_span_and_no_span_quotes_anybody() -> None:
    """Neither a prompt nor an error's words, unless prompts are wished."""
    for wished in (False, True):
        told = Told()
        spans = told.spans(prompts=wished)
        limiter = Limiter(max_concurrent=1, retry=Retry(attempts=2, backoff=1.0))
        backend = spans.drawn_by(Failing(), NAME)
        async with Illustrator(backend=backend, limiter=limiter, spans=spans) as illustrator:
            result = await illustrator.illustrate(f"Once. {tag('a secret fox')} End.")
        assert result.complete
        (picture,) = told.named(PICTURE)
        assert told.in_(picture) == [WAIT, DRAW, WAIT, DRAW, KEEP]
        first, second = map(facts, told.named(DRAW))
        assert (first["limner.attempt"], first["error.type"]) == (1, "BackendUnavailable")
        assert (second["limner.attempt"], second["limner.outcome"]) == (2, "drawn")
        assert facts(picture)["limner.attempts"] == 2
        assert told.says("secret") is wished
        assert not told.says("no room") and not told.says("Once.")  # noqa: PT018 - both or none


async def test_a_picture_that_somebody_stops_has_not_failed() -> None:
    """It is told that it was cancelled, and nothing stays open."""
    told = Told()
    async with telling(told, ScriptedBackend(seconds=100)) as illustrator:
        async with illustrator.stream(tag("a fox")) as events:
            await asyncio.sleep(1)
            events.session.cancel("enough")
    (picture,) = told.named(PICTURE)
    assert facts(picture)["limner.outcome"] == "cancelled"
    assert "error.type" not in facts(picture)
    assert facts(told.named(DRAW)[0])["limner.outcome"] == "cancelled"


async def test_what_is_asked_for_at_the_same_time_is_in_its_own_trace() -> None:
    """Whoever hands over text at the common beat, and whoever draws an identical picture."""
    told = Told()

    async def ask(illustrator: Illustrator, name: str) -> None:
        text = spoken(*((0.03, f"{name} {n} {tag(f'{name} {n}')} ") for n in range(3)))
        with under(told, name):
            await illustrator.illustrate(text)

    names = [f"story {n}" for n in range(5)]
    async with telling(told, prompts=True) as illustrator:
        await asyncio.gather(*(ask(illustrator, name) for name in names))
    for name in names:
        (asking,) = told.named(name)
        mine = [one for one in told.named(PICTURE) if trace_of(one) == trace_of(asking)]
        prompts = [str(facts(one)["limner.prompt"]) for one in mine]
        assert sorted(prompts) == [f"{name} {n}" for n in range(3)]


async def test_a_redrawing_is_a_part_of_who_asks_for_it() -> None:
    """And not of whoever had the story written."""
    told = Told()
    async with telling(told) as illustrator:
        with under(told, "writing"):
            await illustrator.illustrate(tag("a fox"), message_id="m")
        with under(told, "again"):
            await illustrator.operations.regenerate(SlotId("m", 0, 0), mode="append")
    first, second = told.named(PICTURE)
    assert trace_of(first) == trace_of(told.named("writing")[0])
    assert trace_of(second) == trace_of(told.named("again")[0])
    assert facts(second)["limner.drawing"] == 1
