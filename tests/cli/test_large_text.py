"""A large text costs time, not memory."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.real_time

PARAGRAPH = "“Once more,” said the fox — and then the snow fell on the roof of the lighthouse.\n\n"
BYTES = 50_000_000
LIMIT = 300_000_000

MEASURE = """
import json, os, sys
process = os.spawnv(os.P_NOWAIT, sys.executable, [sys.executable, *sys.argv[1:]])
_, status, usage = os.wait4(process, 0)
print(json.dumps([os.waitstatus_to_exitcode(status), usage.ru_maxrss * 1024]))
"""
"""A process begins with the peak of the one it comes from: so it must come from a small one."""


@pytest.mark.parametrize("ending", ["html", pytest.param("md", marks=pytest.mark.proof)])
def test_fifty_megabytes_of_text_stay_under_three_hundred_of_memory(
    tmp_path: Path, ending: str
) -> None:
    """The command's peak memory stays under 300 MB, and the last tag of the text is illustrated."""
    with (tmp_path / "large.md").open("w", encoding="utf-8") as file:
        file.write(PARAGRAPH * (BYTES // len(PARAGRAPH.encode())))
        file.write('<!--img-prompt="a fox"-->\n')
    output = tmp_path / f"out.{ending}"
    measured = subprocess.run(
        [sys.executable, "-c", MEASURE, "-m", "limner", "illustrate", "--no-library",
         str(tmp_path / "large.md"), "-o", str(output), "--size", "64x64", "-q"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    code, peak = json.loads(measured.stdout)
    assert code == 0, measured.stderr
    assert peak < LIMIT
    with output.open("rb") as file:
        file.seek(-60_000, os.SEEK_END)
        assert b"fox" in file.read()
    assert output.stat().st_size > 0.99 * BYTES
