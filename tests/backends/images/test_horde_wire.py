"""What the AI Horde is told, and what is made of its answers."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from limner.backends.images.horde.options import HordeOptions
from limner.backends.images.horde.wire import (
    fitted,
    payload,
    read_generation,
    read_models,
    read_status,
    read_ticket,
    whole_prompt,
)
from limner.illustration import ImageRequest

WORDS = st.sampled_from([
    "id", "kudos", "warnings", "message", "done", "faulted", "is_possible", "wait_time",
    "queue_position", "generations", "img", "seed", "censored", "state", "gen_metadata", "type",
    "name", "count",
])  # fmt: skip
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=4),
    max_leaves=8,
)


def test_every_option_reaches_the_wire() -> None:
    """Each stands where the Horde looks for it."""
    request = ImageRequest(prompt="a fox", negative_prompt="blur", width=512, height=64, seed=7)
    options = HordeOptions(
        models=("Deliberate", "Other"), steps=20, cfg=6.123, sampler="k_dpmpp_2m",
        negative_prompt="text", karras=True, hires_fix=True, clip_skip=2,
        post_processing=("GFPGAN",), loras=("123:0.5", "style", "<bad>"), nsfw=True,
        censor_nsfw=True, trusted_workers=True, slow_workers=False, allow_downgrade=True,
        replacement_filter=False, shared=True, r2=False,
    )  # fmt: skip
    assert payload(request, options) == {
        "prompt": "a fox ### blur, text",
        "params": {
            "sampler_name": "k_dpmpp_2m", "cfg_scale": 6.12, "width": 512, "height": 64,
            "steps": 20, "n": 1, "karras": True, "hires_fix": True, "seed": "7", "clip_skip": 2,
            "post_processing": ["GFPGAN"],
            "loras": [
                {"name": "123", "model": 0.5, "clip": 1}, {"name": "style", "model": 1.0, "clip": 1}
            ],
        },
        "models": ["Deliberate", "Other"], "nsfw": True, "censor_nsfw": True,
        "trusted_workers": True, "slow_workers": False, "r2": False, "shared": True,
        "replacement_filter": False, "allow_downgrade": True,
    }  # fmt: skip


def test_what_is_not_chosen_is_left_to_the_horde() -> None:
    """No seed, no LoRA: no such field; no model: an empty list, which means any."""
    body = payload(ImageRequest(prompt="a fox"), HordeOptions())
    assert body["prompt"] == "a fox"
    assert body["models"] == []
    assert not {"seed", "loras", "clip_skip", "post_processing"} & body["params"].keys()


@settings(deadline=None)
@given(st.text("#a ,", min_size=1), st.lists(st.text("#a ,"), max_size=3))
def test_no_prompt_can_move_the_border(prompt: str, negative: list[str]) -> None:
    """What parts the prompt from what is to be avoided stands there once at most."""
    whole = whole_prompt(prompt, *negative)
    assert whole.count("###") == bool(any(part.strip() for part in negative))


@settings(deadline=None)
@given(st.integers(64, 2048), st.integers(64, 2048))
def test_sizes_are_the_nearest_the_horde_draws(width: int, height: int) -> None:
    """Multiples of 64, never less, at most 32 away."""
    for asked, drawn in zip(
        (width, height),
        fitted(ImageRequest(prompt="x", width=width, height=height)),
        strict=True,
    ):
        assert drawn % 64 == 0
        assert 64 <= drawn <= 3072
        assert abs(drawn - asked) <= 32


@settings(deadline=None)
@given(JSON)
def test_no_answer_makes_the_readers_crash(answer: object) -> None:
    """Whatever comes, it is read as far as it can be."""
    read_ticket(answer)
    read_status(answer)
    read_generation(answer)
    read_generation({"generations": [answer]})
    read_models(answer)
    read_models([answer])


@pytest.mark.parametrize("name", ["../status", "a/b", "", "a" * 101, 7, None, "a?b"])
def test_a_name_that_could_lead_elsewhere_is_none(name: object) -> None:
    """A request's name becomes part of a path."""
    assert read_ticket({"id": name}) is None


@pytest.mark.parametrize(
    "marks",
    [{"censored": True}, {"state": "censored"}, {"gen_metadata": [{"type": "censorship"}]}],
)
def test_every_mark_of_the_censor_is_seen(marks: dict[str, object]) -> None:
    """Old and new hordes say it differently."""
    generation = read_generation({"generations": [{"img": "x", "seed": "7", **marks}]})
    assert generation is not None
    assert generation.censored
