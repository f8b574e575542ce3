"""A service that draws in the background, by a description: the rules for every backend."""

import pytest

from limner.backends.http.timeouts import Timeouts
from limner.backends.images.described import DescribedBackend, Description
from limner.testing.backend_contract import CHECKS, BackendCase, Check
from limner.testing.picture_fault import GarbageBase64
from limner.testing.picture_server import FakePictureServer
from limner.testing.service_server import ServiceServer

PLAIN = """
name = "Plain"
grid = 8

[draw]
path = "/jobs"
body = { prompt = "%prompt%", width = "%width%", height = "%height%", seed = "%seed%" }

[poll]
path = "/jobs/%id%"
done = ["done"]
failed = ["failed"]
refused = ["refused"]
running = ["running"]

[picture]
at = ["images.0.url"]

[cancel]
method = "DELETE"
path = "/jobs/%id%"
"""


def connect(server: FakePictureServer, timeouts: Timeouts) -> DescribedBackend:
    """A backend for a fake that runs."""
    description = Description.parse(PLAIN, source="plain.toml")
    return DescribedBackend(description, server.url, key=server.key, timeouts=timeouts, every=0.01)


CASE = BackendCase(serve=ServiceServer, connect=connect)


@pytest.mark.real_time
@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
async def test_it_keeps_the_contract(check: Check) -> None:
    """Everything that every backend must do."""
    assert GarbageBase64 not in CASE.without
    await check(CASE)
