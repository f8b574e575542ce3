"""What a picture server makes everybody wait for is told while it goes on, and at the end."""

import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from tests.command.commands import Commands

from limner.testing.a1111_server import A1111Server
from limner.testing.picture_fault import Busy, Fault
from limner.testing.picture_server import Recorded

pytestmark = pytest.mark.real_time

STORY = " ".join(f'Night {n}. <!--img-prompt="fox {n}"-->' for n in range(3))


class Moody:
    """A server's faults: it answers 503 as long as it is away."""

    def __init__(self) -> None:
        self.left = 0

    def __call__(self, request: Recorded) -> Fault | None:
        """What goes wrong with this drawing."""
        self.left -= 1
        return Busy(None, status=503) if self.left >= 0 else None


Limner = Callable[..., Awaitable[tuple[int, list[dict[str, Any]], str]]]


@pytest.fixture
def limner(commands: Commands) -> Limner:
    """Runs a command in a folder: its code, its events and its words."""

    async def run(folder: Path, *arguments: str) -> tuple[int, list[dict[str, Any]], str]:
        code, out, err = await commands.run(*arguments, cwd=folder)
        return code, [json.loads(line) for line in out.splitlines()], err

    return run


async def test_resume_tells_what_it_waits_for_as_illustrate_does(
    limner: Limner, tmp_path: Path
) -> None:
    """The same events, the same lines, the same summary."""
    (tmp_path / "story.md").write_text(STORY)
    moody = Moody()
    async with A1111Server(moody) as server:
        moody.left = 10**6
        code, events, err = await limner(
            tmp_path, "illustrate", "story.md", "--library", "kept", "--json", "--backend",
            f"a1111+{server.url}", "--settle-timeout", "0.5",
        )  # fmt: skip
        assert code == 1
        assert "waiting" in [event["event"] for event in events]
        assert "3 pictures still wait" in err
        moody.left = 2
        code, events, err = await limner(tmp_path, "resume", "--library", "kept", "--json")
    assert code == 0
    names = [event["event"] for event in events]
    first = events[names.index("waiting")]
    assert first["reason"] in ("unavailable", "picture")
    assert "server busy (503), asking again in" in first["words"]
    assert names.index("waiting") < names.index("waiting_over") < names.index("written")
    assert names.count("image_ready") == 3
    assert len({event["message"] for event in events if "slot" in event}) == 1
    assert "waited " in err
    assert ": server busy (503)" in err


async def test_without_json_resume_writes_a_line_for_each_wait(
    limner: Limner, tmp_path: Path
) -> None:
    """For logs and pipes."""
    (tmp_path / "story.md").write_text(STORY)
    moody = Moody()
    async with A1111Server(moody) as server:
        moody.left = 10**6
        await limner(
            tmp_path, "illustrate", "story.md", "--library", "kept", "--json", "--backend",
            f"a1111+{server.url}", "--settle-timeout", "0.5",
        )  # fmt: skip
        moody.left = 2
        code, _, err = await limner(tmp_path, "resume", "--library", "kept")
    assert code == 0
    assert "waiting: server busy (503), asking again in" in err
    assert "story.html: 3 of 3 pictures" in err


async def test_events_do_not_mix_with_a_result(
    limner: Limner, commands: Commands, tmp_path: Path
) -> None:
    """Both would go to standard output."""
    (tmp_path / "story.md").write_text(STORY)
    moody = Moody()
    async with A1111Server(moody) as server:
        moody.left = 10**6
        await commands.run(
            "illustrate", "story.md", "--library", "kept", "-o", "-",
            "--backend", f"a1111+{server.url}", "--settle-timeout", "0.3", cwd=tmp_path,
        )  # fmt: skip
        code, events, err = await limner(tmp_path, "resume", "--library", "kept", "--json")
    assert code == 2
    assert events == []
    assert "write it to a file with -o" in err
