"""Tell what is broken from what failed by chance, and hide neither: the end of ``make test``.

Among ten thousand tests with real processes, sockets and browsers one may fail once in a hundred
runs. That is a fault, and its traceback stands above; but it is another one than a test that always
fails. So what failed is run again, alone, three times: if it passes each time, it is named as flaky
and the run counts as passed. If it fails once more, or if many failed, the run has failed.

Of which tests failed pytest keeps a list in its cache (``v/cache/lastfailed``).
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

TIMES = 3
"""How often a test that failed must pass, one time after another."""
MOST = 3
"""Up to how many failed tests may be chance."""
TESTS_FAILED = 1
"""Pytest's exit code when all ran and some failed; the others tell of a run that did not end."""


def failed(cache: Path) -> list[str]:
    """The tests that failed in the last run, by pytest's own names."""
    file = cache / "v" / "cache" / "lastfailed"
    return sorted(json.loads(file.read_text(encoding="utf-8"))) if file.is_file() else []


def passes(tests: Sequence[str], cache: Path) -> bool:
    """Whether all of them pass now, run one after another."""
    command = (sys.executable, "-m", "pytest", "-o", f"cache_dir={cache / 'again'}", *tests)
    return subprocess.run(command, check=False).returncode == 0


def verdict(cache: Path, code: int, again: Callable[[Sequence[str], Path], bool] = passes) -> int:
    """What the run's exit code is, seen again.

    Args:
        cache: Where pytest keeps which tests failed.
        code: What pytest ended with.
        again: Runs these tests, and tells whether all passed.

    Returns:
        Zero if all that failed are flaky, else ``code``.
    """
    tests = failed(cache)
    if code != TESTS_FAILED or not 0 < len(tests) <= MOST:
        return code
    print(f"\n{len(tests)} failed: alone, {TIMES} times", flush=True)
    if not all(again(tests, cache) for _ in range(TIMES)):
        return code
    print(f"\nFLAKY: failed once, passed {TIMES} times alone. Why stands above; it wants mending:")
    print(*(f"  {test}" for test in tests), sep="\n")
    return 0


if __name__ == "__main__":
    sys.exit(verdict(Path(sys.argv[1]), int(sys.argv[2])))
