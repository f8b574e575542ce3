"""The page about prompts is true: what it shows is run."""

import doctest
from pathlib import Path

import pytest

import limner.prompts
from limner.prompts.composition.placement import TELLING
from limner.prompts.presets.preset import LONGEST_TEMPLATE
from limner.prompts.presets.preset_book import MOST_PRESETS

PAGE = Path(__file__).parents[2] / "docs" / "prompts.md"


@pytest.mark.needs("regex")
def test_the_examples_on_the_page_are_true() -> None:
    """Every example on the page gives what the page says."""
    results = doctest.testfile(
        str(PAGE), module_relative=False, optionflags=doctest.IGNORE_EXCEPTION_DETAIL
    )
    assert results.attempted >= 40
    assert results.failed == 0


def test_the_bounds_on_the_page_are_those_of_the_code() -> None:
    """The page names the bounds as they are."""
    assert (MOST_PRESETS, LONGEST_TEMPLATE, TELLING) == (200, 20_000, 8)
    text = PAGE.read_text(encoding="utf-8")
    for bound in ("200 presets", "20 000 characters", "eight visible"):
        assert bound in text


def test_the_room_says_what_it_offers() -> None:
    """Every public name is there, once, and in order."""
    names = limner.prompts.__all__
    assert len(set(names)) == len(names)
    assert all(hasattr(limner.prompts, name) for name in names)
