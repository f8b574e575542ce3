"""`--backend` given several times: the servers draw as one."""

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from tests.command.commands import Commands

from limner.testing.a1111_server import A1111Server
from limner.testing.picture_fault import Busy

pytestmark = pytest.mark.real_time

STORY = "\n\n".join(f'Scene {n}. <!--img-prompt="scene {n}, a lighthouse"-->' for n in range(8))


Limner = Callable[..., Awaitable[tuple[int, str]]]


@pytest.fixture
def limner(commands: Commands) -> Limner:
    """Runs the command in a process of its own; gives exit code and what it complained about."""

    async def run(folder: Path, *arguments: str, **environment: str) -> tuple[int, str]:
        code, _, err = await commands.run(*arguments, cwd=folder, environment=environment)
        return code, err

    return run


async def test_the_work_is_shared_and_a_dead_server_loses_nothing(
    limner: Limner, tmp_path: Path
) -> None:
    """Both servers draw; the third, which is not there, costs no picture."""
    (tmp_path / "story.md").write_text(STORY)
    async with A1111Server() as first, A1111Server() as second:
        code, err = await limner(
            tmp_path, "illustrate", "story.md", "-o", "out.html", "--size", "64x64",
            "--backend", f"a1111+{first.url}", "--backend", f"a1111+{second.url}",
            "--backend", "a1111+http://127.0.0.1:9",
        )  # fmt: skip
        assert code == 0, err
        assert first.jobs
        assert second.jobs
        assert len(first.jobs) + len(second.jobs) == 8
    assert (tmp_path / "out.html").read_text().count("data:image/") == 8


async def test_servers_of_the_settings_draw_together_too(limner: Limner, tmp_path: Path) -> None:
    """A list in the settings is a pool where the command names no server."""
    (tmp_path / "story.md").write_text(STORY)
    async with A1111Server() as first, A1111Server() as second:
        code, err = await limner(
            tmp_path, "illustrate", "story.md", "-o", "out.html", "--size", "64x64",
            LIMNER_BACKENDS=f'["a1111+{first.url}", "a1111+{second.url}"]',
        )  # fmt: skip
        assert code == 0, err
        assert first.jobs
        assert second.jobs


async def test_what_was_learnt_from_refusals_is_told(limner: Limner, tmp_path: Path) -> None:
    """Who runs the command sees what the server was found to bear."""
    (tmp_path / "story.md").write_text(STORY)
    async with A1111Server(faults=(None, Busy(0.05), Busy(0.05), None)) as server:
        code, err = await limner(
            tmp_path, "illustrate", "story.md", "-o", "out.html", "--size", "64x64",
            "--backend", f"a1111+{server.url}",
        )  # fmt: skip
    assert code == 0, err
    assert "the server refused 2 times; it bears " in err
