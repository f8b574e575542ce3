"""limner works in the real SillyTavern, with its extension and without it.

`make frontends` looks at much more of both.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

HOME = Path(__file__).parents[2]
TAVERN = HOME / ".frontends" / "sillytavern" / "node_modules" / "sillytavern"
PATIENCE = 600
"""Seconds, of which each needs about forty on a machine at rest."""


@pytest.mark.real_time
@pytest.mark.timeout(PATIENCE)
@pytest.mark.parametrize("part", ["sillytavern", "extension"])
def test_stories_have_pictures_in_sillytavern(tmp_path: Path, part: str) -> None:
    """With the address alone; and with the extension, from the click that lets it in to retries."""
    if not TAVERN.is_dir():
        reason = "SillyTavern is not installed here; `make test` installs it from npm"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    command: list[str | Path] = [sys.executable, "-m", f"tests.frontends.{part}"]
    command += [TAVERN, tmp_path, "--quick"]
    ended = subprocess.run(
        command, cwd=HOME, capture_output=True, text=True, timeout=PATIENCE - 30, check=False
    )
    assert ended.returncode == 0, ended.stdout[-4000:] + ended.stderr[-4000:]
    assert ended.stdout.count("ok  ") > 15
