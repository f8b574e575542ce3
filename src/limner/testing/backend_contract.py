# ruff: noqa: S101, PT017 - a contract is made of assertions
"""What every backend for a picture server must do, as checks that anybody can run.

::

    CASE = BackendCase(
        serve=MyFakeServer,                                  # a FakePictureServer class
        connect=lambda server, timeouts: MyBackend(server.url, key=server.key, timeouts=timeouts),
    )

    @pytest.mark.real_time
    @pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
    async def test_it_keeps_the_contract(check: Check) -> None:
        await check(CASE)

or, in one go, ``await check_picture_backend(CASE)``. A check raises `AssertionError`, or
`TimeoutError` where it waits in vain. They need a real event loop and take about a second together.
"""

import asyncio
import io
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

from PIL import Image as Pillow

from limner.backends.http.timeouts import Timeouts
from limner.backends.images.support.server import PictureServer
from limner.errors import (
    BackendBusy,
    BackendError,
    BackendRejected,
    BackendTimeout,
    BackendUnavailable,
    BadPicture,
    ContentRefused,
)
from limner.illustration.model.image import Image, ImageRequest
from limner.testing.picture_fault import (
    Busy,
    Cut,
    Drip,
    EmptyAnswer,
    Fault,
    GarbageBase64,
    Hang,
    HugePicture,
    Refused,
    Rejected,
    ServerError,
    WrongType,
)
from limner.testing.picture_server import FakePictureServer

PROMPT = "a lighthouse in a storm, ünïcödé"
KEY = "user:sk-very-secret-1234"
SOON = 30.0
"""Seconds after which a check gives up waiting; far more than it needs."""

QUICK = Timeouts(connect=5.0, first_byte=20.0, idle=20.0, total=25.0)
SHORT = Timeouts(connect=5.0, first_byte=0.3, idle=0.3, total=0.6)


def _anywhere(server: FakePictureServer) -> str:
    return " ".join(
        request.path + request.data.decode("utf-8", "replace") for request in server.requests
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class BackendCase:
    """A backend under test.

    Attributes:
        serve: Makes a fake server; called with ``faults``, ``key`` and ``gate`` by keyword.
        connect: Makes a backend for a server that runs, with its ``key`` and these time limits.
        key: What the server asks for; ``None``: the protocol knows no key.
        sizes: Whether pictures come in the size asked for; else they only report their own.
        seeds: Whether equal seeds give equal pictures.
        cancels: Whether the server learns of a cancelled drawing.
        without: Faults that the protocol cannot have, by class.
        wire: Where to look for what was asked: the paths and bodies the server recorded.
        side_by_side: How many drawings the backend may send at the same time.
    """

    serve: Callable[..., FakePictureServer]
    connect: Callable[[Any, Timeouts], PictureServer]
    key: str | None = KEY
    sizes: bool = True
    seeds: bool = True
    cancels: bool = True
    without: tuple[type, ...] = ()
    wire: Callable[[FakePictureServer], str] = field(default=_anywhere)
    side_by_side: int = 4


Check: TypeAlias = Callable[[BackendCase], Awaitable[None]]


@asynccontextmanager
async def _both(
    case: BackendCase,
    *faults: Fault | None,
    gate: asyncio.Event | None = None,
    timeouts: Timeouts = QUICK,
) -> AsyncIterator[tuple[FakePictureServer, PictureServer]]:
    async with asyncio.timeout(SOON):
        async with case.serve(faults=faults, key=case.key, gate=gate) as server:
            async with case.connect(server, timeouts) as backend:
                yield server, backend


def _request(**changes: Any) -> ImageRequest:
    return ImageRequest(**{"prompt": PROMPT, "width": 128, "height": 64, "seed": 7, **changes})


async def check_a_picture_is_made(case: BackendCase) -> None:
    """The prompt reaches the server; a whole picture comes back and tells who made it."""
    async with _both(case) as (server, backend):
        image = await backend.generate(_request())
    assert isinstance(image, Image)
    assert image.data
    assert image.media_type in ("image/png", "image/jpeg", "image/webp", "image/avif")
    assert image.info.get("backend"), "info must name the backend"
    wire = case.wire(server)
    assert "lighthouse in a storm" in wire or "lighthouse%20in" in wire, wire[:500]


async def check_the_size_is_kept_or_told(case: BackendCase) -> None:
    """A picture has the size that was asked for, or at least tells the size it has."""
    async with _both(case) as (_, backend):
        image = await backend.generate(_request(width=256, height=192))
    with Pillow.open(io.BytesIO(image.data)) as decoded:
        assert decoded.size == (image.width, image.height)
    if case.sizes:
        assert (image.width, image.height) == (256, 192)


async def check_seeds_fix_the_picture(case: BackendCase) -> None:
    """Equal seeds give equal pictures, others differ, and the seed is told."""
    if not case.seeds:
        return
    async with _both(case) as (_, backend):
        first = await backend.generate(_request(seed=11))
        again = await backend.generate(_request(seed=11))
        other = await backend.generate(_request(seed=12))
    assert first.data == again.data != other.data
    assert (first.seed, other.seed) == (11, 12)


async def check_drawings_run_side_by_side(case: BackendCase) -> None:
    """Nothing in the backend makes one drawing wait for another."""
    gate = asyncio.Event()
    async with _both(case, gate=gate) as (server, backend):
        drawings = [
            asyncio.ensure_future(backend.generate(_request(seed=seed)))
            for seed in range(case.side_by_side)
        ]
        await server.until(lambda: server.running == case.side_by_side)
        gate.set()
        images = await asyncio.gather(*drawings)
    assert len(images) == case.side_by_side


async def check_cancelling_reaches_the_server(case: BackendCase) -> None:
    """The server learns of it within 100 ms of the cancelling, and its drawing is over."""
    if not case.cancels:
        return
    loop, best = asyncio.get_running_loop(), float("inf")
    for _ in range(3):  # the best of three: a busy machine is not the backend's fault
        async with _both(case, gate=asyncio.Event()) as (server, backend):
            drawing = asyncio.ensure_future(backend.generate(_request()))
            job = await server.job()
            began = loop.time()
            drawing.cancel()
            await job.gone.wait()
            best = min(best, loop.time() - began)
            await job.ended.wait()
            assert await _cancelled(drawing), "CancelledError must be raised again"
            assert server.running == 0
    assert best < 0.1, f"the server learnt of the cancelling only after {best:.3f} s"


async def _cancelled(drawing: "asyncio.Future[Image]") -> bool:
    try:
        await drawing
    except asyncio.CancelledError:
        return True
    return False


async def check_a_silent_server_times_out(case: BackendCase) -> None:
    """A server that never answers is given up in time, and told so if it can be told."""
    for longer in (1, 4, 16):  # on a machine under load it may be over before the server is asked
        bounds = replace(SHORT, first_byte=longer * SHORT.first_byte, total=longer * SHORT.total)
        async with _both(case, Hang(), timeouts=bounds, gate=asyncio.Event()) as (server, backend):
            await _fails(backend, BackendTimeout)
            if not case.cancels:
                return
            if server.jobs:
                await server.jobs[0].ended.wait()
                return
    raise AssertionError("the server was never asked for the picture")


EXPECTED: tuple[tuple[Fault, tuple[type[BackendError], ...]], ...] = (
    (Busy(7.0), (BackendBusy,)),
    (Busy(None, status=503), (BackendBusy, BackendUnavailable)),
    (ServerError(), (BackendUnavailable,)),
    (Rejected(), (BackendRejected,)),
    (Refused(), (ContentRefused,)),
    (Cut(), (BackendUnavailable,)),
    (WrongType(), (BackendRejected, BadPicture)),
    (EmptyAnswer(), (BadPicture, BackendUnavailable)),
    (GarbageBase64(), (BadPicture,)),
    (HugePicture(), (BadPicture,)),
)
"""Each fault and the errors that it may become."""


async def check_every_fault_has_its_error(case: BackendCase) -> None:
    """Whatever the server does wrong becomes a typed error with words that help."""
    for fault, kinds in EXPECTED:
        if isinstance(fault, case.without):
            continue
        async with _both(case, fault) as (server, backend):
            error = await _fails(backend, *kinds)
            if isinstance(fault, Busy) and fault.retry_after is not None:
                assert isinstance(error, BackendBusy)
                assert error.retry_after == fault.retry_after, f"{fault} lost its Retry-After"
            if isinstance(fault, ServerError | Rejected):
                assert fault.message in str(error), f"{fault}: the server's words are lost: {error}"
            after = await backend.generate(_request())  # and the backend is still of use
            assert after.data
            assert server.running == 0


async def check_a_slow_body_is_awaited(case: BackendCase) -> None:
    """An answer that drips is read to its end."""
    if Drip in case.without:
        return
    async with _both(case, Drip(size=256, pause=0.002)) as (_, backend):
        image = await backend.generate(_request())
    assert image.data


async def _fails(backend: PictureServer, *kinds: type[BackendError]) -> BackendError:
    try:
        image = await backend.generate(_request())
    except BackendError as error:
        assert isinstance(error, kinds), f"{type(error).__name__} ({error}), not {kinds}"
        assert len(str(error)) > 10, "the message must help"
        assert "\n" not in str(error)
        return error
    raise AssertionError(f"a picture ({image}) in the place of {kinds}")


async def check_the_key_is_sent_and_never_shown(case: BackendCase) -> None:
    """The key opens the server and stands in no error, repr, log or identity."""
    if case.key is None:
        return
    shown: list[str] = []
    handler = logging.Handler()
    handler.emit = lambda record: shown.append(record.getMessage())  # type: ignore[method-assign]
    root = logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        faults = (Rejected(message=f"no: {case.key}"), ServerError(message=f"oh: {case.key}"))
        for fault in faults:
            async with _both(case, fault) as (_, backend):
                shown += [repr(backend), str(backend), backend.identity]
                error = await _fails(backend, BackendError)
                shown += [str(error), repr(error), repr(error.__cause__), repr(error.__context__)]
                image = await backend.generate(_request())
                shown += [repr(image), repr(dict(image.info))]
    finally:
        root.removeHandler(handler)
        root.setLevel(before)
    for secret in (case.key, case.key.rpartition(":")[2]):
        found = [text for text in shown if secret in text]
        assert not found, f"the key is shown in {found[0].replace(secret, '(the key)')}"


async def check_a_wrong_key_is_told(case: BackendCase) -> None:
    """A refused key is a rejection that says where to put the right one."""
    if case.key is None:
        return
    async with asyncio.timeout(SOON), case.serve(key=case.key) as server:
        right, server.key = server.key, "user:wrong-key"
        async with case.connect(server, QUICK) as backend:
            server.key = right
            error = await _fails(backend, BackendRejected)
    assert "LIMNER_" in str(error), f"it does not say where a key belongs: {error}"


async def check_the_server_is_recognised(case: BackendCase) -> None:
    """`check` tells what is there; models and samplers are lists; identities are stable."""
    async with _both(case) as (_, backend):
        facts = await backend.check()
        assert facts.kind
        assert isinstance(await backend.models(), list)
        assert isinstance(await backend.samplers(), list)
        assert backend.identity == backend.identity != ""


async def check_nothing_is_left_behind(case: BackendCase) -> None:
    """After `aclose` no task, connection or drawing is left; closing twice is fine."""
    async with asyncio.timeout(SOON), case.serve(key=case.key, gate=asyncio.Event()) as server:
        before = asyncio.all_tasks()
        backend = case.connect(server, QUICK)
        drawing = asyncio.ensure_future(backend.generate(_request()))
        await server.job()
        drawing.cancel()
        await asyncio.wait([drawing])
        server.gate = None
        await backend.generate(_request())
        await backend.aclose()
        await backend.aclose()
        if case.cancels:
            await server.jobs[0].ended.wait()
        left = {task for task in asyncio.all_tasks() - before if not _of_server(task)}
        assert not left, f"tasks are left: {left}"
        while server.connections:  # noqa: ASYNC110 - the server has no event for it
            await asyncio.sleep(0.01)
        try:
            await backend.generate(_request())
        except BackendError:
            return
        raise AssertionError("a closed backend must refuse")


def _of_server(task: "asyncio.Task[Any]") -> bool:
    return "RequestHandler" in repr(task) or "aiohttp/web" in repr(task)


CHECKS: tuple[Check, ...] = (
    check_a_picture_is_made,
    check_the_size_is_kept_or_told,
    check_seeds_fix_the_picture,
    check_drawings_run_side_by_side,
    check_cancelling_reaches_the_server,
    check_a_silent_server_times_out,
    check_every_fault_has_its_error,
    check_a_slow_body_is_awaited,
    check_the_key_is_sent_and_never_shown,
    check_a_wrong_key_is_told,
    check_the_server_is_recognised,
    check_nothing_is_left_behind,
)
"""Every check, in a good order."""


async def check_picture_backend(case: BackendCase) -> None:
    """Run every check.

    Raises:
        AssertionError: The backend breaks a rule; the message says which.
    """
    for check in CHECKS:
        await check(case)
