"""The page about tags is true: what it shows is run."""

import doctest
from pathlib import Path

import pytest

from limner.prompts.grammar.pattern import LONGEST, REPEATS, SECONDS, SECONDS_PER_CHARACTER
from limner.prompts.grammar.pattern_grammar import LONGEST_TAG

PAGE = Path(__file__).parents[2] / "docs" / "tags.md"


@pytest.mark.needs("regex")
def test_the_examples_on_the_page_are_true() -> None:
    """Every example on the page gives what the page says."""
    results = doctest.testfile(str(PAGE), module_relative=False)
    assert results.attempted >= 10
    assert results.failed == 0


def test_the_limits_on_the_page_are_those_of_the_code() -> None:
    """The page names the bounds as they are."""
    assert (LONGEST, REPEATS, LONGEST_TAG) == (1000, 100_000, 20_000)
    assert (SECONDS, SECONDS_PER_CHARACTER) == (0.5, 20e-6)
    text = PAGE.read_text(encoding="utf-8")
    for bound in ("1000 characters", "100 000", "20 000 characters", "half a second", "20 mill"):
        assert bound in text
