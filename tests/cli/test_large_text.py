"""A large text costs time, not memory."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.real_time

PARAGRAPH = "“Once more,” said the fox — and then the snow fell on the roof of the lighthouse.\n\n"
MB = 1_000_000
SIZES = [
    (12, 125, "html"),
    pytest.param(50, 300, "html", marks=pytest.mark.proof),
    pytest.param(50, 300, "md", marks=pytest.mark.proof),
]
"""Megabytes of text, what the peak must stay under, and what is written: limner itself takes 70,
and more than five times the text is in none of them."""

MEASURE = """
import json, os, sys
process = os.spawnv(os.P_NOWAIT, sys.executable, [sys.executable, *sys.argv[1:]])
_, status, usage = os.wait4(process, 0)
print(json.dumps([os.waitstatus_to_exitcode(status), usage.ru_maxrss * 1024]))
"""
"""A process begins with the peak of the one it comes from: so it must come from a small one."""


@pytest.mark.parametrize(("size", "limit", "ending"), SIZES)
def test_fifty_megabytes_of_text_stay_under_three_hundred_of_memory(
    tmp_path: Path, size: int, limit: int, ending: str
) -> None:
    """And less in proportion; the last tag of the text is illustrated."""
    with (tmp_path / "large.md").open("w", encoding="utf-8") as file:
        file.write(PARAGRAPH * (size * MB // len(PARAGRAPH.encode())))
        file.write('<!--img-prompt="a fox"-->\n')
    output = tmp_path / f"out.{ending}"
    measured = subprocess.run(
        [sys.executable, "-c", MEASURE, "-m", "limner", "illustrate", "--no-library",
         str(tmp_path / "large.md"), "-o", str(output), "--size", "64x64", "-q"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    code, peak = json.loads(measured.stdout)
    assert code == 0, measured.stderr
    assert peak < limit * MB
    with output.open("rb") as file:
        file.seek(-60_000, os.SEEK_END)
        assert b"fox" in file.read()
    assert output.stat().st_size > 0.99 * size * MB
