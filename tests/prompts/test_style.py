"""Styles, and joining items to a prompt."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.examples import share

from limner.errors import PartError
from limner.prompts import Style, merge_parts
from limner.prompts.composition.prompt_parts import is_whole, item_key, split_blocks, split_items

PIECES = ["a", "blue eyes", "Blue  Eyes", ",", ", ", "(", ")", "[", "]", "{", "}", "|", "\\", " ",
          "(a, b:1.2)", "1.5::", "::", "2", ":)", "\n", "é"]  # fmt: skip
PROMPTS = st.lists(st.sampled_from(PIECES), max_size=14).map("".join)
PARTS = PROMPTS.filter(is_whole)


@pytest.mark.parametrize(
    ("prompt", "merged"),
    [
        ("a fox", "ink, (old paper, sepia:1.2), a fox, Blue Eyes"),
        ("", "ink, (old paper, sepia:1.2), Blue Eyes"),
        ("INK, a fox, blue eyes", "ink, (old paper, sepia:1.2), a fox, blue eyes"),
        ("a | blue eyes | ink", "ink, (old paper, sepia:1.2), a, Blue Eyes | blue eyes | ink"),
        ("| girl", "ink, (old paper, sepia:1.2), Blue Eyes | girl"),
        ("(ink, a:1.2)", "ink, (old paper, sepia:1.2), (ink, a:1.2), Blue Eyes"),
        (r"\(ink, a\)", r"ink, (old paper, sepia:1.2), \(ink, a\), Blue Eyes"),
        ("{ink|chalk}, a", "ink, (old paper, sepia:1.2), {ink|chalk}, a, Blue Eyes"),
        ("a, :), b, a", "ink, (old paper, sepia:1.2), a, :), b, Blue Eyes"),
        ("2::ink, a::, b", "ink, (old paper, sepia:1.2), 2::ink, a::, b, Blue Eyes"),
        ("2::a | b::", "ink, (old paper, sepia:1.2), 2::a, Blue Eyes | b::"),
        ("a\\", "ink, (old paper, sepia:1.2), a, Blue Eyes"),
    ],
)
def test_d15_items_are_joined_to_the_base_block(prompt: str, merged: str) -> None:
    """D15: equal items of other blocks stay, and no bracket or weight is split."""
    style = Style(name="s", prefix="ink, (old paper, sepia:1.2)", suffix="Blue Eyes")
    assert style.apply(prompt) == merged


@settings(max_examples=share(400))
@given(PROMPTS, PARTS, PARTS)
def test_merging_twice_is_merging_once(prompt: str, before: str, after: str) -> None:
    """A style that was applied already changes nothing."""
    once = merge_parts(prompt, before=before, after=after)
    assert merge_parts(once, before=before, after=after) == once


@settings(max_examples=share(400))
@given(PROMPTS, PARTS, PARTS)
def test_d15_nothing_is_lost_and_nothing_is_twice(prompt: str, before: str, after: str) -> None:
    """D15: the base block holds every item once, in order, and other blocks are untouched."""
    first, last = split_items(before), split_items(after)
    if not first and not last:
        return
    base, *others = split_blocks(prompt)
    merged, *kept = split_blocks(merge_parts(prompt, before=before, after=after))
    assert kept == others
    keys = [item_key(item) for item in (*first, *split_items(base), *last)]
    assert [item_key(item) for item in split_items(merged)] == list(dict.fromkeys(keys))


@given(PROMPTS)
def test_blocks_and_items_hold_the_whole_prompt(prompt: str) -> None:
    """Splitting loses nothing but separators."""
    assert "|".join(split_blocks(prompt)) == prompt


@given(PROMPTS)
def test_with_nothing_to_join_a_prompt_stays_as_it_is(prompt: str) -> None:
    """No style, no change: not even a blank."""
    assert merge_parts(prompt, before=" , ", after="") == prompt


@pytest.mark.parametrize(
    "part", ["(a", "a)", "[a", "a | b", "a\\", "2::a", "a::", "{a, b]", "2::a, 3::b::"]
)
def test_a_part_that_would_change_the_prompt_around_it_is_refused(part: str) -> None:
    """What is joined to every prompt must be whole in itself."""
    with pytest.raises(PartError) as caught:
        Style(name="ink", prefix=part)
    assert (caught.value.owner, caught.value.part) == ("ink", part)


@pytest.mark.parametrize("name", ["", " ", "a, b"])
def test_a_style_needs_a_name_that_a_tag_can_call(name: str) -> None:
    """Several names are separated by commas, so none may hold one."""
    with pytest.raises(PartError):
        Style(name=name)


@pytest.mark.parametrize("unit", ["(", ")", "([{", "1", "1.1", "2::", "a, ", "|", "\\", "(a|b), "])
def test_hostile_prompts_are_merged_in_linear_time(unit: str) -> None:
    """A long prompt of nothing but signs is merged at once, not after minutes."""
    prompt = unit * (200_000 // len(unit))
    assert merge_parts(prompt, before="x").startswith("x")
