"""From a tag to a request: sizes are brought into range, seeds are distinct and repeatable."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from limner.illustration import ImageRequest
from limner.illustration.model.request import RequestDefaults, build_request, seed_of, size_of

DEFAULTS = RequestDefaults(width=256, height=128, seed=3)


@given(st.text(max_size=20))
def test_any_size_attribute_gives_a_size_that_is_allowed(size: str) -> None:
    """Whatever a model writes as a size, the request is valid."""
    width, height = size_of({"size": size}, (256, 128))
    ImageRequest(prompt="a fox", width=width, height=height)


@given(st.text(max_size=20))
def test_any_seed_attribute_gives_a_seed_that_is_allowed(seed: str) -> None:
    """Whatever a model writes as a seed, the request has one of 32 bits."""
    assert 0 <= seed_of({"seed": seed}, 1, (0, 0)) < 2**32


def test_seeds_differ_between_slots_and_drawings_and_repeat_between_runs() -> None:
    """The seed is a function of base, slot and drawing, and of nothing else."""
    seeds = [seed_of({}, 1, (slot, drawing)) for slot in range(5) for drawing in range(5)]
    assert len(set(seeds)) == 25
    assert seeds[0] == seed_of({}, 1, (0, 0))
    assert seed_of({}, 2, (0, 0)) != seeds[0]


def test_a_second_drawing_does_not_repeat_the_seed_of_the_tag() -> None:
    """A reader who draws again wants another picture, also where the tag fixed the first."""
    assert seed_of({"seed": "42"}, 1, (0, 0)) == 42
    assert seed_of({"seed": "42"}, 1, (0, 1)) != 42


def test_without_a_base_every_seed_is_fresh() -> None:
    """No base seed: no two drawings alike."""
    assert len({seed_of({}, None, (0, 0)) for _ in range(20)}) == 20


def test_defaults_hold_where_the_tag_says_nothing() -> None:
    """Size and negative prompt come from the defaults."""
    request = build_request("a fox", {}, DEFAULTS, occurrence=(0, 0))
    assert (request.width, request.height) == (256, 128)


@pytest.mark.parametrize(("width", "height"), [(63, 512), (512, 2049), (0, 0)])
def test_sizes_out_of_range_are_refused(width: int, height: int) -> None:
    """A size that no backend draws is an error when it is set, not at the first picture."""
    with pytest.raises(ValueError, match="64 to 2048"):
        RequestDefaults(width=width, height=height)


def test_a_shot_is_said_in_the_prompt() -> None:
    """Every image model reads it there; what nobody knows is left out."""
    for shot, prompt in (
        ("close-up", "close-up, a fox"),
        ("Low angle", "from below, a fox"),
        ("establishing shot", "very wide shot, a fox"),
        ("bird’s-eye view", "from above, a fox"),
        ("<lora:x:1>", "a fox"),
        ("", "a fox"),
    ):
        request = build_request("a fox", {"shot": shot}, DEFAULTS, occurrence=(0, 0))
        assert request.prompt == prompt
    request = build_request("a wide shot of a fox", {"shot": "wide"}, DEFAULTS, occurrence=(0, 0))
    assert request.prompt == "a wide shot of a fox"
