"""What a worker draws for a slot when no server is left that would say it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from limner.illustration import ImageRequest, Message, Slot, SlotId
from limner.illustration.generation.easel.draw_context import STREAMED_PRIORITY
from limner.illustration.model.pending import asked_for
from limner.prompts import find_prompts
from limner.server.orders.request_text import Asked
from limner.server.orders.unplaced import Unplaced
from limner.server.preferences import LiveSettings
from limner.storage import Library, Order

pytestmark = pytest.mark.real_time

STORY = 'A <!--img-prompt="a fox"-->, <!--img-prompt="an owl" size="64x96"-->.'


@asynccontextmanager
async def kept(place: Path, story: str = STORY, **choices: Any) -> AsyncIterator[Library]:
    """A library with a story whose pictures were asked for, by somebody who chose something."""
    async with await Library.open(place) as library:
        await (await LiveSettings.load(library)).change(choices)
        slots = tuple(
            asked_for(Slot.of(SlotId("m", 0, at), tag), at=1.0)[0]
            for at, tag in enumerate(find_prompts(story))
        )
        await library.save(Message(id="m", chat_id="tale", text=story, slots=slots, owner="ann"))
        yield library


async def asked(library: Library, slot: SlotId | None, attempt: int = 0) -> Asked | None:
    """What a worker that was just started draws for an order."""
    says = Unplaced(library, await LiveSettings.load(library))
    return await says(Order(id="o", job=1, slot=slot, attempt=attempt, request=None))


async def test_it_is_what_a_server_would_have_said(tmp_path: Path) -> None:
    """By the prompt and its tag, and by what people chose; for the owner, in its turn."""
    chosen: dict[str, Any] = {"width": 512, "height": 320, "seed": 7, "negative_prompt": "blur",
              "styles": [{"name": "ink", "prefix": "in ink"}], "style": ["ink"]}  # fmt: skip
    async with kept(tmp_path, **chosen) as library:
        first = await asked(library, SlotId("m", 0, 0))
        second = await asked(library, SlotId("m", 0, 1))
        assert first is not None
        assert second is not None
        settings = await LiveSettings.load(library)
        told = settings.compose("a fox", {}, "blur")
        assert first.request.prompt == told.prompt != "a fox"
        assert first.request.negative_prompt == told.negative_prompt
        assert (first.request.width, first.request.height) == (512, 320)
        assert (second.request.width, second.request.height) == (64, 96)
        assert first.request.seed not in (None, second.request.seed)
        assert first.request.progress is None
        assert (first.owner, first.priority) == ("ann", STREAMED_PRIORITY)
        assert await asked(library, SlotId("m", 0, 0)) == first


async def test_a_change_of_settings_counts_for_what_comes_after_it(tmp_path: Path) -> None:
    """A worker follows them, as a server does."""
    async with kept(tmp_path, seed=7) as library:
        settings = await LiveSettings.load(library)
        says = Unplaced(library, settings)
        order = Order(id="o", job=1, slot=SlotId("m", 0, 0), attempt=0, request=None)
        before = await says(order)
        await settings.change({"width": 640})
        after = await says(order)
        assert before is not None
        assert after is not None
        assert after.request == replace(before.request, width=640)
        assert isinstance(after.request, ImageRequest)


@pytest.mark.parametrize(
    ("slot", "attempt"),
    [(None, 0), (SlotId("gone", 0, 0), 0), (SlotId("m", 5, 0), 0), (SlotId("m", 0, 9), 0),
     (SlotId("m", 0, 0), 1)],
    ids=["no slot", "no message", "no answer", "no such slot", "another drawing"],
)  # fmt: skip
async def test_nothing_is_drawn_that_nobody_waits_for(
    slot: SlotId | None, attempt: int, tmp_path: Path
) -> None:
    """Or of which only a server can say what it is to be."""
    async with kept(tmp_path) as library:
        assert await asked(library, slot, attempt) is None


async def test_whose_reference_pictures_it_needs_only_servers_know(tmp_path: Path) -> None:
    """Such a picture waits for one."""
    story = 'A <!--img-prompt="a fox" reference="ann.png"-->.'
    async with kept(tmp_path, story) as library:
        assert await asked(library, SlotId("m", 0, 0)) is None
