"""The page of behaviours names every number, and only tests that exist."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "behaviours.md").read_text()
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")


def rows() -> list[list[str]]:
    """The cells of every row of every table."""
    lines = [line for line in PAGE.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def test_every_number_is_listed_once_and_in_order() -> None:
    """R1 to R72 and D1 to D26."""
    wanted = [f"R{n}" for n in range(1, 73)] + [f"D{n}" for n in range(1, 27)]
    assert [row[0] for row in rows() if re.fullmatch(r"[RD]\d+", row[0])] == wanted


def test_every_row_names_a_test_or_says_where_it_is_seen_to() -> None:
    """Nothing is left without a proof or a place."""
    for row in rows():
        if row[-1] == "proved by":
            continue
        assert NAMED.search(row[-1]) or re.match(r"the page\b|by construction", row[-1]), row


def test_every_test_that_is_named_exists() -> None:
    """A test that was renamed takes its name on the page with it."""
    named = NAMED.findall(PAGE)
    assert len(named) > 90
    missing = [
        f"{file}::{name}"
        for file, name in named
        if not re.search(rf"^(async )?def {name}\(", (ROOT / file).read_text(), re.MULTILINE)
    ]
    assert missing == []


def test_every_flaw_of_the_first_plan_and_every_rule_of_a_session_has_its_test() -> None:
    """Eleven flaws, and no rule is ever lost: there were twenty-four."""
    flaws = PAGE.split("## Flaws of the first plan")[1]
    rules = PAGE.split("## The rules of a session")[1].split("\n## ")[0]
    assert len(re.findall(r"^\| (?!flaw)\w", flaws, re.MULTILINE)) == 11
    assert len(re.findall(r"^\| (?!rule)\w", rules, re.MULTILINE)) >= 24
