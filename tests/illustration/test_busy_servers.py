"""A picture server that asks to be left alone, and what the limiter makes of it."""

import asyncio

import pytest

from limner import Illustrator
from limner.errors import (
    BackendBusy,
    BackendCooling,
    BackendError,
    BackendRejected,
    BackendUnavailable,
    RetryAfter,
)  # fmt: skip
from limner.illustration import BackendAddress, RestartPatience, SlotState, second_try
from limner.illustration.generation.retry_policy import LONGEST_COOLING, cooling
from limner.scheduling import Limiter
from limner.testing import ScriptedBackend

STORY = "".join(f'Text {n}. <!--img-prompt="picture {n}"--> ' for n in range(4))


class Moody(ScriptedBackend):
    """Fails its first calls in the given ways."""

    def __init__(self, *errors: BackendError) -> None:
        waiting = list(errors)
        super().__init__(seconds=1.0, fails=lambda request: waiting.pop(0) if waiting else None)


async def test_the_limiter_cools_down_for_as_long_as_the_server_says() -> None:
    """Nobody starts meanwhile; then one alone; and every picture is made in the end."""
    backend = Moody(BackendBusy("later", retry_after=30.0))
    limiter = Limiter(max_concurrent=2, retry=second_try)
    async with Illustrator(backend=backend, limiter=limiter) as illustrator:
        result = await illustrator.illustrate(STORY)
    assert [slot.state for slot in result.slots] == [SlotState.READY] * 4
    began = sorted(call.began for call in backend.calls)
    assert began[:2] == [0.0, 0.0]
    assert began[2] == 31.0
    assert began[3] >= 32.0


async def test_a_server_that_does_not_say_for_how_long_is_asked_again_later() -> None:
    """Without Retry-After only this picture waits."""
    backend = Moody(BackendBusy("busy"), BackendBusy("busy"))
    async with Illustrator(backend=backend, limiter=Limiter(retry=second_try)) as illustrator:
        result = await illustrator.illustrate('<!--img-prompt="a fox"-->')
    assert result.complete
    assert [call.began for call in backend.calls] == [0.0, 3.0, 8.0]


@pytest.mark.parametrize(
    ("error", "calls"),
    [
        (BackendUnavailable("it failed"), 3),
        (BackendRejected("no such model"), 1),
        (BackendCooling("later", seconds=0.0), 5),
    ],
)
async def test_what_is_hopeless_is_not_tried_again(error: BackendError, calls: int) -> None:
    """A rejection ends at once, a failure after three tries, a busy server after five."""
    backend = ScriptedBackend(seconds=1.0, fails=lambda request: error)
    async with Illustrator(backend=backend) as illustrator:
        result = await illustrator.illustrate('<!--img-prompt="a fox"-->')
    assert len(backend.calls) == calls
    assert result.failed[0].failure is not None
    assert str(error) in result.failed[0].failure.reason


def test_a_server_cannot_stop_everything_for_ever() -> None:
    """The cool-down is bounded; what the server said is kept."""
    error = cooling(BackendBusy("later", retry_after=1e12, server="s", status=429))
    assert isinstance(error, RetryAfter)
    assert isinstance(error, BackendBusy)
    assert (error.seconds, error.retry_after, error.status) == (LONGEST_COOLING, 1e12, 429)
    assert cooling(error) is error


async def test_another_picture_goes_on_where_one_is_refused() -> None:
    """A rejection cools nothing down."""
    backend = Moody(BackendRejected("no"))
    limiter = Limiter(max_concurrent=1, retry=second_try)
    async with Illustrator(backend=backend, limiter=limiter) as illustrator:
        result = await illustrator.illustrate(STORY)
    assert (len(result.failed), len(backend.calls)) == (1, 4)
    assert asyncio.get_running_loop().time() == 4.0


@pytest.mark.parametrize(
    ("text", "kind", "url", "shown"),
    [
        ("sketch", "sketch", None, "sketch"),
        (" horde?models=a,b ", "horde", None, "horde"),
        ("a1111+http://h:1/x?steps=2", "a1111", "http://h:1/x", "a1111+http://h:1/x"),
        ("a1111+http://u:p@h", "a1111", "http://u:p@h", "a1111+http://h"),
        ("a1111+http://u:p@q@h/@", "a1111", "http://u:p@q@h/@", "a1111+http://h/@"),
        ("diffusers+/models/x y", "diffusers", "/models/x y", "diffusers+/models/x y"),
    ],
)
def test_addresses_are_read_as_people_write_them(
    text: str, kind: str, url: str | None, shown: str
) -> None:
    """Kind, place and options; what is shown has no password in it."""
    address = BackendAddress.parse(text)
    assert (address.kind, address.url, str(address)) == (kind, url, shown)
    assert address.password == (url is not None and "u:p" in url)


async def test_a_server_that_is_started_again_gets_the_time_for_it() -> None:
    """It was there in this run: a minute and a half of refused connections lose no picture."""
    loop = asyncio.get_running_loop()

    def fails(request: object) -> BackendError | None:
        away = 2.0 < loop.time() < 95.0
        return BackendUnavailable("connection refused") if away else None

    backend = ScriptedBackend(seconds=1.0, fails=fails)
    async with Illustrator(backend=backend) as illustrator:
        illustrator.limiter.update(max_concurrent=1)
        result = await illustrator.illustrate(STORY)
    assert result.complete
    assert loop.time() < 130.0


async def test_a_server_killed_while_it_drew_its_first_picture_was_there() -> None:
    """Its progress has shown it."""
    loop = asyncio.get_running_loop()

    def fails(request: object) -> BackendError | None:
        return BackendUnavailable("the connection broke") if loop.time() < 60.0 else None

    backend = ScriptedBackend(seconds=1.0, steps=3, fails=fails)
    async with Illustrator(backend=backend) as illustrator:
        result = await illustrator.illustrate('<!--img-prompt="a fox"-->')
    assert result.complete


async def test_a_server_that_does_not_come_back_is_given_up() -> None:
    """After two minutes, or what was set."""
    loop = asyncio.get_running_loop()
    for seconds, ended in ((120.0, 150.0), (10.0, 30.0)):
        began = loop.time()
        retry = RestartPatience(seconds=seconds)
        retry.met()
        backend = ScriptedBackend(fails=lambda request: BackendUnavailable("refused"))
        async with Illustrator(backend=backend, limiter=Limiter(retry=retry)) as illustrator:
            result = await illustrator.illustrate('<!--img-prompt="a fox"-->')
        assert not result.complete
        assert seconds <= loop.time() - began < ended
