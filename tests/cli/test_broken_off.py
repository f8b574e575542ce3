"""A run that is broken off before any text came leaves nothing in the library."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from limner.cli.shared.kept_message import LibraryTarget, kept_message
from limner.cli.shared.output import Output
from limner.cli.story.imprint import Imprint
from limner.cli.story.looks import Looks
from limner.config import Settings
from limner.illustration import Message
from limner.storage import Library

pytestmark = pytest.mark.real_time


async def kept(
    place: Path,
    *,
    asked: str | None = None,
    text: str = "",
    begun: asyncio.Event,
) -> None:
    """Prepare a message, save what came of it, and wait to be broken off."""
    block = kept_message(
        LibraryTarget(place=str(place), asked=asked, chat="Tales"),
        Settings(backend="sketch"),
        output=Output(path=None, format="html"),
        title=None,
        imprint=Imprint(),
        size=(64, 64),
        seed=None,
        looks=Looks(),
    )
    async with block as made:
        if text:
            await made.library.save(Message(id=made.message_id, chat_id=made.chat_id, text=text))
        begun.set()
        await asyncio.Event().wait()


async def titles(place: Path) -> list[str | None]:
    """Of the chats that are left."""
    async with await Library.open(place) as library:
        return [chat.title for chat in await library.chats()]


async def broken_off_at(
    step: int, place: Path, asked: str | None, monkeypatch: pytest.MonkeyPatch
) -> bool:
    """Break the preparation off when it leaves the event loop so often; whether it does."""
    loop, begun, left = asyncio.get_running_loop(), asyncio.Event(), step
    in_thread = loop.run_in_executor

    def counted(*arguments: Any) -> Any:
        nonlocal left
        left -= 1
        if left == 0:
            work.cancel()
        return in_thread(*arguments)

    work = asyncio.create_task(kept(place, asked=asked, begun=begun))
    waiting = asyncio.create_task(begun.wait())
    with monkeypatch.context() as patched:
        patched.setattr(loop, "run_in_executor", counted)
        await asyncio.wait((work, waiting), return_when=asyncio.FIRST_COMPLETED)
        was_broken_off = left <= 0
        work.cancel()
        await asyncio.wait((work, waiting), return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    await asyncio.wait((work,))
    assert work.cancelled()
    return was_broken_off


@pytest.mark.parametrize("asked", [None, "Tell me of the fox."])
async def test_no_empty_chat_is_left_whenever_it_is_broken_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, asked: str | None
) -> None:
    """At any step of its preparation, and when that is done."""
    step = 1
    while await broken_off_at(step, tmp_path / str(step), asked, monkeypatch):
        assert await titles(tmp_path / str(step)) == []
        step += 1
    assert step > 10
    assert await titles(tmp_path / str(step)) == []


async def test_what_has_text_stays(tmp_path: Path) -> None:
    """`limner resume` goes on from there."""
    begun = asyncio.Event()
    work = asyncio.create_task(kept(tmp_path / "kept", text="Once", begun=begun))
    await begun.wait()
    work.cancel()
    await asyncio.wait((work,))
    assert await titles(tmp_path / "kept") == ["Tales"]
