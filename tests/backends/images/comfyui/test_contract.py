"""ComfyUI keeps the rules for every picture backend, with its websocket and without."""

from functools import partial

import pytest

from limner.backends.http.timeouts import Timeouts
from limner.backends.images.comfyui import ComfyUIBackend, ComfyUIOptions, PollIntervals
from limner.testing.backend_contract import CHECKS, BackendCase, Check
from limner.testing.comfyui_server import ComfyUIServer
from limner.testing.picture_fault import Refused
from limner.testing.picture_server import FakePictureServer

PACE = PollIntervals(poll=0.01, quiet=0.2)


def connect(
    server: FakePictureServer, timeouts: Timeouts, *, websocket: bool = True
) -> ComfyUIBackend:
    """A backend for a fake that runs."""
    options = ComfyUIOptions(websocket=websocket)
    return ComfyUIBackend(server.url, key=server.key, timeouts=timeouts, pace=PACE, options=options)


def case(*, websocket: bool = True, status: int | None = None) -> BackendCase:
    """The contract's case; without a content filter, which ComfyUI does not have."""
    return BackendCase(
        serve=partial(ComfyUIServer, websockets=status),
        connect=partial(connect, websocket=websocket),
        without=(Refused,),
    )


@pytest.mark.real_time
@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
async def test_it_keeps_the_contract(check: Check) -> None:
    """Everything that every backend must do."""
    await check(case())


@pytest.mark.real_time
@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
async def test_it_keeps_the_contract_behind_a_proxy_without_websockets(check: Check) -> None:
    """The same where the websocket is refused: the history and the queue are asked."""
    await check(case(status=502))


@pytest.mark.real_time
@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
async def test_it_keeps_the_contract_by_asking_again_and_again(check: Check) -> None:
    """The same where the user wants no websocket."""
    await check(case(websocket=False))
