"""What is proved now and then is named once, can be run, and is told as it was."""

import re
import subprocess
from dataclasses import replace
from pathlib import Path

from tools import proof
from tools.proof import Outcome
from tools.source import ROOT

MADE = Outcome(
    "soak", 0, 61.4, "fine", "2026-01-02 03:04", "abcdef01", "Linux, 2 cores; Python 3.11"
)

LEFT = Outcome(
    "pythons", None, 0.0, "PYTHONS names none", "2026-01-02 03:04", "abcdef01", "Linux, 2 cores"
)


def test_each_part_has_a_name_of_its_own_and_a_target() -> None:
    """One that is named twice would be run twice."""
    names = [part.name for part in proof.PARTS]
    assert len(set(names)) == len(names)
    targets = set(re.findall(r"^([a-z -]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    known = {name for line in targets for name in line.split()}
    assert {part.command[1] for part in proof.PARTS} <= known


def test_the_names_of_the_parts_are_no_arguments_of_theirs(tmp_path: Path) -> None:
    """Make hands its own ``ARGS`` on to each make below it, where they would name tests."""
    called = f"outer:\n\t@{proof.PARTS[0].command[0]} inner"
    rest = " ".join(proof.PARTS[0].command[2:])
    (tmp_path / "Makefile").write_text(f"{called} {rest}\ninner:\n\t@echo with=$(ARGS)=\n")
    command = ("make", "-s", "--no-print-directory", "outer", "ARGS=check soak")
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert ran.stdout == "with==\n"
    for part in proof.PARTS:
        assert any(word.startswith("ARGS=") for word in part.command), part.name


def test_what_is_left_out_of_the_tests_is_a_part() -> None:
    """A test that runs nowhere is worse than one that takes long."""
    (thorough,) = (part for part in proof.PARTS if part.name == "thorough")
    assert thorough.needs is None
    recipe = (ROOT / "Makefile").read_text().partition("\nthorough:")[2].partition("\n\n")[0]
    assert "-m proof" in recipe


def test_the_report_tells_of_every_part() -> None:
    """Also of one that was never run, which proves nothing; and of one that had to be left out."""
    lines = list(proof.report([MADE, LEFT, Outcome("bench", None)]))
    table = [line for line in lines if line.startswith("|")][2:]
    assert [re.split(r" *\| *", line)[3] for line in table] == ["holds", "left out", "not run"]
    assert "1:01 | 2026-01-02 03:04 | `abcdef01`" in table[0]
    assert [line for line in lines if line.startswith("## ")] == ["## soak", "## pythons"]


def test_what_the_report_tells_is_remembered_when_a_part_is_run_again() -> None:
    """On another machine, too: the report is in the repository, and nothing else is kept."""
    told = "\n".join(proof.report([MADE, LEFT, Outcome("bench", None)])) + "\n"
    known = proof.remembered(told)
    assert known == {"soak": replace(MADE, seconds=61.0), "pythons": LEFT}
    again = [known.get(name, Outcome(name, None)) for name in ("soak", "pythons", "bench")]
    assert "\n".join(proof.report(again)) + "\n" == told


def test_the_last_report_is_read_as_it_was_written() -> None:
    """Else the next run would forget what was proved before it."""
    told = proof.REPORT.read_text("utf-8")
    known = proof.remembered(told)
    again = [known.get(part.name, Outcome(part.name, None)) for part in proof.PARTS]
    assert "\n".join(proof.report(again)) + "\n" == told


def test_the_report_names_no_folder_of_this_machine(tmp_path: Path) -> None:
    """Neither the checkout nor whose home it is in: both differ from machine to machine."""
    said = tmp_path / "said.txt"
    said.write_text(f"in {ROOT}/tools\nand {Path.home()}/python\n")
    assert proof.last_words(said) == "in ./tools\nand ~/python"


def test_no_file_of_tests_is_named_beside_its_folder() -> None:
    """Of both pytest collects the folder alone: a file of another name would never be run."""
    for line in re.findall(r"-m pytest (.*)", (ROOT / "Makefile").read_text()):
        named = [Path(word) for word in line.split() if word.startswith("tests/")]
        assert [one for one in named if {*one.parents} & {*named}] == [], line
