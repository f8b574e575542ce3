"""SketchBackend: the loop stays free, cancelled work stops, nothing is left behind."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest
from tests.command.painters import really_begun

from limner.backends.images.sketch import SketchBackend
from limner.backends.images.sketch import worker as worker_module
from limner.errors import BackendUnavailable
from limner.illustration.capabilities import identity_of
from limner.illustration.model.image import ImageRequest

SMALL = ImageRequest(prompt="a fox in the snow", width=64, height=64)
LARGE = ImageRequest(prompt="a castle in the mountains", width=2048, height=2048)

pytestmark = pytest.mark.real_time


@pytest.fixture
def real(monkeypatch: pytest.MonkeyPatch) -> None:
    """Workers are begun as for everybody; else they are forked, which is quicker."""
    really_begun(monkeypatch)


def pids(backend: SketchBackend) -> set[int]:
    """The worker processes of a backend on this loop."""
    pool = backend._pools.get(asyncio.get_running_loop())
    return {worker.pid for worker in (*pool.idle, *pool.busy)} if pool else set()


def alive(pid: int) -> bool:
    """The process exists, be it as a zombie."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


async def started(
    request: ImageRequest, paint: Callable[[ImageRequest], Awaitable[object]]
) -> asyncio.Task[object]:
    """A task that paints the request and has reported progress."""
    begun = asyncio.Event()
    told = replace(request, progress=lambda *_: begun.set())

    async def run() -> object:
        return await paint(told)

    task = asyncio.create_task(run())
    async with asyncio.timeout(30):
        await begun.wait()
    return task


async def test_a_picture_is_painted_as_asked(
    real: None,
) -> None:
    """Size, seed and type are what was asked for, and the info tells what was understood."""
    async with SketchBackend(workers=1) as backend:
        image = await backend.generate(replace(SMALL, seed=5))
        again = await backend.generate(replace(SMALL, seed=5))
    assert (image.width, image.height, image.seed) == (64, 64, 5)
    assert image.media_type == "image/webp"
    assert image.data[8:12] == b"WEBP"
    assert image.info["backend"] == "sketch"
    assert image.info["subjects"] == ["fox"]
    assert image.info["scene"] == "snowfield"
    assert "place" not in image.info  # of others it is the server a picture may be shown to
    assert image.data == again.data


async def test_progress_is_told_on_the_way() -> None:
    """The request's progress hears rising fractions without previews."""
    told: list[tuple[float, bytes | None]] = []
    async with SketchBackend(workers=1) as backend:
        await backend.generate(replace(SMALL, progress=lambda f, p: told.append((f, p))))
    assert len(told) > 2
    assert told == sorted(told)
    assert {preview for _, preview in told} == {None}


async def test_workers_are_kept_and_bounded() -> None:
    """Many pictures share at most `workers` processes, which are reused."""
    async with SketchBackend(workers=2) as backend:
        await asyncio.gather(*(backend.generate(replace(SMALL, seed=k)) for k in range(5)))
        first = pids(backend)
        await backend.generate(SMALL)
        assert pids(backend) == first
        assert 1 <= len(first) <= 2


async def test_cancelling_ends_the_worker_and_the_next_picture_gets_a_new_one(
    real: None,
) -> None:
    """A cancelled picture is not painted on in the background."""
    async with SketchBackend(workers=1) as backend:
        task = await started(LARGE, backend.generate)
        (pid,) = pids(backend)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asyncio.wait_for(task, 3)  # painting it to the end takes longer
        assert not alive(pid)
        await backend.generate(SMALL)
        assert pids(backend)
        assert pid not in pids(backend)


async def test_a_worker_that_dies_is_replaced_once_without_a_word() -> None:
    """A picture survives the death of its first worker."""
    async with SketchBackend(workers=1) as backend:
        task = await started(LARGE, backend.generate)
        (pid,) = pids(backend)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await backend.generate(SMALL)
        (pid,) = pids(backend)
        os.kill(pid, 9)
        image = await backend.generate(SMALL)
        assert image.width == 64
        assert not alive(pid)


async def test_a_worker_that_always_crashes_is_an_error_with_its_last_words(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """After the second crash the error carries the last line of standard error."""
    monkeypatch.setattr(worker_module, "MODULE", "limner.no_such_press")
    async with SketchBackend(workers=1) as backend:
        with pytest.raises(BackendUnavailable, match=r"No module named limner\.no_such_press") as e:
            await backend.generate(SMALL)
        assert e.value.server == "sketch"
        assert pids(backend) == set()


async def test_a_process_that_cannot_be_started_is_an_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A missing interpreter is told as such."""
    monkeypatch.setattr(sys, "executable", "/no/such/python")
    async with SketchBackend(workers=1) as backend:
        with pytest.raises(BackendUnavailable, match="no worker process can be started"):
            await backend.generate(SMALL)


async def test_a_progress_sink_that_raises_ends_its_worker() -> None:
    """The user's own error passes through, and no half-read worker is kept."""

    def broken(fraction: float, preview: bytes | None) -> None:
        raise LookupError(fraction)

    async with SketchBackend(workers=1) as backend:
        with pytest.raises(LookupError):
            await backend.generate(replace(SMALL, progress=broken))
        assert pids(backend) == set()
        await backend.generate(SMALL)


async def test_closing_twice_ends_every_worker_and_refuses_more() -> None:
    """After aclose no process is left and generate says why it fails."""
    backend = SketchBackend(workers=1)
    await backend.generate(SMALL)
    (pid,) = pids(backend)
    await backend.aclose()
    await backend.aclose()
    assert not alive(pid)
    with pytest.raises(BackendUnavailable, match="has been closed"):
        await backend.generate(SMALL)


async def test_closing_fails_the_pictures_under_way_and_in_line() -> None:
    """Nobody waits for ever when the backend is closed beneath them."""
    backend = SketchBackend(workers=1)
    running = await started(LARGE, backend.generate)
    waiting = asyncio.create_task(backend.generate(SMALL))
    (pid,) = pids(backend)
    await backend.aclose()
    for task in (running, waiting):
        with pytest.raises(BackendUnavailable, match="has been closed"):
            await task
    assert not alive(pid)


def test_one_backend_serves_several_loops_and_leaves_nothing_behind() -> None:
    """Workers end with their loop even if nobody closed the backend."""
    backend = SketchBackend(workers=1)

    async def once() -> int:
        await backend.generate(SMALL)
        (pid,) = pids(backend)
        return pid

    first = asyncio.run(once())
    second = asyncio.run(once())
    assert not alive(first)
    assert not alive(second)


def test_workers_must_be_at_least_one() -> None:
    """A backend without workers could never paint."""
    with pytest.raises(ValueError, match="at least 1"):
        SketchBackend(workers=0)


def test_importing_the_backend_loads_no_painter() -> None:
    """numpy, Pillow and resvg are the workers' affair."""
    code = (
        "import sys; from limner.backends.images.sketch import SketchBackend;"
        "print(sorted({'numpy', 'PIL', 'resvg_py'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


async def test_a_prompt_no_encoding_can_carry_is_painted() -> None:
    """Lone surrogates do not break the wire."""
    async with SketchBackend(workers=1) as backend:
        image = await backend.generate(replace(SMALL, prompt="a fox \ud800 in the snow"))
    assert image.info["subjects"] == ["fox"]


def test_its_pictures_are_kept_for_identical_requests() -> None:
    """It can be known again: the same request need not be painted twice."""
    assert identity_of(SketchBackend(workers=1)) == identity_of(SketchBackend(workers=2))
    assert identity_of(SketchBackend()) is not None


async def test_aclose_before_use_is_fine() -> None:
    """A backend that never painted can be closed."""
    await SketchBackend().aclose()
