"""What NovelAI is told, and what is made of its answers."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from limner.backends.images.novelai.options import NovelAIOptions
from limner.backends.images.novelai.wire import (
    MOST_CHARACTERS,
    MOST_PIXELS,
    fitted,
    generation_of,
    payload,
    read_anlas,
    read_event,
    read_seed,
    split_characters,
)
from limner.illustration import ImageRequest

SCENE = ImageRequest(
    prompt="a market | girl, red hair | boy", negative_prompt="blur | hat", width=832, height=1216,
    seed=7,
)  # fmt: skip
CENTRE = [{"x": 0.5, "y": 0.5}]


def test_every_option_reaches_the_wire() -> None:
    """Each stands where NovelAI looks for it, with the prompt in its parts."""
    options = NovelAIOptions(
        model="nai-diffusion-4-5-curated", steps=20, scale=6.5, sampler="k_dpmpp_2m",
        noise_schedule="native", cfg_rescale=0.2, negative_prompt="text", uc_preset=3,
        quality=False, stream=True,
    )  # fmt: skip
    assert payload(SCENE, options) == {
        "input": "a market",
        "model": "nai-diffusion-4-5-curated",
        "action": "generate",
        "parameters": {
            "params_version": 3, "width": 832, "height": 1216, "scale": 6.5,
            "sampler": "k_dpmpp_2m", "steps": 20, "n_samples": 1, "ucPreset": 3,
            "qualityToggle": False, "noise_schedule": "native", "cfg_rescale": 0.2, "legacy": False,
            "add_original_image": False, "dynamic_thresholding": False, "seed": 7, "stream": "sse",
            "legacy_v3_extend": False, "deliberate_euler_ancestral_bug": False,
            "prefer_brownian": True, "negative_prompt": "text, blur",
            "v4_prompt": {
                "caption": {
                    "base_caption": "a market",
                    "char_captions": [
                        {"char_caption": "girl, red hair", "centers": CENTRE},
                        {"char_caption": "boy", "centers": CENTRE},
                    ],
                },
                "use_coords": False, "use_order": True,
            },
            "v4_negative_prompt": {
                "caption": {
                    "base_caption": "text, blur",
                    "char_captions": [
                        {"char_caption": "hat", "centers": CENTRE},
                        {"char_caption": "", "centers": CENTRE},
                    ],
                },
                "legacy_uc": False,
            },
        },
    }  # fmt: skip


def test_the_third_generation_knows_no_parts() -> None:
    """One prompt, without the fields of later ones."""
    body = payload(SCENE, NovelAIOptions(model="nai-diffusion-3"))
    assert body["input"] == "a market, girl, red hair, boy"
    assert body["parameters"]["negative_prompt"] == "blur, hat"
    assert not [name for name in body["parameters"] if name.startswith("v4")]
    assert body["parameters"]["params_version"] == 3


def test_the_fifth_generation_has_its_own_version() -> None:
    """The fields are those of the fourth."""
    parameters = payload(SCENE, NovelAIOptions(model="nai-diffusion-5-full"))["parameters"]
    assert parameters["params_version"] == 4
    assert parameters["v4_prompt"]["caption"]["base_caption"] == "a market"


def test_what_is_not_chosen_is_left_to_novelai() -> None:
    """No seed, no stream: no such field."""
    parameters = payload(ImageRequest(prompt="a fox"), NovelAIOptions())["parameters"]
    assert not {"seed", "stream"} & parameters.keys()


@settings(deadline=None)
@given(st.integers(0, 1 << 70))
def test_a_seed_is_one_novelai_takes(seed: int) -> None:
    """32 bits of it."""
    parameters = payload(ImageRequest(prompt="x", seed=seed), NovelAIOptions())["parameters"]
    assert 0 <= parameters["seed"] < 1 << 32


@settings(deadline=None)
@given(st.integers(64, 2048), st.integers(64, 2048))
def test_sizes_are_those_novelai_draws(width: int, height: int) -> None:
    """Multiples of 64, not too many pixels, near what was asked for, in its shape."""
    drawn = fitted(ImageRequest(prompt="x", width=width, height=height))
    assert all(side % 64 == 0 and side >= 64 for side in drawn)
    assert drawn[0] * drawn[1] <= MOST_PIXELS
    if width * height < MOST_PIXELS * 0.9:
        assert all(abs(a - b) <= 32 for a, b in zip(drawn, (width, height), strict=True))


@pytest.mark.parametrize(
    ("prompt", "scene", "characters"),
    [
        ("a fox", "a fox", ()),
        ("| girl", "", ("girl",)),
        ("rain |  | girl ,|", "rain", ("girl",)),
        ("||red|blue|| sky", "||red|blue|| sky", ()),
        ("||red|blue|| sky | girl, ||a|b||", "||red|blue|| sky", ("girl, ||a|b||",)),
        ("a || b", "a", ("b",)),
        ("s|1|2|3|4|5|6|7|8", "s, 7, 8", ("1", "2", "3", "4", "5", "6")),
    ],
)
def test_characters_follow_the_scene(prompt: str, scene: str, characters: tuple[str, ...]) -> None:
    """Each after its bar; empty ones do not count; choices stay whole; six at most."""
    captions = split_characters(prompt)
    assert (captions.scene, captions.characters) == (scene, characters)


@settings(deadline=None)
@given(st.text(st.sampled_from("ab |,\n"), max_size=40))
def test_no_word_is_lost(prompt: str) -> None:
    """Whatever the bars, every letter is in one of the parts."""
    captions = split_characters(prompt)
    assert len(captions.characters) <= MOST_CHARACTERS
    whole = captions.scene + "".join(captions.characters)
    assert sorted(c for c in whole if c in "ab") == sorted(c for c in prompt if c in "ab")


@pytest.mark.parametrize(
    ("model", "generation"),
    [("nai-diffusion-3", 3), ("nai-diffusion-furry-3", 3), ("nai-diffusion-4-full", 4),
     ("nai-diffusion-4-curated-preview", 4), ("nai-diffusion-4-5-full", 4),
     ("nai-diffusion-5-curated", 5), ("nai-diffusion-next", 5)],
)  # fmt: skip
def test_the_generation_stands_in_the_name(model: str, generation: int) -> None:
    """A model nobody has heard of is newer than those we know."""
    assert generation_of(model) == generation


@settings(deadline=None)
@given(st.text())
def test_no_event_or_text_makes_the_readers_crash(text: str) -> None:
    """Whatever comes."""
    read_event(text, "message")
    read_seed({"Comment": text})


@pytest.mark.parametrize(
    ("answer", "anlas"),
    [
        (None, None), ({}, None), ({"trainingStepsLeft": 3}, None), ({"trainingStepsLeft": {}}, 0),
        ({"trainingStepsLeft": {"fixedTrainingStepsLeft": 5, "purchasedTrainingSteps": "x"}}, 5),
    ],
)  # fmt: skip
def test_the_anlas_are_counted_as_far_as_they_are_told(answer: object, anlas: int | None) -> None:
    """What the subscription gave and what was bought."""
    assert read_anlas(answer) == anlas
