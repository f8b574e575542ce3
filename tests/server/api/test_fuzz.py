"""The API against whatever its own description lets anybody send."""

import asyncio
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from tests.server.api.running import FOX, illustrated, running

from limner.server.api.trying import preview
from limner.testing.chat_server import ChatServer, Reply

ENDLESS = ("/api/events",)
"""Answers that do not end by themselves."""
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
EXAMPLES = [3, pytest.param(50, marks=pytest.mark.proof)]
"""Of each route."""


class Served:
    """An API in a thread of its own, with a story in it."""

    def __init__(self, place: Path) -> None:
        self.address = ""
        self.known: dict[str, Any] = {}
        self._place = place
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()))
        self._thread.start()
        assert self._ready.wait(60)

    async def _serve(self) -> None:
        self._over, self._loop = asyncio.Event(), asyncio.get_running_loop()
        model = ChatServer(Reply.stream("Hm. " + FOX))
        async with model, running(self._place, model) as api:
            message = await illustrated(api, FOX + FOX)
            picture = (await api.ask("GET", "/pictures"))["pictures"][0]["picture"]
            self.known = {
                "chat_id": "tale",
                "message_id": message,
                "variant": 0,
                "ordinal": 1,
                "digest": picture["digest"],
                "preset_id": "default",
            }
            self.address = api.address
            self._ready.set()
            await self._over.wait()

    def close(self) -> None:
        """Stop it, and see that it does stop."""
        self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join(60)
        assert not self._thread.is_alive()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """An API for all of these tests."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(preview, "BEGINS", 0.2)  # what is sent may make pictures wait for hours
        api = Served(tmp_path_factory.mktemp("fuzz"))
        yield api
        api.close()


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("examples", EXAMPLES)
def test_whatever_is_sent_is_answered_as_described(served: Served, examples: int) -> None:
    """No route fails, hangs, or answers otherwise than its description says."""
    schema = schemathesis.openapi.from_url(f"{served.address}/openapi.json")
    operations: list[Any] = [found.ok() for found in schema.get_all_operations()]  # type: ignore[union-attr]
    assert len(operations) > 50
    with requests.Session() as session:
        for operation in operations:
            if operation.path not in ENDLESS:
                _try(served, operation, session, examples)


def _try(served: Served, operation: Any, session: requests.Session, examples: int) -> None:
    @given(case=operation.as_strategy(), real=st.booleans())
    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def answers(case: Any, real: bool) -> None:
        if real:  # so that what is behind a thing that is there is reached as well
            for name in case.path_parameters:
                case.path_parameters[name] = served.known.get(name, "x")
        response = case.call(session=session, timeout=20)
        case.validate_response(response, checks=CHECKS)
        if response.status_code >= 400:
            error = json.loads(response.content)["error"]
            assert error["message"]
            assert "Traceback" not in error["message"]

    answers()


def test_the_description_names_every_route_once(served: Served) -> None:
    """Each operation has a name of its own, a summary, and no page needs another host."""
    document = requests.get(f"{served.address}/openapi.json", timeout=20).json()
    operations = [o for path in document["paths"].values() for o in path.values()]
    names = [operation["operationId"] for operation in operations]
    assert len(set(names)) == len(names)
    assert all(operation["description"].strip() for operation in operations)
    for page in ("/docs", "/redoc"):
        assert requests.get(served.address + page, timeout=20).status_code == 404
