"""limner works in the real SillyTavern, with its extension and without it.

`make test` looks at the one, as the page is loaded and a story told in both; `make frontends` looks
at much more of both.
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
@pytest.mark.timeout(2 * PATIENCE)
@pytest.mark.parametrize(
    "part", ["extension", pytest.param("sillytavern", marks=pytest.mark.proof)]
)
def test_stories_have_pictures_in_sillytavern(tmp_path: Path, part: str) -> None:
    """With the address alone; and with the extension, from the click that lets it in to retries."""
    if not TAVERN.is_dir():
        reason = "SillyTavern is not installed here; `make test` installs it from npm"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    ended = told(tmp_path / "first", part)
    if ended.returncode:  # two foreign programs on a busy machine; what is ours to mend fails twice
        ended = told(tmp_path / "second", part)
    assert ended.returncode == 0, ended.stdout[-4000:] + ended.stderr[-4000:]
    assert ended.stdout.count("ok  ") > 15


def told(place: Path, part: str) -> subprocess.CompletedProcess[str]:
    """Drive SillyTavern once, and say what was seen."""
    place.mkdir()
    command: list[str | Path] = [sys.executable, "-m", f"tests.frontends.{part}"]
    command += [TAVERN, place, "--quick"]
    return subprocess.run(
        command, cwd=HOME, capture_output=True, text=True, timeout=PATIENCE - 30, check=False
    )
