"""limner's extension works in the real SillyTavern; `make frontends` looks at much more of it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

HOME = Path(__file__).parents[2]
TAVERN = HOME / ".frontends" / "sillytavern" / "node_modules" / "sillytavern"
PATIENCE = 600
"""Seconds, of which it needs about forty on a machine at rest."""


@pytest.mark.real_time
@pytest.mark.timeout(PATIENCE)
def test_pictures_grow_in_sillytavern_and_are_drawn_again_there(tmp_path: Path) -> None:
    """From the click that lets it in to the picture that grows, its alternatives, its reason."""
    if not TAVERN.is_dir():
        reason = "SillyTavern is not installed here; `make test` installs it from npm"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    command: list[str | Path] = [sys.executable, "-m", "tests.frontends.extension"]
    command += [TAVERN, tmp_path, "--quick"]
    ended = subprocess.run(
        command, cwd=HOME, capture_output=True, text=True, timeout=PATIENCE - 30, check=False
    )
    assert ended.returncode == 0, ended.stdout[-4000:] + ended.stderr[-4000:]
    assert ended.stdout.count("ok  ") > 15
