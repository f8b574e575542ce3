"""Texts illustrated as the command does it, and what became of them."""

import asyncio
from typing import Any

from tests.illustration.making import tag

from limner.backends.images.learning import LearnedLimits
from limner.illustration import Illustrated, Illustrator, ImageBackend, ImageFailed, second_try
from limner.scheduling import Limiter


def story(count: int, name: str = "fox") -> str:
    """A text with so many tags."""
    return " ".join(tag(f"{name} {number}") for number in range(count))


def now() -> float:
    """Seconds since the test began."""
    return asyncio.get_running_loop().time()


async def illustrated(
    backend: ImageBackend, text: Any, *, at_once: int = 3, **options: Any
) -> Illustrated:
    """A text illustrated as the command does it: with `second_try`, and limits that are learnt."""
    limiter = Limiter(max_concurrent=at_once, retry=second_try)
    with LearnedLimits(limiter):
        async with Illustrator(backend=backend, limiter=limiter, **options) as illustrator:
            return await illustrator.illustrate(text)


def failing_at(illustrator: Illustrator) -> list[float]:
    """When its pictures fail."""
    at: list[float] = []
    illustrator.on_event(
        lambda _, event: at.append(now()) if isinstance(event, ImageFailed) else None
    )
    return at


def states(result: Illustrated) -> list[str]:
    """The slots' states."""
    return [str(slot.state) for slot in result.slots]
