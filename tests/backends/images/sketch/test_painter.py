"""The painter: every scene at every size, always the same for the same arguments."""

from collections.abc import Iterable
from io import BytesIO
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from tests.examples import share

from limner.backends.images.sketch.art import ids
from limner.backends.images.sketch.painter import paint_scene, seed_of
from limner.backends.images.sketch.renderer import paint
from limner.backends.images.sketch.scene import (
    Place,
    Scene,
    Season,
    Stance,
    Subject,
    Time,
    Weather,
)

FOX = Subject(art="fox", name="fox", stance=Stance.GROUND, height=0.6)
CASTLE = Subject(art="castle", name="castle", stance=Stance.GROUND, height=40.0)


def a_scene(place: Place = Place.MEADOW, *subjects: Subject, **other: object) -> Scene:
    """A scene in which only what a test is about is unusual."""
    known: dict[str, object] = {
        "time": Time.DAY,
        "weather": Weather.CLEAR,
        "season": Season.SUMMER,
        "mood": None,
        "moon": False,
        "stars": False,
        "lights": False,
    }
    return Scene(place=place, subjects=subjects, **{**known, **other})  # type: ignore[arg-type]


def opened(data: bytes) -> Image.Image:
    """The picture, decoded."""
    picture = Image.open(BytesIO(data))
    picture.load()
    return picture


def pairs(some: Iterable[Any], others: Iterable[Any]) -> list[Any]:
    """All pairs: enough of them that each of both is among them, the rest for `make thorough`."""
    rows, columns = list(some), list(others)
    return [
        (row, column)
        if across % len(rows) == down % len(columns) or down == across
        else pytest.param(row, column, marks=pytest.mark.proof)
        for down, row in enumerate(rows)
        for across, column in enumerate(columns)
    ]


@pytest.mark.parametrize(("place", "time"), pairs(Place, Time))
def test_every_place_can_be_painted_at_every_hour(place: Place, time: Time) -> None:
    """Each place at each hour becomes a picture that is not of one colour."""
    picture = opened(
        paint_scene(a_scene(place, FOX, CASTLE, time=time), width=96, height=64, seed=3)
    )
    assert picture.size == (96, 64)
    darkest, lightest = min(picture.convert("L").tobytes()), max(picture.convert("L").tobytes())
    assert lightest - darkest > 40


@pytest.mark.parametrize(("weather", "season"), pairs(Weather, Season))
def test_every_weather_can_be_painted_in_every_season(weather: Weather, season: Season) -> None:
    """Each weather in each season becomes a picture of the right size."""
    scene = a_scene(Place.FOREST, FOX, weather=weather, season=season, mood="magic", lights=True)
    assert opened(paint_scene(scene, width=96, height=64, seed=1)).size == (96, 64)


@pytest.mark.parametrize("stance", Stance)
@pytest.mark.parametrize("place", [Place.MEADOW, Place.SEA, Place.INTERIOR, Place.UNDERWATER])
def test_every_stance_is_held_somehow_everywhere(stance: Stance, place: Place) -> None:
    """A subject can be set into any place, whatever it was made for."""
    thing = Subject(art="boat" if "boat" in ids() else "canoe", name="x", stance=stance, height=2)
    with_thing = paint_scene(a_scene(place, thing), width=96, height=64, seed=1)
    assert with_thing != paint_scene(a_scene(place), width=96, height=64, seed=1)


@pytest.mark.parametrize("size", [(64, 64), (64, 2048), (2048, 64), (768, 512), (65, 333)])
def test_the_picture_has_exactly_the_size_asked_for(size: tuple[int, int]) -> None:
    """Any width and height come out as they were asked for, as WebP."""
    picture = opened(paint("a fox and a castle at sunset", width=size[0], height=size[1]))
    assert picture.size == size
    assert picture.format == "WEBP"


def test_the_same_arguments_give_the_same_bytes() -> None:
    """Painting is deterministic, and without a seed the prompt brings its own."""
    prompt = "an owl in the rain"
    first = paint(prompt, width=120, height=80)
    assert first == paint(prompt, width=120, height=80)
    assert first == paint(prompt, width=120, height=80, seed=seed_of(prompt))


def test_another_seed_gives_another_picture() -> None:
    """The seed chooses among the pictures of one prompt."""
    assert paint("an owl", width=96, height=64, seed=1) != paint(
        "an owl", width=96, height=64, seed=2
    )


def test_a_larger_picture_has_the_same_composition() -> None:
    """Only the number of pixels changes with the size, not what is where."""
    scene = a_scene(Place.MEADOW, FOX, CASTLE)
    small = opened(paint_scene(scene, width=192, height=128, seed=5)).convert("L").resize((24, 16))
    large = opened(paint_scene(scene, width=768, height=512, seed=5)).convert("L").resize((24, 16))
    apart = [abs(a - b) for a, b in zip(small.tobytes(), large.tobytes(), strict=True)]
    assert sum(apart) / len(apart) < 14


def test_progress_grows_and_stays_below_one() -> None:
    """The stages report rising fractions."""
    told: list[float] = []
    paint_scene(a_scene(), width=64, height=64, seed=1, report=told.append)
    assert told == sorted(told)
    assert 0 <= told[0] < told[-1] < 1


@pytest.mark.parametrize(
    "prompt",
    [
        " \n\t",
        ".",
        "\U0001f98a\U0001f3f0\U0001f319",
        "fox " * 2_500,
        "x" * 10_000,
        '<svg onload="alert(1)"><image href="file:///etc/passwd"/></svg>',
        "<script>document.cookie</script> & a castle",
        "\x00\x1b[31m\u202e\ufffd\ud800",
        "9999999 foxes and -3 dragons",
    ],
)
def test_a_hostile_prompt_becomes_a_picture_all_the_same(prompt: str) -> None:
    """No text makes the painter fail."""
    assert opened(paint(prompt, width=64, height=64)).size == (64, 64)


@settings(max_examples=share(25), deadline=None)
@given(
    words=st.text(max_size=60),
    width=st.integers(64, 200),
    height=st.integers(64, 200),
    seed=st.none() | st.integers(-(2**70), 2**70),
)
def test_any_text_size_and_seed_can_be_painted(
    words: str, width: int, height: int, seed: int | None
) -> None:
    """Text, size and seed are free within their bounds."""
    assert opened(paint(words, width=width, height=height, seed=seed)).size == (width, height)


def test_a_drawing_that_does_not_exist_is_left_out() -> None:
    """A scene may name art that is not in the collection."""
    missing = Subject(art="no such art", name="x", stance=Stance.GROUND, height=1)
    with_missing = paint_scene(a_scene(Place.MEADOW, missing), width=64, height=64, seed=1)
    assert with_missing == paint_scene(a_scene(Place.MEADOW), width=64, height=64, seed=1)
