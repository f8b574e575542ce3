"""The acceptance list: what users of such a system do to it, each under its usual name."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from limner.errors import BackendUnavailable, MessageBusy, SourceFailed
from limner.illustration import (
    Finished,
    Illustrator,
    ImageReady,
    MessageState,
    PromptFound,
    SlotId,
    SlotState,
)
from limner.scheduling import Limiter
from limner.testing import ScriptedBackend


def tag(prompt: str) -> str:
    """A tag of the default grammar."""
    return f'<!--img-prompt="{prompt}"-->'


async def typing(text: str, *, characters_per_second: float = 400) -> AsyncIterator[str]:
    """Text as a model writes it, four characters at a time."""
    for at in range(0, len(text), 4):
        await asyncio.sleep(4 / characters_per_second)
        yield text[at : at + 4]


async def test_long_answer_with_many_prompts() -> None:
    """A hundred pictures in a long answer: all drawn, all in order, never over the limit."""
    backend = ScriptedBackend(seconds=lambda request: 1 + len(request.prompt) % 5)
    text = "".join(f"{'word ' * 50}{tag(f'picture {n}')}" for n in range(100))
    async with Illustrator(backend=backend, limiter=Limiter(max_concurrent=8)) as illustrator:
        result = await illustrator.illustrate(typing(text))
    assert [slot.prompt for slot in result.slots] == [f"picture {n}" for n in range(100)]
    assert result.complete
    assert backend.peak <= 8


async def test_manual_regenerate_while_streaming() -> None:
    """Refused with a clear error on the message being written; fine on a finished one meanwhile."""
    async with Illustrator(backend=ScriptedBackend()) as illustrator:
        await illustrator.illustrate(tag("a fox"), message_id="old")
        text = typing(tag("an owl") + "word " * 1000)
        async with illustrator.stream(text, message_id="new"):
            await asyncio.sleep(3)
            with pytest.raises(MessageBusy, match="new"):
                await illustrator.operations.regenerate(SlotId("new", 0, 0))
            slot = await illustrator.operations.regenerate(SlotId("old", 0, 0))
    assert slot is not None
    assert slot.state is SlotState.READY


async def test_manual_pictures_and_streamed_ones_share_one_limit() -> None:
    """There is one global limit, whoever asks."""
    backend = ScriptedBackend(seconds=5)
    async with Illustrator(backend=backend, limiter=Limiter(max_concurrent=2)) as illustrator:
        await illustrator.illustrate(tag("a fox"), message_id="old")
        clicks = [
            asyncio.create_task(illustrator.operations.regenerate(SlotId("old", 0, 0)))
            for _ in range(5)
        ]
        await illustrator.illustrate("".join(tag(f"owl {n}") for n in range(5)), message_id="new")
        await asyncio.gather(*clicks)
    assert backend.peak == 2


async def test_chat_switched_while_streaming() -> None:
    """Leaving a chat cancels its sessions; nothing of it reaches the other chat or is lost."""
    backend = ScriptedBackend(seconds=20)
    async with Illustrator(backend=backend) as illustrator:

        async def old_chat() -> Any:
            text = typing(tag("a fox") + "word " * 1000)
            return await illustrator.illustrate(text, message_id="m1", chat_id="old")

        async def new_chat() -> Any:
            await asyncio.sleep(5)
            assert illustrator.sessions.cancel_chat("old", reason="chat switched") == 1
            return await illustrator.illustrate(tag("an owl"), message_id="m2", chat_id="new")

        old, new = await asyncio.gather(old_chat(), new_chat())
    assert old.cancelled
    assert "chat switched" in str(old.slots[0].failure)
    assert old.text.startswith(tag("a fox"))
    assert new.complete
    assert [call.outcome for call in backend.calls] == ["cancelled", "made"]


async def test_disabled_while_streaming() -> None:
    """Closing the illustrator in the middle stops everything; what there was is committed."""
    backend = ScriptedBackend(seconds=10**6)
    illustrator = Illustrator(backend=backend)
    async with illustrator:
        running = asyncio.create_task(
            illustrator.illustrate(typing("One " + tag("a fox") + "word " * 1000), message_id="m")
        )
        await asyncio.sleep(2)
    result = await running
    assert result.cancelled
    assert backend.running == 0
    kept = await illustrator.store.load("m")
    assert kept is not None
    assert kept.state is MessageState.CUT
    await illustrator.aclose()


async def test_network_errors() -> None:
    """Every second picture fails: the others are made, each failure keeps its own reason."""
    errors = iter(range(100))

    def fails(request: Any) -> Exception | None:
        number = next(errors)
        return BackendUnavailable(f"connection {number} reset") if number % 2 else None

    backend = ScriptedBackend(fails=fails)
    async with Illustrator(backend=backend, limiter=Limiter(max_concurrent=1)) as illustrator:
        result = await illustrator.illustrate("".join(tag(f"fox {n}") for n in range(6)))
    assert [str(slot.state) for slot in result.slots] == ["ready", "failed"] * 3
    reasons = [slot.failure.reason for slot in result.failed if slot.failure]
    for number, reason in zip((1, 3, 5), reasons, strict=True):
        assert f"connection {number} reset; " in reason


async def test_model_stops_mid_stream() -> None:
    """The text ends inside a tag: what was asked for before is drawn, the rest is kept as text."""

    async def text() -> AsyncIterator[str]:
        yield "One " + tag("a fox") + ' two <!--img-prompt="an o'
        raise ConnectionResetError("the model went away")

    async with Illustrator(backend=ScriptedBackend()) as illustrator:
        with pytest.raises(SourceFailed) as caught:
            await illustrator.illustrate(text())
    result: Any = caught.value.result
    assert result.text.endswith('<!--img-prompt="an o')
    assert [slot.state for slot in result.slots] == [SlotState.READY]


async def test_r10_a_backend_that_answers_instantly_is_tracked() -> None:
    """R10: a picture that is ready at once is counted, found before it is ready."""
    async with Illustrator(backend=ScriptedBackend(seconds=0)) as illustrator:
        async with illustrator.stream(tag("a fox")) as events:
            seen = [event async for event in events]
    order = [type(event) for event in seen if isinstance(event, PromptFound | ImageReady)]
    assert order == [PromptFound, ImageReady]
    assert events.progress().ready == 1


async def test_r18_a_second_message_does_not_lose_the_pictures_of_the_first() -> None:
    """R18: message A still draws while message B starts; both end complete."""
    async with Illustrator(backend=ScriptedBackend(seconds=30)) as illustrator:
        first = asyncio.create_task(illustrator.illustrate(tag("a fox"), message_id="a"))
        await asyncio.sleep(10)
        second = await illustrator.illustrate(tag("an owl"), message_id="b")
        assert (await first).complete
    assert second.complete


async def test_r19_a_message_written_again_forgets_the_old_text() -> None:
    """R19: a new stream for the same message replaces text and slots."""
    async with Illustrator(backend=ScriptedBackend()) as illustrator:
        await illustrator.illustrate(tag("a fox") + tag("an owl"), message_id="m")
        again = await illustrator.illustrate("new " + tag("a hen"), message_id="m")
        kept = await illustrator.store.load("m")
    assert kept == again.message
    assert [slot.prompt for slot in again.slots] == ["a hen"]


async def test_a_session_stays_current_until_its_commit_is_done() -> None:
    """The proposal ended the session before the barrier opened, so nothing was ever inserted."""
    current_at_commit = []
    async with Illustrator(backend=ScriptedBackend(seconds=9), insert_mode="batch") as illustrator:
        save = illustrator.store.save

        async def watched(message: Any) -> None:
            current_at_commit.append(illustrator.sessions.current("m") is not None)
            await save(message)

        illustrator.store.save = watched  # type: ignore[method-assign]
        result = await illustrator.illustrate(tag("a fox"), message_id="m")
        kept = await illustrator.store.load("m")
    assert current_at_commit == [True, True, True]
    assert kept == result.message


async def test_d12_a_message_without_tags_leaves_no_session_behind() -> None:
    """D12: no tag, no picture, no session that waits for ever."""
    async with Illustrator(backend=ScriptedBackend()) as illustrator:
        async with illustrator.stream("Only words.") as events:
            seen = [event async for event in events]
        assert illustrator.sessions.active() == []
    assert isinstance(seen[-1], Finished)
    assert asyncio.get_running_loop().time() == 0
