"""From settings to a limiter, a backend and an illustrator that work together."""

import asyncio
from typing import Any

import pytest

from limner.composition import open_pipeline
from limner.config import Settings
from limner.illustration import Image, ImageBackend, ImageRequest, MemoryStore
from limner.testing import ScriptedBackend

STORY = "".join(f'Night {n}. <!--img-prompt="a fox in night {n}"-->\n\n' for n in range(5))


async def test_rates_of_the_settings_are_kept_to_the_instant() -> None:
    """Two pictures begin at once, the next two a minute later."""
    backend = ScriptedBackend(seconds=1.0)
    settings = Settings(rates=[{"limit": 2, "per": 60}])
    async with open_pipeline(settings, backend=backend) as pipeline:
        await pipeline.illustrator.illustrate(STORY)
    assert [call.began for call in backend.calls] == [0.0, 0.0, 60.0, 60.0, 120.0]


async def test_pipelines_that_share_a_limiter_share_its_limits() -> None:
    """Which is how several messages are resumed under one rate."""
    backend = ScriptedBackend(seconds=0.0)
    settings = Settings(rates=[{"limit": 5, "per": 60}])
    async with open_pipeline(settings, backend=backend) as first:
        await first.illustrator.illustrate(STORY)
        async with open_pipeline(settings, backend=backend, limiter=first.limiter) as second:
            await second.illustrator.illustrate(STORY)
    assert [call.began for call in backend.calls] == [0.0] * 5 + [60.0] * 5


async def test_a_budget_holds_where_there_is_a_ledger() -> None:
    """It is a server's: a command, which remembers nothing, is not bound by it."""
    backend = ScriptedBackend(seconds=0.0)
    settings = Settings(serve={"budget": {"per_day": 2}})
    for ledger, drawn in ((MemoryStore(), 2), (None, 5)):
        async with open_pipeline(settings, backend=backend, ledger=ledger) as pipeline:
            result = await pipeline.illustrator.illustrate(STORY)
        assert sum(slot.image is not None for slot in result.slots) == drawn


class Closable:
    """Draws nothing, and remembers that it was closed."""

    def __init__(self) -> None:
        self.closed = 0

    async def generate(self, request: ImageRequest) -> Image:
        """Wait for ever."""
        await asyncio.Event().wait()
        raise AssertionError

    async def aclose(self) -> None:
        """Remember."""
        self.closed += 1


async def test_what_was_made_is_closed_and_what_was_given_is_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Each is its owner's to close, also where the block ends with an error."""
    made, given = Closable(), Closable()

    def make(*args: Any, **options: Any) -> ImageBackend:
        return made

    monkeypatch.setattr("limner.composition.backends.make_backend", make)
    with pytest.raises(KeyError):
        async with open_pipeline(Settings()):
            raise KeyError
    async with open_pipeline(Settings(), backend=given):
        pass
    assert (made.closed, given.closed) == (1, 0)


async def test_what_stands_before_a_server_is_told_its_name_without_secrets() -> None:
    """Each server of several by itself."""
    names: list[str] = []

    def wrap(backend: ImageBackend, name: str) -> ImageBackend:
        names.append(name)
        return backend

    settings = Settings(backends=["a1111+http://me:secret@desk:7860?steps=9", "sketch"])
    async with open_pipeline(settings, wrap=wrap):
        pass
    assert names == ["a1111+http://desk:7860", "sketch"]
