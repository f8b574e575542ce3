"""How far pictures are, told as long as somebody waits for them."""

import asyncio
import itertools

from limner import Illustrator, Limiter
from limner.illustration import Progress
from limner.server.mcp.progress_report import HEARTBEAT, PACE, ProgressReport, told
from limner.testing import ScriptedBackend

TEXT = '<!--img-prompt="a fox"--><!--img-prompt="a crow"-->'


class Listener:
    """Takes reports, each in some time, with when it came."""

    def __init__(self, takes: float = 0.0) -> None:
        self.takes = takes
        self.said: list[tuple[float, float, str]] = []

    async def __call__(self, progress: float, total: float | None, words: str) -> None:
        """Take one."""
        now = asyncio.get_running_loop().time()
        self.said.append((now, progress, words))
        await asyncio.sleep(self.takes)


async def drawn(backend: ScriptedBackend, listener: Listener) -> None:
    """Draw two pictures, one after the other, and listen."""
    limiter = Limiter(max_concurrent=1)
    async with Illustrator(backend=backend, limiter=limiter) as illustrator:
        async with ProgressReport(illustrator, listener).about("m"):
            await illustrator.illustrate(TEXT, message_id="m")


async def test_who_waits_long_hears_that_nothing_has_changed() -> None:
    """Every ten seconds; clients give up on a server that says nothing."""
    listener = Listener()
    await drawn(ScriptedBackend(seconds=60.0), listener)
    times = [at for at, _, _ in listener.said]
    gaps = [after - before for before, after in itertools.pairwise(times)]
    assert max(gaps) <= HEARTBEAT + PACE
    assert 12 <= len(times) <= 16
    assert times[-1] > 110


async def test_each_report_has_more_than_the_last_one_and_none_more_than_there_is() -> None:
    """Also where nothing more is done: the protocol wants it so."""
    listener = Listener()
    await drawn(ScriptedBackend(seconds=5.0, steps=4), listener)
    amounts = [amount for _, amount, _ in listener.said]
    assert amounts == sorted(set(amounts))
    assert amounts[-1] < 2.01
    words = [words for _, _, words in listener.said]
    assert "0 of 2 pictures ready, 1 being drawn (40 %), 1 waiting" in "\n".join(words)
    assert "1 of 2 pictures ready, 1 being drawn (80 %)" in words
    assert words[-1] == "2 of 2 pictures ready"


async def test_a_client_that_takes_reports_slowly_gets_fewer_of_them() -> None:
    """What changes meanwhile is in the next one, and the pictures wait for nobody."""
    listener = Listener(takes=3.0)
    loop = asyncio.get_running_loop()
    began = loop.time()
    await drawn(ScriptedBackend(seconds=5.0, steps=49), listener)
    assert round(loop.time() - began, 6) == 10.0
    assert len(listener.said) <= 4


async def test_a_report_that_cannot_be_sent_harms_nobody() -> None:
    """The pictures are drawn all the same."""

    async def broken(progress: float, total: float | None, words: str) -> None:
        raise ConnectionError("gone")

    backend = ScriptedBackend(seconds=1.0)
    async with Illustrator(backend=backend) as illustrator:
        async with ProgressReport(illustrator, broken).about("m"):
            result = await illustrator.illustrate(TEXT, message_id="m")
    assert result.complete


def test_what_failed_is_counted() -> None:
    """Beside what is ready."""
    progress = Progress(total=4, ready=1, failed=2, drawing=1, queued=0)
    assert told(progress, [], "") == "1 of 4 pictures ready, 2 failed, 1 being drawn"
