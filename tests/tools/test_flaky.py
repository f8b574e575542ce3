"""What failed by chance is named and forgiven; what fails again is not."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from tools import flaky

ONCE = """
from pathlib import Path

def test_fails_the_first_time():
    seen = Path("seen")
    first = not seen.exists()
    seen.touch()
    assert not first

def test_passes():
    pass
"""


class Runs:
    """Stands for runs of the tests, which end as is said."""

    def __init__(self, *ends: bool) -> None:
        self.ends = list(ends)
        self.ran: list[list[str]] = []

    def __call__(self, tests: Sequence[str], cache: Path) -> bool:
        """Run these."""
        self.ran.append(list(tests))
        return self.ends.pop(0)


def keep(cache: Path, *tests: str) -> None:
    """As pytest keeps what failed."""
    (cache / "v" / "cache").mkdir(parents=True)
    (cache / "v" / "cache" / "lastfailed").write_text(json.dumps(dict.fromkeys(tests, True)))


def test_what_passes_three_times_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A run that failed by chance counts, and nobody can overlook what failed."""
    keep(tmp_path, "test_a.py::test_one", "test_b.py::test_two")
    runs = Runs(True, True, True)
    assert flaky.verdict(tmp_path, 1, runs) == 0
    assert runs.ran == [["test_a.py::test_one", "test_b.py::test_two"]] * 3
    told = capsys.readouterr().out.partition("FLAKY")[2]
    assert "test_a.py::test_one\n" in told
    assert "test_b.py::test_two\n" in told


@pytest.mark.parametrize("ends", [(False,), (True, False), (True, True, False)])
def test_what_fails_again_has_failed(tmp_path: Path, ends: tuple[bool, ...]) -> None:
    """Once more is enough."""
    keep(tmp_path, "test_a.py::test_one")
    runs = Runs(*ends)
    assert flaky.verdict(tmp_path, 1, runs) == 1
    assert not runs.ends


def test_many_failures_are_no_chance(tmp_path: Path) -> None:
    """They are not even run again."""
    keep(tmp_path, *(f"test_a.py::test_{number}" for number in range(flaky.MOST + 1)))
    assert flaky.verdict(tmp_path, 1, Runs()) == 1


@pytest.mark.parametrize("code", [2, 3, 4, 5])
def test_a_run_that_did_not_end_has_failed(tmp_path: Path, code: int) -> None:
    """Who was interrupted, or found no test, has proved nothing."""
    keep(tmp_path, "test_a.py::test_one")
    assert flaky.verdict(tmp_path, code, Runs()) == code


def test_a_failure_that_pytest_did_not_keep_has_failed(tmp_path: Path) -> None:
    """Nothing can be run again then."""
    assert flaky.verdict(tmp_path, 1, Runs()) == 1


def test_pytest_keeps_what_this_reads(tmp_path: Path) -> None:
    """The real runs, as the Makefile makes them."""
    (tmp_path / "test_it.py").write_text(ONCE)
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    light = os.environ | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}

    def run(*command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            (sys.executable, *command), cwd=tmp_path, env=light,
            capture_output=True, text=True, check=False,
        )  # fmt: skip

    first = run("-m", "pytest", "-o", "cache_dir=kept", "--cache-clear")
    again = run(flaky.__file__, "kept", str(first.returncode))
    assert (first.returncode, again.returncode) == (1, 0)
    assert again.stdout.count("1 passed") == 3
    assert "test_it.py::test_fails_the_first_time" in again.stdout.partition("FLAKY")[2]
