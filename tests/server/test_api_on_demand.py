"""The API is made when somebody asks it: a server for a front-end begins without it."""

import asyncio
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from tests.server.served import served

from limner.server import api

BEGINS = """
import sys, limner.server.running_server
print(*sorted(name for name in sys.modules if name in ("fastapi", "limner.server.api")))
"""


def test_a_server_begins_without_what_only_the_api_needs() -> None:
    """To load FastAPI alone takes a fifth of a start."""
    done = subprocess.run(
        [sys.executable, "-c", BEGINS], capture_output=True, text=True, check=True
    )
    assert done.stdout == "\n"


@pytest.mark.real_time
async def test_the_api_is_made_once_and_not_before_somebody_asks_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever asks while it is made waits for it, and one who goes away takes it from nobody."""
    made: list[Any] = []
    make = api.make_api
    begun, on = threading.Event(), threading.Event()

    def noted(services: Any) -> Any:
        begun.set()
        assert on.wait(60)
        made.append(make(services))
        return made[-1]

    monkeypatch.setattr(api, "make_api", noted)
    async with served(tmp_path) as server:
        for path in ("/healthz", "/readyz", "/metrics", "/v1/models", "/"):
            assert await server.status("GET", path) == 200
        assert not begun.is_set()
        first, *others = (
            asyncio.create_task(server.status("GET", f"/api/{path}"))
            for path in ("chats", "about", "queue", "settings")
        )
        assert await asyncio.to_thread(begun.wait, 60)
        first.cancel()
        await asyncio.wait([first])
        assert await server.status("GET", "/healthz") == 200  # who asks something else goes on
        on.set()
        assert await asyncio.gather(*others) == [200] * 3
        assert len(made) == 1


@pytest.mark.real_time
async def test_an_api_that_could_not_be_made_is_made_for_the_next_who_asks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was in its way for a moment is not in everybody's until the server is started anew."""
    make = api.make_api

    def fails(_: Any) -> Any:
        raise OSError("too many open files")

    async with served(tmp_path) as server:
        monkeypatch.setattr(api, "make_api", fails)
        assert await server.status("GET", "/api/chats") == 500
        monkeypatch.setattr(api, "make_api", make)
        assert await server.status("GET", "/api/chats") == 200
