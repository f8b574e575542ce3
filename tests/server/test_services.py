"""What the server's parts share: who is told of what, and who closes what."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from tests.server.api.running import FOX, running

from limner.errors import StorageUnavailable
from limner.server.preferences import LiveSettings, Preferences
from limner.storage import Library

pytestmark = pytest.mark.real_time


async def test_closing_the_services_leaves_to_their_owners_what_they_were_given(
    tmp_path: Path,
) -> None:
    """Readers of events get a `closing`; illustrator, library and background go on."""
    async with running(tmp_path) as api:
        services = api.services
        more = asyncio.Event()
        task = services.background.start(more.wait(), name="something")
        await services.aclose()
        await services.aclose()
        assert services.hub.closed
        result = await services.illustrator.illustrate(FOX)
        assert result.complete
        assert not task.done()
        more.set()
        assert await task
        assert await services.library.load(result.message.id) is not None


async def test_after_the_services_are_closed_nothing_follows_the_settings(tmp_path: Path) -> None:
    """The limiter is its owner's again."""
    async with running(tmp_path) as api:
        await api.services.aclose()
        await api.services.settings.change({"max_concurrent": 9})
        assert api.services.limiter.limits.max_concurrent == 3


async def test_a_choice_that_is_kept_counts_though_whoever_made_it_goes_away(
    tmp_path: Path,
) -> None:
    """All who follow are told to the end, and the cancellation is not lost."""
    async with await Library.open(tmp_path) as library:
        settings = await LiveSettings.load(library)
        telling, told = asyncio.Event(), asyncio.Event()
        widths: list[int] = []

        async def slow(now: Preferences) -> None:
            telling.set()
            await told.wait()
            widths.append(now.width)

        settings.on_change(slow)
        settings.on_change(slow)
        change = asyncio.create_task(settings.change({"width": 256}))
        await telling.wait()
        change.cancel()
        await asyncio.sleep(0)
        told.set()
        with pytest.raises(asyncio.CancelledError):
            await change
        assert widths == [256, 256]
        assert settings.now.width == 256


async def test_somebody_who_cannot_follow_keeps_no_other_from_it(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """It is logged; whoever left is not told."""
    async with await Library.open(tmp_path) as library:
        settings = await LiveSettings.load(library)
        widths: list[int] = []

        async def broken(now: Preferences) -> None:
            raise RuntimeError("no ears")

        async def follow(now: Preferences) -> None:
            widths.append(now.width)

        settings.on_change(broken)
        leave = settings.on_change(follow)
        await settings.change({"width": 256})
        leave()
        leave()
        await settings.change({"width": 320})
        assert widths == [256]
        assert "cannot follow the settings" in caplog.text


async def test_what_cannot_be_kept_is_not_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Then nothing has changed."""

    async def broken(*given: Any) -> None:
        raise StorageUnavailable("the disk is full", place="x")

    async with await Library.open(tmp_path) as library:
        settings = await LiveSettings.load(library)
        widths: list[int] = []

        async def follow(now: Preferences) -> None:
            widths.append(now.width)

        settings.on_change(follow)
        monkeypatch.setattr(Library, "change_setting", broken)
        with pytest.raises(StorageUnavailable):
            await settings.change({"width": 256})
        assert (widths, settings.now.width, settings.chosen) == ([], 768, [])
