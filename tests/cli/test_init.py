"""`limner init`: what is found on the machine becomes a settings file that works."""

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
from tests.cli.conftest import Command

from limner.composition.checking import usual_servers
from limner.config import load_settings
from limner.testing.a1111_server import A1111Server
from limner.testing.chat_server import ChatServer, Reply

pytestmark = pytest.mark.real_time


async def test_servers_are_known_by_what_they_say() -> None:
    """Those that are there and what they should be; nothing is waited for that is not."""
    async with A1111Server() as pictures, ChatServer(Reply.stream("Yes")) as text:
        drawn = await usual_servers.picture_servers(
            [
                ("A", f"a1111+{pictures.url}"),
                ("B", f"comfyui+{text.url}"),
                ("C", "a1111+http://127.0.0.1:9"),
            ]
        )
        written = await usual_servers.text_servers(
            [("L", text.url), ("N", "http://127.0.0.1:9/v1")]
        )
    assert [one.address for one in drawn] == [f"a1111+{pictures.url}"]
    assert "AUTOMATIC1111" in drawn[0].name
    assert [(one.name, one.url) for one in written] == [("L", text.url)]
    assert written[0].models


@pytest.fixture
def nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without servers."""

    async def none() -> list[object]:
        return []

    monkeypatch.setattr(usual_servers, "text_servers", none)
    monkeypatch.setattr(usual_servers, "picture_servers", none)


@pytest.mark.usefixtures("nothing")
def test_without_servers_sketch_draws(limner: Command, tmp_path: Path) -> None:
    """The file is valid, private, and is not written over."""
    ran = limner("init", "--yes", "--config", "new/config.toml")
    assert ran.code == 0, ran.err
    made = tmp_path / "new" / "config.toml"
    assert load_settings(made).backend == "sketch"
    assert made.stat().st_mode & 0o077 == 0
    again = limner("init", "--yes", "--config", "new/config.toml")
    assert again.code == 2
    assert "--force writes over it" in again.err
    assert limner("init", "--yes", "--force", "--config", "new/config.toml").code == 0


@pytest.mark.usefixtures("nothing")
def test_nobody_to_ask_is_told(limner: Command) -> None:
    """As in a script."""
    ran = limner("init", "--config", "x.toml")
    assert ran.code == 2
    assert "add --yes" in ran.err


ASKED = """
from limner.composition.checking import usual_servers as u
async def texts(): return [u.FoundText("Ollama", "http://h/v1", ("a", "b"))]
async def pictures(): return [u.FoundPictures("ComfyUI", "comfyui+http://127.0.0.1:8188")]
u.text_servers, u.picture_servers = texts, pictures
from limner.cli import main
main(["init", "--config", "config.toml"])
"""


def test_three_questions_are_asked_on_a_terminal(tmp_path: Path) -> None:
    """A wrong number is asked again; the first is taken where nothing is said."""
    owner, terminal = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-c", ASKED], stdin=terminal, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, cwd=tmp_path, env={**os.environ, "XDG_DATA_HOME": str(tmp_path)},
    ) as running:  # fmt: skip
        os.close(terminal)
        os.write(owner, f"9\n2\n\n{tmp_path}/tales\n".encode())
        out, err = running.communicate(timeout=60)
    os.close(owner)
    assert running.returncode == 0, err
    assert b"a number from 1 to 3, please" in err
    assert b"config.toml: written" in out
    settings = load_settings(tmp_path / "config.toml")
    assert (settings.llm_url, settings.llm_model) == ("http://h/v1", "b")
    assert settings.backend == "comfyui+http://127.0.0.1:8188"
    assert settings.library == f"{tmp_path}/tales"
